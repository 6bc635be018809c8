"""Expected limits against what was varied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Final, cast

import numpy as np
from matplotlib.figure import Figure

from cevns.errors import InputError
from cevns.io.symbols import typeset
from cevns.plot.frame import differences
from cevns.plot.style import LINES, house_style, keep_minor_ticks, new_figure
from cevns.results import ForecastResult
from cevns.results.base import level_words

_WIDE: Final = 5.0
"""Ratio of the largest value to the smallest from which on an axis is logarithmic."""


def forecast(found: Sequence[ForecastResult]) -> Figure:
    """Draw expected limits against the key that was varied: a line for each set of experiments, mass and other key.

    With pseudo-data the bands are drawn too. Values that are no numbers, with or without a unit, stand side by side.

    Parameters
    ----------
    found : sequence of ForecastResult
        From `cevns.forecast`, with something varied.

    Raises
    ------
    InputError
        If nothing was varied.
    """
    if not found or not found[0].varied:
        raise InputError("found", [one.varied for one in found], "forecasts with a key that was varied")
    key = next(iter(found[0].varied))
    values = list(dict.fromkeys(str(one.varied[key]) for one in found))
    places, unit = _places(values)
    lines: dict[tuple[str, ...], list[ForecastResult]] = {}
    for one in found:
        lines.setdefault(tuple(_words(one, key).values()), []).append(one)
    labels = differences([_words(results[0], key) for results in lines.values()], ", ")
    with house_style():
        figure = new_figure(3.1)
        axes = figure.subplots()
        for results, label, (colour, dashes) in zip(lines.values(), labels, cycle(LINES), strict=False):
            x = np.array([places[str(one.varied[key])] for one in results])
            axes.plot(x, [one.upper_limit for one in results], color=colour, linestyle=dashes, marker=".", label=label)
            if all(one.expected for one in results):
                bands = np.array([cast("Mapping[str, list[list[float]]]", one.expected)["bands"] for one in results])
                for band in np.moveaxis(bands, 1, 0):
                    axes.fill_between(x, *band.T, color=colour, alpha=0.15, linewidth=0)
        axes.set_yscale("log")
        if unit is None:
            axes.set_xticks(list(places.values()), values)
        elif min(places.values()) > 0 and max(places.values()) > _WIDE * min(places.values()):
            axes.set_xscale("log")
        keep_minor_ticks(axes)
        axes.set(xlabel=f"{key} [{unit}]" if unit else key, ylabel=f"expected limit on {typeset(found[0].parameter)}")
        axes.legend(title=level_words([found[0].cl], found[0].dof), alignment="left")
    return figure


def _places(values: Sequence[str]) -> tuple[dict[str, float], str | None]:
    """Where values stand on the axis, and their unit; None if they are no numbers with the same unit."""
    parts = [value.split(maxsplit=1) for value in values]
    units = {part[1] if len(part) > 1 else "" for part in parts}
    try:
        numbers = [float(part[0]) for part in parts]
    except ValueError:
        units = set()
    if len(units) != 1:
        return {value: float(place) for place, value in enumerate(values)}, None
    return dict(zip(values, numbers, strict=True)), units.pop()


def _words(one: ForecastResult, key: str) -> dict[str, str]:
    """What may tell a line from others: all but the key along the axis."""
    others = {name: f"{name} = {value}" for name, value in one.varied.items() if name != key}
    mass = "" if one.mass_MeV is None else f"M = {one.mass_MeV:g} MeV"
    return {"model": one.model, "experiments": " + ".join(one.experiments), "mass": mass, **others}
