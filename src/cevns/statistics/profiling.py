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
    batch = _Batch(measurement, signal, _origin(measurement, signal), np.zeros((len(signal), number)))
    chi2 = batch.chi2(batch.shift)
    converged = np.full(len(signal), number == 0) | ~np.isfinite(chi2)
    normal = _Normal(measurement)
    shift = batch.shift
    for _ in range(_MAXIMUM_STEPS):
        active = np.flatnonzero(~converged)
        if not active.size:
            break
        here = batch.at(active, shift)
        direction, decrease = normal.newton_step(here)
        shift[active], chi2[active] = _line_search(here, direction, chi2[active], decrease)
        converged[active] = decrease <= _TOLERANCE + _RELATIVE_TOLERANCE * chi2[active]
    return Profile(chi2, batch.origin + shift, converged)


def _origin(measurement: Measurement, signal: FloatArray) -> FloatArray:
    """Where pulls are measured from, shape (point, pull): zero, or where they cancel an overwhelming signal exactly.

    With S many orders above the counts the best normalisation is -1 up to about n/S, and 1 + eta would lose its digits.
    """
    origin = np.zeros((len(signal), len(measurement.sigmas)))
    normalisations = np.flatnonzero(
        np.isin(measurement.signal_change, (0.0, 1.0)).all(axis=1) & ~measurement.background_change.any(axis=1)
    )
    cancelling: list[int] = []
    for pull in normalisations.tolist():
        if measurement.signal_change[[*cancelling, pull]].sum(axis=0).max() <= 1.0:
            cancelling.append(pull)
    if cancelling and measurement.signal_change[cancelling].sum(axis=0).min() == 1.0:
        counts = measurement.background.sum() + measurement.statistic.observed.sum()
        overwhelming = np.flatnonzero(signal.sum(axis=-1) > _OVERWHELMING * counts)
        origin[np.ix_(overwhelming, np.array(cancelling))] = -1.0
    return origin


@dataclass(frozen=True)
class _Batch:
    """Points at which chi^2 is minimised: signal, and pulls as an origin plus a shift."""

    measurement: Measurement
    signal: FloatArray
    origin: FloatArray
    shift: FloatArray

    def at(self, active: NDArray[np.intp], shift: FloatArray) -> _Batch:
        """Some of the points, with new shifts."""
        return _Batch(self.measurement, self.signal[active], self.origin[active], shift[active])

    @cached_property
    def _scaled_signal(self) -> FloatArray:
        """Signal at the origin of the pulls; exactly zero where the origin cancels it."""
        return self.signal * (1.0 + self.origin @ self.measurement.signal_change)

    def change(self, shift: FloatArray) -> FloatArray:
        """Change of the expectation for a shift of the pulls."""
        m = self.measurement
        return self.signal * (shift @ m.signal_change) + shift @ m.background_change

    def expected(self, shift: FloatArray) -> FloatArray:
        """Expected counts."""
        return self._scaled_signal + self.measurement.background + self.change(shift)

    def chi2(self, shift: FloatArray) -> FloatArray:
        """Statistic plus constraints."""
        pulls = (self.origin + shift) / self.measurement.sigmas
        return self.measurement.statistic.value(self.expected(shift)) + np.square(pulls).sum(axis=-1)


class _Normal:
    """The Newton equations of a measurement."""

    def __init__(self, measurement: Measurement) -> None:
        r, b = measurement.signal_change, measurement.background_change
        self._rows, self._columns = np.triu_indices(len(r))
        i, j = self._rows, self._columns
        products = (b[i] * b[j], r[i] * b[j] + b[i] * r[j], r[i] * r[j])
        self._products = [(np.flatnonzero(p.any(axis=1)), p) for p in products]
        self._prior = 2.0 / measurement.sigmas**2

    def newton_step(self, batch: _Batch) -> tuple[FloatArray, FloatArray]:
        """Newton direction of each point and the decrease of chi^2 it promises."""
        m, signal = batch.measurement, batch.signal
        first, second = m.statistic.derivatives(batch.expected(batch.shift))
        pulls = batch.origin + batch.shift
        gradient = (first * signal) @ m.signal_change.T + first @ m.background_change.T + self._prior * pulls
        packed = np.zeros((len(signal), len(self._rows)))
        weight = second
        for present, product in self._products:
            if present.size:
                packed[:, present] += weight @ product[present].T
            weight = weight * signal
        hessian = np.empty((len(signal), len(self._prior), len(self._prior)))
        hessian[:, self._rows, self._columns] = packed
        hessian[:, self._columns, self._rows] = packed
        diagonal = np.arange(len(self._prior))
        hessian[:, diagonal, diagonal] += self._prior
        scale = 1.0 / np.sqrt(hessian[:, diagonal, diagonal])
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
    if batch.measurement.statistic.positive:
        change = batch.change(direction)
        room = np.divide(batch.expected(batch.shift), -change, out=np.full_like(change, np.inf), where=change < 0)
        step = np.minimum(step, _KEEP_POSITIVE * room.min(axis=-1))
    trial = batch.shift + step[:, None] * direction
    value = batch.chi2(trial)
    rounding = 1e-12 * np.abs(chi2)
    for _ in range(40):
        too_high = np.flatnonzero(value > chi2 - 2e-4 * step * decrease + rounding)
        if not too_high.size:
            break
        step[too_high] /= 2.0
        trial[too_high] = batch.shift[too_high] + step[too_high, None] * direction[too_high]
        value[too_high] = batch.at(too_high, batch.shift).chi2(trial[too_high])
    stay = value > chi2 + rounding
    return np.where(stay[:, None], batch.shift, trial), np.where(stay, chi2, value)
