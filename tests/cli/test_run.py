"""Run cards on the command line."""

from __future__ import annotations

import json
import typing
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest
import yaml
import zarr

import cevns
from cevns import inference
from cevns.cli import flags
from cevns.cli.main import cli
from cevns.io import cards
from tests.cli.conftest import Run

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CARD: dict[str, Any] = {
    "schema_version": 1,
    "command": "scan",
    "model": "b-l",
    "experiments": ["coherent-csi-2021"],
    "parameters": {"g": [1e-6, 1e-5, 1e-4], "mass": 10},
}


def write(directory: Path, **changes: Any) -> str:
    path = directory / "card.yaml"
    path.write_text(yaml.safe_dump({**CARD, **changes}), encoding="utf-8")
    return str(path)


def test_limits_of_a_card_are_those_of_the_library(run: Run, csi: cevns.Experiment, lar: cevns.Experiment) -> None:
    code, out, err = run("run", str(EXAMPLES / "limits.yaml"), "--format", "json")
    expected = cevns.limits("lmu-ltau", [lar, csi], mass=[1.0, 10.0, 100.0], cl=0.9, dof=1)
    assert (code, err) == (0, "")
    assert [cevns.LimitResult.from_dict(record) for record in json.loads(out)] == list(expected)


def test_intervals_of_a_card_are_those_of_the_library(run: Run, csi: cevns.Experiment) -> None:
    code, out, _ = run("run", str(EXAMPLES / "intervals.yaml"), "--format", "json")
    expected = [r for name in ("eps_ee_uV", "eps_ee_dV") for r in cevns.intervals("nsi", csi, name)]
    assert code == 0
    assert [record["intervals"] for record in json.loads(out)] == [[list(i) for i in r.intervals] for r in expected]


@pytest.mark.parametrize(
    ("command", "more"),
    [("intervals", {"intervals_of": ["eps_ee_uV"]}), ("limits", {})],
)
def test_a_card_says_what_is_profiled(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, more: dict[str, Any]
) -> None:
    """With the range to search, or all of its own."""
    calls: list[dict[str, object]] = []
    monkeypatch.setattr(inference, command, lambda **settings: calls.append(settings) or ())
    ranges = {"eps_ee_dV": [-1, 1], "eps_mumu_uV": None}
    card = write(tmp_path, command=command, model="nsi", parameters={"eps_emu_uV": 0.1}, profiled=ranges, dof=2, **more)
    assert run("run", card)[0] == 0
    (settings,) = calls
    assert settings["profiled"] == {"eps_ee_dV": (-1.0, 1.0), "eps_mumu_uV": None}
    assert (settings["dof"], settings["eps_emu_uV"]) == (2, 0.1)


def test_results_are_printed_for_the_eye_and_written(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("run", str(EXAMPLES / "limits.yaml"), "-o", str(tmp_path))
    assert code == 0
    assert out.count("lmu-ltau") == 3
    assert {path.name for path in tmp_path.iterdir()} == {f"limits.{kind}" for kind in ("txt", "json", "csv", "tex")}


def test_scan_of_a_card(run: Run, tmp_path: Path, lar: cevns.Experiment) -> None:
    """With an override for one of the experiments."""
    arguments = ("run", str(EXAMPLES / "scan.yaml"), "-o", str(tmp_path), "--csv")
    assert run(*arguments)[0] == 0
    csi = cevns.experiment("coherent-csi-2021", {"target.form_factor": "klein-nystrand"})
    likelihood = cevns.Likelihood("b-l", [lar, csi], shared=["sns_flux"])
    chi2 = zarr.open_group(tmp_path / "scan.zarr", mode="r")["chi2"]
    g, mass = np.geomspace(1e-6, 1e-2, 40), np.geomspace(0.1, 1e4, 25)
    assert chi2.shape == (40, 25)
    assert chi2[30, 12] == pytest.approx(float(likelihood(g=g[30], mass=mass[12])), abs=1e-8)
    assert (tmp_path / "scan.csv").is_file()
    assert run(*arguments, "--resume")[0] == 0


def test_flags_and_a_card_make_the_same_scan(run: Run, tmp_path: Path) -> None:
    flags = ("-m", "b-l", "-e", "coherent-csi-2021", "--grid", "g=1e-6:1e-4:3:log", "--mass", "10")
    assert run("scan", *flags, "-o", str(tmp_path / "out"))[0] == 0
    card = write(
        tmp_path, output=str(tmp_path / "out"), parameters={"g": list(np.geomspace(1e-6, 1e-4, 3).tolist()), "mass": 10}
    )
    assert run("run", card, "--resume")[0] == 0


def test_a_list_has_any_values(run: Run, tmp_path: Path) -> None:
    assert run("run", write(tmp_path, parameters={"g": [3e-5, 1e-6, 2e-5], "mass": 10}), "-o", str(tmp_path))[0] == 0
    card = zarr.open_group(tmp_path / "scan.zarr", mode="r").attrs["card"]
    assert isinstance(card, dict)
    assert (card["grid"], card["fixed"]) == ({"g": [3e-5, 1e-6, 2e-5]}, {"mass": 10.0})


def test_a_scan_needs_a_directory(run: Run, tmp_path: Path) -> None:
    code, _, err = run("run", write(tmp_path))
    assert (code, "output: got None" in err) == (2, True)


@pytest.mark.parametrize("option", [("--workers", "2"), ("--scheduler", "local"), ("--resume",)])
def test_what_is_for_chunks_only(run: Run, option: tuple[str, ...]) -> None:
    code, _, err = run("run", str(EXAMPLES / "limits.yaml"), *option)
    assert (code, "cevns limits does not compute in chunks" in err) == (2, True)
    assert err.startswith(f"error: {option[0].removeprefix('--')}: got")


def test_only_scans_are_written_point_by_point(run: Run) -> None:
    code, _, err = run("run", str(EXAMPLES / "limits.yaml"), "--csv")
    assert (code, err) == (2, "error: csv: got True; allowed: no value: cevns limits writes no points\n")


FLAGS = {
    "contour": (
        *("mu_nue", "mu_numu", "-m", "magnetic-moment", "-e", "coherent-csi-2017-counting", "-e", "coherent-lar-2020"),
        *("--each", "--no-plots"),
    ),
    "fit": ("-m", "weak-mixing-angle", "-e", "coherent-csi-2021", "--free", "sin2_theta_w"),
    "intervals": ("eps_ee_uV", "eps_ee_dV", "-m", "nsi", "-e", "coherent-csi-2021"),
    "profile": (
        *("sin2_theta_w", "-m", "weak-mixing-angle", "-e", "coherent-csi-2021", "--points", "61", "--no-plots"),
        *("--range", "sin2_theta_w=0.1:0.4"),
    ),
    "sample": (
        *("-m", "b-l", "-e", "coherent-csi-2017-counting", "--mass", "10", "--prior", "g=log:1e-6:1e-3"),
        *("--sampler", "nested", "--live", "100", "--seed", "1", "--no-plots"),
    ),
    "toys": (
        *("-m", "b-l", "-e", "coherent-lar-2020", "--mass", "10", "--feldman-cousins", "--grid", "0", "1e-4", "9"),
        *("--toys", "100", "--chunk", "50", "--seed", "1", "--store"),
    ),
}
"""The same as in the example of the command, as flags."""


@pytest.mark.parametrize("command", FLAGS)
def test_flags_and_a_card_give_the_same(run: Run, tmp_path: Path, command: str) -> None:
    if command == "sample":
        pytest.importorskip("dynesty", reason="needs the extra cevns[bayes]")
    by_card = run("run", str(EXAMPLES / f"{command}.yaml"), "-o", str(tmp_path / "card"))
    by_flags = run(command, *FLAGS[command], "-o", str(tmp_path / "flags"))
    assert by_card == by_flags
    assert by_card[0] == 0
    names = {path.name for path in (tmp_path / "card").iterdir()}
    assert names == {path.name for path in (tmp_path / "flags").iterdir()}
    assert f"{command}.json" in names
    for name in names - {"samples.npz"}:
        if (tmp_path / "card" / name).is_file() and not name.startswith("."):
            assert (tmp_path / "card" / name).read_bytes() == (tmp_path / "flags" / name).read_bytes()


NOT_OF_THE_CARD = {"style", "output", "workers", "scheduler", "resume", "help"}
WRITTEN_OTHERWISE = {"experiments": {"names", "with_es"}, "parameters": {"assignments", "mass", "axes"}}


@pytest.mark.parametrize("command", [name for name in cards.KINDS if name != "limits"])
def test_every_field_of_a_card_is_a_flag_and_none_is_described_twice(command: str) -> None:
    """`cevns limits` takes several models, which a card does not."""
    chosen = cli.get_command(click.Context(cli), command)
    assert chosen is not None
    parameters = {one.name: one for one in chosen.params if one.name not in NOT_OF_THE_CARD}
    fields = {n: f for n, f in cards.KINDS[command].model_fields.items() if n not in flags._NOT_FLAGS}
    written = {name for field in fields for name in WRITTEN_OTHERWISE.get(field, {field})}
    assert set(parameters) == written - ({"axes"} if command != "scan" else set())
    for name, field in fields.items():
        found = parameters.get(name)
        if isinstance(found, click.Option) and name != "task":
            assert (found.help, found.required) == (field.description, field.is_required())
            if not field.is_required() and field.default_factory is None and field.default not in (None, ()):
                assert found.default == field.default
    if command == "toys":
        tasks = {one.flag_value for one in chosen.params if one.name == "task" and isinstance(one, click.Option)}
        assert tasks | {cards.ToysCard.model_fields["task"].default} == set(typing.get_args(cards.Task))


def test_toys_at_several_points_have_a_store_each(run: Run, tmp_path: Path, lar: cevns.Experiment) -> None:
    """And are resumed together."""
    settings = {"toys": 12, "chunk": 6, "seed": 3, "grid": [0, 1e-4, 5], "task": "cls", "store": True}
    card = write(tmp_path, command="toys", experiments=["coherent-lar-2020"], parameters={"mass": [1, 10]}, **settings)
    arguments = ("run", card, "-o", str(tmp_path / "out"), "--format", "json")
    code, out, err = run(*arguments)
    assert (code, err) == (0, "")
    throws = cevns.Throws(toys=12, chunk=6, seed=3)
    expected = cevns.cls_limits("b-l", lar, "g", throws=throws, grid=np.linspace(0.0, 1e-4, 5), mass=[1.0, 10.0])
    assert [inference.ToyIntervalResult.from_dict(record) for record in json.loads(out)] == list(expected)
    stores = [zarr.open_group(tmp_path / "out" / f"toys-{number}.zarr", mode="r") for number in (1, 2)]
    assert [store.attrs["card"]["fixed"] for store in stores] == [{"mass": 1.0}, {"mass": 10.0}]
    assert all(np.asarray(store["done"]).all() for store in stores)
    assert run(*arguments)[0] == 2
    assert run(*arguments, "--resume") == (0, out, "")


def test_no_such_card(run: Run, tmp_path: Path) -> None:
    code, _, err = run("run", str(tmp_path / "none.yaml"))
    assert (code, "a file that can be read" in err) == (2, True)
