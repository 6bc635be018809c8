"""``cevns intervals``."""

from __future__ import annotations

import csv
import json
from dataclasses import fields
from functools import partial
from pathlib import Path

import pytest

import cevns
from cevns import IntervalResult
from tests.cli.conftest import Run


@pytest.fixture
def intervals(run: Run) -> Run:
    return partial(run, "intervals")


def test_json_has_the_documented_keys_and_the_numbers_of_the_library(intervals: Run, csi: cevns.Experiment) -> None:
    code, out, err = intervals("-e", "coherent-csi-2021", "-m", "nsi", "eps_ee_uV", "--format", "json")
    (record,) = json.loads(out)
    (expected,) = cevns.intervals("nsi", csi, "eps_ee_uV")
    assert (code, err) == (0, "")
    assert set(record) == {
        "model", "experiments", "parameter", "unit", "fixed", "cl", "dof", "delta_chi2", "intervals", "best_fit",
        "chi2_min", "ndata", "version",
    }  # fmt: skip
    assert set(record) == {f.name for f in fields(IntervalResult)} - {"profiled"}
    assert IntervalResult.from_dict(record) == expected
    assert len(record["intervals"]) == 2


def test_options_reach_the_computation(intervals: Run) -> None:
    _, out, _ = intervals(
        "-m", "nsi", "eps_ee_uV", "-p", "eps_ee_dV=0.1", "--cl", "0.9545", "--dof", "2", "--shared", "sns_flux",
        "--couplings", "tree", "--format", "json",
    )  # fmt: skip
    (record,) = json.loads(out)
    experiments = [cevns.experiment(name) for name in ("coherent-lar-2020", "coherent-csi-2021")]
    tree = cevns.model("nsi", couplings="tree")
    (expected,) = cevns.intervals(tree, experiments, "eps_ee_uV", cl=0.9545, dof=2, shared=["sns_flux"], eps_ee_dV=0.1)
    assert IntervalResult.from_dict(record) == expected
    assert record["fixed"]["eps_ee_dV"] == 0.1
    assert record["delta_chi2"] == pytest.approx(6.18, abs=0.01)


def test_a_mass_can_be_given(intervals: Run, csi: cevns.Experiment) -> None:
    _, out, _ = intervals("-e", "coherent-csi-2021", "-m", "b-l", "g", "--mass", "10", "--format", "json")
    (expected,) = cevns.intervals("b-l", csi, "g", mass=10.0)
    assert IntervalResult.from_dict(json.loads(out)[0]) == expected


def test_other_parameters_can_be_profiled(intervals: Run) -> None:
    counting = "coherent-csi-2017-counting"
    options = ("-e", counting, "-m", "nsi", "eps_ee_uV", "--profile", "eps_mumu_uV", "--profile", "eps_ee_dV=-0.1:0.1")
    code, out, err = intervals(*options, "--format", "json")
    profiled = {"eps_mumu_uV": None, "eps_ee_dV": (-0.1, 0.1)}
    (expected,) = cevns.intervals("nsi", cevns.experiment(counting), "eps_ee_uV", profiled=profiled)
    assert (code, err) == (0, "")
    assert IntervalResult.from_dict(json.loads(out)[0]) == expected
    _, out, _ = intervals(*options)
    header, _, row, level = out.strip().splitlines()
    assert level == "90 % CL, 1 dof"
    assert header.split()[-3:] == ["eps_mumu_uV", "eps_ee_dV", "chi2/bins"]
    assert row.split()[-3:-1] == [f"{expected.profiled[name]:.4g}" for name in profiled]


def test_several_parameters_make_several_rows(intervals: Run) -> None:
    code, out, _ = intervals("-e", "coherent-lar-2020", "-m", "charge-radius", "r2_nue", "r2_emu")
    header, _, *rows, _ = out.strip().splitlines()
    assert code == 0
    assert header.split()[:3] == ["parameter", "unit", "intervals"]
    assert [row.split()[0] for row in rows] == ["r2_nue", "r2_emu"]
    assert all("cm^2" in row and "/120" in row for row in rows)


def test_the_table_shows_every_interval(intervals: Run) -> None:
    _, out, _ = intervals("-m", "charge-radius", "r2_numu", "r2_emu")
    two, one = out.strip().splitlines()[-3:-1]
    assert two.count(" or ") == 1
    assert (two.count("["), one.count("[")) == (2, 1)
    assert "-5.85e-31" in two


def test_a_dimensionless_parameter_has_no_unit(intervals: Run) -> None:
    _, out, _ = intervals("-e", "coherent-lar-2020", "-m", "weak-mixing-angle", "sin2_theta_w")
    assert out.strip().splitlines()[-2].split()[:2] == ["sin2_theta_w", "-"]


def test_writes_every_format(intervals: Run, tmp_path: Path) -> None:
    code, out, _ = intervals("-e", "coherent-lar-2020", "-m", "millicharge", "q_numu", "-o", str(tmp_path / "new"))
    written = {path.name for path in (tmp_path / "new").iterdir()}
    assert code == 0
    assert written == {"intervals.txt", "intervals.json", "intervals.csv", "intervals.tex"}
    assert (tmp_path / "new" / "intervals.txt").read_text() == out
    assert (tmp_path / "new" / "intervals.tex").read_text().endswith("\\end{tabular}\n% 90 % CL, 1 dof\n")
    (record,) = json.loads((tmp_path / "new" / "intervals.json").read_text())
    with (tmp_path / "new" / "intervals.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert float(row["best_fit"]) == record["best_fit"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-m", "nsi", "eps"), "error: parameter: got 'eps'; allowed: one of: eps_ee_uV, eps_mumu_uV,"),
        (("-m", "sm", "g"), "error: parameter: got 'g'; allowed: none: model 'sm' has no parameters"),
        (
            ("-m", "nsx", "eps_ee_uV"),
            "error: model: got 'nsx'; allowed: FILE.py:NAME for one of your own, or one of: sm, ",
        ),
        (
            ("-m", "nsi", "eps_ee_uV", "-e", "coherent"),
            "error: experiment: got 'coherent'; allowed: a directory with experiment.yaml, or one of: coh",
        ),
        (("-m", "nsi", "eps_ee_uV", "-p", "eps_ee_uV=0.1"), "error: eps_ee_uV: got 0.1; allowed: no value"),
        (("-m", "nsi", "eps_ee_uV", "-p", "eps_ee_dV"), "error: parameter: got 'eps_ee_dV'; allowed: NAME=NUMBER"),
        (("-m", "nsi", "eps_ee_uV", "--mass", "10"), "error: parameter: got 'mass'; allowed: one of: eps_ee_uV"),
        (("-m", "nsi", "eps_ee_uV", "--cl", "90"), "error: cl: got 90.0; allowed: a number between 0 and 1"),
        (("-m", "nsi", "eps_ee_uV", "--dof", "0"), "error: dof: got 0; allowed: a positive integer"),
        (
            ("-m", "nsi", "eps_ee_uV", "--profile", "eps_ee_uV"),
            "error: profiled: got 'eps_ee_uV'; allowed: parameters oth",
        ),
        (("-m", "nsi", "eps_ee_uV", "--profile", "eps"), "error: parameter: got 'eps'; allowed: one of: eps_ee_uV,"),
        (
            ("-m", "nsi", "eps_ee_uV", "--profile", "eps_ee_dV=1"),
            "error: profile: got 'eps_ee_dV=1'; allowed: NAME[=LOW:HIGH]",
        ),
        (("-m", "b-l", "g", "--profile", "mass"), "error: profiled: got 'mass'; allowed: a range to search, {'mass': "),
        (
            ("-m", "b-l", "g", "--mass", "1", "--profile", "mass=1:9"),
            "error: mass: got 1.0; allowed: no value: it is pr",
        ),
        (("-m", "b-l", "g"), "error: mass: got None; allowed: a value of this parameter"),
        (("-m", "weak-mixing-angle", "sin2_theta_w", "--couplings", "on-shell"), "error: couplings: got 'on-shell'"),
        (("-m", "nsi"), "Missing argument 'PARAMETER...'"),
        (("eps_ee_uV",), "Missing option '-m'"),
        (("-m", "nsi", "eps_ee_uV", "--cl", "high"), "Invalid value for '--cl'"),
    ],
)
def test_wrong_input_names_what_exists(arguments: tuple[str, ...], message: str, intervals: Run) -> None:
    code, out, err = intervals(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_an_interval_that_does_not_exist_is_a_failure(intervals: Run) -> None:
    code, out, err = intervals("-m", "nsi", "eps_tautau_uV")
    assert (code, out) == (1, "")
    both = "coherent-lar-2020, coherent-csi-2021"
    assert err == f"failed: no value of eps_tautau_uV up to 1e+08 changes the counts of nsi from {both}\n"
    code, _, err = intervals(
        "-e", "coherent-csi-2017-counting", "-m", "universal-magnetic-moment", "mu_nu", "--cl", "0.9999"
    )
    assert code == 1
    assert err.startswith("failed: no interval of mu_nu of universal-magnetic-moment at ")
