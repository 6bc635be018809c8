"""Exclusion curves in the plane of the mass and the coupling of a mediator."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from cevns.errors import InputError
from cevns.interactions.muon_moment import MuonCharge, muon_moment_couplings
from cevns.io.overlays import Overlay
from cevns.plot.frame import level_words
from cevns.plot.style import GREEN, LINES, ORANGE, house_style, keep_minor_ticks, new_figure
from cevns.results import LimitResult
from cevns.typing import FloatArray

Crossings: TypeAlias = tuple[Sequence[float], Sequence[tuple[float, ...]]]
"""Masses, increasing, and at each the couplings where chi^2 crosses its level."""

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
        axes.set(title=title, xlabel=r"mediator mass $M$ [MeV]", ylabel=_coupling_label(every))
        axes.set_xlim(min(masses), max(masses))
        beside = [_draw_overlay(axes, overlay, number) for number, overlay in enumerate(overlays)]
        if muon is not None and bands:
            beside.append(draw_muon_moment(axes, muon, bands, sigmas))
        above = sum(label.count("\n") + 1 for label in axes.get_legend_handles_labels()[1])
        draw_limits(axes, points, rows=len(curves) + one_level + above, beside=beside)
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
        _draw_curve(axes, _runs(*points), label, number, alpha=_SHADE / len(curves))
    keep_minor_ticks(axes)


def _coupling_range(masses: FloatArray, couplings: FloatArray, rows: int) -> tuple[float, float]:
    """Range of couplings that holds what is drawn and leaves room for the rows of a legend at the upper left."""
    bottom, top = float(couplings.min()) / _MARGIN, float(couplings.max()) * _MARGIN
    reach = (masses / masses.min()) <= (masses.max() / masses.min()) ** _LEGEND_WIDTH
    below = max(1.0 - _LEGEND_ROW * rows, 0.2)
    return bottom, max(top, bottom * (_MARGIN * float(couplings[reach].max()) / bottom) ** (1.0 / below))


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


@dataclass(frozen=True)
class _Run:
    """A range of masses over which chi^2 crosses the level equally often.

    Attributes
    ----------
    masses : array, shape (mass,)
        Masses, increasing.
    branches : array, shape (branch, mass)
        Couplings at the crossings; above the last branch everything is excluded.
    """

    masses: FloatArray
    branches: FloatArray

    def excluded(self, bottom: float, top: float) -> list[Path]:
        """Outlines of the excluded regions between two couplings."""
        flat = np.ones_like(self.masses)
        edges = [*self.branches, top * flat]
        if len(edges) % 2:
            edges = [bottom * flat, *edges]
        around = np.concatenate([self.masses, self.masses[::-1], self.masses[:1]])
        return [
            Path(np.column_stack([around, np.concatenate([low, high[::-1], low[:1]])]), closed=True)
            for low, high in zip(edges[::2], edges[1::2], strict=True)
        ]


def _runs(masses: Sequence[float], crossings: Sequence[tuple[float, ...]]) -> list[_Run]:
    """Split a curve where the number of crossings changes; halfway between, the branches that end meet."""
    logs = [np.log(couplings) for couplings in crossings]
    pieces: list[list[tuple[float, FloatArray]]] = [[(masses[0], logs[0])]]
    for i in range(1, len(masses)):
        if len(logs[i - 1]) != len(logs[i]):
            middle = float(np.sqrt(masses[i - 1] * masses[i]))
            ends, starts = _junction(logs[i - 1], logs[i], _trend(np.log(masses), logs, i))
            pieces[-1].append((middle, ends))
            pieces.append([(middle, starts)])
        pieces[-1].append((masses[i], logs[i]))
    return [_Run(np.array([m for m, _ in piece]), np.exp([log for _, log in piece]).T) for piece in pieces]


def _trend(log_masses: FloatArray, logs: Sequence[FloatArray], i: int) -> float:
    """Rise of the logarithm of crossings from point i - 1 to point i, from the slopes before and after."""
    slopes = [
        float((logs[k] - logs[k - 1]).mean() / (log_masses[k] - log_masses[k - 1]))
        for k in (i - 1, i + 1)
        if 0 < k < len(logs) and len(logs[k]) == len(logs[k - 1])
    ]
    return float(np.mean(slopes) * (log_masses[i] - log_masses[i - 1])) if slopes else 0.0


def _junction(before: FloatArray, after: FloatArray, trend: float) -> tuple[FloatArray, FloatArray]:
    """Crossings halfway between two masses, as seen from either: where branches go on, and where pairs of them meet.

    All couplings are logarithms.
    """
    if len(before) < len(after):
        starts, ends = _junction(after, before, -trend)
        return ends, starts
    kept = _going_on(before + trend, after)
    ending = [branch for branch in range(len(before)) if branch not in kept]
    middle = (before[kept] + after) / 2.0
    meeting = before + trend / 2.0
    meeting[kept] = middle
    # With an odd number of ends the lowest branch goes off to vanishing coupling.
    for first in range(len(ending) % 2, len(ending), 2):
        pair = ending[first : first + 2]
        meeting[pair] = meeting[pair].mean()
    return meeting, middle


def _going_on(more: FloatArray, fewer: FloatArray) -> list[int]:
    """Which branches go on as the fewer ones: neighbours vanish in pairs, so that those left move least."""
    number = len(more) - len(fewer)
    choices = [tuple(range(len(more)))]
    for _ in range(number // 2):
        choices = [(*c[:k], *c[k + 2 :]) for c in choices for k in range(len(c) - 1)]
    choices = [choice[number % 2 :] for choice in choices]
    return list(min(choices, key=lambda choice: float(np.abs(more[list(choice)] - fewer).sum())))


def _draw_curve(axes: Axes, runs: Sequence[_Run], label: str, number: int, alpha: float) -> None:
    colour, dashes = LINES[number % len(LINES)]
    bottom, top = axes.get_ylim()
    regions = [region for run in runs for region in run.excluded(bottom, top)]
    # One path, because separate ones would show their seams.
    shade = PathPatch(Path.make_compound_path(*regions), color=colour, alpha=alpha, linewidth=0.0, zorder=1.0)
    axes.add_patch(shade)
    for run in runs:
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
