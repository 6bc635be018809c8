"""Expected limits against what was varied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Final, cast

import numpy as np
from matplotlib.figure import Figure

from cevns.errors import InputError
from cevns.io.symbols import typeset
from cevns.plot.frame import level_words
from cevns.plot.style import LINES, house_style, keep_minor_ticks, new_figure
from cevns.results import ForecastResult

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
    lines: dict[tuple[object, ...], list[ForecastResult]] = {}
    for one in found:
        others = tuple(f"{name} = {value}" for name, value in one.varied.items() if name != key)
        lines.setdefault((one.model, one.experiments, one.mass_MeV, *others), []).append(one)
    with house_style():
        figure = new_figure(3.1)
        axes = figure.subplots()
        for (_, results), label, (colour, dashes) in zip(
            lines.items(), _labels(list(lines)), cycle(LINES), strict=False
        ):
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


def _labels(lines: Sequence[tuple[object, ...]]) -> list[str]:
    """What tells each line from the others."""

    def word(part: object) -> str:
        if isinstance(part, tuple):
            return " + ".join(part)
        return f"M = {part:g} MeV" if isinstance(part, float) else str(part)

    differs = [len(set(column)) > 1 for column in zip(*lines, strict=True)]
    shown = differs if any(differs) else [place < 2 for place in range(len(differs))]
    return [", ".join(word(part) for part, show in zip(line, shown, strict=True) if show) for line in lines]
