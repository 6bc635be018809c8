"""Counts over what is expected, stacked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from cevns.plot.style import BLACK
from cevns.typing import FloatArray


def draw_stack(axes: Axes, edges: FloatArray, components: Sequence[tuple[str, FloatArray, str]]) -> None:
    """Stack components, the first one lowest.

    Parameters
    ----------
    axes : Axes
        What is drawn on.
    edges : array, shape (bin + 1,)
        Edges of the bins.
    components : sequence of tuple
        Label, height in each bin, and colour.
    """
    floor = np.zeros(len(edges) - 1)
    for label, heights, colour in components:
        axes.stairs(floor + heights, edges, baseline=floor, fill=True, color=colour, alpha=0.6, label=label)
        floor = floor + heights
    axes.stairs(floor, edges, color=BLACK, linewidth=0.7)
    axes.axhline(0.0, color=BLACK, linewidth=0.5)
    axes.set_xlim(edges[0], edges[-1])


def draw_data(axes: Axes, edges: FloatArray, data: FloatArray, errors: FloatArray, label: str) -> None:
    """Points with error bars at the centres of the bins."""
    axes.errorbar((edges[1:] + edges[:-1]) / 2.0, data, errors, fmt=".k", ms=4.0, elinewidth=0.8, label=label)
