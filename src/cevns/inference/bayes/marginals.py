"""One-dimensional distributions from weighted draws: quantiles, density, intervals."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct, idct
from scipy.optimize import brentq
from scipy.special import factorial2

from cevns.typing import FloatArray

_CELLS: Final = 2048
"""Cells of the grid on which a density is estimated."""
_STAGES: Final = 7
"""Derivatives that the width of the smoothing is estimated from, one from the next."""
_MARGIN: Final = 0.1
"""Part of the span of the draws that is added on either side, as far as there are no bounds."""

_RESOLVED: Final = 3.0
"""Standard deviations of the noise that a gap must be deeper, and an interval higher, than the ends of the interval."""


def quantiles(values: FloatArray, weights: FloatArray, levels: FloatArray) -> FloatArray:
    """Quantiles of weighted draws, each draw in the middle of its weight.

    >>> quantiles(np.array([3.0, 1.0, 2.0]), np.ones(3), np.array([0.5]))
    array([2.])
    """
    order = np.argsort(values)
    cumulated = np.cumsum(weights[order])
    middle = (cumulated - weights[order] / 2.0) / cumulated[-1]
    return np.asarray(np.interp(levels, middle, values[order]))


def equal_tailed(values: FloatArray, weights: FloatArray, credibility: float) -> tuple[float, float]:
    """The interval with as much probability below as above it."""
    low, high = quantiles(values, weights, np.array([1.0 - credibility, 1.0 + credibility]) / 2.0)
    return float(low), float(high)


def density(
    values: FloatArray, weights: FloatArray, bounds: tuple[float, float], size: float
) -> tuple[FloatArray, FloatArray]:
    """Density of weighted draws on a grid, by diffusion.

    The draws are smoothed by the heat equation, for a time that is found from their own curvature with no reference to
    a normal distribution, so that separate peaks stay apart; no probability leaks through the bounds. Botev, Grotowski
    and Kroese, Ann. Statist. 38 (2010) 2916, arXiv:1011.2602, section 5.

    Parameters
    ----------
    values, weights : array, shape (draw,)
        The draws.
    bounds : (float, float)
        Between which there are values; infinite ends are allowed.
    size : float
        Number of independent draws that they are worth.

    Returns
    -------
    edges, density : array, shape (cell + 1,), (cell,)
        The grid and the density between its edges.
    """
    span = np.ptp(values) or 1.0
    low = max(values.min() - _MARGIN * span, bounds[0])
    high = min(values.max() + _MARGIN * span, bounds[1])
    counts, edges = np.histogram(values, bins=_CELLS, range=(low, high), weights=weights)
    modes = dct(counts / counts.sum())
    squares = np.arange(_CELLS, dtype=float) ** 2
    time = _diffusion_time(squares[1:], np.square(modes[1:] / 2.0), size)
    smooth = idct(modes * np.exp(-squares * np.pi**2 * time / 2.0))
    # The last digits may be negative where there is nothing.
    smooth = np.maximum(smooth, 0.0)
    return edges, smooth / (smooth.sum() * (edges[1] - edges[0]))


def _diffusion_time(squares: FloatArray, power: FloatArray, size: float) -> float:
    """Time of the diffusion on the unit interval: the fixed point of their eq. 29, or the rule for a normal one."""

    def norm(order: int, time: float) -> float:
        """Square integral of a derivative of the density after a time."""
        terms = squares**order * power * np.exp(-squares * np.pi**2 * time)
        return float(2.0 * np.pi ** (2 * order) * terms.sum())

    def excess(time: float) -> float:
        roughness = norm(_STAGES, time)
        for order in range(_STAGES - 1, 1, -1):
            moment = factorial2(2 * order - 1) / np.sqrt(2.0 * np.pi)
            factor = 2.0 * (1.0 + 0.5 ** (order + 0.5)) / 3.0
            roughness = norm(order, (factor * moment / (size * roughness)) ** (2.0 / (3.0 + 2.0 * order)))
        return float(time - (2.0 * size * np.sqrt(np.pi) * roughness) ** -0.4)

    shortest, longest = 1.0 / _CELLS**2, 0.1
    if excess(shortest) >= 0.0:
        return shortest
    return float(brentq(excess, shortest, longest, xtol=1e-12)) if excess(longest) > 0.0 else longest


def highest_density(
    values: FloatArray, weights: FloatArray, edges: FloatArray, density: FloatArray, credibility: float, size: float
) -> tuple[tuple[float, float], ...]:
    """The smallest set that holds a probability: all of its disjoint intervals, lowest first.

    Where the density is high is taken from the smoothed one, and the probability from the draws themselves, so that
    smoothing does not widen the set. Gaps between intervals, and intervals, that the draws do not resolve at three
    standard deviations are none.

    Parameters
    ----------
    values, weights : array, shape (draw,)
        The draws.
    edges, density : array
        Their density on a grid, as `density` gives it.
    credibility : float
        The probability.
    size : float
        Number of independent draws that they are worth.
    """
    held = np.concatenate([[0.0], np.cumsum(np.histogram(values, edges, weights=weights)[0])])
    held /= held[-1]
    mass = density / density.sum()
    order = np.argsort(-mass, kind="stable")

    def resolved(number: int) -> list[tuple[int, int]]:
        return _resolved(mass, order[:number], size)

    number = bisect_left(range(1, len(mass)), credibility, key=lambda n: _held(held, resolved(n)))
    pieces = _trimmed(mass, held, resolved(number + 1), credibility)
    return tuple((float(edges[start]), float(edges[end])) for start, end in pieces)


def _held(cumulated: FloatArray, pieces: list[tuple[int, int]]) -> float:
    """Probability of some intervals, given by their first cell and the one after their last."""
    return float(sum(cumulated[end] - cumulated[start] for start, end in pieces))


def _resolved(mass: FloatArray, chosen: NDArray[np.intp], size: float) -> list[tuple[int, int]]:
    """Runs of cells, the most probable ones; what sets them apart must be more than the noise."""
    inside = np.zeros(len(mass) + 2, dtype=int)
    inside[1 + chosen] = 1
    threshold = mass[chosen[-1]]

    def excess(start: int, end: int) -> float:
        """Probability of cells beyond that at the threshold, in standard deviations of the latter."""
        expected = threshold * (end - start)
        return float((mass[start:end].sum() - expected) / np.sqrt(expected / size))

    steps = np.diff(inside)
    pieces: list[tuple[int, int]] = []
    for start, end in zip(np.flatnonzero(steps > 0).tolist(), np.flatnonzero(steps < 0).tolist(), strict=True):
        joined = bool(pieces) and excess(pieces[-1][1], start) > -_RESOLVED
        pieces.append((pieces.pop()[0], end) if joined else (start, end))
    largest = max(pieces, key=lambda piece: mass[slice(*piece)].sum())
    return [piece for piece in pieces if piece == largest or excess(*piece) > _RESOLVED]


def _trimmed(
    mass: FloatArray, cumulated: FloatArray, pieces: list[tuple[int, int]], credibility: float
) -> list[tuple[int, int]]:
    """Cells taken from the ends of intervals, the least probable first, until no more than the probability is held."""
    ends = [list(piece) for piece in pieces]
    surplus = _held(cumulated, pieces) - credibility
    while True:
        nonempty = [(k, end) for k, end in enumerate(ends) if end[1] > end[0]]
        _, cell, piece, side = min(
            (mass[e[side] - side], e[side] - side, k, side) for k, e in nonempty for side in (0, 1)
        )
        surplus -= float(cumulated[cell + 1] - cumulated[cell])
        if surplus < 0.0:
            return [(start, end) for start, end in ends if end > start]
        ends[piece][side] += 1 - 2 * side
