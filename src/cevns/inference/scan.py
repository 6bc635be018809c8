"""chi^2 along one parameter, for many points at once: its minimum and every crossing of a level."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cevns.errors import NumericalError
from cevns.inference.arguments import refuse_values
from cevns.inference.profiling import Profiled, profile_along, profiled_ranges
from cevns.inference.scale import has_range, natural_scale, reference_values
from cevns.interactions import common_shape
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

_SIDE = (160, 40)
"""Values scanned on either side of zero, without and with other parameters profiled."""
_BOUNDED = (401, 101)
"""Values scanned of a parameter with bounds."""
_ROUNDING = 1e-12
"""Relative change of chi^2 that means nothing."""
_NOISE = 1e-7
"""Difference of chi^2 that means nothing."""
_LEEWAY = 100.0
"""Height of a minimum on the grid, in units of what its neighbours rise above it, up to which it is refined."""

Curve: TypeAlias = Callable[[FloatArray, NDArray[np.intp]], FloatArray]
"""``curve(value, point)``: profiled chi^2 at a value of the parameter, at a point by index; elementwise."""
Companions: TypeAlias = Callable[[FloatArray, NDArray[np.intp]], Mapping[str, FloatArray]]
"""``companions(value, point)``: best values of the parameters that are profiled there."""


def _none(_value: FloatArray, _point: NDArray[np.intp]) -> Mapping[str, FloatArray]:
    return {}


@dataclass(frozen=True)
class Scan:
    """chi^2 on a grid of values for each point, and the function it was taken from.

    Attributes
    ----------
    grid, chi2 : array, shape (point, value)
        Values of the parameter, increasing, and chi^2.
    curve : callable
        chi^2 at any value.
    companions : callable
        Best values of the profiled parameters at any value.
    """

    grid: FloatArray
    chi2: FloatArray
    curve: Curve
    companions: Companions = _none

    def _at(self, value: FloatArray, point: NDArray[np.intp]) -> FloatArray:
        """chi^2 at values (n,) of points (n,), which is known on the grid."""
        before = np.count_nonzero(self.grid[point] < value[:, None], axis=1)
        column = np.minimum(before, self.grid.shape[1] - 1)
        chi2, new = self.chi2[point, column], self.grid[point, column] != value
        if new.any():
            chi2[new] = self.curve(value[new], point[new])
        return chi2

    def _extrema(
        self, sign: float, points: NDArray[np.intp], columns: NDArray[np.intp]
    ) -> tuple[FloatArray, FloatArray]:
        """Minima (sign 1) or maxima (sign -1) around interior grid points, refined: value and chi^2."""
        from scipy.optimize.elementwise import find_minimum

        if not points.size:
            return np.zeros(0), np.zeros(0)
        bracket = tuple(self.grid[points, columns + offset] for offset in (-1, 0, 1))
        result = find_minimum(
            lambda value, point: sign * self._at(value, point.astype(int)),
            bracket,
            args=(points.astype(float),),
            tolerances={"xrtol": 1e-6},
        )
        here = self.chi2[points, columns]
        better = result.f_x < sign * here
        return np.where(better, result.x, bracket[1]), np.where(better, sign * result.f_x, here)

    def minimum(self) -> tuple[FloatArray, FloatArray]:
        """Best value and smallest chi^2 of each point."""
        best = self.chi2.argmin(axis=1)
        points = np.arange(len(best))
        value, chi2 = self.grid[points, best].copy(), self.chi2[points, best].copy()
        # Every valley is refined: the deepest may be so narrow that no grid point sees how deep it is.
        rows, columns = _turning(self.chi2 - chi2[:, None])
        refined_value, refined = self._extrema(1.0, rows, columns)
        for number in np.argsort(-refined):
            if refined[number] < chi2[rows[number]]:
                value[rows[number]], chi2[rows[number]] = refined_value[number], refined[number]
        return value, chi2

    def crossings(self, level: FloatArray) -> list[tuple[float, ...]]:
        """Values at which chi^2 crosses the level of each point, in increasing order.

        Extrema between grid points that reach the other side of the level are found as well.

        Raises
        ------
        NumericalError
            If a crossing that is known to exist could not be located.
        """
        from scipy.optimize.elementwise import find_root

        above = self.chi2 > level[:, None]
        points, columns = np.nonzero(above[:, 1:] != above[:, :-1])
        brackets = [(points, self.grid[points, columns], self.grid[points, columns + 1])]
        brackets += self._hidden_brackets(level)
        point, low, high = (np.concatenate(parts) for parts in zip(*brackets, strict=True))
        if not point.size:
            return [()] * len(level)
        result = find_root(
            lambda value, p: self._at(value, p.astype(int)) - level[p.astype(int)],
            (low, high),
            args=(point.astype(float),),
            tolerances={"xrtol": 1e-10, "fatol": 0.0},
        )
        if not np.all(result.success):
            worst = int(np.flatnonzero(~result.success)[0])
            raise NumericalError(f"no crossing found between {low[worst]:g} and {high[worst]:g}")
        return [tuple(sorted(result.x[point == number].tolist())) for number in range(len(level))]

    def _hidden_brackets(self, level: FloatArray) -> list[tuple[NDArray[np.intp], FloatArray, FloatArray]]:
        """Brackets around extrema that cross the level and come back between two grid points: point, low, high."""
        excess = self.chi2 - level[:, None]
        brackets = []
        for sign in (1.0, -1.0):
            points, columns = _turning(sign * excess)
            value, chi2 = self._extrema(sign, points, columns)
            hidden = (sign * excess[points, columns] > 0.0) & (sign * (chi2 - level[points]) < 0.0)
            points, columns, value = points[hidden], columns[hidden], value[hidden]
            brackets.append((points, self.grid[points, columns - 1], value))
            brackets.append((points, value, self.grid[points, columns + 1]))
        return brackets


def _turning(height: FloatArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Point and column of the minima on a grid that may reach down to zero in between, if any way above it."""
    before, here, after = height[:, :-2], height[:, 1:-1], height[:, 2:]
    depth = np.maximum(before, after) - here
    turning = (here <= before) & (here <= after) & (depth > _NOISE) & (here >= 0.0) & (here <= _LEEWAY * depth)
    points, columns = np.nonzero(turning)
    return points, columns + 1


def scan_parameter(
    likelihood: Likelihood, name: str, fixed: Mapping[str, object], profiled: Profiled = ()
) -> tuple[Scan, dict[str, FloatArray]]:
    """Scan one parameter of a model at every point of the others.

    Parameters
    ----------
    likelihood : Likelihood
        What is scanned.
    name : str
        The parameter.
    fixed : mapping
        Values of the others, numbers or arrays that broadcast.
    profiled : sequence of str, or mapping of str to (float, float) or None
        Parameters over which chi^2 is minimised at each value of the scanned one.

    Returns
    -------
    scan : Scan
        chi^2 along the parameter, one row for each point.
    points : dict of str to array, shape (point,)
        Values of the parameters that are fixed.

    Raises
    ------
    InputError
        If the parameter is among those that are fixed, another is missing or unknown, or one cannot be profiled.
    NumericalError
        If the parameter, or a profiled one, has no effect.
    """
    parameter = likelihood.model.parameter(name)
    refuse_values(fixed, (name,), "it is scanned")
    ranges = profiled_ranges(likelihood, name, profiled, fixed)
    values = likelihood.model.complete(fixed, free=(name, *ranges))
    shape = common_shape(values)
    points = {key: np.broadcast_to(v, shape).ravel() for key, v in values.items()}
    if has_range(parameter):
        grid = np.linspace(parameter.low, parameter.high, _BOUNDED[bool(ranges)])
        grid = np.tile(grid, (int(np.prod(shape)), 1))
    else:
        side = np.geomspace(1e-2, 30.0, _SIDE[bool(ranges)])
        scale = natural_scale(likelihood, name, {**points, **reference_values(likelihood, ranges)})
        grid = scale[:, None] * np.concatenate([-side[::-1] if parameter.low < 0.0 else [], [0.0], side])
    if ranges:
        valley = profile_along(likelihood, name, ranges, points, grid)
        return Scan(grid, valley.chi2, valley, valley.best), points

    def curve(value: FloatArray, point: NDArray[np.intp]) -> FloatArray:
        return likelihood(**{name: value}, **{key: v[point] for key, v in points.items()})

    chi2 = curve(grid, np.arange(len(grid))[:, None])
    if np.any(np.ptp(chi2, axis=1) <= _ROUNDING * np.abs(chi2).max(axis=1)):
        raise NumericalError(f"no value of {name} changes the counts of {likelihood.subject}")
    return Scan(grid, chi2, curve), points
