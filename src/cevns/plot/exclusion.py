"""Exclusion curves in the plane of the mass and the coupling of a mediator."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from cevns.errors import InputError
from cevns.interactions.muon_moment import MuonCharge, muon_moment_couplings
from cevns.io.overlays import Overlay
from cevns.io.symbols import typeset
from cevns.plot.branches import Crossings, Run, runs
from cevns.plot.frame import below_legend, legend_rows
from cevns.plot.style import GREEN, LINES, ORANGE, house_style, keep_minor_ticks, new_figure
from cevns.results import LimitResult
from cevns.results.base import level_words
from cevns.typing import FloatArray

_BAND_COLOURS: Final = (GREEN, ORANGE)
_SHADE: Final = 0.24
"""Opacity of the shades of all curves together."""
_GREYS: Final = ("0.35", "0.55", "0.2")
"""Of overlays."""
_OVERLAY_LABEL: Final = 34
"""Characters of the label of an overlay that fit into a row of the legend."""
_MARGIN: Final = 1.5
"""Factor by which the axis of couplings goes beyond what is drawn."""
_LEGEND_WIDTH, _LEGEND_ROW = 0.62, 0.064
"""Fractions of the axes that the legend takes: its width, and the height of one row."""


def exclusion(
    curves: Mapping[str, Sequence[LimitResult]],
    *,
    title: str = "",
    muon: MuonCharge | None = None,
    bands: Sequence[str] = ("2021", "2025"),
    sigmas: float = 2.0,
    overlays: Sequence[Overlay] = (),
) -> Figure:
    """Draw limits over a range of masses.

    What is excluded is shaded: above a curve, but for a second allowed region, which is left as an island.

    Parameters
    ----------
    curves : mapping of str to sequence of LimitResult
        Limits at two or more masses [MeV] in any order, by the label of the curve.
    title : str
        Title of the figure.
    muon : tuple, optional
        Spin and muon charge of the mediator, from `muon_charge`; with it, the couplings that the magnetic moment of
        the muon prefers are drawn, or those it excludes if a measurement agrees with no mediator at all.
    bands : sequence of str
        Which measurements of it: names from `cevns.interactions.muon_moment.MUON_MOMENT_BANDS`.
    sigmas : float
        Half width of the bands, in standard deviations.
    overlays : sequence of Overlay
        Limits of others, from `cevns.io.overlays.read_limits`, in grey: a line, or a band that is excluded.

    Raises
    ------
    InputError
        If there is no curve, a curve cannot be drawn, a band is unknown, the muon charge is not positive, or an overlay
        has no point in the range of masses.
    """
    if not curves:
        raise InputError("curves", curves, "at least one curve")
    every = [limit for limits in curves.values() for limit in limits]
    one_level = len({(limit.cl, limit.dof) for limit in every}) == 1
    points = {
        label if one_level else f"{label}, {_level(limits)}": _points(label, limits) for label, limits in curves.items()
    }
    masses = [mass for found, _ in points.values() for mass in found]
    with house_style():
        figure = new_figure(3.1)
        axes = figure.add_subplot()
        axes.set(title=typeset(title), xlabel=r"mediator mass $M$ [MeV]", ylabel=_coupling_label(every))
        axes.set_xlim(min(masses), max(masses))
        beside = [_draw_overlay(axes, overlay, number) for number, overlay in enumerate(overlays)]
        if muon is not None and bands:
            beside.append(draw_muon_moment(axes, muon, bands, sigmas))
        draw_limits(axes, points, rows=len(curves) + one_level + legend_rows(axes), beside=beside)
        axes.legend(loc="upper left", title=_level(every) if one_level else None, alignment="left")
    return figure


def _coupling_label(limits: Iterable[LimitResult]) -> str:
    mixed = all(limit.parameter.startswith("epsilon") for limit in limits)
    return r"mixing $\epsilon$" if mixed else r"coupling $g$"


def draw_limits(
    axes: Axes, curves: Mapping[str, Crossings], *, rows: int, beside: Sequence[tuple[FloatArray, FloatArray]] = ()
) -> None:
    """Draw limits over the range of masses of the axes, and shade what they exclude.

    Parameters
    ----------
    axes : Axes
        What is drawn on; it becomes logarithmic, with a range of couplings that holds everything.
    curves : mapping
        Masses, increasing, and the crossings at each, by the label of the curve.
    rows : int
        Rows of the legend, for which room is left at the upper left.
    beside : sequence of tuple of array
        Masses and couplings of what else is drawn.
    """
    drawn = [
        (m, g)
        for masses, crossings in curves.values()
        for m, all_g in zip(masses, crossings, strict=True)
        for g in all_g
    ]
    masses, couplings = np.concatenate([np.array(drawn).T, *map(np.array, beside)], axis=1)
    axes.set(xscale="log", yscale="log", ylim=_coupling_range(masses, couplings, rows))
    for number, (label, points) in enumerate(curves.items()):
        _draw_curve(axes, runs(*points), label, number, alpha=_SHADE / len(curves))
    keep_minor_ticks(axes)


def _coupling_range(masses: FloatArray, couplings: FloatArray, rows: int) -> tuple[float, float]:
    """Range of couplings that holds what is drawn and leaves room for the rows of a legend at the upper left."""
    bottom, top = float(couplings.min()) / _MARGIN, float(couplings.max()) * _MARGIN
    reach = (masses / masses.min()) <= (masses.max() / masses.min()) ** _LEGEND_WIDTH
    free = below_legend(rows, _LEGEND_ROW)
    return bottom, max(top, bottom * (_MARGIN * float(couplings[reach].max()) / bottom) ** (1.0 / free))


def _level(limits: Iterable[LimitResult]) -> str:
    """Confidence levels and degrees of freedom in words."""
    levels = dict.fromkeys((limit.cl, limit.dof) for limit in limits)
    return ", ".join(level_words([cl], dof) for cl, dof in levels)


def _points(label: str, limits: Sequence[LimitResult]) -> Crossings:
    """Masses, increasing, and the crossings at each."""
    found = {limit.mass_MeV: limit.crossings for limit in limits if limit.mass_MeV}
    if len(found) < len(limits) or len(found) < 2:
        raise InputError(
            f"curves.{label}", [limit.mass_MeV for limit in limits], "limits at two or more different positive masses"
        )
    masses = sorted(found)
    return masses, [found[mass] for mass in masses]


def _draw_curve(axes: Axes, parts: Sequence[Run], label: str, number: int, alpha: float) -> None:
    colour, dashes = LINES[number % len(LINES)]
    bottom, top = axes.get_ylim()
    regions = [region for run in parts for region in run.excluded(bottom, top)]
    # One path, because separate ones would show their seams.
    shade = PathPatch(Path.make_compound_path(*regions), color=colour, alpha=alpha, linewidth=0.0, zorder=1.0)
    axes.add_patch(shade)
    for run in parts:
        for branch in run.branches:
            axes.plot(run.masses, branch, color=colour, linestyle=dashes, linewidth=1.0, label=label, zorder=3.0)
            label = "_continued"


def _draw_overlay(axes: Axes, overlay: Overlay, number: int) -> tuple[FloatArray, FloatArray]:
    """A line, or a band with its edges; masses and couplings of its points on the range of masses of the axes."""
    low, high = axes.get_xlim()
    inside = (overlay.masses >= low) & (overlay.masses <= high)
    if not inside.any():
        found = f"masses from {overlay.masses.min():g} to {overlay.masses.max():g} MeV"
        raise InputError(f"overlay {overlay.label}", found, f"some masses between {low:g} and {high:g} MeV")
    grey, dashes = _GREYS[number % len(_GREYS)], LINES[number % len(LINES)][1]
    label = textwrap.fill(str(overlay), _OVERLAY_LABEL)
    if overlay.is_band:
        axes.fill_between(
            overlay.masses, *overlay.couplings, facecolor=(grey, _SHADE), edgecolor=grey, linestyle=dashes, label=label
        )
    else:
        axes.plot(overlay.masses, overlay.couplings[0], color=grey, linestyle=dashes, linewidth=1.0, label=label)
    return np.tile(overlay.masses[inside], len(overlay.couplings)), overlay.couplings[:, inside].ravel()


def draw_muon_moment(
    axes: Axes, muon: MuonCharge, bands: Sequence[str], sigmas: float = 2.0
) -> tuple[FloatArray, FloatArray]:
    """Fill each band, or draw its upper edge alone if it needs no mediator; masses and couplings of the edges drawn."""
    kind, charge = muon
    if not charge > 0.0:
        raise InputError("muon", muon, "a positive charge of the muon, or None")
    masses = np.geomspace(*axes.get_xlim(), 200)
    edges: list[FloatArray] = []
    for number, band in enumerate(bands):
        low, high = (g / charge for g in muon_moment_couplings(masses, band, kind, sigmas=sigmas))
        colour = _BAND_COLOURS[number % len(_BAND_COLOURS)]
        name = rf"$(g-2)_\mu$ {band}, {sigmas:g}$\sigma$"
        if low.any():
            axes.fill_between(masses, low, high, color=colour, alpha=0.45, linewidth=0.0, label=f"{name} band")
            edges += [low, high]
        else:
            axes.plot(masses, high, color=colour, linestyle=":", linewidth=1.6, label=f"{name} upper limit")
            edges += [high]
    return np.tile(masses, len(edges)), np.ravel(edges)
