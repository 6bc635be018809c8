"""Profiling of all pulls together, those that the signal itself depends on among them.

The expectation mu = B + eta b + sum_p S_p(theta) (1 + eta r_p) is linear in some pulls, eta, and smooth in the others,
theta, which have a range. Minima are found by Newton's method with exact second derivatives; where chi^2 is not convex,
curvatures are taken as positive. There may be several minima: the delay of the beam is scanned first, with the linear
pulls profiled at each value, and every valley is followed to its bottom.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cevns.statistics.descent import minimise
from cevns.statistics.measurement import Measurement
from cevns.statistics.profiling import Batch, Normal, Profile, positive_step, profile, scales
from cevns.statistics.signal import JointSignal
from cevns.typing import FloatArray

_SCAN_STEP = 0.05
"""Distance of the delays [us] that are scanned: a fraction of the length of a beam pulse."""
_FLAT = 1e-9
"""Smallest curvature that a step relies on, relative to that of its coordinates."""
_TOUCHING = 1e-12
"""Distance from an end, relative to the range, at which a pull is held there."""


def profile_varied(measurement: Measurement, signal: JointSignal, setting: Setting | None = None) -> Profile:
    """Minimise chi^2 over all pulls for each signal.

    Parameters
    ----------
    measurement : Measurement
        Data, the same for all signals or one set for each, and pulls; without any that has a range this is
        `cevns.statistics.profile`.
    signal : JointSignal
        Expected signal as a function of these pulls.
    setting : Setting, optional
        What is known from a measurement with these pulls.

    Returns
    -------
    Profile
        Points that did not converge are marked, not dropped.
    """
    setting = setting or Setting(measurement)
    if not measurement.ranges:
        return profile(measurement, signal.at(np.zeros((len(signal), 0))), setting.normal)
    owner, problem = _valleys(setting, measurement, signal)
    place, chi2, converged = minimise(problem)
    order = np.lexsort((chi2, owner))
    best = order[np.unique(owner[order], return_index=True)[1]]
    return Profile(chi2[best], problem.pulls(place)[best], np.bincount(owner, ~converged) == 0)


class Setting:
    """What all points of measurements with the same pulls have in common, whatever their data.

    Which pulls are linear, the Newton equations of these, and the ends of the others.
    """

    def __init__(self, measurement: Measurement) -> None:
        self.varied = np.array(measurement.varied, dtype=int)
        self.linear = np.setdiff1d(np.arange(len(measurement.pulls)), self.varied)
        self.low, self.high = np.reshape(list(measurement.ranges.values()), (-1, 2)).T
        self.names = tuple(measurement.ranges)
        self.data = self.of(measurement)
        self.normal = Normal(self.data)
        self.axes = self.normal.axes

    def of(self, measurement: Measurement) -> Measurement:
        """A measurement with the linear pulls alone."""
        return replace(
            measurement,
            signal_change=measurement.signal_change[self.linear],
            background_change=measurement.background_change[self.linear],
            sigmas=measurement.sigmas[self.linear],
            pulls=tuple(measurement.pulls[k] for k in self.linear),
            ranges={},
            centres=self.centres(measurement)[..., self.linear],
        )

    @staticmethod
    def centres(measurement: Measurement) -> FloatArray:
        """Centres of all constraints, shape (pull,) or (point, pull)."""
        return np.broadcast_to(measurement.centres, (*measurement.centres.shape[:-1], len(measurement.pulls)))


def _valleys(setting: Setting, measurement: Measurement, signal: JointSignal) -> tuple[NDArray[np.intp], _Problem]:
    """Starting places, at least one for each point, and the points that they belong to."""
    data = setting.of(measurement)
    owner, values = np.arange(len(signal)), np.zeros((len(signal), len(setting.low)))
    origin = setting.axes.origin(data, signal.at(values))

    def linear_profile() -> tuple[FloatArray, FloatArray]:
        """Best shifts of the linear pulls, and chi^2 there."""
        batch = Batch.of(data.at(owner), setting.normal, signal[owner].at(values), origin[owner])
        return minimise(batch)[:2]

    for k in (setting.names.index(name) for name in signal.delays):
        low, high = setting.low[k], setting.high[k]
        delays = np.linspace(low, high, int(np.ceil((high - low) / _SCAN_STEP)) + 1)
        shape = (len(owner), len(delays))
        owner, values = np.repeat(owner, shape[1]), np.repeat(values, shape[1], axis=0)
        values[:, k] = np.tile(delays, shape[0])
        chi2 = linear_profile()[1].reshape(shape)
        before, after = (np.pad(chi2, ((0, 0), ends), constant_values=np.inf) for ends in ((1, 0), (0, 1)))
        valley = (chi2 < before[:, :-1]) & (chi2 <= after[:, 1:])
        valley[np.arange(shape[0]), chi2.argmin(axis=1)] = True
        owner, values = owner[valley.ravel()], values[valley.ravel()]
    place = np.concatenate([linear_profile()[0], values], axis=1)
    return owner, _Problem(setting, measurement.at(owner), signal[owner], origin[owner], place)


@dataclass(frozen=True)
class _Problem:
    """chi^2 at some points as a function of the shift along the axes of the linear pulls, then of the other pulls."""

    setting: Setting
    measurement: Measurement
    signal: JointSignal
    origin: FloatArray
    place: FloatArray
    quadratic: bool = False

    def at(self, active: NDArray[np.intp], place: FloatArray) -> _Problem:
        """Some of the points, at a new place."""
        measurement = self.measurement.at(active)
        return _Problem(self.setting, measurement, self.signal[active], self.origin[active], place)

    def inside(self) -> _Problem:
        """The same points with the linear pulls at zero and minima inside."""
        shift, values = self.setting.axes.shift_to_zero(self.origin), self._split(self.place)[1]
        return replace(self, measurement=self.measurement.inside(), place=np.concatenate([shift, values], axis=1))

    def _split(self, place: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Shift, and values of the other pulls."""
        number = len(self.setting.linear)
        return place[:, :number], place[:, number:]

    def pulls(self, place: FloatArray) -> FloatArray:
        """All pulls, shape (point, pull)."""
        setting, (shift, values) = self.setting, self._split(place)
        pulls = np.empty_like(place)
        pulls[:, setting.linear] = self.origin + shift @ setting.axes.directions.T
        pulls[:, setting.varied] = np.clip(values, setting.low, setting.high)
        return pulls

    def _scaling(self, shift: FloatArray) -> FloatArray:
        """One plus the relative change of the signal, shape (point, part x bin); exact where it nearly vanishes."""
        return (1.0 + self.origin @ self.setting.data.signal_change) + shift @ self.setting.axes.signal_change

    def expected(self, place: FloatArray) -> FloatArray:
        """Expected counts, shape (point, bin)."""
        data, (shift, values) = self.setting.data, self._split(place)
        signal = data.sum_parts(self.signal.at(values) * self._scaling(shift))
        return signal + data.background + shift @ self.setting.axes.background_change

    def chi2(self, place: FloatArray) -> FloatArray:
        """Statistic plus constraints."""
        constraint = self.measurement.constraint(self.pulls(place))
        return self.measurement.statistic.value(self.expected(place)) + constraint

    @cached_property
    def _derivatives(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Signal, first and second derivatives, the parts one after another along the last axis."""
        return self.signal.derivatives(self._split(self.place)[1])

    @cached_property
    def _slopes(self) -> FloatArray:
        """Derivatives of the expectation, shape (point, coordinate, bin)."""
        data, axes, (signal, first, _) = self.setting.data, self.setting.axes, self._derivatives
        linear = data.sum_parts(signal[:, None] * axes.signal_change) + axes.background_change
        varied = data.sum_parts(first * self._scaling(self._split(self.place)[0])[:, None])
        return np.concatenate([linear, varied], axis=1)

    def longest_step(self, direction: FloatArray) -> FloatArray:
        """The step that leaves the other pulls in their ranges, and expectations positive if they must be."""
        setting, (_, values), (_, along) = self.setting, self._split(self.place), self._split(direction)
        room = np.where(along > 0, setting.high - values, setting.low - values)
        step = np.divide(room, along, out=np.full_like(room, np.inf), where=along != 0).min(axis=-1)
        change = (direction[:, None] @ self._slopes)[:, 0]
        return np.minimum(step, positive_step(setting.data, self.expected(self.place), change))

    def newton_step(self) -> tuple[FloatArray, FloatArray]:
        """Newton direction of each point and the decrease of chi^2 it promises."""
        setting, axes = self.setting, self.setting.axes
        (shift, _), (_, first, second) = self._split(self.place), self._derivatives
        slope, curvature = self.measurement.statistic.derivatives(self.expected(self.place))
        prior = 2.0 / np.square(self.measurement.sigmas)
        linear, varied = prior[setting.linear], prior[setting.varied]
        pull = (self.pulls(self.place) - self.measurement.centres) * prior

        gradient = (self._slopes @ slope[:, :, None])[:, :, 0]
        gradient[:, : len(linear)] += pull[:, setting.linear] @ axes.directions
        gradient[:, len(linear) :] += pull[:, setting.varied]

        convex = (self._slopes * curvature[:, None]) @ np.swapaxes(self._slopes, 1, 2)
        convex[:, : len(linear), : len(linear)] += (axes.directions.T * linear) @ axes.directions
        convex[:, len(linear) :, len(linear) :] += np.diag(varied + _FLAT / np.square(setting.high - setting.low))
        scale = scales(convex)

        slope = np.tile(slope, len(setting.data.parts))
        mixed = (first * slope[:, None]) @ axes.signal_change.T
        hessian = convex
        hessian[:, len(linear) :, : len(linear)] += mixed
        hessian[:, : len(linear), len(linear) :] += np.swapaxes(mixed, 1, 2)
        hessian[:, len(linear) :, len(linear) :] += (second * (slope * self._scaling(shift))[:, None, None]).sum(
            axis=-1
        )

        direction = self._descent(hessian * scale[:, :, None] * scale[:, None, :], gradient * scale) * scale
        return direction, -(gradient * direction).sum(axis=-1) / 2.0

    def _descent(self, hessian: FloatArray, gradient: FloatArray) -> FloatArray:
        """Newton direction with every curvature positive, in which no pull leaves its range.

        Pulls at an end of their range that would leave it are held, and the others move without them.
        """
        setting, (shift, values) = self.setting, self._split(self.place)
        near = _TOUCHING * (setting.high - setting.low)
        nowhere = np.zeros_like(shift, dtype=bool)
        lowest = np.concatenate([nowhere, values <= setting.low + near], axis=1)
        highest = np.concatenate([nowhere, values >= setting.high - near], axis=1)
        leaving = (lowest & (gradient > 0)) | (highest & (gradient < 0))
        held = leaving
        for _ in range(len(setting.low) + 1):
            free = np.where(held[:, :, None] | held[:, None, :], np.eye(held.shape[1]), hessian)
            curvatures, axes = np.linalg.eigh(free)
            along = np.swapaxes(axes, 1, 2) @ np.where(held, 0.0, gradient)[:, :, None]
            direction = -(axes @ (along / np.maximum(np.abs(curvatures), _FLAT)[:, :, None]))[:, :, 0]
            leaving = ~held & ((lowest & (direction < 0)) | (highest & (direction > 0)))
            if not leaving.any():
                break
            held = held | leaving
        return np.where(held, 0.0, direction)
