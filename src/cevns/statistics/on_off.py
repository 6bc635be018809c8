"""chi^2 of counts with a background that was counted, too: profiled or marginalised in each bin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from cevns.errors import InputError
from cevns.statistics.chi2 import poisson_terms, thrown_counts
from cevns.statistics.numbers import Numbers
from cevns.typing import FloatArray

_WALL = 1e10
"""Curvature of chi^2 below an expectation of zero, where there is no likelihood."""
_TINY = 1e-100
"""An expectation that is zero in all but its logarithm."""


@dataclass(frozen=True)
class _OnOff(ABC):
    """Counts n ~ Poisson(s + b), and m ~ Poisson(t b) of the background alone, measured for t times as long.

    chi^2 is a function of the expectation s of all that the background measurement does not see. It is convex: the
    likelihood is log-concave in s and b together, and so are its maximum and its integral over b. At s < 0, which pulls
    reach when they cancel an overwhelming signal, it goes on as a parabola so steep that the minimum over the pulls is
    that over s >= 0: with either treatment of b the slope at zero is 2 (m - t n)/(m + n), or 2 without counts, so that
    a bin gains 2 max(1, t)^2/_WALL there at most.

    Attributes
    ----------
    observed, off : array, shape (bin,) or (point, bin)
        Counts n and m.
    times : float
        t, positive.
    """

    observed: FloatArray
    off: FloatArray
    times: float = 1.0
    positive: bool = False
    quadratic: bool = False

    @abstractmethod
    def _terms(self, expected: FloatArray) -> FloatArray:
        """chi^2 of each bin at s >= 0."""

    @abstractmethod
    def _slopes(self, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Its derivatives there."""

    def value(self, expected: FloatArray) -> FloatArray:
        """chi^2 at expectations s of shape (..., bin)."""
        inside = np.maximum(expected, 0.0)
        terms = self._terms(inside)
        below = expected - inside
        if below.any():
            terms = terms + below * (self._slopes(inside)[0] + 0.5 * _WALL * below)
        return terms.sum(axis=-1)

    def derivatives(self, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        """First and second derivative with respect to s."""
        first, second = self._slopes(np.maximum(expected, 0.0))
        return first + _WALL * np.minimum(expected, 0.0), np.where(expected < 0, _WALL, second)

    def at(self, points: NDArray[np.intp]) -> Self:
        """The statistic of some of the points."""
        if self.observed.ndim == 1:
            return self
        return replace(self, observed=self.observed[points], off=self.off[points])

    def inside(self) -> Self:
        """Itself: all expectations are allowed."""
        return self

    def thrown(self, expected: FloatArray, numbers: Numbers) -> Self:
        """Poisson counts of both measurements, for the background at which the present ones are most likely."""
        s = np.maximum(expected, 0.0)
        b = self._background(s)
        return replace(self, observed=thrown_counts(s + b, numbers), off=thrown_counts(self.times * b, numbers))

    def _background(self, expected: FloatArray) -> FloatArray:
        """Background at which counts are most likely: the positive root of u b^2 - (n + m - u s) b - s m, u = 1 + t."""
        s, m, u = expected, self.off, 1.0 + self.times
        left = self.observed + m - u * s
        root = np.hypot(left, np.sqrt(4.0 * u * s * m))
        # Of the two forms of the solution the one in which nothing cancels.
        other = np.divide(2.0 * s * m, root - left, out=np.zeros_like(root), where=left < 0)
        return np.where(left < 0, other, (left + root) / (2.0 * u))


@dataclass(frozen=True)
class ProfiledOnOff(_OnOff):
    """On-off measurement with the background at its best value in each bin.

    chi^2 = 2 sum [s + b - n + n ln(n/(s + b)) + t b - m + m ln(m/(t b))] with b the positive root of
    (1 + t) b^2 - (n + m - (1 + t) s) b - s m = 0.
    """

    def _terms(self, expected: FloatArray) -> FloatArray:
        b = self._background(expected)
        return poisson_terms(self.observed, expected + b) + poisson_terms(self.off, self.times * b)

    def _slopes(self, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        """2 (1 - n/(s + b)), as b is the best one, and 2/((s + b)^2/n + b^2/m), from the implicit function theorem."""
        b = self._background(expected)
        n, m, total = self.observed, self.off, expected + b
        ratio = np.divide(n, total, out=np.zeros_like(total), where=n > 0)
        variance = np.divide(total**2, n, out=np.full_like(total, np.inf), where=n > 0)
        variance += np.divide(b**2, m, out=np.where(b > 0, np.inf, 0.0), where=m > 0)
        return 2.0 - 2.0 * ratio, 2.0 / variance


@dataclass(frozen=True)
class MarginalisedOnOff(_OnOff):
    """On-off measurement with the background integrated out, flat prior b >= 0.

    chi^2 = -2 sum ln P(n|s, m)/max_s P(n|s, m) with

        P(n|s, m) = int_0^inf t db Poisson(n|s + b) Poisson(m|t b)
                  = exp(-s) sum_j s^j/j! (n - j + m)! t^(m + 1)/((n - j)! m! (1 + t)^(n - j + m + 1)),   j = 0..n:

    of the n counts j are due to s. All terms are positive. The sums of all bins, and of all points that have counts of
    their own, are one array of n + 1 terms each, added up bin by bin.
    """

    def __post_init__(self) -> None:
        """Refuse counts that are not whole numbers."""
        for field, counts in (("observed", self.observed), ("off", self.off)):
            if not np.array_equal(counts, np.round(counts)):
                allowed = "whole numbers, if the background is marginalised"
                raise InputError(field, float(counts[counts != np.round(counts)][0]), allowed)

    @cached_property
    def _sums(self) -> tuple[NDArray[np.intp], NDArray[np.intp], FloatArray, FloatArray]:
        """The bin of each term, the first term of each bin, j, and the logarithm of the factor of s^j."""
        sizes = self.observed.ravel().astype(int) + 1
        starts = np.cumsum(sizes) - sizes
        of_bin = np.repeat(np.arange(len(sizes)), sizes)
        j = np.arange(sizes.sum()) - starts[of_bin]
        off = self.off.ravel().astype(int)[of_bin]
        others = sizes[of_bin] - 1 - j
        factorial = gammaln(np.arange(1.0, (others + off).max() + 2.0))
        choices = factorial[others + off] - factorial[others] - factorial[off]
        powers = (off + 1.0) * np.log(self.times) - (others + off + 1.0) * np.log1p(self.times)
        factor = choices - factorial[j] + powers
        return of_bin, starts, j.astype(float), factor

    def _logarithm(self, expected: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Logarithm of P, and the first two factorial moments of j in units of s and s^2."""
        of_bin, starts, j, factor = self._sums
        s = np.maximum(expected, _TINY)
        shape = s.shape
        s = s.reshape(*shape[: s.ndim - self.observed.ndim], -1)
        terms = factor + j * np.log(s)[..., of_bin]
        highest = np.maximum.reduceat(terms, starts, axis=-1)
        weights = np.exp(terms - highest[..., of_bin])
        total, one, two = (np.add.reduceat(weights * w, starts, axis=-1) for w in (np.ones_like(j), j, j * (j - 1.0)))
        moments = (highest + np.log(total) - s, one / total / s, two / total / s**2)
        return moments[0].reshape(shape), moments[1].reshape(shape), moments[2].reshape(shape)

    def at(self, points: NDArray[np.intp]) -> Self:
        """The statistic of some of the points, with the largest probabilities that were found already."""
        some = super().at(points)
        if some is not self:
            some.__dict__["_highest"] = self._highest[points]
        return some

    @cached_property
    def _highest(self) -> FloatArray:
        """Largest ln P over s >= 0, by bisection of its slope; it falls at s = n at the latest."""
        low, high = np.zeros_like(self.observed), self.observed
        for _ in range(60):
            middle = (low + high) / 2.0
            rises = self._logarithm(middle)[1] > 1.0
            low, high = np.where(rises, middle, low), np.where(rises, high, middle)
        return self._logarithm(low)[0]

    def _terms(self, expected: FloatArray) -> FloatArray:
        return 2.0 * (self._highest - self._logarithm(expected)[0])

    def _slopes(self, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        """2 (1 - P(n - 1)/P(n)) and 2 ((P(n - 1)/P(n))^2 - P(n - 2)/P(n)): dP(n)/ds = P(n - 1) - P(n)."""
        _, one, two = self._logarithm(expected)
        return 2.0 - 2.0 * one, 2.0 * np.maximum(one**2 - two, 0.0)
