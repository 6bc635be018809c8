"""How long a move of a slider takes: what the explorer computes for it, charts included, without the browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import numpy as np

from benchmarks.common import CSI, LAR, MODEL, Measurements, command, machine
from cevns.app.charts import bins_chart, chi2_chart, recoil_chart
from cevns.app.exploration import Exploration


def coupling_move(here: Exploration, coupling: float) -> None:
    """Everything that depends on the coupling."""
    here.delta_chi2(coupling)
    charts = (
        chi2_chart(here.curve(), coupling, here.limit.delta_chi2, "g"),
        recoil_chart(here.recoils(coupling)),
        bins_chart(here.bins(coupling, "energy"), "energy"),
        bins_chart(here.bins(coupling, "time"), "time"),
    )
    for chart in charts:
        chart._mime_()


def mass_move(mass: float) -> None:
    """Everything."""
    coupling_move(Exploration.of(MODEL, [CSI, LAR], mass), 3e-5)


def median_milliseconds(move: Callable[[float], None], values: Iterable[float]) -> float:
    """Median time of moves to values, the first of which is not counted."""
    times = []
    for value in values:
        start = time.perf_counter()
        move(value)
        times.append(1e3 * (time.perf_counter() - start))
    return float(np.median(times[1:]))


def measure(quick: bool = False) -> Measurements:
    """Both moves."""
    moves = 2 if quick else 20
    here = Exploration.of(MODEL, [CSI, LAR], 10.0)
    couplings = np.geomspace(1e-6, 1e-3, moves + 1).tolist()
    return {
        **machine(),
        "coupling_ms": median_milliseconds(lambda coupling: coupling_move(here, coupling), couplings),
        "mass_ms": median_milliseconds(mass_move, np.geomspace(1.0, 100.0, moves + 1).tolist()),
    }


def table(results: Measurements) -> str:
    """As text."""
    return f"coupling  {results['coupling_ms']:.0f} ms a move\nmass      {results['mass_ms']:.0f} ms a move"


if __name__ == "__main__":
    command(__doc__, measure, table)
