"""The response of a detector: probability that a recoil of energy T is recorded in each bin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.polynomial.legendre import leggauss, legvander
from numpy.typing import NDArray

from cevns.detector.quenching import Quenching
from cevns.detector.resolution import NoResolution, PoissonResolution
from cevns.errors import InputError
from cevns.typing import FloatArray

_MAXIMUM_PIECES = 20_000
"""Most intervals into which the signal axis is divided."""
_DEGREE = 31
"""Of the polynomials in which the response is expanded on each piece of an octave of the mean signal."""
_SPREADS = 8.0
"""Length of such a piece at most, in standard deviations of the signal: expansions then are right to 1e-6."""


class Resolution(Protocol):
    """Spread of the recorded signal."""

    def spread(self, mean: FloatArray) -> FloatArray:
        """Standard deviation of the signal given its mean."""

    def density(self, signal: FloatArray, mean: FloatArray) -> FloatArray:
        """Probability density of the signal given its mean."""


class Efficiency(Protocol):
    """Detection efficiency."""

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Where it is not smooth."""

    def __call__(self, signal: FloatArray) -> FloatArray:
        """Efficiency, 0..1."""


@dataclass(frozen=True)
class DetectorResponse:
    """Quenching, light yield, resolution and efficiency, integrated over bins of the recorded signal.

    Attributes
    ----------
    edges : array, shape (bin + 1,)
        Bin edges in units of the signal (photoelectrons or keVee), increasing.
    quenching : Quenching
        Recoil energy to electron-equivalent energy.
    resolution : Resolution
        Spread of the signal.
    efficiency : Efficiency
        As a function of the recorded signal.
    light_yield : float
        Signal per keVee (1 if the signal is the electron-equivalent energy itself).
    lowest : float
        Lowest electron-equivalent energy [keVee] that makes any signal: of a pair of charges in a semiconductor.
    signal_nodes, recoil_nodes : int
        Gauss-Legendre nodes on each smooth piece of the signal axis and of the recoil axis.
    """

    edges: FloatArray
    quenching: Quenching
    resolution: Resolution | NoResolution
    efficiency: Efficiency
    light_yield: float = 1.0
    lowest: float = 0.0
    signal_nodes: int = 16
    recoil_nodes: int = 16
    _expansions: dict[float, FloatArray] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check edges and light yield."""
        if self.edges.ndim != 1 or len(self.edges) < 2 or not np.all(np.diff(self.edges) > 0):
            raise InputError("energy.edges", self.edges.tolist(), "increasing numbers, at least two")
        if not (np.isfinite(self.light_yield) and self.light_yield > 0):
            raise InputError("light_yield", self.light_yield, "a positive number")
        if isinstance(self.resolution, PoissonResolution):
            counts = np.diff(np.ceil(self.edges))
            if not (counts.min() > 0 and counts.sum() <= _MAXIMUM_PIECES):
                allowed = f"bins with at least one whole number in each and {_MAXIMUM_PIECES} at most in all"
                raise InputError("energy.edges", self.edges.tolist(), allowed)

    @cached_property
    def _signal_quadrature(self) -> tuple[FloatArray, FloatArray, NDArray[np.intp]]:
        """Nodes on the signal axis, their weights times the efficiency, and the first node of each bin.

        Of a counted signal the nodes are the middles of the counts.
        """
        if isinstance(self.resolution, PoissonResolution):
            counts = np.arange(np.ceil(self.edges[0]), self.edges[-1])
            return counts + 0.5, self.efficiency(counts + 0.5), np.searchsorted(counts, self.edges[:-1])
        inner = np.asarray(self.efficiency.breakpoints, dtype=float)
        inner = inner[(inner > self.edges[0]) & (inner < self.edges[-1])]
        points = self._resolved(np.unique(np.concatenate([self.edges, inner])))
        nodes, weights = composite_gauss_legendre(points, self.signal_nodes)
        starts = np.searchsorted(points, self.edges[:-1]) * self.signal_nodes
        return nodes, weights * self.efficiency(nodes), starts

    def _resolved(self, points: FloatArray) -> FloatArray:
        """Signals with more in between where the resolution is finer than the quadrature nodes would be."""
        if isinstance(self.resolution, NoResolution):
            return points
        lengths = np.diff(points)
        spread = self.resolution.spread(np.abs(points[:-1] + lengths / 16.0))
        return _divided(points, lengths, spread, self.signal_nodes)

    def _fine(self, points: FloatArray) -> FloatArray:
        """Recoil energies with more in between, for the same reason."""
        if isinstance(self.resolution, NoResolution) or len(points) < 2:
            return points
        mean = self.light_yield * self.quenching(points)
        return _divided(points, np.abs(np.diff(mean)), self.resolution.spread(mean[:-1]), self.recoil_nodes)

    def matrix(self, recoil_energy: FloatArray) -> FloatArray:
        """Probability that a recoil T [MeV] is recorded in each bin; shape (..., recoil, bin).

        Many recoils, those of several points (..., recoil), are interpolated: the response is expanded once in Legendre
        polynomials of the mean signal, on pieces of each octave.

        Raises
        ------
        InputError
            If the quenching gives a signal that is not positive.
        """
        energy = self.quenching(recoil_energy)
        mean = self.light_yield * energy
        if not np.all(mean > 0):
            worst = float(recoil_energy.flat[np.argmin(mean)])
            raise InputError(
                "quenching",
                float(np.min(mean)),
                f"a positive signal at every recoil energy (here T = {worst} MeV)",
            )
        seen = (energy >= self.lowest)[..., None]
        if recoil_energy.ndim == 1 or isinstance(self.resolution, NoResolution):
            return self._matrix(mean) * seen
        return self._interpolated(mean, self.resolution) * seen

    def _interpolated(self, mean: FloatArray, resolution: Resolution) -> FloatArray:
        """The response at means of any shape (...), from its expansions; shape (..., bin)."""
        flat = mean.ravel()
        octave = 2.0 ** np.floor(np.log2(flat))
        length = octave / np.ceil(octave / (_SPREADS * resolution.spread(octave)))
        start = octave + length * np.floor((flat - octave) / length)
        probability = np.empty((len(flat), len(self.edges) - 1))
        order = np.argsort(start)
        for piece in np.split(order, np.flatnonzero(np.diff(start[order])) + 1):
            low, extent = float(start[piece[0]]), float(length[piece[0]])
            local = legvander(2.0 * (flat[piece] - low) / extent - 1.0, _DEGREE)
            probability[piece] = local @ self._expansion(low, extent)
        return probability.reshape(*mean.shape, -1)

    def _expansion(self, start: float, length: float) -> FloatArray:
        """Legendre coefficients of the response to means between two, shape (degree + 1, bin)."""
        if start not in self._expansions:
            nodes, weights = leggauss(_DEGREE + 1)
            projection = legvander(nodes, _DEGREE).T * weights * (np.arange(_DEGREE + 1)[:, None] + 0.5)
            self._expansions[start] = projection @ self._matrix(start + length * (nodes + 1.0) / 2.0)
        return self._expansions[start]

    def _matrix(self, mean: FloatArray) -> FloatArray:
        """The response to means (recoil,), or of any shape where nothing spreads; shape (..., bin)."""
        if isinstance(self.resolution, NoResolution):
            low, high = self.edges[:-1], self.edges[1:]
            return self.efficiency(mean)[..., None] * ((mean[..., None] >= low) & (mean[..., None] < high))
        nodes, weights, starts = self._signal_quadrature
        density = self.resolution.density(nodes, mean[:, None])
        return np.add.reduceat(density * weights, starts, axis=1)

    def recorded(self, rate: Callable[[FloatArray], FloatArray], breakpoints: tuple[float, ...] = ()) -> FloatArray:
        """Integral of a spectrum of the recorded signal, times the efficiency, over each bin; shape (bin,).

        Parameters
        ----------
        rate : callable
            Events per unit of the signal, as a function of it.
        breakpoints : tuple of float
            Signals at which it is not smooth.
        """
        inner = np.array([*self.efficiency.breakpoints, *breakpoints])
        points = np.union1d(self.edges, inner[(inner > self.edges[0]) & (inner < self.edges[-1])])
        nodes, weights = composite_gauss_legendre(points, self.signal_nodes)
        return np.add.reduceat(
            rate(nodes) * self.efficiency(nodes) * weights, np.searchsorted(points, self.edges[:-1]) * self.signal_nodes
        )

    def recoil_quadrature(self, kinks: FloatArray, others: tuple[float, ...] = ()) -> tuple[FloatArray, FloatArray]:
        """Nodes and weights for integrals over recoil energy of rate times response.

        The axis is split where the rate is not smooth, into pieces that shrink by a factor two towards the lowest
        energy that can be recorded at all, and where the resolution is finer than the nodes would be.

        Parameters
        ----------
        kinks : array, shape (..., kink)
            Recoil energies [MeV] at which the rate is not smooth; it vanishes above the largest.
        others : tuple of float
            More of them, the same for all points.

        Returns
        -------
        nodes, weights : array, shape (..., recoil)
            T and dT [MeV].
        """
        # Where nothing can recoil at all, any range will do.
        top = float(kinks.max()) or 1e-9
        halvings = np.asarray(top * 0.5 ** np.arange(40), dtype=float)
        sharp = self._sharp_edges(top)
        probes = np.concatenate([halvings, sharp * (1.0 + 1e-9)])
        seen = probes[self.matrix(probes).sum(axis=1) > 1e-16]
        first, last = (39, 39)
        if seen.size:
            first = max(int(np.count_nonzero(halvings > seen.max())) - 1, 0)
            last = min(int(np.count_nonzero(halvings >= seen.min())), 39)
        common = np.concatenate([halvings[first : last + 1], np.array(others), sharp])
        common = self._fine(np.unique(common[(common >= halvings[last]) & (common <= halvings[first])]))
        points = np.concatenate([np.broadcast_to(common, (*kinks.shape[:-1], len(common))), kinks], axis=-1)
        highest = np.minimum(kinks.max(axis=-1, keepdims=True), halvings[first])
        inside = np.sort(np.clip(points, halvings[last], np.maximum(highest, halvings[last])), axis=-1)
        return composite_gauss_legendre(np.unique(inside) if inside.ndim == 1 else inside, self.recoil_nodes)

    def _sharp_edges(self, top: float) -> FloatArray:
        """Recoil energies below ``top`` [MeV] where signals begin and, without spread, pass an edge or a kink."""
        from scipy.optimize.elementwise import find_root

        steps = (*self.edges, *self.efficiency.breakpoints) if isinstance(self.resolution, NoResolution) else ()
        signals = np.array([self.light_yield * self.lowest, *steps])
        signals = signals[(signals > 0) & (signals < self.light_yield * self.quenching(np.array([top]))[0])]
        if not signals.size:
            return signals
        result = find_root(
            lambda recoil, signal: self.light_yield * self.quenching(recoil) - signal,
            (np.full_like(signals, 1e-12 * top), np.full_like(signals, top)),
            args=(signals,),
        )
        return np.asarray(result.x)


def _divided(points: FloatArray, lengths: FloatArray, spread: FloatArray, nodes: int) -> FloatArray:
    """Points with more in between: each interval, of a length in the signal, in pieces of half a node a spread."""
    pieces = np.ceil(lengths / (0.5 * nodes * spread)).astype(int).clip(1)
    if pieces.sum() > _MAXIMUM_PIECES:
        raise InputError("resolution", float(spread.min()), "a spread that is not many orders below the bins")
    inner = [np.linspace(low, high, n + 1)[:-1] for low, high, n in zip(points, points[1:], pieces, strict=False)]
    return np.append(np.concatenate(inner), points[-1])


def composite_gauss_legendre(points: FloatArray, number: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre nodes and weights on each interval between consecutive points, shape (..., node).

    >>> nodes, weights = composite_gauss_legendre(np.array([0.0, 1.0, 3.0]), 4)
    >>> round(float(weights @ nodes**3), 12)
    20.25
    """
    unit_nodes, unit_weights = leggauss(number)
    half, middle = np.diff(points) / 2.0, (points[..., 1:] + points[..., :-1]) / 2.0
    nodes = middle[..., None] + half[..., None] * unit_nodes
    return nodes.reshape(*points.shape[:-1], -1), (half[..., None] * unit_weights).reshape(*points.shape[:-1], -1)
