"""Analyses of the data of one experiment on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

CSI, ANALYSIS = "coherent-csi-2021", "coherent-csi-2021/de-romeri-2023"


def test_list_has_analyses_behind_their_experiment(run: Run) -> None:
    _, out, _ = run("list", "experiments", "--format", "json")
    names = [record["experiment"] for record in json.loads(out)]
    assert names.index(ANALYSIS) == names.index(CSI) + 1
    assert "coherent-lar-2020/de-romeri-2023" in names


def test_show_tells_analyses_and_free_pulls(run: Run) -> None:
    _, out, _ = run("show", CSI, "--format", "json")
    (base,) = json.loads(out)
    assert base["analyses"] == [ANALYSIS]
    _, out, _ = run("show", ANALYSIS, "--format", "json")
    (facts,) = json.loads(out)
    assert facts["experiment"] == ANALYSIS
    assert "csi_beam_time -0.25..0.25" in facts["pulls"]
    assert "csi_nuclear_radius 0.05" in facts["pulls"]


@pytest.mark.parametrize("command", ["show", "cite", "fit", "predict", "limits"])
def test_unknown_analysis(run: Run, command: str) -> None:
    name = f"{CSI}/nobody-1900"
    code, out, err = run("show", name) if command == "show" else run(command, "-e", name, "-m", "b-l")
    assert (code, out) == (2, "")
    assert f"experiment: got '{name}'" in err
    assert f"one of: {CSI}, {ANALYSIS}" in err


def test_fit_of_an_analysis(run: Run) -> None:
    code, out, _ = run("fit", "-e", ANALYSIS, "--format", "json")
    (record,) = json.loads(out)
    assert code == 0
    assert record["chi2"] == pytest.approx(80.891, abs=1e-3)
    assert record["experiments"] == [ANALYSIS]


def test_same_data_twice(run: Run) -> None:
    code, _, err = run("fit", "-e", ANALYSIS, "-e", CSI)
    assert code == 2
    assert "each once and in one analysis" in err


def test_figures_of_an_analysis_have_file_names(run: Run, tmp_path: Path) -> None:
    code, _, err = run("predict", "-e", ANALYSIS, "-o", str(tmp_path))
    assert code == 0, err
    assert (tmp_path / "projections-coherent-csi-2021-de-romeri-2023.png").is_file()
    assert all(path.is_file() for path in tmp_path.iterdir())
