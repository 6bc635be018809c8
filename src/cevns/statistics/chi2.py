"""chi^2 of observed and expected counts, with its derivatives: Poisson, least squares, and several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from cevns.statistics.numbers import Numbers
from cevns.typing import FloatArray

_TRACE = 1e-10
"""A count that is nothing but a barrier: chi^2 at the minimum is off by less than twice as much for each such bin."""


class Statistic(Protocol):
    """A chi^2 as a function of the expected counts.

    The observed counts are the same at all points, or each point of the expected counts has its own: pseudo-data.
    """

    @property
    def observed(self) -> FloatArray:
        """Observed counts, shape (bin,) or (point, bin)."""

    @property
    def positive(self) -> bool | NDArray[np.bool_]:
        """Whether expected counts must be positive, for all bins or bin by bin."""

    @property
    def quadratic(self) -> bool:
        """Whether chi^2 is a polynomial of second degree in the expected counts."""

    def value(self, expected: FloatArray) -> FloatArray:
        """chi^2, summed over the last axis; infinite where an expectation excludes the observation."""

    def derivatives(self, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        """First and second derivative with respect to the expected counts, bin by bin."""

    def at(self, points: NDArray[np.intp]) -> Self:
        """The statistic of some of the points; itself if the counts are the same at all."""

    def inside(self) -> Statistic:
        """The statistic whose minimum has no expectation at the edge of what is allowed, but next to it."""

    def thrown(self, expected: FloatArray, numbers: Numbers) -> Statistic:
        """The statistic of pseudo-data with these expected counts (point, bin), negative ones taken as zero."""


def rows(values: FloatArray, points: NDArray[np.intp]) -> FloatArray:
    """Rows of an array (point, ...); an array of one dimension holds for all points."""
    return values if values.ndim < 2 else values[points]


def thrown_counts(expected: FloatArray, numbers: Numbers) -> FloatArray:
    """Pseudo-data, shape (point, bin)."""
    return np.asarray(numbers.poisson(np.maximum(expected, 0.0)), dtype=float)


def poisson_terms(observed: FloatArray, expected: FloatArray) -> FloatArray:
    """Terms 2 [mu - n + n ln(n/mu)] of the Poisson likelihood ratio; mu = 0 only where n = 0."""
    mu = np.where(expected > 0, expected, 1.0)
    return 2.0 * (expected - observed + observed * np.log(np.where(observed > 0, observed, mu) / mu))


@dataclass(frozen=True)
class Poisson:
    """Poisson likelihood ratio, chi^2 = 2 sum [mu - n + n ln(n/mu)] (Baker and Cousins, NIM 221 (1984) 437).

    Attributes
    ----------
    observed : array, shape (bin,) or (point, bin)
        Counts n.
    """

    observed: FloatArray
    positive: bool = True
    quadratic: bool = False

    def value(self, expected: FloatArray) -> FloatArray:
        """chi^2 at expected counts of shape (..., bin)."""
        n = self.observed
        allowed = (expected > 0) | ((expected == 0) & (n == 0))
        return np.where(allowed.all(axis=-1), poisson_terms(n, expected).sum(axis=-1), np.inf)

    def derivatives(self, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        """2 (1 - n/mu) and 2 n/mu^2; in a bin without counts the second vanishes."""
        inverse = 1.0 / np.where(expected > 0, expected, np.inf)
        ratio = 2.0 * self.observed * inverse
        return 2.0 - ratio, ratio * inverse

    def at(self, points: NDArray[np.intp]) -> Poisson:
        """The statistic of some of the points."""
        return Poisson(self.observed[points]) if self.observed.ndim > 1 else self

    def inside(self) -> Poisson:
        """A trace of counts where there are none: -2 n ln mu is a barrier, and the counts left are as they were."""
        return Poisson(np.maximum(self.observed, _TRACE))

    def thrown(self, expected: FloatArray, numbers: Numbers) -> Poisson:
        """Poisson counts."""
        return Poisson(thrown_counts(expected, numbers))


@dataclass(frozen=True)
class Gaussian:
    """Least squares, chi^2 = sum (mu - n)^2/variance.

    Attributes
    ----------
    observed : array, shape (bin,) or (point, bin)
        Counts n.
    variance : array, of the same shape
        Their variance.
    floor : float
        Smallest variance of the counts themselves.
    background : array, shape (bin,), or None
        Part of the variance that belongs to backgrounds which were measured elsewhere. The rest follows the counts;
        None if nothing does, and the variance is known.
    """

    observed: FloatArray
    variance: FloatArray
    floor: float = 0.0
    background: FloatArray | None = None
    positive: bool = False
    quadratic: bool = True

    @classmethod
    def of_counts(cls, observed: FloatArray, floor: float, background: FloatArray) -> Gaussian:
        """Counts with a variance of max(n, floor) and that of measured backgrounds."""
        return cls(observed, np.maximum(observed, floor) + background, floor, background)

    def value(self, expected: FloatArray) -> FloatArray:
        """chi^2 at expected counts of shape (..., bin)."""
        return ((expected - self.observed) ** 2 / self.variance).sum(axis=-1)

    def derivatives(self, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        """2 (mu - n)/variance and 2/variance."""
        return 2.0 * (expected - self.observed) / self.variance, np.broadcast_to(2.0 / self.variance, expected.shape)

    def at(self, points: NDArray[np.intp]) -> Gaussian:
        """The statistic of some of the points."""
        if self.observed.ndim == 1:
            return self
        return replace(self, observed=self.observed[points], variance=rows(self.variance, points))

    def inside(self) -> Gaussian:
        """Itself: all expectations are allowed."""
        return self

    def thrown(self, expected: FloatArray, numbers: Numbers) -> Gaussian:
        """Poisson counts and their variance, less what the measured backgrounds fluctuate by; or normal numbers.

        chi^2 knows the difference of counts and backgrounds only: what is subtracted of them is in the counts.
        """
        if self.background is None:
            return replace(self, observed=numbers.normal(expected, np.sqrt(self.variance)))
        counts = Gaussian.of_counts(thrown_counts(expected, numbers), self.floor, self.background)
        return replace(counts, observed=numbers.normal(counts.observed, np.sqrt(self.background)))


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
        return np.concatenate([part.observed for part in self.parts], axis=-1)

    @property
    def positive(self) -> NDArray[np.bool_]:
        """Whether expected counts must be positive, bin by bin."""
        parts = zip(self.parts, self.sizes, strict=True)
        return np.concatenate([np.broadcast_to(part.positive, size) for part, size in parts])

    @property
    def quadratic(self) -> bool:
        """Whether all parts are."""
        return all(part.quadratic for part in self.parts)

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

    def at(self, points: NDArray[np.intp]) -> Concatenated:
        """The parts of some of the points."""
        parts = [part.at(points) for part in self.parts]
        unchanged = all(one is other for one, other in zip(parts, self.parts, strict=True))
        return self if unchanged else Concatenated(parts, self.sizes)

    def inside(self) -> Concatenated:
        """That of the parts."""
        return Concatenated([part.inside() for part in self.parts], self.sizes)

    def thrown(self, expected: FloatArray, numbers: Numbers) -> Concatenated:
        """Pseudo-data of the parts, one after another."""
        pieces = zip(self.parts, self._split(expected), strict=True)
        return Concatenated([part.thrown(piece, numbers) for part, piece in pieces], self.sizes)
