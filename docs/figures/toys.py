"""Critical values from pseudo-data, and that of Wilks' theorem."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import cevns
from cevns import plot

GRID = np.linspace(0.0, 9e-5, 31)


def draw() -> Figure:
    """Intervals of a B-L coupling from either COHERENT experiment."""
    return plot.critical_values(
        [
            cevns.feldman_cousins("b-l", cevns.experiment(name), "g", cl=0.90, grid=GRID, mass=10.0)[0]
            for name in ("coherent-csi-2021", "coherent-lar-2020")
        ]
    )
