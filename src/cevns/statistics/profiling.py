"""Profiling of pulls: a batch of convex minimisations by a vectorised, safeguarded Newton method.

The expectation is linear in the pulls, mu = S + B + sum_k eta_k (r_k S + b_k), so gradient and Hessian of every point
of a batch are matrix products of weighted signals with constant matrices: no array with both a pull and a bin axis per
point is ever formed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cevns.statistics.measurement import Measurement
from cevns.typing import FloatArray

_MAXIMUM_STEPS = 60
_TOLERANCE = 1e-9
_RELATIVE_TOLERANCE = 1e-12
"""Largest expected decrease of chi^2, absolute and relative, of a converged point; the last step is still taken."""
_MAXIMUM_HALVINGS = 200
"""Of one step: enough for the largest signal to come down to the smallest count."""
_KEEP_POSITIVE = 0.95
"""Fraction of the way to a vanishing expectation that one step may go."""
_OVERWHELMING = 1e3
"""Ratio of signal to observed counts above which pulls are measured from the point where they cancel the signal."""


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


def profile(measurement: Measurement, signal: FloatArray) -> Profile:
    """Minimise chi^2 over the pulls for each signal.

    Parameters
    ----------
    measurement : Measurement
        Data and pulls.
    signal : array, shape (point, bin)
        Expected signal at zero pulls.

    Returns
    -------
    Profile
        Points that did not converge are marked, not dropped.
    """
    number = len(measurement.sigmas)
    axes = _Axes.of(measurement)
    shift = np.zeros((len(signal), number))
    batch = _Batch(measurement, axes, signal, axes.origin(measurement, signal), shift)
    chi2 = batch.chi2(shift)
    converged = np.full(len(signal), number == 0) | ~np.isfinite(chi2)
    normal = _Normal(measurement, axes)
    for _ in range(_MAXIMUM_STEPS):
        active = np.flatnonzero(~converged)
        if not active.size:
            break
        here = batch.at(active, shift)
        direction, decrease = normal.newton_step(here)
        shift[active], chi2[active] = _line_search(here, direction, chi2[active], decrease)
        converged[active] = decrease <= _TOLERANCE + _RELATIVE_TOLERANCE * chi2[active]
    return Profile(chi2, batch.origin + shift @ axes.directions.T, converged)


@dataclass(frozen=True)
class _Axes:
    """Coordinates in which pulls are varied: eta = origin + directions @ shift.

    With a signal many orders above the counts the best normalisation is -1 up to about n/S, where 1 + eta would lose
    its digits. Such points start from an origin that cancels the signal exactly; and of pulls that scale the same
    signal all but one are varied together with it, so that the signal stays.

    Attributes
    ----------
    directions : array, shape (pull, axis)
        The pulls that move along each axis.
    signal_change, background_change : array, shape (axis, bin)
        What a unit step along each axis changes.
    cancelling : array of int
        Pulls that together cancel the whole signal at -1; empty if there are none.
    """

    directions: FloatArray
    signal_change: FloatArray
    background_change: FloatArray
    cancelling: NDArray[np.intp]

    @classmethod
    def of(cls, measurement: Measurement) -> _Axes:
        """The axes of a measurement."""
        r, b = measurement.signal_change, measurement.background_change
        directions = np.eye(len(r))
        scalings = np.flatnonzero(np.isin(r, (0.0, 1.0)).all(axis=1) & r.any(axis=1) & ~b.any(axis=1))
        cancelling: list[int] = []
        for pull in sorted(scalings.tolist(), key=lambda k: (r[k].sum(), k)):
            inside = [other for other in cancelling if np.all(r[other] <= r[pull])]
            if inside and np.array_equal(r[inside].sum(axis=0), r[pull]):
                directions[inside, pull] = -1.0
            elif not np.any(r[[*cancelling, pull]].sum(axis=0) > 1.0):
                cancelling.append(pull)
        complete = bool(cancelling) and bool(np.all(r[cancelling].sum(axis=0) == 1.0))
        chosen = np.array(cancelling if complete else [], dtype=np.intp)
        return cls(directions, directions.T @ r, directions.T @ b, chosen)

    def origin(self, measurement: Measurement, signal: FloatArray) -> FloatArray:
        """Pulls at zero shift, shape (point, pull)."""
        origin = np.zeros((len(signal), len(self.directions)))
        if self.cancelling.size:
            counts = measurement.background.sum() + measurement.statistic.observed.sum()
            overwhelming = np.flatnonzero(signal.sum(axis=-1) > _OVERWHELMING * counts)
            origin[np.ix_(overwhelming, self.cancelling)] = -1.0
        return origin


@dataclass(frozen=True)
class _Batch:
    """Points at which chi^2 is minimised: signal, and pulls as an origin plus a shift along the axes."""

    measurement: Measurement
    axes: _Axes
    signal: FloatArray
    origin: FloatArray
    shift: FloatArray

    def at(self, active: NDArray[np.intp], shift: FloatArray) -> _Batch:
        """Some of the points, with new shifts."""
        return _Batch(self.measurement, self.axes, self.signal[active], self.origin[active], shift[active])

    @cached_property
    def _signal_at_origin(self) -> FloatArray:
        """Exactly zero where the origin cancels the signal."""
        return self.signal * (1.0 + self.origin @ self.measurement.signal_change)

    def pulls(self, shift: FloatArray) -> FloatArray:
        """The pulls at a shift."""
        return self.origin + shift @ self.axes.directions.T

    def change(self, shift: FloatArray) -> FloatArray:
        """Change of the expectation for a shift."""
        return self.signal * (shift @ self.axes.signal_change) + shift @ self.axes.background_change

    def expected(self, shift: FloatArray) -> FloatArray:
        """Expected counts."""
        return self._signal_at_origin + self.measurement.background + self.change(shift)

    def chi2(self, shift: FloatArray) -> FloatArray:
        """Statistic plus constraints."""
        constraint = np.square(self.pulls(shift) / self.measurement.sigmas).sum(axis=-1)
        return self.measurement.statistic.value(self.expected(shift)) + constraint


class _Normal:
    """The Newton equations of a measurement."""

    def __init__(self, measurement: Measurement, axes: _Axes) -> None:
        r, b = axes.signal_change, axes.background_change
        self._rows, self._columns = np.triu_indices(len(r))
        i, j = self._rows, self._columns
        products = (b[i] * b[j], r[i] * b[j] + b[i] * r[j], r[i] * r[j])
        self._products = [(np.flatnonzero(p.any(axis=1)), p) for p in products]
        self._to_axes = (2.0 / measurement.sigmas**2)[:, None] * axes.directions
        self._prior = (axes.directions.T @ self._to_axes)[i, j]

    def newton_step(self, batch: _Batch) -> tuple[FloatArray, FloatArray]:
        """Newton direction of each point and the decrease of chi^2 it promises."""
        axes, signal = batch.axes, batch.signal
        first, second = batch.measurement.statistic.derivatives(batch.expected(batch.shift))
        gradient = (first * signal) @ axes.signal_change.T + first @ axes.background_change.T
        gradient += batch.pulls(batch.shift) @ self._to_axes
        packed = np.tile(self._prior, (len(signal), 1))
        weight = second
        for present, product in self._products:
            if present.size:
                packed[:, present] += weight @ product[present].T
            weight = weight * signal
        hessian = np.empty((len(signal), *axes.directions.shape))
        hessian[:, self._rows, self._columns] = packed
        hessian[:, self._columns, self._rows] = packed
        scale = 1.0 / np.sqrt(np.diagonal(hessian, axis1=1, axis2=2))
        scaled = hessian * scale[:, :, None] * scale[:, None, :]
        direction = -scale * np.linalg.solve(scaled, (scale * gradient)[..., None])[..., 0]
        return direction, -(gradient * direction).sum(axis=-1) / 2.0


def _line_search(
    batch: _Batch, direction: FloatArray, chi2: FloatArray, decrease: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Take the Newton step, shortened until expectations stay positive and chi^2 falls by a fair part of the promise.

    Points that cannot fall any more stay where they are.
    """
    step = np.ones(len(chi2))
    positive = batch.measurement.statistic.positive
    if np.any(positive):
        change = batch.change(direction)
        falls = positive & (change < 0)
        room = np.divide(batch.expected(batch.shift), -change, out=np.full_like(change, np.inf), where=falls)
        step = np.minimum(step, _KEEP_POSITIVE * room.min(axis=-1))
    trial = batch.shift + step[:, None] * direction
    value = batch.chi2(trial)
    rounding = 1e-12 * np.abs(chi2)
    for _ in range(_MAXIMUM_HALVINGS):
        too_high = np.flatnonzero(value > chi2 - 2e-4 * step * decrease + rounding)
        if not too_high.size:
            break
        step[too_high] /= 2.0
        trial[too_high] = batch.shift[too_high] + step[too_high, None] * direction[too_high]
        value[too_high] = batch.at(too_high, batch.shift).chi2(trial[too_high])
    stay = value > chi2 + rounding
    return np.where(stay[:, None], batch.shift, trial), np.where(stay, chi2, value)
