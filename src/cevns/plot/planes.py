"""Profiles of chi^2 and confidence regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Final

import numpy as np
from matplotlib.figure import Figure

from cevns.errors import InputError
from cevns.io.symbols import typeset
from cevns.plot.frame import ABOVE, HEIGHT, axis_label, differences, draw_level, draw_pieces, legend_above
from cevns.plot.style import LINES, house_style, new_figure
from cevns.results import IntervalResult, ProfileResult, RegionResult
from cevns.results.base import level_words

_HIGHEST: Final = 10.0
"""Top of an axis of Delta chi^2 without a level."""


def regions(found: Sequence[RegionResult]) -> Figure:
    """Draw regions of the same two parameters over each other.

    Parameters
    ----------
    found : sequence of RegionResult
        From `cevns.region`: of several experiments, models or confidence levels. A line of the legend says what is
        different between them.

    Raises
    ------
    InputError
        If there is none, or the parameters are not the same.
    """
    _require_same("parameters", [one.parameters for one in found])
    first = found[0]
    with house_style():
        figure = new_figure(HEIGHT)
        axes = figure.subplots()
        for label, one, (colour, dashes) in zip(_labels(found), found, cycle(LINES), strict=False):
            draw_pieces(axes, one.pieces, colour, dashes, label)
            axes.plot(*one.best_fit, "+", color=colour, markersize=8.0, clip_on=False, zorder=4.0)
        for k, axis in enumerate("xy"):
            lows, highs = zip(*(one.ranges[k] for one in found), strict=True)
            scale = "log" if first.logarithmic[k] else "linear"
            label = _label(first.parameters[k], first.units[k])
            axes.set(**{f"{axis}scale": scale, f"{axis}lim": (min(lows), max(highs)), f"{axis}label": label})
        same = len({(one.cl, one.dof) for one in found}) == 1
        legend_above(axes, level_words([first.cl], first.dof) if same else "", columns=1)
    return figure


def profiles(found: Sequence[ProfileResult], intervals: Sequence[IntervalResult] = ()) -> Figure:
    """Draw chi^2 above its minimum for several profiles of the same parameter.

    Parameters
    ----------
    found : sequence of ProfileResult
        From `cevns.profile`.
    intervals : sequence of IntervalResult
        Their levels are drawn.

    Raises
    ------
    InputError
        If there is none, or the parameters are not the same.
    """
    _require_same("parameter", [one.parameter for one in found])
    first = found[0]
    levels = {one.delta_chi2: one.cl for one in intervals}
    with house_style():
        figure = new_figure(HEIGHT)
        axes = figure.subplots()
        for label, one, (colour, dashes) in zip(_labels(found), found, cycle(LINES), strict=False):
            axes.plot(one.values, np.array(one.chi2) - min(one.chi2), color=colour, linestyle=dashes, label=label)
        for rise, cl in levels.items():
            draw_level(axes, rise, cl)
        axes.set(
            xlim=(min(one.values[0] for one in found), max(one.values[-1] for one in found)),
            ylim=(0.0, ABOVE * max(levels) if levels else _HIGHEST),
            xlabel=_label(first.parameter, first.unit),
            ylabel=typeset("delta_chi2"),
        )
        by_dof = {one.dof: sorted({each.cl for each in intervals if each.dof == one.dof}) for one in intervals}
        legend_above(axes, "; ".join(level_words(cls, dof) for dof, cls in by_dof.items()), columns=1)
    return figure


def _require_same(field: str, values: Sequence[object]) -> None:
    if len(set(values)) != 1:
        raise InputError(field, values, "one or more results for the same parameters")


def _labels(found: Sequence[RegionResult] | Sequence[ProfileResult]) -> list[str]:
    words: list[Mapping[str, str]] = [
        {
            "model": one.model,
            "experiments": " + ".join(one.experiments),
            "profiled": f"profiled: {', '.join(one.profiled)}" if one.profiled else "",
            "level": level_words([one.cl], one.dof) if isinstance(one, RegionResult) else "",
        }
        for one in found
    ]
    return [typeset(text) for text in differences(words, "; ")]


def _label(name: str, unit: str) -> str:
    return axis_label(name, unit, f"mass {typeset('M')}" if name == "mass" else "")
