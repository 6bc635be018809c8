"""Test statistics: pure functions of observed and expected counts, with their derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import xlogy

from cevns.typing import FloatArray


class Statistic(Protocol):
    """A chi^2 as a function of the expected counts."""

    @property
    def observed(self) -> FloatArray:
        """Observed counts, shape (bin,)."""

    @property
    def positive(self) -> bool:
        """Whether expected counts must be positive."""

    def value(self, expected: FloatArray) -> FloatArray:
        """chi^2, summed over the last axis; infinite where an expectation excludes the observation."""

    def derivatives(self, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        """First and second derivative with respect to the expected counts, bin by bin."""


@dataclass(frozen=True)
class Poisson:
    """Poisson likelihood ratio, chi^2 = 2 sum [mu - n + n ln(n/mu)] (Baker and Cousins, NIM 221 (1984) 437).

    Attributes
    ----------
    observed : array, shape (bin,)
        Counts n.
    """

    observed: FloatArray
    positive: bool = True

    def value(self, expected: FloatArray) -> FloatArray:
        """chi^2 at expected counts of shape (..., bin)."""
        n = self.observed
        allowed = (expected > 0) | ((expected == 0) & (n == 0))
        safe = np.where(expected > 0, expected, 1.0)
        chi2 = 2.0 * (expected - n + xlogy(n, n / safe)).sum(axis=-1)
        return np.where(allowed.all(axis=-1), chi2, np.inf)

    def derivatives(self, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        """2 (1 - n/mu) and 2 n/mu^2; in a bin without counts the second vanishes."""
        ratio = np.divide(self.observed, expected, out=np.zeros_like(expected), where=expected > 0)
        curvature = np.divide(2.0 * ratio, expected, out=np.zeros_like(expected), where=expected > 0)
        return 2.0 - 2.0 * ratio, curvature


@dataclass(frozen=True)
class Gaussian:
    """Least squares, chi^2 = sum (mu - n)^2/variance.

    Attributes
    ----------
    observed, variance : array, shape (bin,)
        Counts n and their variance.
    """

    observed: FloatArray
    variance: FloatArray
    positive: bool = False

    def value(self, expected: FloatArray) -> FloatArray:
        """chi^2 at expected counts of shape (..., bin)."""
        return ((expected - self.observed) ** 2 / self.variance).sum(axis=-1)

    def derivatives(self, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        """2 (mu - n)/variance and 2/variance."""
        return 2.0 * (expected - self.observed) / self.variance, np.broadcast_to(2.0 / self.variance, expected.shape)


@dataclass(frozen=True)
class Concatenated:
    """Statistics of several measurements, side by side along the bin axis.

    Attributes
    ----------
    parts : sequence of Statistic
        The statistics.
    sizes : sequence of int
        Number of bins of each.
    """

    parts: Sequence[Statistic]
    sizes: Sequence[int]

    @property
    def observed(self) -> FloatArray:
        """Observed counts of all parts."""
        return np.concatenate([part.observed for part in self.parts])

    @property
    def positive(self) -> bool:
        """Whether any part needs positive expectations."""
        return any(part.positive for part in self.parts)

    def _split(self, expected: FloatArray) -> list[FloatArray]:
        return np.split(expected, np.cumsum(self.sizes)[:-1], axis=-1)

    def value(self, expected: FloatArray) -> FloatArray:
        """Sum of the parts."""
        pieces = zip(self.parts, self._split(expected), strict=True)
        return np.sum([part.value(piece) for part, piece in pieces], axis=0)

    def derivatives(self, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Derivatives of the parts, concatenated."""
        pairs = [part.derivatives(piece) for part, piece in zip(self.parts, self._split(expected), strict=True)]
        first, second = zip(*pairs, strict=True)
        return np.concatenate(first, axis=-1), np.concatenate(second, axis=-1)
