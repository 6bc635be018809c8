"""Efficiencies, as functions of the recorded signal or of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from cevns.errors import InputError
from cevns.typing import FloatArray


@dataclass(frozen=True)
class Sigmoid:
    """eff(x) = a/(1 + exp(-b (x - c))) + d, set to zero where that is negative, and reduced below given signals.

    Attributes
    ----------
    scale, slope, midpoint, offset : float
        a, b, c, d; b per unit of the signal, c in units of the signal.
    steps : tuple of (float, float)
        Signals, increasing, and the factor that applies below each down to the one before.
    """

    scale: float
    slope: float
    midpoint: float
    offset: float = 0.0
    steps: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        """Check the order of the steps."""
        borders = [border for border, _ in self.steps]
        if borders != sorted(set(borders)):
            raise InputError("efficiency.steps", self.steps, "increasing signals")

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Where the curve reaches zero, if it does, and its steps."""
        ratio = -self.scale / self.offset - 1.0 if self.offset < 0 else 0.0
        zero = (self.midpoint - np.log(ratio) / self.slope,) if ratio > 0 else ()
        return (*zero, *(signal for signal, _ in self.steps))

    def __call__(self, signal: FloatArray) -> FloatArray:
        """Efficiency at the recorded signal."""
        curve = self.scale / (1.0 + np.exp(-self.slope * (signal - self.midpoint))) + self.offset
        borders = [border for border, _ in self.steps]
        factors = np.array([*(factor for _, factor in self.steps), 1.0])
        return np.maximum(curve, 0.0) * factors[np.searchsorted(borders, signal, side="right")]


@dataclass(frozen=True)
class TabulatedEfficiency:
    """Linear interpolation in a table; zero below it, constant above it.

    Attributes
    ----------
    signal : array
        Recorded signal, increasing.
    efficiency : array
        Efficiency there, 0..1.
    """

    signal: FloatArray
    efficiency: FloatArray

    def __post_init__(self) -> None:
        """Check the table."""
        if self.signal.shape != self.efficiency.shape or self.signal.ndim != 1:
            raise InputError("efficiency", self.efficiency.shape, f"as many values as signals, {self.signal.shape}")
        if not np.all(np.diff(self.signal) > 0):
            raise InputError("efficiency.signal", "not increasing", "increasing signals")
        outside = self.efficiency[~((self.efficiency >= 0) & (self.efficiency <= 1))]
        if outside.size:
            raise InputError("efficiency", float(outside[0]), "numbers from 0 to 1")

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """The points of the table."""
        return tuple(self.signal.tolist())

    def __call__(self, signal: FloatArray) -> FloatArray:
        """Efficiency at the recorded signal."""
        return np.interp(signal, self.signal, self.efficiency, left=0.0)


@dataclass(frozen=True)
class ExponentialDecay:
    """One until a time, then falling as exp(-rate (t - start)).

    Attributes
    ----------
    start : float
        End of the plateau [us].
    rate : float
        Rate of the fall [1/us].
    """

    start: float
    rate: float

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """The end of the plateau."""
        return (self.start,)

    def __call__(self, time: FloatArray) -> FloatArray:
        """Efficiency at the time t [us]."""
        return np.exp(-self.rate * np.maximum(time - self.start, 0.0))


Curve: TypeAlias = Sigmoid | TabulatedEfficiency
"""An efficiency that can be varied."""
