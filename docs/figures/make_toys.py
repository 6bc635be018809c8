"""Draw docs/figures/toys.png: critical values from pseudo-data, and that of Wilks' theorem.

Usage: python docs/figures/make_toys.py [OUTPUT]
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import cevns
from cevns import Throws
from cevns.inference import ToyIntervalResult, delta_chi2

MODEL, MASS, CL = "b-l", 10.0, 0.90
EXPERIMENTS = (("coherent-csi-2021", "CsI 2021"), ("coherent-lar-2020", "LAr 2020"))
THROWS = Throws(toys=1000)
GRID = np.linspace(0.0, 9e-5, 31)


def intervals(name: str) -> ToyIntervalResult:
    """Interval of the coupling, with the critical values along the grid."""
    (result,) = cevns.feldman_cousins(
        MODEL, cevns.experiment(name), "g", cl=CL, throws=THROWS, grid=GRID.tolist(), mass=MASS
    )
    return result


def draw_critical(axes: Axes, result: ToyIntervalResult, title: str) -> None:
    """q of the data, and what it is compared with."""
    g = 1e5 * np.array(result.grid)
    low, high = np.array(result.errors).T
    axes.plot(g, result.q, color="black", label="data")
    axes.fill_between(g, low, high, color="#d95f02", alpha=0.35, lw=0)
    axes.plot(g, result.critical, color="#d95f02", label="critical, from toys")
    axes.axhline(delta_chi2(CL, 1), color="#1b6ca8", ls="--", label="critical, Wilks")
    axes.axvline(1e5 * (result.upper_limit or np.nan), color="#d95f02", lw=0.8, ls=":")
    axes.set(xlim=(0.0, 7.0), ylim=(0.0, 8.0), xlabel=r"$g$ [$10^{-5}$]", title=title)
    axes.legend(frameon=False, loc="upper left")


def draw() -> Figure:
    """The whole figure."""
    figure = Figure(figsize=(9.6, 4.2), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, (name, title) in zip(panels, EXPERIMENTS, strict=True):
        draw_critical(axes, intervals(name), f"{title}, B$-$L, $M = {MASS:g}$ MeV")
    panels[0].set_ylabel(r"$q(g) = \chi^2(g) - \chi^2_{\min}$")
    return figure


def main(output: str | None = None) -> None:
    with mpl.rc_context({"font.size": 11}):
        path = Path(output) if output else Path(__file__).with_name("toys.png")
        draw().savefig(path, dpi=110)


if __name__ == "__main__":
    main(*sys.argv[1:2])
