"""Profiling of model parameters: chi^2 minimised over some of them, along another one, for many points at once.

The minimum over the pulls is that of the likelihood. Model parameters have several valleys: at each scanned value they
are sought from a grid of starts, and then handed from one scanned value to the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter

from cevns.errors import InputError
from cevns.inference.arguments import refuse_values
from cevns.inference.minimum import minimise
from cevns.inference.scale import Range, has_range, natural_scale, reference_values
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

Profiled: TypeAlias = Sequence[str] | Mapping[str, Range | None]
"""Names of parameters over which chi^2 is minimised, or these with the range in which that is done."""

_STARTS = {1: 33, 2: 13, 3: 9}
"""Values of each parameter on the grid of starts, by the number of parameters."""
_REACH, _LINEAR = 30.0, 0.1
"""End of that grid for a parameter without bounds, and where its logarithmic spacing begins, in units of the scale."""
_MINIMA = 6
"""Local minima on the grid that descents start from."""
_SAME = 1e-6
"""Difference of chi^2 that means nothing at the minimum, and proportionally higher up."""


@dataclass(frozen=True)
class Axis:
    """A profiled parameter, by way of a position of order one.

    Attributes
    ----------
    name : str
        The parameter.
    low, high : float
        Its bounds.
    unit : array, shape (point,)
        Value at position one; not used if logarithmic.
    logarithmic : bool
        Whether the position is that of the logarithm, from 0 to 1 between the bounds.
    """

    name: str
    low: float
    high: float
    unit: FloatArray
    logarithmic: bool

    def value(self, position: FloatArray, point: NDArray[np.intp]) -> FloatArray:
        """Values of the parameter at positions; elementwise, or of the shape of the positions if logarithmic."""
        if self.logarithmic:
            return np.clip(self.low * (self.high / self.low) ** position, self.low, self.high)
        return np.clip(position * self.unit[point], self.low, self.high)

    def position(self, value: FloatArray, point: NDArray[np.intp]) -> FloatArray:
        """Positions of values; elementwise."""
        if self.logarithmic:
            return np.log(value / self.low) / np.log(self.high / self.low)
        return value / self.unit[point]

    @property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest position at each point."""
        if self.logarithmic:
            return np.zeros_like(self.unit), np.ones_like(self.unit)
        return self.low / self.unit, self.high / self.unit

    def starts(self, number: int) -> FloatArray:
        """Positions on the grid of starts, shape (point, number)."""
        low, high = (np.clip(end, -_REACH, _REACH) for end in self.bounds)
        inner = np.where(high - low < 1.5, _REACH, _LINEAR)
        return (inner * np.sinh(np.linspace(np.arcsinh(low / inner), np.arcsinh(high / inner), number))).T


def profiled_axes(
    likelihood: Likelihood, name: str, ranges: Mapping[str, Range], points: Mapping[str, FloatArray], number: int
) -> tuple[Axis, ...]:
    """The profiled parameters, each with the scale that it has where the others are at their reference values."""
    elsewhere = reference_values(likelihood, {name: (-np.inf, np.inf), **ranges})
    axes = []
    for one, (low, high) in ranges.items():
        unit, shape = np.full(number, high - low), one in likelihood.model.shapes
        if not (shape or has_range(likelihood.model.parameter(one))):
            others = {other: value for other, value in elsewhere.items() if other != one}
            unit = np.minimum(unit, natural_scale(likelihood, one, {**points, **others}))
        axes.append(Axis(one, low, high, unit, shape and low > 0.0))
    return tuple(axes)


def profiled_ranges(
    likelihood: Likelihood, name: str, profiled: Profiled, fixed: Mapping[str, object]
) -> dict[str, Range]:
    """The parameters to be profiled, with the range of each.

    Raises
    ------
    InputError
        If one is unknown, is also fixed or scanned, is given twice or has no range where it needs one, or if there are
        too many.
    """
    if isinstance(profiled, str) or len(set(profiled)) < len(profiled) or len(profiled) > max(_STARTS):
        raise InputError("profiled", profiled, f"a list of at most {max(_STARTS)} parameters, each once")
    ranges = {}
    for one, given in (profiled if isinstance(profiled, Mapping) else dict.fromkeys(profiled)).items():
        parameter = likelihood.model.parameter(one)
        if one == name:
            raise InputError("profiled", one, "parameters other than the one that is scanned")
        refuse_values(fixed, (one,), "it is profiled")
        if given is None:
            if one in likelihood.model.shapes and not has_range(parameter):
                allowed = f"a range to search, {{{one!r}: (low, high)}} or --profile {one}=LOW:HIGH: it has no scale"
                raise InputError("profiled", one, allowed)
            ranges[one] = (parameter.low, parameter.high)
        else:
            ends = parameter.check(given)
            if ends.shape != (2,) or ends[0] >= ends[1]:
                raise InputError("profiled", {one: given}, "the lower and the upper end of a range")
            ranges[one] = (float(ends[0]), float(ends[1]))
    return ranges


@dataclass(frozen=True)
class Surface:
    """chi^2 over a scanned parameter and the profiled ones, at each point of the others.

    Attributes
    ----------
    likelihood : Likelihood
        The function; pulls are profiled as always.
    name : str
        The scanned parameter.
    axes : tuple of Axis
        The profiled ones.
    points : mapping of str to array, shape (point,)
        Values of the others.
    """

    likelihood: Likelihood
    name: str
    axes: tuple[Axis, ...]
    points: Mapping[str, FloatArray]

    def parameters(self, point: NDArray[np.intp], position: Sequence[FloatArray]) -> dict[str, FloatArray]:
        """Values of the profiled parameters at positions along each axis."""
        return {axis.name: axis.value(along, point) for axis, along in zip(self.axes, position, strict=True)}

    def __call__(self, value: FloatArray, point: NDArray[np.intp], *position: FloatArray) -> FloatArray:
        """chi^2 at scanned values and positions; elementwise."""
        others = {key: v[point] for key, v in self.points.items()}
        return self.likelihood(**{self.name: value}, **self.parameters(point, position), **others)

    def descend(
        self,
        value: FloatArray,
        point: NDArray[np.intp],
        number: NDArray[np.intp],
        start: FloatArray,
        floor: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        """Smallest chi^2 and where it is, at scanned values (n,) of points (n,), from starts at these by number."""
        low, high = (np.stack(ends, axis=-1)[point] for ends in zip(*(axis.bounds for axis in self.axes), strict=True))
        return minimise(
            lambda n, position: self(value[n], point[n], *np.moveaxis(position, -1, 0)),
            number,
            start,
            low=low,
            high=high,
            floor=floor[point],
        )

    def search(self, grid: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Smallest chi^2 (point, value) and where it is, from the lowest minima on a grid of starts."""
        k = len(self.axes)
        starts = [axis.starts(_STARTS[k]) for axis in self.axes]
        along = [
            np.expand_dims(each[:1] if axis.logarithmic else each, (1, *(2 + j for j in range(k) if j != i)))
            for i, (axis, each) in enumerate(zip(self.axes, starts, strict=True))
        ]
        chi2 = self(grid.reshape(*grid.shape, *[1] * k), np.arange(len(grid)).reshape(-1, *[1] * (k + 1)), *along)
        floor = chi2.reshape(len(grid), -1).min(axis=1)
        chi2 = chi2.reshape(grid.size, *chi2.shape[2:])
        minimal = chi2 == minimum_filter(chi2, size=(1, *[3] * k), mode="nearest")
        depth = np.where(minimal, chi2, np.inf).reshape(grid.size, -1)
        chosen = depth.argsort(axis=1, kind="stable")[:, :_MINIMA]
        kept = np.isfinite(np.take_along_axis(depth, chosen, axis=1))
        kept[:, 0] = True
        nodes = np.unravel_index(chosen[kept], chi2.shape[1:])
        number, point = np.nonzero(kept)[0], np.repeat(np.arange(len(grid)), grid.shape[1])
        start = np.stack([each[point[number], node] for each, node in zip(starts, nodes, strict=True)], axis=-1)
        found, position = self.descend(grid.ravel(), point, number, start, floor)
        return found.reshape(grid.shape), position.reshape(*grid.shape, k)


@dataclass(frozen=True)
class Valley:
    """chi^2 with parameters profiled, at any value of the scanned one, from where it is smallest at some of them.

    Attributes
    ----------
    surface : Surface
        chi^2.
    grid, chi2 : array, shape (point, value)
        Scanned values, increasing, and the minimum at each.
    position : array, shape (point, value, axis)
        Where it is.
    """

    surface: Surface
    grid: FloatArray
    chi2: FloatArray
    position: FloatArray

    def follow(
        self, value: FloatArray, point: NDArray[np.intp], left: NDArray[np.intp], right: NDArray[np.intp]
    ) -> tuple[FloatArray, FloatArray]:
        """Smallest chi^2 and where, at scanned values, from grid values on either side and the lines through these."""
        last = self.grid.shape[1] - 1
        starts = []
        for one, other in ((left, left), (right, right), (left, right), (left - 1, left), (right, right + 1)):
            pair = ((point, column.clip(0, last)) for column in (one, other))
            (x, y), (x_other, y_other) = ((self.grid[index], self.position[index]) for index in pair)
            way = np.divide(value - x, x_other - x, out=np.zeros_like(x), where=x_other != x)
            starts.append(y + way[:, None] * (y_other - y))
        number = np.tile(np.arange(len(value)), len(starts))
        return self.surface.descend(value, point, number, np.concatenate(starts), self.chi2.min(axis=1))

    def at(self, value: FloatArray, point: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        """Smallest chi^2 and where, at scanned values (n,) of points (n,)."""
        after = np.count_nonzero(self.grid[point] <= value[:, None], axis=1).clip(1, self.grid.shape[1] - 1)
        return self.follow(value, point, after - 1, after)

    def exchange(self) -> None:
        """Lower chi^2 on the grid, in place, by what the neighbours know, until they know no better."""
        pending = np.ones(self.grid.shape, dtype=bool)
        while pending.any():
            point, column = np.nonzero(pending)
            before, after = (column - 1).clip(0), (column + 1).clip(max=self.grid.shape[1] - 1)
            found, position = self.follow(self.grid[pending], point, before, after)
            height = self.chi2[pending] - self.chi2.min(axis=1)[point]
            lower = found < self.chi2[pending] - _SAME * (1.0 + height)
            point, column = point[lower], column[lower]
            self.chi2[point, column], self.position[point, column] = found[lower], position[lower]
            pending[:] = False
            pending[point, before[lower]] = pending[point, after[lower]] = True

    def __call__(self, value: FloatArray, point: NDArray[np.intp]) -> FloatArray:
        """Smallest chi^2 at a scanned value of a point; elementwise."""
        return self.at(value, point)[0]

    def best(self, value: FloatArray, point: NDArray[np.intp]) -> dict[str, FloatArray]:
        """Values of the profiled parameters where chi^2 is smallest; elementwise."""
        return self.surface.parameters(point, [*self.at(value, point)[1].T])


def profile_along(
    likelihood: Likelihood, name: str, ranges: Mapping[str, Range], points: Mapping[str, FloatArray], grid: FloatArray
) -> Valley:
    """chi^2 along a parameter, shape (point, value) as the grid of its values, with others profiled in their ranges."""
    surface = Surface(likelihood, name, profiled_axes(likelihood, name, ranges, points, len(grid)), points)
    valley = Valley(surface, grid, *surface.search(grid))
    valley.exchange()
    return valley
