"""The command line: what scripts of users depend on."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cevns
from cevns.experiments import experiment_directory
from tests.cli.conftest import Run
from tests.disks import largest_file

LIMIT_KEYS = {
    "model", "experiments", "parameter", "mass_MeV", "cl", "dof", "delta_chi2", "upper_limit", "outer_limit",
    "crossings", "best_fit", "chi2_min", "ndata", "version",
}  # fmt: skip


SAME_TARGET = ("coherent-csi-2017-counting", "coherent-csi-2021")


def test_limits_json_has_the_documented_keys_and_the_numbers_of_the_library(run: Run, csi: cevns.Experiment) -> None:
    code, out, err = run("limits", "-e", "coherent-csi-2021", "-m", "b-l", "--mass", "10", "--format", "json")
    (record,) = json.loads(out)
    (expected,) = cevns.limits("b-l", csi, mass=10.0)
    assert (code, err) == (0, "")
    assert set(record) == LIMIT_KEYS
    assert record["upper_limit"] == expected.upper_limit
    assert record["experiments"] == ["coherent-csi-2021"]
    assert cevns.LimitResult.from_dict(record) == expected


def test_limits_options_reach_the_computation(run: Run) -> None:
    _, out, _ = run(
        "limits", "-m", "b-l", "--mass", "10", "--cl", "0.9", "--dof", "1", "--shared", "sns_flux", "--format", "json"
    )
    (record,) = json.loads(out)
    assert record["delta_chi2"] == pytest.approx(2.7055, abs=1e-4)
    shared = cevns.Likelihood(
        "b-l", [cevns.experiment(n) for n in ("coherent-lar-2020", "coherent-csi-2021")], shared=["sns_flux"]
    )
    assert float(shared(g=record["upper_limit"], mass=10.0)) == pytest.approx(
        record["chi2_min"] + record["delta_chi2"], abs=1e-6
    )


@pytest.mark.parametrize(
    ("flags", "settings"),
    [
        (("--mass", "10", "-p", "g_nu=0.5"), {"mass": 10.0, "g_nu": 0.5}),
        (("--profile", "mass=10:30"), {"profiled": {"mass": (10.0, 30.0)}}),
    ],
    ids=["held", "profiled"],
)
def test_limits_hold_and_profile_other_parameters(
    run: Run, tmp_path: Path, flags: tuple[str, ...], settings: dict[str, Any]
) -> None:
    model, experiment = "dark-photon", "coherent-csi-2017-counting"
    code, out, _ = run("limits", "-m", model, "-e", experiment, *flags, "-o", str(tmp_path))
    (expected,) = cevns.limits(model, cevns.experiment(experiment), **settings)
    records = json.loads((tmp_path / "limits.json").read_text())
    assert [cevns.LimitResult.from_dict(record) for record in records] == [expected]
    assert (code, f"{expected.upper_limit:#.3g}" in out) == (0, True)
    if "mass" in settings:
        first, *_ = json.loads((tmp_path / "exclusion.json").read_text())
        (at_first,) = cevns.limits(model, cevns.experiment(experiment), mass=first["mass_MeV"], g_nu=0.5)
        assert first["upper_limit"] == pytest.approx(at_first.upper_limit, rel=1e-6)
    else:
        assert not (tmp_path / "exclusion.json").exists(), "a curve against a mass that is profiled"


def test_limits_take_masses_apart(run: Run) -> None:
    code, _, err = run("limits", "-m", "dark-photon", "-p", "mass=10")
    assert (code, err) == (2, "error: parameter: got 'mass'; allowed: any but the mass, which --mass gives\n")


def test_limits_table_shows_both_regimes_for_each_experiment_and_marks_lobes(run: Run) -> None:
    code, out, _ = run("limits", "--each", "-m", "universal")
    header, _, row, level, footnote = out.strip().splitlines()
    assert code == 0
    assert level == "95.45 % CL, 2 dof"
    assert [part in header for part in ("Ar g", "CsI g", "Ar+CsI g/M")] == [True] * 3
    assert row.count("*") == 3
    assert "crosses the level more than once" in footnote


def test_limits_of_two_experiments_with_the_same_target_have_columns_of_their_own(run: Run) -> None:
    experiments = [option for name in SAME_TARGET for option in ("-e", name)]
    code, out, _ = run("limits", "--each", *experiments, "-m", "dark-photon", "--mass", "10")
    header, _, row = out.strip().splitlines()[:3]
    both = "+".join(SAME_TARGET)
    assert code == 0
    assert [name.strip() for name in header.split("  ") if name][2:] == [f"{s} epsilon <" for s in (*SAME_TARGET, both)]
    each = [cevns.limits("dark-photon", cevns.experiment(name), mass=10.0)[0].upper_limit for name in SAME_TARGET]
    assert [cell.rstrip("*") for cell in row.split()[2:4]] == [f"{limit:#.3g}" for limit in each]


def test_limits_head_the_columns_of_different_couplings_alike(run: Run) -> None:
    arguments = ("limits", "-e", "coherent-csi-2017-counting", "-m", "dark-photon", "-m", "b-l")
    assert "CsI coupling [1e-5]  CsI coupling/M [1e-3/GeV]" in run(*arguments)[1]
    assert "CsI coupling <" in run(*arguments, "--mass", "10")[1]
    assert "CsI epsilon [1e-5]  CsI epsilon/M [1e-3/GeV]" in run(*arguments[:-2])[1]


def test_limits_writes_every_format_and_the_figures(run: Run, tmp_path: Path) -> None:
    code, _, _ = run("limits", "-e", "coherent-lar-2020", "-m", "b-l", "-o", str(tmp_path / "out"))
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert code == 0
    assert written == {
        "limits.txt", "limits.json", "limits.csv", "limits.tex",
        "exclusion.json", "exclusion-b-l.pdf", "exclusion-b-l.png",
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "limits.csv").read_text())))
    records = json.loads((tmp_path / "out" / "limits.json").read_text())
    assert [float(row["upper_limit"]) for row in rows] == [record["upper_limit"] for record in records]
    assert (tmp_path / "out" / "limits.tex").read_text().startswith("\\begin{tabular}")
    curve = json.loads((tmp_path / "out" / "exclusion.json").read_text())
    assert len(curve) == 61
    assert set(curve[0]) == LIMIT_KEYS


def test_predict_components_add_up(run: Run) -> None:
    arguments = ("predict", "-e", "coherent-csi-2021", "-m", "b-l", "-p", "g=5e-5", "--mass", "10", "--format", "json")
    code, out, _ = run(*arguments)
    events = {record["component"]: record["events"] for record in json.loads(out)}
    neutrinos = [value for name, value in events.items() if "/" in name]
    assert code == 0
    assert events["all neutrinos"] == pytest.approx(sum(neutrinos), rel=1e-12)
    assert np.shape(json.loads(out)[0]["counts"]) == (9, 11)


def test_predict_in_bins(run: Run, tmp_path: Path) -> None:
    """Rows of several experiments, with nothing where one has no such column."""
    names = ("-e", "coherent-csi-2021", "-e", "dresden-ii", "--bins", "--format", "json", "-o", str(tmp_path))
    _, out, _ = run("predict", *names)
    rows = json.loads(out)
    assert len(rows) == 99 + 130
    assert list(rows[0])[:7] == [
        *("experiment", "energy_low", "energy_high", "time_low", "time_high", "observed", "error"),
    ]
    assert list(rows[0])[-1] == "expected"
    assert rows[0]["error"] is rows[-1]["time_low"] is rows[-1]["steady_state"] is None
    assert rows[0]["expected"] == pytest.approx(
        sum(rows[0][part] for part in ("beam_neutrons", "neutrino_induced_neutrons", "steady_state", "cevns"))
    )
    assert (tmp_path / "bins.csv").read_text().count("\n") == len(rows) + 1


def test_a_full_disk_is_a_failure_in_one_line(run: Run, tmp_path: Path) -> None:
    with largest_file(100):
        code, _, err = run("predict", "-e", "coherent-lar-2020", "-o", str(tmp_path))
    assert code == 1
    assert err == f"failed: {tmp_path / 'prediction.txt'}: File too large\n"
    assert not list(tmp_path.iterdir())


def test_predict_one_flavour(run: Run) -> None:
    _, out, _ = run("predict", "-e", "coherent-lar-2020", "--flavour", "nu_mu", "--format", "json")
    names = [record["component"] for record in json.loads(out)]
    assert "nu_mu/40Ar" in names
    assert not {"nu_e/40Ar", "nubar_mu/40Ar", "all neutrinos"} & set(names)


def test_predict_draws(run: Run, tmp_path: Path) -> None:
    code, _, _ = run(
        "predict", "-e", "coherent-lar-2020", "-m", "b-l", "-p", "g=5e-5", "--mass", "10", "-o", str(tmp_path)
    )
    assert code == 0
    assert {"projections-coherent-lar-2020.png", "recoils-coherent-lar-2020.pdf"} <= {
        p.name for p in tmp_path.iterdir()
    }


def test_fit_table_and_json(run: Run) -> None:
    code, out, _ = run("fit", "-e", "coherent-csi-2021", "-m", "b-l", "--mass", "10")
    assert code == 0
    assert "csi_cevns" in out
    _, out, _ = run("fit", "-e", "coherent-csi-2021", "--format", "json")
    (record,) = json.loads(out)
    assert record["chi2"] == pytest.approx(84.268, abs=1e-3)


@pytest.mark.parametrize(
    ("kind", "known"), [("models", "lmu-ltau"), ("experiments", "coherent-csi-2021"), ("papers", "2202.11002")]
)
def test_list(run: Run, kind: str, known: str) -> None:
    code, out, _ = run("list", kind)
    assert code == 0
    assert known in out


@pytest.mark.parametrize(
    ("name", "fact"),
    [("b-l", "anomaly"), ("coherent-lar-2020", "keVee"), ("2202.11002", "JHEP"), ("CsI", "133Cs"), ("40Ar", "37215")],
)
def test_show(run: Run, name: str, fact: str) -> None:
    code, out, _ = run("show", name)
    assert code == 0
    assert fact in out


def test_cite(run: Run) -> None:
    _, lines, _ = run("cite", "-m", "scalar", "-e", "coherent-csi-2021")
    _, entries, _ = run("cite", "--bibtex")
    assert "arXiv:2110.07730" in lines
    assert "@article{COHERENT:2020iec," in entries


def test_every_citation_key_has_an_entry() -> None:
    from cevns.io.citations import bibliography

    keys = {key for name in cevns.MODEL_NAMES for key in cevns.model(name).citations}
    keys |= {key for name in cevns.experiment_names() for key in cevns.experiment(name).citations}
    assert keys <= set(bibliography())


def test_data_verify_and_import(run: Run, shared: Path, tmp_path: Path) -> None:
    release = str(shared / "data" / "coherent_csi_2021")
    code, out, _ = run("data", "verify", "coherent-csi-2021", "--release", release)
    assert (code, out.count("agree")) == (0, 2)
    directory = str(tmp_path / "coarse")
    code, _, _ = run("data", "import", "coherent-csi-2021", release, directory, "--time-edges", "0,1,6")
    assert code == 0
    assert cevns.experiment(directory).observed.shape == (9, 2)
    _, out, _ = run("limits", "-e", directory, "-m", "b-l", "--mass", "10", "--format", "json")
    assert json.loads(out)[0]["ndata"] == 18


WRONG = [
    (("limits", "-m", "bl"), ("model", "'bl'", "b-l")),
    (("limits", "-e", "coherent-csi"), ("experiment", "'coherent-csi'", "coherent-csi-2021")),
    (("limits", "--mass", "-1"), ("mass", "-1", "from 0")),
    (("limits", "--mass", "nan"), ("mass", "nan", "finite")),
    (("limits", "--cl", "1.5"), ("cl", "1.5", "between 0 and 1")),
    (("limits", "--cl", "nan"), ("cl", "nan", "finite number")),
    (("limits", "--dof", "0"), ("dof", "0", "positive")),
    (("limits", "--format", "xml"), ("--format", "'xml'", "'table', 'json', 'csv', 'latex'")),
    (("limits", "--shared", "flux"), ("shared", "'flux'", "sns_flux")),
    (("limits", "--couplings", "loop"), ("couplings", "'loop'", "radiative")),
    (("limits", "-m", "sm"), ("model", "'sm'", "one coupling")),
    (("predict", "-m", "b-l", "-p", "g=nan", "--mass", "1"), ("g", "nan", "finite")),
    (("predict", "-m", "b-l", "-p", "g=1e-5"), ("mass", "None", "mass of the mediator")),
    (("predict", "-m", "b-l", "-p", "h=1", "--mass", "1"), ("parameter", "'h'", "g, mass")),
    (("predict", "--bins", "--flavour", "nu_mu"), ("flavour", "nu_mu", "no flavour with --bins")),
    (("predict", "-p", "g"), ("parameter", "'g'", "NAME=NUMBER")),
    (("predict", "--flavour", "nu_tau"), ("flavour", "'nu_tau'", "nu_e, nu_mu, nubar_mu")),
    (("fit", "-m", "b-l"), ("start", "'g, mass'", "fixed value")),
    (("reproduce", "1234.5678"), ("paper", "'1234.5678'", "2202.11002")),
    (("reproduce", "2202.11002", "table-9"), ("item", "'table-9'", "table-2")),
    (("list", "things"), ("KIND", "'things'", "'models', 'experiments', 'papers'")),
    (("list",), ("KIND", "Missing", "papers")),
    (("show", "nothing"), ("name", "'nothing'", "cevns list")),
    (("show", "b_l"), ("name", "'b_l'", "did you mean 'b-l'?")),
    (("limits", "-m", "unversal"), ("model", "'unversal'", "did you mean 'universal'?")),
    (("limits", "-e", "coherent-csi"), ("experiment", "'coherent-csi'", "directory")),
    (("data", "import", "coherent-csi-2021", "nowhere", "out"), ("brnPE.txt", "nowhere", "release")),
    (("data", "verify", "--release", "x"), ("names", "coherent-csi-2021, coherent-lar-2020", "one experiment")),
    (("data", "import", "x", "y", "z"), ("experiment", "'x'", "coherent-lar-2020")),
    (("data", "import", "coherent-csi-2021", "y", "z", "--time-edges", "0,b"), ("time-edges", "'0,b'", "numbers")),
    (("limitz",), ("limitz", "No such command", "did you mean 'limits'?")),
    (("xyz",), ("xyz", "No such command", "'xyz'")),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=" ".join)
def test_wrong_input_ends_with_2_and_says_what_is_wrong(
    run: Run, arguments: tuple[str, ...], words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert all(word in err for word in words), err
    assert not list(tmp_path.iterdir())


def test_output_that_cannot_be_written_is_refused_before_the_work(run: Run, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    code, out, err = run("limits", "-m", "b-l", "-o", str(blocked))
    assert (code, out) == (2, "")
    assert "output" in err
    assert blocked.read_text() == "not a directory"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("distance: 19.3 m", "distance: 19.3 kg", ("source.distance", "19.3 kg", "unit of length")),
        ("material: CsI", "material: CsI\n  colour: red", ("colour", "red", "form_factor")),
        ("schema_version: 1", "schema_version: [", ("experiment.yaml", "valid YAML")),
    ],
)
def test_wrong_experiment_file(run: Run, tmp_path: Path, old: str, new: str, words: tuple[str, ...]) -> None:
    directory = tmp_path / "mine"
    shutil.copytree(experiment_directory("coherent-csi-2021"), directory)
    config = directory / "experiment.yaml"
    config.write_text(config.read_text().replace(old, new, 1))
    code, _, err = run("limits", "-e", str(directory), "-m", "b-l", "--mass", "10")
    assert code == 2
    assert all(word in err for word in words), err


def test_a_computation_that_fails_ends_with_1(run: Run) -> None:
    code, out, err = run("limits", "-e", "coherent-lar-2020", "-m", "b-l", "--mass", "10", "--cl", "0.9999999999999999")
    assert (code, out) == (1, "")
    assert "no upper limit on g of b-l at mass = 10" in err


def test_help_lists_the_commands_and_the_module_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cevns.cli.main", "--help"], capture_output=True, text=True, check=True
    )
    assert [
        word
        for word in ("limits", "predict", "fit", "reproduce", "list", "show", "cite", "data")
        if word not in done.stdout
    ] == []
