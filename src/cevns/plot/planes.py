"""Profiles of chi^2 and confidence regions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from cevns.errors import InputError
from cevns.io.symbols import typeset
from cevns.plot.style import LINES, house_style, new_figure
from cevns.results import IntervalResult, ProfileResult, RegionResult, Ring

_HEIGHT: Final = 2.9
_SHADE: Final = 0.25
"""Opacity of a region."""
_GREY: Final = "0.45"
_ABOVE: Final = 2.5
"""Top of an axis of Delta chi^2, in units of the highest level."""
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
        figure = new_figure(_HEIGHT)
        axes = figure.subplots()
        for label, one, (colour, dashes) in zip(_labels(found), found, cycle(LINES), strict=False):
            edge = to_rgba(colour)
            for number, piece in enumerate(one.pieces):
                patch = PathPatch(
                    compound(piece), edgecolor=edge, facecolor=(*edge[:3], _SHADE), linestyle=dashes, linewidth=1.2
                )
                patch.set_label("" if number else label)
                axes.add_patch(patch)
            axes.plot(*one.best_fit, "+", color=colour, markersize=8.0, clip_on=False, zorder=4.0)
        for along, set_scale, set_limits, set_label in (
            (0, axes.set_xscale, axes.set_xlim, axes.set_xlabel),
            (1, axes.set_yscale, axes.set_ylim, axes.set_ylabel),
        ):
            set_scale("log" if first.logarithmic[along] else "linear")
            lows, highs = zip(*(one.ranges[along] for one in found), strict=True)
            set_limits(min(lows), max(highs))
            set_label(_axis_label(first.parameters[along], first.units[along]))
        _legend_above(axes, _level_words(first) if len({(one.cl, one.dof) for one in found}) == 1 else "")
    return figure


def compound(piece: Sequence[Ring]) -> Path:
    """An outer edge with holes as one path."""
    return Path.make_compound_path(*(Path(np.array(ring), closed=True) for ring in piece))


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
    levels = {one.delta_chi2: f"{100.0 * one.cl:.4g} %" for one in intervals}
    with house_style():
        figure = new_figure(_HEIGHT)
        axes = figure.subplots()
        for label, one, (colour, dashes) in zip(_labels(found), found, cycle(LINES), strict=False):
            axes.plot(one.values, np.array(one.chi2) - min(one.chi2), color=colour, linestyle=dashes, label=label)
        for rise, words in levels.items():
            axes.axhline(rise, color=_GREY, linewidth=0.7, zorder=1.0)
            axes.annotate(
                words,
                (1.0, rise),
                (3.0, 0.0),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                verticalalignment="center",
                fontsize=8.0,
            )
        axes.set(
            xlim=(min(one.values[0] for one in found), max(one.values[-1] for one in found)),
            ylim=(0.0, _ABOVE * max(levels) if levels else _HIGHEST),
            xlabel=_axis_label(first.parameter, first.unit),
            ylabel=typeset("delta_chi2"),
        )
        _legend_above(axes, "")
    return figure


def _require_same(field: str, values: Sequence[object]) -> None:
    if len(set(values)) != 1:
        raise InputError(field, values, "one or more results for the same parameters")


def _labels(found: Sequence[RegionResult] | Sequence[ProfileResult]) -> list[str]:
    """What is different between results, in words: models, experiments, levels."""
    words = [
        {
            "model": one.model,
            "experiments": " + ".join(one.experiments),
            "profiled": f"profiled: {', '.join(one.profiled)}" if one.profiled else "",
            "level": _level_words(one) if isinstance(one, RegionResult) else "",
        }
        for one in found
    ]
    different = [key for key in words[0] if len({each[key] for each in words}) > 1] or ["model", "experiments"]
    return [typeset("; ".join(filter(None, (each[key] for key in different)))) for each in words]


def _level_words(one: RegionResult) -> str:
    return f"{100.0 * one.cl:.4g} % CL, {one.dof} dof"


def _axis_label(name: str, unit: str) -> str:
    symbol = f"mass {typeset('M')}" if name == "mass" else typeset(name)
    return f"{symbol} [{typeset(unit)}]" if unit else symbol


def _legend_above(axes: Axes, title: str) -> None:
    axes.legend(
        loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=1, borderaxespad=0.2, title=title, alignment="center"
    )
