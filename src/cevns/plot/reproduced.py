"""Reproduced figures of publications."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import cycle
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cevns.io.symbols import typeset
from cevns.plot.exclusion import draw_limits, draw_muon_moment
from cevns.plot.frame import ABOVE, GREY, HEIGHT, axis_label, draw_level, draw_pieces, legend_above
from cevns.plot.histogram import draw_data, draw_stack
from cevns.plot.style import (
    BLACK,
    BLUE,
    GREEN,
    LINES,
    ORANGE,
    PURPLE,
    SKY_BLUE,
    YELLOW,
    house_style,
    new_figure,
)
from cevns.publications import FigureData
from cevns.publications.figures import Axis, CurvesPanel, ExclusionPanel, HistogramPanel, Level, Panel, RegionPanel
from cevns.results.base import level_words

_STACK_COLOURS: Final = (ORANGE, BLUE, SKY_BLUE, GREEN, PURPLE, YELLOW)


def reproduced(figure: FigureData) -> Figure:
    """Draw a figure of a publication from its numbers.

    Every panel is as wide as a column of a journal; up to three stand below each other, more in two columns.

    Parameters
    ----------
    figure : FigureData
        From `cevns.publications.reproduce_figure`.
    """
    columns = 1 if len(figure.panels) < 4 else 2
    rows = -(-len(figure.panels) // columns)
    with house_style():
        drawn = new_figure(HEIGHT * rows, columns=columns)
        grid = drawn.subplots(rows, columns, squeeze=False).ravel()
        for axes, panel in zip(grid, figure.panels, strict=False):
            _draw(axes, panel)
        for axes in grid[len(figure.panels) :]:
            axes.remove()
    return drawn


def _draw(axes: Axes, panel: Panel) -> None:
    axes.set(xlabel=_axis_label(panel.x), ylabel=_axis_label(panel.y))
    match panel:
        case CurvesPanel():
            _draw_curves(axes, panel)
        case RegionPanel():
            _draw_regions(axes, panel)
        case ExclusionPanel():
            _draw_exclusion(axes, panel)
        case HistogramPanel():
            _draw_histogram(axes, panel)


def _axis_label(axis: Axis) -> str:
    return axis_label(axis.name, axis.unit, axis.label)


def _legend_above(axes: Axes, title: str, levels: Sequence[Level] = (), shaded: str = "") -> None:
    """With the levels in words, and what is shaded."""
    words = [title, *([shaded + level_words([level.cl for level in levels], levels[0].dof)] if levels else [])]
    legend_above(axes, "; ".join(typeset(word) for word in words if word))


def _draw_curves(axes: Axes, panel: CurvesPanel) -> None:
    for curve, (colour, dashes) in zip(panel.curves, cycle(LINES), strict=False):
        axes.plot(panel.values, curve.values, color=colour, linestyle=dashes, label=typeset(curve.label))
    for level in panel.levels:
        draw_level(axes, level.delta_chi2, level.cl)
    for curve, (colour, _) in zip(panel.curves, cycle(LINES), strict=False):
        for level, pieces in zip(panel.levels, curve.published, strict=False):
            # An interval from zero is an upper limit.
            _draw_published(axes, [(edge, level.delta_chi2) for piece in pieces for edge in piece if edge], colour)
    for mark in panel.marks:
        axes.axvline(mark.x, color=GREY, linestyle=":", label=mark.label, zorder=1.0)
    axes.set(xscale=panel.x.scale, yscale=panel.y.scale, xlim=(panel.values[0], panel.values[-1]))
    if panel.levels:
        axes.set_ylim(0.0, ABOVE * max(level.delta_chi2 for level in panel.levels))
    _legend_above(axes, panel.title, panel.levels)


def _draw_regions(axes: Axes, panel: RegionPanel) -> None:
    styled = list(zip(panel.regions, cycle(LINES), strict=False))
    for region, (colour, dashes) in styled:
        label = typeset(region.label)
        for pieces in region.pieces:
            draw_pieces(axes, pieces, colour, dashes, label)
            label = ""
    best = "best fit"
    for region, (colour, _) in styled:
        if region.best_fit is not None:
            axes.plot(*region.best_fit, "+", color=colour, markersize=10.0, label=best, clip_on=False, zorder=4.0)
            best = "_continued"
    for mark in panel.marks:
        axes.plot([mark.x], [mark.y], "*", color=BLACK, label=mark.label, clip_on=False, zorder=3.0)
    axes.set(xscale=panel.x.scale, yscale=panel.y.scale, xlim=panel.x.span, ylim=panel.y.span)
    _legend_above(axes, panel.title, panel.levels, "allowed at ")


def _draw_exclusion(axes: Axes, panel: ExclusionPanel) -> None:
    curves = {typeset(curve.label): (curve.masses, curve.crossings) for curve in panel.curves}
    masses = [mass for found, _ in curves.values() for mass in found]
    axes.set_xlim(min(masses), max(masses))
    words = f"excluded at {panel.level}"
    beside = [draw_muon_moment(axes, panel.muon, panel.bands)] if panel.muon and panel.bands else []
    published = [point for curve in panel.curves for point in curve.published]
    beside += [(np.array([m]), np.array([g])) for m, g in published]
    draw_limits(axes, curves, rows=len(curves) + len(panel.bands) + bool(published) + 1, beside=beside)
    for curve, (colour, _) in zip(panel.curves, cycle(LINES), strict=False):
        _draw_published(axes, curve.published, colour)
    title = typeset(f"{panel.title}; {words}" if panel.title else words)
    axes.legend(loc="upper left", title=title, alignment="left")


def _draw_published(axes: Axes, points: Sequence[tuple[float, float]], colour: str) -> None:
    """Open circles in the colour of the curve; the entry in the legend, one for all, is black."""
    if not points:
        return
    circles = partial(axes.plot, marker="o", linestyle="", markerfacecolor="white", markersize=4.0, zorder=5.0)
    if "published" not in axes.get_legend_handles_labels()[1]:
        circles([], [], color=BLACK, label="published")
    circles(*np.transpose(points), color=colour)


def _draw_histogram(axes: Axes, panel: HistogramPanel) -> None:
    edges, data, errors = (np.array(values) for values in (panel.edges, panel.data, panel.errors))
    stack = [
        (typeset(part.label), np.array(part.counts), colour)
        for part, colour in zip(panel.components, cycle(_STACK_COLOURS), strict=False)
    ]
    draw_stack(axes, edges, stack)
    for total, (colour, dashes) in zip(panel.totals, cycle(LINES), strict=False):
        axes.stairs(total.counts, edges, color=colour, linestyle=dashes, linewidth=1.2, label=typeset(total.label))
    draw_data(axes, edges, data, errors, panel.data_label)
    _legend_above(axes, panel.title)
