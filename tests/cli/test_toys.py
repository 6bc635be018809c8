"""``cevns toys``."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import zarr

import cevns
from cevns import Throws
from cevns.inference import CoverageResult, ExpectedLimitResult, GoodnessResult, Line, ToyIntervalResult, ToyScan, run
from tests.cli.conftest import Run

FEW = ("--toys", "24", "--chunk", "8", "--seed", "3", "--format", "json")
THROWS = Throws(toys=24, chunk=8, seed=3)
GRID = np.linspace(0.0, 1e-4, 7)
ON_GRID = ("-m", "b-l", "-e", "coherent-lar-2020", "--mass", "10", "--grid", "0", "1e-4", "7")


@pytest.fixture
def toys(run: Run) -> Run:
    return partial(run, "toys")


def test_without_options_it_is_the_p_value_of_the_standard_model(toys: Run) -> None:
    code, out, err = toys(*FEW)
    (record,) = json.loads(out)
    experiments = [cevns.experiment(name) for name in ("coherent-lar-2020", "coherent-csi-2021")]
    (expected,) = cevns.goodness_of_fit("sm", experiments, throws=THROWS)
    assert (code, err) == (0, "")
    assert GoodnessResult.from_dict(record) == expected


@pytest.mark.parametrize(
    ("options", "parameter"),
    [(("--mass", "10"), "g"), (("--mass", "10", "-p", "g=2e-5"), None), (("g", "--mass", "10"), "g")],
)
def test_the_coupling_is_fitted_unless_it_is_given(toys: Run, options: tuple[str, ...], parameter: str | None) -> None:
    code, out, _ = toys("-m", "b-l", "-e", "coherent-lar-2020", *options, *FEW)
    (record,) = json.loads(out)
    assert (code, record["parameter"]) == (0, parameter)
    assert ("g" in record["fixed"]) == (parameter is None)


def test_feldman_cousins_with_all_options(toys: Run, lar: cevns.Experiment) -> None:
    arguments = ("--cl", "0.8", "--true-pulls", "nominal", "--fixed-centres", "--shared", "sns_flux", "--workers", "2")
    _, out, err = toys(*ON_GRID, "--feldman-cousins", *arguments, *FEW)
    throws = Throws(toys=24, chunk=8, seed=3, pulls="nominal", centres=False)
    (expected,) = cevns.feldman_cousins(
        "b-l", lar, "g", cl=0.8, throws=throws, grid=GRID, shared=["sns_flux"], mass=10.0
    )
    assert err == ""
    assert ToyIntervalResult.from_dict(json.loads(out)[0]) == expected


def test_cls(toys: Run, lar: cevns.Experiment) -> None:
    _, out, _ = toys(*ON_GRID, "--cls", *FEW)
    (expected,) = cevns.cls_limits("b-l", lar, "g", throws=THROWS, grid=GRID, mass=10.0)
    assert ToyIntervalResult.from_dict(json.loads(out)[0]) == expected


def test_expected(toys: Run, lar: cevns.Experiment) -> None:
    _, out, _ = toys(*ON_GRID, "--expected", "--cl", "0.8", "--dof", "2", *FEW)
    (expected,) = cevns.expected_limits("b-l", lar, "g", cl=0.8, dof=2, throws=THROWS, grid=GRID, mass=10.0)
    assert ExpectedLimitResult.from_dict(json.loads(out)[0]) == expected


def test_coverage_is_of_nominal_pulls_unless_said(toys: Run, lar: cevns.Experiment) -> None:
    _, out, _ = toys(*ON_GRID, "--coverage", "--truth", "3e-5", *FEW)
    throws = Throws(toys=24, chunk=8, seed=3, pulls="nominal")
    (expected,) = cevns.coverage("b-l", lar, "g", truth=3e-5, throws=throws, grid=GRID, mass=10.0)
    assert CoverageResult.from_dict(json.loads(out)[0]) == expected


def test_table_and_files(toys: Run, tmp_path: Path) -> None:
    code, out, _ = toys(*ON_GRID, "--expected", "--toys", "24", "-o", str(tmp_path / "new"))
    assert code == 0
    assert {path.name for path in (tmp_path / "new").iterdir()} == {f"toys.{s}" for s in ("txt", "json", "csv", "tex")}
    assert (tmp_path / "new" / "toys.txt").read_text() == out
    for word in ("g <", "expected", "+-2 sigma", "Asimov", "24, seed 1, pulls profiled"):
        assert word in out


def test_a_store_changes_nothing_and_has_every_chi2(toys: Run, tmp_path: Path, lar: cevns.Experiment) -> None:
    expected = toys(*ON_GRID, "--feldman-cousins", *FEW)
    assert toys(*ON_GRID, "--feldman-cousins", *FEW, "--store", "-o", str(tmp_path)) == expected
    line = Line(cevns.Likelihood("b-l", lar), "g", GRID, {"mass": 10.0})
    scan = ToyScan(line, tuple(range(7)), line.true_pulls("profiled", range(7)), toys=24, chunk=8, seed=3)
    group = zarr.open_group(tmp_path / "toys-1.zarr", mode="r")
    assert group.attrs["card"] == json.loads(json.dumps(scan.card))
    assert np.asarray(group["chi2"]).tobytes() == run(scan)["chi2"].tobytes()
    assert group["chi2"].metadata.dimension_names == ("truth", "toy", "value")


def test_a_store_is_continued_only_by_the_same_toys(toys: Run, tmp_path: Path) -> None:
    arguments = (*ON_GRID, "--expected", *FEW, "--store", "-o", str(tmp_path))
    first = toys(*arguments)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "toys-1.zarr").rglob("*")}
    code, _, err = toys(*arguments)
    assert (code, "to resume what is there" in err) == (2, True)
    assert toys(*arguments, "--resume") == first
    # What is asked of the pseudo-data is no part of them.
    assert toys(*arguments, "--resume", "--cl", "0.8") == toys(*ON_GRID, "--expected", *FEW, "--cl", "0.8")
    for changes, words in (
        (("--seed", "4"), "card.seed: 3 in the store, 4 now"),
        (("--chunk", "6"), "card.chunk: 8 in the store, 6 now"),
        (("--mass", "20"), "card.fixed.mass: 10.0 in the store, 20.0 now"),
        (("-e", "coherent-csi-2021"), "card.experiments.coherent-csi-2021."),
        (("--grid", "0", "2e-4", "7"), "card.grid: 0.0, ..., 0.0001 (7 values) in the store, 0.0, ..., 0.0002"),
    ):
        code, _, err = toys(*arguments, *changes, "--resume")
        assert code == 2
        assert words in err
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "toys-1.zarr").rglob("*")} == before


def test_ctrl_c_ends_cleanly(toys: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ToyScan, "compute", interrupted)
    code, out, err = toys("--toys", "8")
    assert (code, out) == (130, "")
    assert err.strip() == "interrupted"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--toys", "0"), "error: toys: got 0; allowed: an integer of at least 1"),
        (("--seed", "-1"), "error: seed: got -1; allowed: an integer of at least 0"),
        (("--chunk", "0"), "error: chunk: got 0; allowed: an integer of at least 1"),
        (("--workers", "0"), "error: workers: got 0; allowed: a positive integer"),
        (("--expected",), "error: model: got 'sm'; allowed: a model with one coupling"),
        (("-m", "b-l"), "error: mass: got None; allowed: a value of this parameter"),
        (("g",), "error: parameter: got 'g'; allowed: none: model 'sm' has no parameters"),
        ((*ON_GRID, "--cls", "--cl", "90"), "error: cl: got 90.0; allowed: a number between 0 and 1"),
        ((*ON_GRID, "--expected", "--dof", "0"), "error: dof: got 0; allowed: a positive integer"),
        (("-m", "b-l", "--mass", "10", "--grid", "1", "0", "5", "--cls"), "error: grid: got"),
        (("--true-pulls", "best"), "Invalid value for '--true-pulls'"),
        (("--store",), "error: output: got None; allowed: a directory for the store, in the card or with -o"),
        (("--resume",), "error: resume: got True; allowed: with --store, or store: true in the card"),
    ],
)
def test_wrong_input_names_what_is_allowed(arguments: tuple[str, ...], message: str, toys: Run) -> None:
    code, out, err = toys(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_limits_beyond_the_grid_are_a_failure(toys: Run) -> None:
    code, out, err = toys("-m", "b-l", "--mass", "10", "--grid", "0", "1e-6", "5", "--expected", "--toys", "8")
    assert (code, out) == (1, "")
    assert err.startswith("failed: limits on g are beyond the grid, which ends at 1e-06")
