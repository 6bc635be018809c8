"""Profiling of pulls: a batch of convex minimisations by a vectorised, safeguarded Newton method.

The expectation is linear in the pulls, mu = B + sum_p S_p + sum_k eta_k (b_k + sum_p r_kp S_p), so gradient and Hessian
of every point of a batch are matrix products of weighted signals with constant matrices: no array with both a pull and
a bin axis per point is ever formed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from cevns.errors import NumericalError
from cevns.statistics.axes import Axes
from cevns.statistics.descent import minimise
from cevns.statistics.measurement import Measurement
from cevns.typing import FloatArray

_KEEP_POSITIVE = 0.95
"""Fraction of the way to a vanishing expectation that one step may go."""


@dataclass(frozen=True)
class Profile:
    """Minimum over the pulls, point by point.

    Attributes
    ----------
    chi2 : array, shape (point,)
        Minimum; infinite where the signal excludes the observation for zero pulls.
    pulls : array, shape (point, pull)
        Where it is.
    converged : array of bool, shape (point,)
        Whether it was found to accuracy.
    """

    chi2: FloatArray
    pulls: FloatArray
    converged: NDArray[np.bool_]


def profile(measurement: Measurement, signal: FloatArray, normal: Normal | None = None) -> Profile:
    """Minimise chi^2 over the pulls for each signal.

    Parameters
    ----------
    measurement : Measurement
        Data, the same for all signals or one set for each, and pulls.
    signal : array, shape (point, part x bin)
        Expected signal at zero pulls.
    normal : Normal, optional
        The Newton equations, if they are known from a measurement with these pulls.

    Returns
    -------
    Profile
        Points that did not converge are marked, not dropped.
    """
    normal = normal or Normal(measurement)
    batch = Batch.of(measurement, normal, signal, normal.axes.origin(measurement, signal))
    shift, chi2, converged = minimise(batch)
    return Profile(chi2, batch.pulls(shift), converged)


@dataclass(frozen=True)
class Batch:
    """Points at which chi^2 is minimised: signal, and pulls as an origin plus a shift along the axes.

    The expected counts at the origin are kept: there the signal is exactly zero if the origin cancels it.
    """

    measurement: Measurement
    normal: Normal
    signal: FloatArray
    origin: FloatArray
    at_origin: FloatArray
    place: FloatArray

    @classmethod
    def of(cls, measurement: Measurement, normal: Normal, signal: FloatArray, origin: FloatArray) -> Batch:
        """Points at their origin."""
        scaled = measurement.sum_parts(signal * (1.0 + origin @ measurement.signal_change))
        counts = scaled + measurement.background
        return cls(measurement, normal, signal, origin, counts, np.zeros_like(origin))

    def at(self, active: NDArray[np.intp], place: FloatArray) -> Batch:
        """Some of the points, with new shifts."""
        measurement = self.measurement.at(active)
        signal, origin, at_origin = self.signal[active], self.origin[active], self.at_origin[active]
        return Batch(measurement, self.normal, signal, origin, at_origin, place)

    def inside(self) -> Batch:
        """The same points at zero pulls, with minima inside."""
        return replace(self, measurement=self.measurement.inside(), place=self.axes.shift_to_zero(self.origin))

    @property
    def axes(self) -> Axes:
        """The axes of the shift."""
        return self.normal.axes

    @property
    def quadratic(self) -> bool:
        """Whether a full step of Newton's method ends at the minimum, for lack of higher derivatives."""
        return self.measurement.statistic.quadratic

    def pulls(self, shift: FloatArray) -> FloatArray:
        """The pulls at a shift."""
        return self.origin + shift @ self.axes.directions.T

    def change(self, shift: FloatArray) -> FloatArray:
        """Change of the expectation for a shift."""
        scaled = self.measurement.sum_parts(self.signal * (shift @ self.axes.signal_change))
        return scaled + shift @ self.axes.background_change

    def expected(self, shift: FloatArray) -> FloatArray:
        """Expected counts."""
        return self.at_origin + self.change(shift)

    @cached_property
    def here(self) -> FloatArray:
        """Expected counts at the place."""
        return self.expected(self.place)

    def chi2(self, place: FloatArray) -> FloatArray:
        """Statistic plus constraints."""
        constraint = self.measurement.constraint(self.pulls(place))
        return self.measurement.statistic.value(self.expected(place)) + constraint

    def longest_step(self, direction: FloatArray) -> FloatArray:
        """The step that leaves all expectations positive, if they must be."""
        if not np.any(self.measurement.statistic.positive):
            return np.full(len(direction), np.inf)
        return positive_step(self.measurement, self.here, self.change(direction))

    def newton_step(self) -> tuple[FloatArray, FloatArray]:
        """Newton direction of each point and the decrease of chi^2 it promises."""
        return self.normal.newton_step(self)


def positive_step(measurement: Measurement, expected: FloatArray, change: FloatArray) -> FloatArray:
    """Largest multiple of a change that leaves those expectations positive that must be, shape (point,)."""
    falls = measurement.statistic.positive & (change < 0)
    room = np.divide(expected, -change, out=np.full_like(change, np.inf), where=falls)
    return np.asarray(_KEEP_POSITIVE * room.min(axis=-1), dtype=float)


def scales(hessian: FloatArray) -> FloatArray:
    """Inverse roots of the curvatures (point, coordinate, coordinate) along each coordinate, shape (point, coordinate).

    Raises
    ------
    NumericalError
        If there is none, as in pseudo-data without counts where a free background is.
    """
    curvatures = np.diagonal(hessian, axis1=1, axis2=2)
    if not np.all(curvatures > 0.0):
        raise NumericalError("there are data that say nothing about one of the pulls that have no constraint")
    return np.asarray(1.0 / np.sqrt(curvatures), dtype=float)


class Normal:
    """The Newton equations of measurements with the same pulls, whatever their data."""

    def __init__(self, measurement: Measurement) -> None:
        self.axes = axes = Axes.of(measurement)
        number, bins = axes.background_change.shape
        parts = axes.signal_change.reshape(number, len(measurement.parts), bins)
        self._changes = [axes.background_change, *np.swapaxes(parts, 0, 1)]
        self._rows, self._columns = np.triu_indices(number)
        i, j = self._rows, self._columns
        self.products: list[tuple[int, int, NDArray[np.intp], FloatArray]] = []
        for one, other in combinations_with_replacement(range(len(self._changes)), 2):
            a, b = self._changes[one], self._changes[other]
            product = a[i] * b[j] if one == other else a[i] * b[j] + b[i] * a[j]
            present = np.flatnonzero(product.any(axis=1))
            if present.size:
                self.products.append((one, other, present, product[present].T))
        self._to_axes = (2.0 / measurement.sigmas**2)[:, None] * axes.directions
        self._prior = (axes.directions.T @ self._to_axes)[i, j]

    def newton_step(self, batch: Batch) -> tuple[FloatArray, FloatArray]:
        """Newton direction of each point and the decrease of chi^2 it promises."""
        first, second = batch.measurement.statistic.derivatives(batch.here)
        signals = np.split(batch.signal, len(self._changes) - 1, axis=-1)
        away = batch.pulls(batch.place) - batch.measurement.centres
        gradient = away @ self._to_axes + first @ self._changes[0].T
        for signal, change in zip(signals, self._changes[1:], strict=True):
            gradient += (first * signal) @ change.T
        weights = [second, *(second * signal for signal in signals)]
        packed = np.tile(self._prior, (len(gradient), 1))
        for one, other, present, product in self.products:
            weight = weights[one] * signals[other - 1] if one else weights[other]
            packed[:, present] += weight @ product
        hessian = np.empty((len(gradient), *batch.axes.directions.shape))
        hessian[:, self._rows, self._columns] = packed
        hessian[:, self._columns, self._rows] = packed
        scale = scales(hessian)
        scaled = hessian * scale[:, :, None] * scale[:, None, :]
        direction = -scale * np.linalg.solve(scaled, (scale * gradient)[..., None])[..., 0]
        return direction, -(gradient * direction).sum(axis=-1) / 2.0
