"""Coordinates of the pulls in which signals many orders above the counts keep their digits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cevns.statistics.measurement import Measurement
from cevns.typing import FloatArray

_OVERWHELMING = 1e3
"""Ratio of signal to observed counts above which pulls are measured from the point where they cancel the signal."""


@dataclass(frozen=True)
class Axes:
    """Coordinates in which pulls are varied: eta = origin + directions @ shift.

    With a signal many orders above the counts the best normalisation is -1 up to about n/S, where 1 + eta would lose
    its digits. Such points start from an origin that cancels the signal exactly. Of pulls that scale the same signal,
    the one that scales less is varied alone and cancels what is its own; the others are varied together with it, so
    that what they have in common stays.

    Attributes
    ----------
    directions : array, shape (pull, axis)
        The pulls that move along each axis.
    signal_change : array, shape (axis, part x bin)
    background_change : array, shape (axis, bin)
        What a unit step along each axis changes.
    cancelling : mapping of int to array, shape (part x bin,)
        Axes that cancel signal at -1, and which: one there and zero elsewhere. They do not overlap.
    """

    directions: FloatArray
    signal_change: FloatArray
    background_change: FloatArray
    cancelling: Mapping[int, FloatArray]

    @classmethod
    def of(cls, measurement: Measurement) -> Axes:
        """The axes of a measurement."""
        r, b = measurement.signal_change, measurement.background_change
        directions = np.eye(len(r))
        scalings = np.flatnonzero(np.isin(r, (0.0, 1.0)).all(axis=1) & r.any(axis=1) & ~b.any(axis=1))
        cancelling: dict[int, FloatArray] = {}
        for pull in sorted(scalings.tolist(), key=lambda k: (r[k].sum(), k)):
            inside = [axis for axis, own in cancelling.items() if np.all(own <= r[pull])]
            own = r[pull] - sum(cancelling[axis] for axis in inside)
            if any(np.any(own * other) for other in cancelling.values()):
                continue
            directions[:, pull] -= directions[:, inside].sum(axis=1)
            if own.any():
                cancelling[pull] = own
        return cls(directions, directions.T @ r, directions.T @ b, cancelling)

    def origin(self, measurement: Measurement, signal: FloatArray) -> FloatArray:
        """Pulls at zero shift, shape (point, pull)."""
        origin = np.zeros((len(signal), len(self.directions)))
        if not self.cancelling:
            return origin
        shape = (-1, len(measurement.parts), measurement.bins)
        cancelled = np.stack(list(self.cancelling.values())).reshape(shape)
        counts = measurement.background.sum() + measurement.statistic.observed.sum(axis=-1)[..., None]
        complete = cancelled.sum(axis=0).all(axis=-1)
        overwhelming = (signal.reshape(shape).sum(axis=-1) > _OVERWHELMING * counts) & complete
        used = overwhelming @ cancelled.any(axis=-1).T
        return origin - used @ self.directions[:, list(self.cancelling)].T

    def shift_to_zero(self, origin: FloatArray) -> FloatArray:
        """The shift at which all pulls vanish, shape (point, axis)."""
        return np.asarray(np.linalg.solve(self.directions, -origin.T).T, dtype=float)
