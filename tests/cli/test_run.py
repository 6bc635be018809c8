"""Run cards on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
import zarr

import cevns
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
    ("command", "more", "function"),
    [("intervals", {"intervals_of": ["eps_ee_uV"]}, "intervals"), ("limits", {}, "coupling_limits")],
)
def test_a_card_says_what_is_profiled(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, more: dict[str, Any], function: str
) -> None:
    """With the range to search, or all of its own."""
    calls: list[dict[str, object]] = []
    monkeypatch.setattr(cards, function, lambda *_, **settings: calls.append(settings) or ())
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
def test_what_is_for_scans_only(run: Run, option: tuple[str, ...]) -> None:
    code, _, err = run("run", str(EXAMPLES / "limits.yaml"), *option)
    assert (code, "limits are not computed in chunks" in err) == (2, True)
    assert err.startswith(f"error: {option[0].removeprefix('--')}: got")


def test_no_such_card(run: Run, tmp_path: Path) -> None:
    code, _, err = run("run", str(tmp_path / "none.yaml"))
    assert (code, "a file that can be read" in err) == (2, True)
