"""Confidence regions of two parameters: all disjoint pieces, as polygons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter

from cevns.errors import InputError, NumericalError
from cevns.experiments import Experiment
from cevns.inference.lattice import Function, polygons, refined, sampled
from cevns.inference.level import delta_chi2
from cevns.inference.minimum import minimise
from cevns.inference.profiling import Profiled, profile_along, profiled_ranges
from cevns.inference.scale import has_range
from cevns.inference.span import Span, held_values
from cevns.interactions import Interaction, Model
from cevns.results import RegionResult, common_fields
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

_NODES, _HALVINGS = 65, 3
"""Nodes along each axis of the first lattice, and how often their distance is halved at the edges."""
_PROFILED_NODES = 33
"""The same, with other parameters profiled."""
_STARTS = 6
"""Minima on the first lattice from which the lowest one is sought."""
_SAME = 1e-3
"""Difference of chi^2, in units of the rise, that does not move an edge visibly."""
_LARGEST = 1e100
"""What stands for an infinite chi^2."""
_ATTEMPTS = 5
"""How often a minimum between the nodes may turn up while the edges are refined."""

Ranges: TypeAlias = Mapping[str, tuple[float, float] | tuple[float, float, str]]
"""Lowest and highest value of parameters by name, with ``"log"`` behind them where steps are those of the logarithm."""


def region(
    model: str | Interaction | Model,
    experiments: Experiment | Sequence[Experiment],
    x: str,
    y: str,
    *,
    ranges: Ranges | None = None,
    cl: float = 0.90,
    dof: int = 2,
    shared: Sequence[str] = (),
    profiled: Profiled = (),
    **fixed: float,
) -> RegionResult:
    """Region of two parameters at a confidence level, pulls profiled.

    chi^2 is computed on a lattice, which is refined where the level passes, to 1/512 of the ranges, or 1/256 with
    other parameters profiled. Corners of polygons between two nodes along a coupling are then moved to where chi^2 has
    the level, to 1e-4 of its rise; along a mass, and wherever counts take long to compute anew, they are interpolated.

    Parameters
    ----------
    model, experiments, shared
        See `cevns.statistics.Likelihood`.
    x, y : str
        The two parameters.
    ranges : mapping, optional
        Where they are looked at: ``{"mass": (1.0, 1e3, "log"), "g": (0.0, 1e-3)}``. Without one, a parameter with
        bounds is looked at between them, and another one as far as the region extends.
    cl, dof : float, int
        Confidence level and degrees of freedom; see `cevns.inference.delta_chi2`.
    profiled, **fixed
        The other parameters, one value each; see `cevns.intervals`.

    Raises
    ------
    InputError
        If a parameter is unknown, missing, out of range or named twice, or a range is missing or not one.
    NumericalError
        If a parameter has no effect, or a minimum was not reached.
    """
    likelihood = Likelihood(model, experiments, shared=shared).remembering()
    rise = delta_chi2(cl, dof)
    if x == y:
        raise InputError("y", y, f"a parameter other than {x}")
    points = held_values(likelihood, (x, y), profiled, fixed)
    spans = _spans(likelihood, (x, y), ranges or {}, profiled, points, cl=cl, dof=dof)
    function, values = (
        _profiled_plane(likelihood, spans, profiled, points) if profiled else _plane(likelihood, spans, points)
    )
    if np.ptp(values) == 0.0:
        raise NumericalError(f"neither {x} nor {y} changes the counts of {likelihood.subject}")
    best, chi2_min = _minimum(function, _local_minima(values))
    for _ in range(_ATTEMPTS):
        fine = refined(function, values, chi2_min + rise, _HALVINGS)
        row, column = np.unravel_index(fine.argmin(), fine.shape)
        if fine[row, column] > chi2_min - _SAME * rise:
            break
        best, chi2_min = _minimum(function, np.array([[column, row]]) / (len(fine) - 1.0))
    else:
        raise NumericalError(f"lower and lower minima of chi^2 turn up between the nodes: look at less of {x} and {y}")
    moving = (x not in likelihood.model.shapes, y not in likelihood.model.shapes)
    pieces = polygons(function, fine, chi2_min + rise, rise, moving)
    return RegionResult(
        **common_fields(likelihood),
        parameters=(x, y),
        units=(likelihood.model.parameter(x).unit, likelihood.model.parameter(y).unit),
        fixed=points,
        profiled=tuple(profiled),
        cl=cl,
        dof=dof,
        delta_chi2=rise,
        ranges=((spans[0].low, spans[0].high), (spans[1].low, spans[1].high)),
        logarithmic=(spans[0].logarithmic, spans[1].logarithmic),
        pieces=tuple(tuple(_values(ring, spans) for ring in piece) for piece in pieces),
        best_fit=_values(best[None], spans)[0],
        chi2_min=chi2_min,
    )


def _spans(
    likelihood: Likelihood,
    plane: tuple[str, str],
    ranges: Ranges,
    profiled: Profiled,
    points: Mapping[str, Any],
    *,
    cl: float,
    dof: int,
) -> tuple[Span, Span]:
    """Where the two parameters are looked at: as given, between their bounds, or as far as the region extends."""
    for name in ranges:
        if name not in plane:
            raise InputError("ranges", name, plane)

    def span(name: str, other: str) -> Span:
        parameter = likelihood.model.parameter(name)
        if name in ranges:
            return Span.of(parameter, ranges[name])
        if has_range(parameter):
            return Span(name, parameter.low, parameter.high)
        if name in likelihood.model.shapes:
            raise InputError("ranges", dict(ranges), f"two numbers for {name}, which has no scale")
        every = {**(profiled if isinstance(profiled, Mapping) else dict.fromkeys(profiled)), other: None}
        if other in ranges:
            every[other] = ranges[other][:2]
        return Span.around_interval(likelihood, name, cl=cl, dof=dof, profiled=every, points=points)

    x, y = plane
    return span(x, y), span(y, x)


def _plane(
    likelihood: Likelihood, spans: tuple[Span, Span], points: Mapping[str, float]
) -> tuple[Function, FloatArray]:
    """chi^2 at places of the unit square, and on the first lattice."""
    x, y = spans

    def function(across: FloatArray, up: FloatArray) -> FloatArray:
        chi2 = likelihood(**{x.name: x.value(across), y.name: y.value(up)}, **points)
        return np.minimum(chi2, _LARGEST)

    return function, sampled(function, _NODES)


def _profiled_plane(
    likelihood: Likelihood, spans: tuple[Span, Span], profiled: Profiled, points: Mapping[str, float]
) -> tuple[Function, FloatArray]:
    """The same with parameters profiled: elsewhere from where they are best at the four nodes around."""
    x, y = spans
    positions = np.linspace(0.0, 1.0, _PROFILED_NODES)
    rows = {y.name: y.value(positions), **{name: np.full(_PROFILED_NODES, value) for name, value in points.items()}}
    ranges = profiled_ranges(likelihood, x.name, profiled, {})
    grid = np.tile(x.value(positions), (_PROFILED_NODES, 1))
    valley = profile_along(likelihood, x.name, ranges, rows, grid)

    def function(across: FloatArray, up: FloatArray) -> FloatArray:
        shape = np.broadcast_shapes(across.shape, up.shape)
        across, up = (np.broadcast_to(one, shape).ravel() for one in (across, up))
        here = np.round(up * (_PROFILED_NODES - 1)).astype(int)
        surface = replace(
            valley.surface,
            axes=tuple(replace(axis, unit=axis.unit[here]) for axis in valley.surface.axes),
            points={y.name: y.value(up), **{name: np.full(len(up), value) for name, value in points.items()}},
        )
        number, starts = np.arange(len(up)), []
        for row, column in product(*(_around(one * (_PROFILED_NODES - 1)) for one in (up, across))):
            best = valley.surface.parameters(row, list(valley.position[row, column].T))
            starts.append(np.stack([axis.position(best[axis.name], number) for axis in surface.axes], axis=-1))
        every, floor = np.tile(number, len(starts)), np.full(len(up), valley.chi2.min())
        found, _ = surface.descend(x.value(across), number, every, np.concatenate(starts), floor)
        return found.reshape(shape)

    return function, np.minimum(valley.chi2, _LARGEST)


def _around(place: FloatArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The whole numbers on either side."""
    return np.floor(place).astype(int), np.ceil(place).astype(int)


def _local_minima(values: FloatArray) -> FloatArray:
    """Places (start, 2) of the lowest local minima on a lattice."""
    row, column = np.nonzero(values == minimum_filter(values, size=3, mode="nearest"))
    order = values[row, column].argsort(kind="stable")[:_STARTS]
    return np.column_stack([column, row])[order] / (len(values) - 1.0)


def _minimum(function: Function, starts: FloatArray) -> tuple[FloatArray, float]:
    """Place (2,) and value of the lowest minimum that descents from some starts find."""
    value, place = minimise(
        lambda _, position: function(*np.moveaxis(position, -1, 0)),
        np.zeros(len(starts), dtype=int),
        starts,
        low=np.zeros((1, 2)),
        high=np.ones((1, 2)),
        floor=np.zeros(1),
    )
    return place[0], float(value[0])


def _values(places: FloatArray, spans: tuple[Span, Span]) -> tuple[tuple[float, float], ...]:
    """Values of the two parameters at places (n, 2)."""
    x, y = (span.value(along).tolist() for span, along in zip(spans, places.T, strict=True))
    return tuple(zip(x, y, strict=True))
