"""chi^2 along one parameter, for many points at once: its minimum and every crossing of a level."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cevns.errors import InputError, NumericalError
from cevns.interactions import common_shape
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

_DECADES = np.geomspace(1e-40, 1e8, 97)
"""Values among which the scale of a parameter without bounds is sought."""
_SIDE = np.geomspace(1e-2, 30.0, 160)
"""Values scanned on either side of zero, in units of that scale."""
_BOUNDED = np.linspace(0.0, 1.0, 401)
"""Values scanned of a parameter with bounds, as fractions of its range."""

_ROUNDING = 1e-12
"""Relative change of chi^2 that means nothing."""

Curve: TypeAlias = Callable[[FloatArray, NDArray[np.intp]], FloatArray]
"""``curve(value, point)``: profiled chi^2 at a value of the parameter, at a point by index; elementwise."""


@dataclass(frozen=True)
class Scan:
    """chi^2 on a grid of values for each point, and the function it was taken from.

    Attributes
    ----------
    grid, chi2 : array, shape (point, value)
        Values of the parameter, increasing, and chi^2.
    curve : callable
        chi^2 at any value.
    """

    grid: FloatArray
    chi2: FloatArray
    curve: Curve

    def _extrema(
        self, sign: float, points: NDArray[np.intp], columns: NDArray[np.intp]
    ) -> tuple[FloatArray, FloatArray]:
        """Minima (sign 1) or maxima (sign -1) around interior grid points, refined: value and chi^2."""
        from scipy.optimize.elementwise import find_minimum

        if not points.size:
            return np.zeros(0), np.zeros(0)
        bracket = tuple(self.grid[points, columns + offset] for offset in (-1, 0, 1))
        result = find_minimum(
            lambda value, point: sign * self.curve(value, point.astype(int)),
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
        before, here, after = self.chi2[:, :-2], self.chi2[:, 1:-1], self.chi2[:, 2:]
        rows, columns = np.nonzero((here <= before) & (here <= after))
        refined_value, refined = self._extrema(1.0, rows, columns + 1)
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
            lambda value, p: self.curve(value, p.astype(int)) - level[p.astype(int)],
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
        before, here, after = excess[:, :-2], excess[:, 1:-1], excess[:, 2:]
        brackets = []
        for sign in (1.0, -1.0):
            turning = (sign * here > 0) & (sign * here <= sign * before) & (sign * here <= sign * after)
            points, columns = np.nonzero(turning)
            value, chi2 = self._extrema(sign, points, columns + 1)
            hidden = sign * (chi2 - level[points]) < 0.0
            points, columns, value = points[hidden], columns[hidden], value[hidden]
            brackets.append((points, self.grid[points, columns], value))
            brackets.append((points, value, self.grid[points, columns + 2]))
        return brackets


def scan_parameter(
    likelihood: Likelihood, name: str, fixed: Mapping[str, object]
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

    Returns
    -------
    scan : Scan
        chi^2 along the parameter, one row for each point.
    points : dict of str to array, shape (point,)
        Values of the other parameters.

    Raises
    ------
    InputError
        If the parameter is among those that are fixed, or another is missing or unknown.
    """
    parameter = likelihood.model.parameter(name)
    if name in fixed:
        raise InputError(name, fixed[name], "no value: it is the parameter that is scanned")
    values = likelihood.model.complete(fixed, free=(name,))
    values.pop(name, None)
    shape = common_shape(values)
    points = {key: np.broadcast_to(v, shape).ravel() for key, v in values.items()}
    columns = {key: v[:, None] for key, v in points.items()}
    if np.isfinite(parameter.low) and np.isfinite(parameter.high):
        grid = np.tile(parameter.low + (parameter.high - parameter.low) * _BOUNDED, (int(np.prod(shape)), 1))
    else:
        sides = [-_SIDE[::-1]] if parameter.low < 0.0 else []
        units = np.concatenate([*sides, [0.0], _SIDE])
        grid = natural_scale(likelihood, name, points)[:, None] * units

    def curve(value: FloatArray, point: NDArray[np.intp]) -> FloatArray:
        return likelihood(**{name: value}, **{key: v[point] for key, v in points.items()})

    chi2 = likelihood(**{name: grid}, **columns)
    if np.any(np.ptp(chi2, axis=1) <= _ROUNDING * np.abs(chi2).max(axis=1)):
        raise NumericalError(f"no value of {name} changes the counts of {likelihood.model.name}")
    return Scan(grid, chi2, curve), points


def natural_scale(likelihood: Likelihood, name: str, points: Mapping[str, FloatArray]) -> FloatArray:
    """Value at which a parameter changes some experiment by as many events as it has without it.

    Parameters
    ----------
    likelihood : Likelihood
        Model and experiments.
    name : str
        A parameter without bounds.
    points : mapping
        Values of the other parameters, each of shape (point,).

    Returns
    -------
    array, shape (point,)
        The scale, to half a decade.
    """
    columns = {key: v[:, None] for key, v in points.items()}
    number = max((len(v) for v in points.values()), default=1)
    reach = np.zeros((number, len(_DECADES)))
    without = likelihood.signals(**{name: 0.0}, **columns)
    for signal, nothing in zip(likelihood.signals(**{name: _DECADES}, **columns), without, strict=True):
        changed = np.abs(signal - nothing).sum(axis=-1) / np.maximum(nothing.sum(axis=-1), np.finfo(float).tiny)
        reach = np.maximum(reach, changed)
    beyond = reach > 1.0
    if not beyond.any(axis=1).all():
        raise NumericalError(f"no value of {name} up to {_DECADES[-1]:g} changes the counts of {likelihood.model.name}")
    return _DECADES[beyond.argmax(axis=1)]


def where(points: Mapping[str, FloatArray], number: int) -> str:
    """The values of the other parameters at one point, in words."""
    return ", ".join(f"{name} = {values[number]:g}" for name, values in points.items())
