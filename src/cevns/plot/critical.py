"""Critical values from pseudo-data, beside that of Wilks' theorem."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cevns.errors import InputError
from cevns.inference import ToyIntervalResult, delta_chi2
from cevns.io.symbols import typeset
from cevns.plot.frame import ABOVE, GREY, HEIGHT, SHADE, axis_label, legend_above
from cevns.plot.style import BLACK, BLUE, VERMILLION, house_style, new_figure
from cevns.results.base import level_words


def critical_values(found: Sequence[ToyIntervalResult]) -> Figure:
    """Draw chi^2 of the data above its minimum, and what it is compared with: a panel for each result.

    The band is one binomial error of the critical values. Where the data are below them, a value is in the interval.

    Parameters
    ----------
    found : sequence of ToyIntervalResult
        From `cevns.feldman_cousins`.

    Raises
    ------
    InputError
        If there is none, or one of them is of another method.
    """
    methods = [one.method for one in found]
    if set(methods) != {"feldman-cousins"}:
        raise InputError("found", methods, "one or more results of feldman-cousins")
    with house_style():
        figure = new_figure(HEIGHT * len(found))
        panels = figure.subplots(len(found), 1, squeeze=False)[:, 0]
        for axes, one in zip(panels, found, strict=True):
            _draw(axes, one)
    return figure


def _draw(axes: Axes, one: ToyIntervalResult) -> None:
    wilks = delta_chi2(one.cl, 1)
    lowest, highest = np.array(one.errors).T
    axes.plot(one.grid, one.q, color=BLUE, label="data")
    axes.plot(one.grid, one.critical, color=VERMILLION, linestyle="--", label="critical value, toys")
    axes.fill_between(one.grid, lowest, highest, color=VERMILLION, alpha=SHADE, linewidth=0.0)
    axes.axhline(wilks, color=BLACK, linestyle="-.", label="Wilks", zorder=1.0)
    for edge in {edge for interval in one.intervals for edge in interval} - {one.grid[0], one.grid[-1]}:
        axes.axvline(edge, color=GREY, linestyle=":", linewidth=0.8, zorder=1.0)
    axes.set(
        xlim=(one.grid[0], one.grid[-1]),
        ylim=(0.0, max(ABOVE * wilks, 1.1 * float(highest.max()))),
        xlabel=axis_label(str(one.parameter), one.unit),
        ylabel=typeset("delta_chi2"),
    )
    axes.ticklabel_format(axis="x", scilimits=(-2, 4))
    legend_above(axes, f"{typeset(one.model)}; {' + '.join(one.experiments)}\n{level_words([one.cl], 1)}", columns=3)
