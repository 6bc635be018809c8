"""The benchmarks at tiny size: that they run and compare the same numbers. No time is tested."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import cevns
from benchmarks import catalogue, explorer, run
from benchmarks.common import grid, machine
from benchmarks.loop import StraightforwardLoop
from cevns import Experiment


@pytest.fixture(scope="module")
def loop(csi: Experiment) -> StraightforwardLoop:
    return StraightforwardLoop(csi, nodes=30)


@pytest.mark.parametrize(("g", "mass"), [(0.0, 10.0), (3e-5, 1.0), (2e-4, 30.0), (5e-3, 1e4)])
def test_loop_gives_the_rates_and_the_chi2_of_the_package(
    csi: Experiment, loop: StraightforwardLoop, g: float, mass: float
) -> None:
    """Formulas written out and integrals by quad, against moments in closed form and one batched minimisation."""
    expected = csi.predict("b-l", g=g, mass=mass).cevns
    assert loop.signal(g, mass, bin_by_bin=False) == pytest.approx(expected, rel=1e-5)
    assert loop.chi2(g, mass, bin_by_bin=False) == pytest.approx(
        float(cevns.Likelihood("b-l", csi)(g=g, mass=mass)), abs=1e-5
    )


def test_bins_one_by_one_are_the_bins_together(loop: StraightforwardLoop) -> None:
    together, apart = (loop.signal(1e-4, 10.0, bin_by_bin=one_by_one) for one_by_one in (False, True))
    assert apart == pytest.approx(together, rel=1e-12)


def test_loop_is_compared_at_the_same_points() -> None:
    results = run.against_the_loop(size=4, sample=2, nodes=20)
    assert results["points"] == 16
    assert results["loop_points_timed"] == 2
    for name in ("loop", "loop_sharing_bins"):
        row = results[name]
        assert row["largest_difference_in_chi2"] < 1e-3
        assert row["seconds_scaled"] == pytest.approx(16 * row["seconds_per_point"])
        assert row["ratio"] == pytest.approx(row["seconds_scaled"] / results["seconds"])


def test_joint_profile() -> None:
    results = run.joint_profile(size=5)
    assert (results["points"], results["pulls"], results["finite"]) == (25, 16, True)
    assert 0.01 < results["peak_memory_GiB"] < 100.0


def test_cost_per_point() -> None:
    rows = run.cost_per_point(sizes=(2, 3))
    assert [row["points"] for row in rows] == [4, 9]
    assert all(row["microseconds_per_point"] == pytest.approx(1e6 * row["seconds"] / row["points"]) for row in rows)


def test_limits_of_every_mediator() -> None:
    assert len(run.MODELS) == 11
    results = run.all_limits(masses=1, models=run.MODELS[:2])
    assert (results["models"], results["masses"], results["limits"]) == (2, 1, 2)
    assert results["crossings"] >= 2


def test_catalogue_times_every_parameter() -> None:
    every = list(catalogue.parameters())
    assert {model for model, _, _ in every} == {name for name in cevns.MODEL_NAMES if cevns.model(name).parameters}
    chosen = [one for one in every if one[0] in ("b-l", "magnetic-moment")]
    rows = catalogue.measure(chosen)
    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("b-l", "g", "1"),
        ("magnetic-moment", "mu_nue", "1"),
        ("magnetic-moment", "mu_numu", "1"),
        ("magnetic-moment", "mu_nutau", "no effect"),
    ]
    assert all(row[2] > 0.0 for row in rows)


@pytest.mark.slow
def test_two_workers() -> None:
    results = run.two_workers(size=6, points_per_chunk=12, rounds=1)
    assert (results["points"], results["chunks"], results["same_bits"]) == (36, 3, True)
    assert results["speed_up"] == pytest.approx(results["one_process"] / results["two_processes"])
    assert results["ceiling"] == pytest.approx(results["one_process"] / results["two_apart"])


def test_table_and_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    row = {"seconds_per_point": 0.1, "seconds_scaled": 250.0, "ratio": 500.0, "largest_difference_in_chi2": 1e-9}
    results = {
        "machine": machine(),
        "joint_profile": {"points": 40000, "pulls": 16, "seconds": 4.5, "peak_memory_GiB": 0.25, "finite": True},
        "against_the_loop": {
            "points": 2500,
            "seconds": 0.5,
            "loop_points_timed": 6,
            "loop": row,
            "loop_sharing_bins": row,
        },
        "cost_per_point": [{"points": 100, "seconds": 0.01, "microseconds_per_point": 100.0}],
        "limits": {"models": 11, "masses": 60, "limits": 660, "seconds": 6.6, "milliseconds_per_limit": 10.0},
        "two_workers": {
            "points": 40000,
            "chunks": 40,
            "one_process": 4.0,
            "two_processes": 2.0,
            "two_apart": 1.9,
            "seconds_to_start": 1.0,
            "speed_up": 2.0,
            "ceiling": 2.1,
            "same_bits": True,
        },
    }
    asked: list[bool] = []

    def measure(quick: bool) -> dict[str, object]:
        asked.append(quick)
        return results

    monkeypatch.setattr(run, "measure", measure)
    run.main(["--quick", "--json", str(tmp_path / "results.json")])
    assert asked == [True]
    assert json.loads((tmp_path / "results.json").read_text(encoding="utf-8")) == results
    text = capsys.readouterr().out
    assert "6 points timed, scaled linearly" in text
    assert "0.25 GiB" in text
    assert "11 models x 60 masses" in text


def test_grid_covers_the_plane() -> None:
    couplings, masses = grid(3)
    assert np.broadcast_shapes(couplings.shape, masses.shape) == (3, 3)
    assert couplings.ravel() == pytest.approx([1e-6, 1e-4, 1e-2])


def test_moves_of_the_explorer_are_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    results = explorer.measure(quick=True)
    assert set(results) == {*machine(), *explorer.SLIDERS}
    assert len(explorer.table(results).splitlines()) == 1 + len(explorer.SLIDERS)
