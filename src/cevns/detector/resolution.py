"""Energy resolution: the probability density of the recorded signal x around its mean n."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, ndtr, xlogy

from cevns.errors import InputError
from cevns.typing import FloatArray


@dataclass(frozen=True)
class GammaResolution:
    """Gamma density of mean n and shape 1 + b n.

    P(x|n) = (a (1 + b n))^(1 + b n)/Gamma(1 + b n) x^(b n) exp(-a (1 + b n) x) with a = 1/n
    (COHERENT, Phys. Rev. Lett. 129 (2022) 081801, supplemental material).

    Attributes
    ----------
    shape_slope : float
        b, per unit of the mean.
    """

    shape_slope: float

    def __post_init__(self) -> None:
        """Check the slope."""
        if not (np.isfinite(self.shape_slope) and self.shape_slope > 0):
            raise InputError("resolution.shape_slope", self.shape_slope, "a positive number")

    def spread(self, mean: FloatArray) -> FloatArray:
        """Standard deviation of the signal."""
        return mean / np.sqrt(1.0 + self.shape_slope * mean)

    def density(self, signal: FloatArray, mean: FloatArray) -> FloatArray:
        """P(x|n) for positive x, of the broadcast shape of both."""
        shape = 1.0 + self.shape_slope * mean
        rate = shape / mean
        return np.exp(shape * np.log(rate) - gammaln(shape) + (shape - 1.0) * np.log(signal) - rate * signal)


@dataclass(frozen=True)
class NoResolution:
    """The recorded signal is its mean: no spread at all."""


@dataclass(frozen=True)
class PoissonResolution:
    """Poisson fluctuations of a counted signal.

    A count k fills the signal from k to k + 1: it belongs to the bin with low <= k < high, and efficiencies apply in
    the middle, at k + 1/2.
    """

    def spread(self, mean: FloatArray) -> FloatArray:
        """Standard deviation of the signal."""
        return np.sqrt(mean)

    def density(self, signal: FloatArray, mean: FloatArray) -> FloatArray:
        """P(k|n) = n^k exp(-n)/k! of the count k at or just below the signal, of the broadcast shape of both."""
        count = np.floor(signal)
        return np.exp(xlogy(count, mean) - mean - gammaln(count + 1.0))


@dataclass(frozen=True)
class GaussianResolution:
    """Gaussian density of standard deviation sigma = sqrt(s0^2 + s1^2 n + s2^2 n^2).

    Attributes
    ----------
    constant, stochastic, proportional : float
        s0, s1, s2 in powers of the unit of the signal; not all zero.
    truncated : bool
        Whether every event has a positive signal: the part below zero is cut off, and the rest normalised to one.
    """

    constant: float = 0.0
    stochastic: float = 0.0
    proportional: float = 0.0
    truncated: bool = False

    def __post_init__(self) -> None:
        """Check the widths."""
        widths = (self.constant, self.stochastic, self.proportional)
        if not (np.all(np.isfinite(widths)) and min(widths) >= 0 and max(widths) > 0):
            raise InputError("resolution", widths, "non-negative widths, not all zero")

    def spread(self, mean: FloatArray) -> FloatArray:
        """Standard deviation of the signal."""
        return np.sqrt(self.constant**2 + self.stochastic**2 * mean + (self.proportional * mean) ** 2)

    def density(self, signal: FloatArray, mean: FloatArray) -> FloatArray:
        """P(x|n), of the broadcast shape of both."""
        sigma = self.spread(mean)
        norm = ndtr(mean / sigma) if self.truncated else 1.0
        return np.exp(-0.5 * ((signal - mean) / sigma) ** 2) / (np.sqrt(2.0 * np.pi) * sigma * norm)


@dataclass(frozen=True)
class GaussianSumResolution(GaussianResolution):
    """Gaussian density of standard deviation sigma = s0 + s1 sqrt(n) + s2 n: the widths themselves add up.

    Attributes
    ----------
    constant, stochastic, proportional : float
        s0, s1, s2 in powers of the unit of the signal; not all zero.
    """

    def spread(self, mean: FloatArray) -> FloatArray:
        """Standard deviation of the signal."""
        return self.constant + self.stochastic * np.sqrt(mean) + self.proportional * mean
