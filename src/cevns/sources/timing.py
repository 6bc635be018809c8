"""Arrival-time profiles: a released table, or a beam pulse convolved with pion and muon decay."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtr

from cevns.constants import CHARGED_PION_LIFETIME, MUON_LIFETIME
from cevns.errors import InputError
from cevns.typing import FloatArray

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


class _CumulativeTimes(ABC):
    """Arrival times known by their cumulative distribution."""

    @abstractmethod
    def _cumulative(self, time: FloatArray) -> FloatArray:
        """Fraction of each component that has arrived, shape (component, time)."""

    @abstractmethod
    def _knots(self, edges: FloatArray) -> FloatArray:
        """Times between which the profile is as good as uniform, from the first to the last edge of the bins."""

    def fractions(
        self,
        edges: FloatArray,
        efficiency: Callable[[FloatArray], FloatArray] | None = None,
        breakpoints: tuple[float, ...] = (),
    ) -> FloatArray:
        """Fractions per component and bin; see `cevns.sources.base.TimeProfile.fractions`.

        The efficiency is averaged between knots by Gauss-Legendre quadrature.
        """
        if efficiency is None:
            return np.diff(self._cumulative(edges), axis=-1)
        knots = np.concatenate([self._knots(edges), breakpoints])
        points = np.unique(np.concatenate([knots[(knots > edges[0]) & (knots < edges[-1])], edges]))
        half, middle = np.diff(points) / 2.0, (points[1:] + points[:-1]) / 2.0
        mean_efficiency = efficiency(middle[:, None] + half[:, None] * _NODES) @ _WEIGHTS / 2.0
        pieces = np.diff(self._cumulative(points), axis=-1) * mean_efficiency
        return np.add.reduceat(pieces, np.searchsorted(points, edges[:-1]), axis=-1)


@dataclass(frozen=True)
class TabulatedTimes(_CumulativeTimes):
    """A histogram of arrival times for each component, uniform within its bins.

    Attributes
    ----------
    edges : array, shape (bin + 1,)
        Bin edges [us], increasing.
    weights : array, shape (component, bin)
        Neutrinos in each bin, any common normalisation per component; each component is normalised to one.
    """

    edges: FloatArray
    weights: FloatArray

    def __post_init__(self) -> None:
        """Check the table."""
        if self.weights.ndim != 2 or self.weights.shape[1] != len(self.edges) - 1:
            raise InputError("time_profile.weights", self.weights.shape, f"shape (component, {len(self.edges) - 1})")
        if not np.all(np.diff(self.edges) > 0):
            raise InputError("time_profile.edges", "not increasing", "increasing times [us]")
        if not (np.all(self.weights >= 0) and np.all(self.weights.sum(axis=1) > 0)):
            raise InputError("time_profile.weights", "negative or empty", "non-negative weights, not all zero")

    def _cumulative(self, time: FloatArray) -> FloatArray:
        total = np.concatenate([np.zeros((len(self.weights), 1)), np.cumsum(self.weights, axis=1)], axis=1)
        return np.stack([np.interp(time, self.edges, row / row[-1]) for row in total])

    def _knots(self, _edges: FloatArray) -> FloatArray:
        return self.edges


@dataclass(frozen=True)
class UniformTimes(_CumulativeTimes):
    """A steady source: neutrinos of all components come at all times alike.

    Attributes
    ----------
    components : int
        Number of components.
    duration : float
        Duration of the exposure [us].
    """

    components: int
    duration: float

    def _cumulative(self, time: FloatArray) -> FloatArray:
        return np.tile(np.clip(time / self.duration, 0.0, 1.0), (self.components, 1))

    def _knots(self, edges: FloatArray) -> FloatArray:
        return edges


def _delayed_gaussian(time: FloatArray, mean: float, width: float, lifetime: float) -> FloatArray:
    """Cumulative distribution of a Gaussian time plus an exponential decay time."""
    z = (time - mean) / width
    tail = np.exp(-(time - mean) / lifetime + 0.5 * (width / lifetime) ** 2 + log_ndtr(z - width / lifetime))
    return ndtr(z) - tail


@dataclass(frozen=True)
class BeamPulse(_CumulativeTimes):
    """A Gaussian proton pulse; pions decay with their mean life, then muons with theirs.

    The components are those of `cevns.sources.PionDecayAtRest`: nu_mu follows the pion, nu_e and antinu_mu the muon.
    The convolutions are exact (sums of exponentially modified Gaussians).

    Attributes
    ----------
    mean, width : float
        Mean and standard deviation of the pulse [us].
    """

    mean: float
    width: float

    def __post_init__(self) -> None:
        """Check the pulse."""
        if not np.isfinite(self.mean):
            raise InputError("time_profile.mean", self.mean, "a finite time [us]")
        if not (np.isfinite(self.width) and self.width > 0):
            raise InputError("time_profile.width", self.width, "a positive time [us]")

    def _cumulative(self, time: FloatArray) -> FloatArray:
        after_pion = _delayed_gaussian(time, self.mean, self.width, CHARGED_PION_LIFETIME)
        after_one_muon_life = _delayed_gaussian(time, self.mean, self.width, MUON_LIFETIME)
        after_muon = (MUON_LIFETIME * after_one_muon_life - CHARGED_PION_LIFETIME * after_pion) / (
            MUON_LIFETIME - CHARGED_PION_LIFETIME
        )
        return np.stack([after_muon, after_pion, after_muon])

    def _knots(self, edges: FloatArray) -> FloatArray:
        return np.arange(edges[0], edges[-1], min(self.width, CHARGED_PION_LIFETIME) / 8.0)
