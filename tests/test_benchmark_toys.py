"""The benchmark of pseudo-data at tiny size: that it runs and compares the same numbers. No time is tested."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import toys


def test_minuit_finds_the_same_minima() -> None:
    results = toys.against_minuit(toys=6, sample=3)
    assert (results["toys"], results["pulls"], results["minuit_toys_timed"]) == (6, 16, 3)
    # MINUIT stops within a thousandth of its tolerance.
    assert results["largest_difference_in_chi2"] < 1e-4
    assert results["ratio"] == pytest.approx(results["toys_per_second"] / results["minuit_toys_per_second"])


def test_quick_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toys.main(["--quick", "--json", str(tmp_path / "results.json")])
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert results["ensemble"]["finite"]
    assert set(results) == {"machine", "against_minuit", "ensemble"}
    assert "20 toys x 5 couplings, one core" in capsys.readouterr().out
