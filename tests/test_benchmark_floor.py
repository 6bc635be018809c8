"""The benchmark of where the time goes, at tiny size: that it runs, and counts what can be counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import cevns
from benchmarks import floor
from cevns import Experiment


def test_operations_are_those_of_the_formulas(lar: Experiment) -> None:
    """Least squares end after one step; S + B + eta (b + r S) costs two products of pulls and bins."""
    likelihood = cevns.Likelihood("b-l", lar)
    needs = floor.operations(lambda: likelihood(g=np.array([1e-5, 2e-5, 3e-5]), mass=10.0))
    steps, points, (pulls, bins) = needs["steps of the descent"], 3, (len(likelihood.pulls), lar.observed.size)
    assert (steps["points"], steps["steps"]) == (points, points)
    # Expectations are needed at the start, where the step begins, and where it ends.
    assert needs["expected counts"]["matrix"] % (4 * points * pulls * bins) == 0
    assert needs["linear systems"]["matrix"] == points * (pulls**3 // 3 + 2 * pulls**2)
    products = needs["gradients and Hessians"]["matrix"] - 4 * points * pulls * bins
    assert 0 < products <= 2 * points * bins * 3 * pulls * (pulls + 1) // 2
    # No logarithm but in Poisson's formula.
    assert needs["statistic"]["log"] == 0
    assert needs["its derivatives"]["bin"] == 4 * points * bins


def test_time_of_the_phases_adds_up() -> None:
    """What a function takes is split, and nothing is left watched."""
    likelihood = cevns.Likelihood("b-l", cevns.experiment("coherent-csi-2021"))
    before = [vars(owner)[name] for functions in floor.PHASES.values() for owner, name in functions]
    found = floor.phases(lambda: likelihood(g=np.linspace(0.0, 1e-4, 50), mass=10.0))
    assert list(found) == [*floor.PHASES, "all else"]
    assert all(seconds >= 0.0 for seconds in found.values())
    assert before == [vars(owner)[name] for functions in floor.PHASES.values() for owner, name in functions]


def test_quick_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    floor.main(["--quick", "--json", str(tmp_path / "results.json")])
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert results["points"] == 100
    assert all(rate > 1e6 for rate in results["rates"].values())
    assert 1.0 < results["newton_steps_per_minimum"] < 10.0
    assert results["floor"] == pytest.approx(sum(row["floor"] for row in results["phases"].values()))
    assert results["matrix_floor"] < results["floor"]
    assert "all operations at these rates" in capsys.readouterr().out
