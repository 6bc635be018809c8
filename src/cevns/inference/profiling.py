"""Profiling of model parameters: chi^2 minimised over some of them, along another one, for many points at once.

The minimum over the pulls, which is unique, is that of the likelihood. The model parameters that are profiled have
several valleys: at every eighth value of the scanned parameter they are sought on a grid, in between they are followed
from the neighbours on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cevns.errors import InputError, NumericalError
from cevns.inference.minimum import around_minima, lowest_valleys
from cevns.inference.scale import has_range, parameter_scale, reference_values
from cevns.interactions import Parameter
from cevns.statistics import Likelihood, Measurement, profile
from cevns.typing import FloatArray

_STEP = 1e-3
"""Distance of the points of a stencil, in units of the scale of a parameter: exact where counts are quadratic."""
_CHUNK = 256
"""Places whose derivatives are held in memory at once."""
_GRID = {1: 33, 2: 13, 3: 9}
"""Values of each parameter on the grid of starts, by the number of parameters."""
_REACH, _LINEAR = 30.0, 0.1
"""End of that grid for a parameter without bounds, and where its logarithmic spacing begins, in units of the scale."""
_STARTS = 6
"""Local minima on the grid that descents start from."""
_STRIDE = 8
"""Every so many scanned values the grid is searched."""
_VALLEYS = 4
"""Valleys that are followed from one scanned value to the next."""
_SAME = 1e-6
"""Difference of chi^2 that means nothing at the minimum, and proportionally higher up."""


def check_profiled(likelihood: Likelihood, name: str, profiled: Sequence[str], fixed: Mapping[str, object]) -> None:
    """Refuse parameters that cannot be profiled.

    Raises
    ------
    InputError
        If one is unknown, is also fixed or scanned, is given twice, or if there are too many.
    """
    for other in profiled:
        likelihood.model.parameter(other)
        if other == name:
            raise InputError("profiled", other, "parameters other than the one that is scanned")
        if other in fixed:
            raise InputError(other, fixed[other], "no value: it is profiled")
    if len(set(profiled)) < len(profiled) or len(profiled) > max(_GRID):
        raise InputError("profiled", list(profiled), f"at most {max(_GRID)} parameters, each once")


@dataclass(frozen=True)
class Surface:
    """chi^2 over a scanned parameter and the profiled ones, at each point of the others.

    Positions are values of the profiled parameters in units of their scales, shape (..., profiled).

    Attributes
    ----------
    likelihood : Likelihood
        The function.
    name : str
        The scanned parameter.
    profiled : tuple of Parameter
        The profiled ones.
    points : mapping of str to array, shape (point,)
        Values of the others.
    scales : array, shape (point, profiled)
        Units of the positions.
    """

    likelihood: Likelihood
    name: str
    profiled: tuple[Parameter, ...]
    points: Mapping[str, FloatArray]
    scales: FloatArray

    @classmethod
    def of(
        cls, likelihood: Likelihood, name: str, profiled: Sequence[str], points: Mapping[str, FloatArray], number: int
    ) -> Surface:
        """The surface with the scale that each profiled parameter has where the scanned one is at its default."""
        free = (name, *profiled)
        scales = np.ones((number, len(profiled)))
        for k, one in enumerate(profiled):
            others = reference_values(likelihood, (other for other in free if other != one))
            held = {**points, **{other: np.array([value]) for other, value in others.items()}}
            scales[:, k] = parameter_scale(likelihood, one, held)
        return cls(likelihood, name, tuple(map(likelihood.model.parameter, profiled)), points, scales)

    @property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest position at each point, shape (point, profiled)."""
        low, high = np.array([(p.low, p.high) for p in self.profiled]).T
        return low / self.scales, high / self.scales

    def values(self, point: NDArray[np.intp], position: FloatArray) -> dict[str, FloatArray]:
        """Values of the profiled parameters."""
        each = np.moveaxis(position * self.scales[point], -1, 0)
        return {p.name: np.clip(value, p.low, p.high) for p, value in zip(self.profiled, each, strict=True)}

    def parameters(self, value: FloatArray, point: NDArray[np.intp], position: FloatArray) -> dict[str, FloatArray]:
        """Values of all parameters, for the likelihood."""
        others = {key: v[point] for key, v in self.points.items()}
        return {self.name: value, **self.values(point, position), **others}

    def expansion(
        self, value: FloatArray, point: NDArray[np.intp], position: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """chi^2, shape (n,), its gradient (n, k) and Hessian (n, k, k) with respect to positions (n, k).

        At the best pulls chi^2 does not change with them: the gradient is that at fixed pulls, and the Hessian
        F_xx - F_xp F_pp^-1 F_px, with F(x, p) the chi^2 of parameters x and pulls p.
        """
        chunks = (slice(first, first + _CHUNK) for first in range(0, len(value), _CHUNK))
        parts = [self._expansion(value[chunk], point[chunk], position[chunk]) for chunk in chunks]
        chi2, gradient, hessian = (np.concatenate(part) for part in zip(*parts, strict=True))
        return chi2, gradient, hessian

    def _expansion(
        self, value: FloatArray, point: NDArray[np.intp], position: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        low, high = self.bounds
        centre = np.clip(position, low[point] + _STEP, high[point] - _STEP)
        stencil = _Stencil(position.shape[1])
        around = self.parameters(value[:, None], point[:, None], centre[:, None] + _STEP * stencil.offsets)
        signals = self.likelihood.signals(**around)
        chi2, gradient = np.zeros(len(value)), np.zeros_like(position)
        hessian = np.zeros((*position.shape, position.shape[1]))
        for group, data in self.likelihood.groups:
            expanded = stencil.derivatives(np.concatenate([signals[i] for i in group], axis=-1), position - centre)
            best = profile(data, expanded[0])
            if not best.converged.all():
                worst = int(np.flatnonzero(~best.converged)[0])
                at = {name: float(v[worst, 0]) for name, v in around.items()}
                raise NumericalError(f"profiling of the pulls did not converge near {at}")
            first, second = _chi2_derivatives(data, best.pulls, *expanded)
            chi2, gradient, hessian = chi2 + best.chi2, gradient + first, hessian + second
        return chi2, gradient, hessian

    def search(self, values: FloatArray) -> Valleys:
        """Valleys at scanned values of shape (point, value), from a grid of starts."""
        axes = [_start_axis(parameter, _GRID[len(self.profiled)]) for parameter in self.profiled]
        grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
        point = np.repeat(np.arange(len(values)), values.shape[1])
        places = point.reshape(-1, *[1] * len(axes))
        chi2 = self.likelihood(**self.parameters(values.reshape(places.shape), places, grid))
        start, *nodes = np.nonzero(around_minima(chi2, _STARTS))
        _, positions = self._descend(values.ravel(), point, start, grid[tuple(nodes)])
        return Valleys(self, values, positions.reshape(*values.shape, *positions.shape[1:]))

    def descend(self, value: FloatArray, point: NDArray[np.intp], starts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Smallest chi^2 at scanned values (n,) of points (n,), and its valleys, from starts (n, start, profiled)."""
        return self._descend(
            value, point, np.repeat(np.arange(len(value)), starts.shape[1]), starts.reshape(-1, starts.shape[-1])
        )

    def _descend(
        self, value: FloatArray, point: NDArray[np.intp], number: NDArray[np.intp], start: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        low, high = self.bounds
        return lowest_valleys(
            lambda n, position: self.expansion(value[n], point[n], position),
            number,
            start,
            low[point],
            high[point],
            _VALLEYS,
        )


@dataclass(frozen=True)
class Valleys:
    """Where chi^2 is low, at scanned values of each point: the start for the values in between.

    Attributes
    ----------
    surface : Surface
        chi^2.
    values : array, shape (point, value)
        Scanned values, increasing.
    positions : array, shape (point, value, valley, profiled)
        Minima over the profiled parameters, the lowest first.
    """

    surface: Surface
    values: FloatArray
    positions: FloatArray

    def follow(self, value: FloatArray, point: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        """Smallest chi^2 at scanned values (n,) of points (n,), and its valleys (n, valley, profiled)."""
        after = np.count_nonzero(self.values[point] <= value[:, None], axis=1).clip(1, self.values.shape[1] - 1)
        pairs = ((after - 1, after - 1), (after, after), (after - 1, after))
        return self.surface.descend(value, point, self.starts(value, point, pairs))

    def starts(
        self, value: FloatArray, point: NDArray[np.intp], pairs: Iterable[tuple[NDArray[np.intp], NDArray[np.intp]]]
    ) -> FloatArray:
        """Places at scanned values (n,) on the straight lines through the valleys of pairs of columns.

        Returns
        -------
        array, shape (n, start, profiled)
            Valleys of the same rank are taken for the same; where they are not, a start is lost, not a minimum.
        """
        starts = []
        for one, other in pairs:
            left, right = self.positions[point, one], self.positions[point, other]
            apart = self.values[point, other] - self.values[point, one]
            way = np.divide(value - self.values[point, one], apart, out=np.zeros_like(value), where=apart != 0.0)
            starts.append(left + way[:, None, None] * (right - left))
        return np.concatenate(starts, axis=1)

    def __call__(self, value: FloatArray, point: NDArray[np.intp]) -> FloatArray:
        """Smallest chi^2 at a scanned value of a point; elementwise."""
        return self.follow(value, point)[0]

    def best(self, value: FloatArray, point: NDArray[np.intp]) -> dict[str, FloatArray]:
        """Values of the profiled parameters where chi^2 is smallest; elementwise."""
        return self.surface.values(point, self.follow(value, point)[1][:, 0])


def profile_along(
    likelihood: Likelihood, name: str, profiled: Sequence[str], points: Mapping[str, FloatArray], grid: FloatArray
) -> tuple[FloatArray, Valleys]:
    """Profile parameters along another one.

    Parameters
    ----------
    likelihood : Likelihood
        The function; pulls are profiled as always.
    name : str
        The scanned parameter.
    profiled : sequence of str
        The parameters over which chi^2 is minimised.
    points : mapping of str to array, shape (point,)
        Values of the others.
    grid : array, shape (point, value)
        Scanned values, increasing.

    Returns
    -------
    chi2 : array, shape (point, value)
        The minimum at each scanned value.
    valleys : Valleys
        The minimum at any value.

    Raises
    ------
    NumericalError
        If a profiled parameter has no effect.
    """
    surface = Surface.of(likelihood, name, profiled, points, len(grid))
    last = grid.shape[1] - 1
    anchors = surface.search(grid[:, np.unique([*range(0, last, _STRIDE), last])])
    chi2, positions = anchors.follow(grid.ravel(), np.repeat(np.arange(len(grid)), grid.shape[1]))
    valleys = Valleys(surface, grid, positions.reshape(*grid.shape, *positions.shape[1:]))
    chi2 = chi2.reshape(grid.shape)
    _exchange(valleys, chi2)
    return chi2, valleys


def _exchange(valleys: Valleys, chi2: FloatArray) -> None:
    """Lower chi^2 (point, value) and its valleys, in place, by what the neighbours know, until they know no better."""
    pending = np.ones(chi2.shape, dtype=bool)
    while pending.any():
        point, column = np.nonzero(pending)
        two_before, before, here, after, two_after = (
            (column + step).clip(0, chi2.shape[1] - 1) for step in (-2, -1, 0, 1, 2)
        )
        pairs = ((two_before, before), (before, after), (after, two_after), (here, here))
        value = valleys.values[point, column]
        found, places = valleys.surface.descend(value, point, valleys.starts(value, point, pairs))
        height = chi2[point, column] - chi2.min(axis=1)[point]
        lower = found < chi2[point, column] - _SAME * (1.0 + height)
        chi2[point[lower], column[lower]] = found[lower]
        valleys.positions[point[lower], column[lower]] = places[lower]
        pending[:] = False
        for changed in (two_before, before, after, two_after):
            pending[point[lower], changed[lower]] = True


def _start_axis(parameter: Parameter, number: int) -> FloatArray:
    """Values of one parameter on the grid of starts, in units of its scale."""
    fraction = np.linspace(-1.0, 1.0, number)
    if has_range(parameter):
        return parameter.low / (parameter.high - parameter.low) + (fraction + 1.0) / 2.0
    both_sides = _LINEAR * np.sinh(fraction * np.arcsinh(_REACH / _LINEAR))
    return both_sides if np.isinf(parameter.low) else both_sides[fraction >= 0.0]


class _Stencil:
    """Points from which the quadratic polynomial in a few variables through their values follows."""

    def __init__(self, variables: int) -> None:
        self._first, self._second = np.triu_indices(variables)
        unit = np.eye(variables)
        mixed = (unit[self._first] + unit[self._second])[self._first < self._second]
        self.offsets = np.concatenate([np.zeros((1, variables)), unit, -unit, mixed])
        products = self.offsets[:, self._first] * self.offsets[:, self._second]
        self._solve = np.linalg.inv(np.column_stack([np.ones(len(self.offsets)), self.offsets, products]))

    def derivatives(self, values: FloatArray, shift: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The polynomial and its derivatives.

        Parameters
        ----------
        values : array, shape (n, stencil, bin)
            Values at the points of the stencil.
        shift : array, shape (n, k)
            Where the polynomial is evaluated, from the centre of the stencil.

        Returns
        -------
        array, array, array
            Value (n, bin), first derivatives (n, k, bin), second derivatives (n, k, k, bin).
        """
        k = shift.shape[1]
        coefficients = self._solve @ values
        second = np.zeros((len(values), k, k, values.shape[-1]))
        for one, other in ((self._first, self._second), (self._second, self._first)):
            second[:, one, other] += coefficients[:, k + 1 :] / _STEP**2
        slope = coefficients[:, 1 : k + 1] / _STEP
        bend = np.einsum("nklb,nl->nkb", second, shift)
        return coefficients[:, 0] + np.einsum("nkb,nk->nb", slope + bend / 2.0, shift), slope + bend, second


def _chi2_derivatives(
    data: Measurement, pulls: FloatArray, signal: FloatArray, slope: FloatArray, bend: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Gradient (n, k) and Hessian (n, k, k) of chi^2 at the best pulls (n, pull) from derivatives of the signal."""
    k = slope.shape[1]
    scaling = 1.0 + pulls @ data.signal_change
    first, second = data.statistic.derivatives(data.expected(signal, pulls))
    by_pull = signal[:, None] * data.signal_change + data.background_change
    change = np.concatenate([slope * scaling[:, None], by_pull], axis=1)
    full = (change * second[:, None]) @ change.transpose(0, 2, 1)
    full[:, :k, :k] += np.einsum("nklb,nb->nkl", bend, first * scaling)
    full[:, :k, k:] += (slope * first[:, None]) @ data.signal_change.T
    full[:, k:, k:] += np.diag(2.0 / data.sigmas**2)
    mixed = full[:, :k, k:]
    relaxed = mixed @ np.linalg.solve(full[:, k:, k:], mixed.transpose(0, 2, 1))
    return np.einsum("nkb,nb->nk", slope, first * scaling), full[:, :k, :k] - relaxed
