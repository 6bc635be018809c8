"""The posterior of parameters, of each alone and of each pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cevns.errors import InputError
from cevns.extras import optional
from cevns.inference.bayes import LogUniform, PosteriorResult, read_prior
from cevns.inference.bayes.marginals import quantiles
from cevns.io.symbols import typeset
from cevns.plot.style import BLUE, SKY_BLUE, SMALL, NotebookFigure, house_style
from cevns.typing import FloatArray

_SIDE: Final = 1.75
"""Width and height of a panel [in]."""
_MARGIN: Final = 0.75
"""Room for labels on the left and below [in]."""
_TITLE: Final = 0.25
"""Room for the title [in]."""
_BINS: Final = 30
_SMOOTHING: Final = 1.3
"""Of the contours, in bins."""
_TAIL: Final = 1e-3
"""Part of the draws that may lie outside of the axes, on either side."""


def corner(result: PosteriorResult, names: Sequence[str] | None = None, *, credibility: float = 0.90) -> Figure:
    """Draw the distributions of parameters and of their pairs.

    The diagonal shows smoothed densities, with the region of highest density shaded; below it are regions of highest
    density of 68 % and of the given probability. Axes are logarithmic where the prior is uniform in the logarithm, and
    densities are per unit of the logarithm there.

    Parameters
    ----------
    result : PosteriorResult
        With its draws.
    names : sequence of str, optional
        Parameters and pulls to show; the parameters with a prior if absent.
    credibility : float
        One of the levels of the result.

    Raises
    ------
    InputError
        If a name or level is unknown, there are no draws, or the library corner is not installed.
    """
    shown = tuple(result.parameters if names is None else names)
    marginals = [result[name] for name in shown]
    if not result.samples:
        raise InputError("result", "no draws", "a result with its draws (to_json(samples=True) keeps them)")
    if credibility not in result.credibility:
        raise InputError("credibility", credibility, [f"{level:g}" for level in result.credibility])
    number, level = len(shown), result.credibility.index(credibility)
    side, levels = number * _SIDE + _MARGIN, sorted({0.68, credibility})
    ranges = [quantiles(result.samples[name], result.weights, np.array([_TAIL, 1.0 - _TAIL])) for name in shown]
    with house_style():
        figure = NotebookFigure(figsize=(side, side))
        optional("corner", "bayes").corner(
            np.column_stack([result.samples[name] for name in shown]),
            weights=result.weights,
            bins=_BINS,
            range=ranges,
            axes_scale=["log" if isinstance(read_prior(one.prior), LogUniform) else "linear" for one in marginals],
            smooth=_SMOOTHING,
            levels=levels,
            color=BLUE,
            plot_datapoints=False,
            plot_density=False,
            fill_contours=True,
            max_n_ticks=4,
            fig=figure,
        )
        panels = np.array(figure.axes, dtype=object).reshape(number, number)
        for k, (name, one) in enumerate(zip(shown, marginals, strict=True)):
            edges, density = result.density(name)
            _draw_density(panels[k, k], edges, density, one.highest_density[level])
            label = typeset(name + (f" [{one.unit}]" if one.unit else ""))
            panels[-1, k].set_xlabel(label)
            if k:
                panels[k, 0].set_ylabel(label)
        words = ", ".join(f"{100.0 * each:g} %" for each in (levels if number > 1 else [credibility]))
        panels[0, 0].set_title(f"highest density: {words}", loc="left", fontsize=SMALL)
        figure.subplots_adjust(left=_MARGIN / side, bottom=_MARGIN / side, right=0.98, top=1.0 - _TITLE / side)
    return figure


def _draw_density(axes: Axes, edges: FloatArray, density: FloatArray, pieces: Sequence[tuple[float, float]]) -> None:
    """A smooth curve in place of the histogram, shaded where its region of highest density is."""
    for patch in list(axes.patches):
        patch.remove()
    axes.stairs(density, edges, color=BLUE)
    middle = (edges[1:] + edges[:-1]) / 2.0
    for low, high in pieces:
        axes.fill_between(
            middle, density, where=(middle > low) & (middle < high), color=SKY_BLUE, alpha=0.5, linewidth=0
        )
    axes.set_ylim(0.0, 1.08 * density.max())
