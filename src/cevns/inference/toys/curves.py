"""What curves of chi^2 on a grid of one parameter say, for many sets of data at once: minima, edges, quantiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cevns.typing import FloatArray


def lowest(grid: FloatArray, chi2: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Place and value of the minimum of each curve, by the parabola through the lowest point and its neighbours.

    Parameters
    ----------
    grid : array, shape (value,)
        Values of the parameter, increasing.
    chi2 : array, shape (..., value)
        Curves on this grid.

    Returns
    -------
    place, minimum : array, shape (...)
        Never above the lowest point, nor beyond the ends of the grid; off by the third power of its spacing.

    >>> place, minimum = lowest(np.array([0.0, 1.0, 3.0]), np.array([4.0, 1.0, 1.0]))
    >>> float(place), float(minimum)
    (2.0, 0.0)
    """
    best = chi2.argmin(axis=-1)
    place, minimum = grid[best], chi2.min(axis=-1)
    if len(grid) < 3:
        return place, minimum
    middle = np.clip(best, 1, len(grid) - 2)
    x0, x1, x2 = (grid[middle + offset] for offset in (-1, 0, 1))
    y0, y1, y2 = (np.take_along_axis(chi2, (middle + o)[..., None], axis=-1)[..., 0] for o in (-1, 0, 1))
    finite = np.isfinite(y0) & np.isfinite(y1) & np.isfinite(y2)
    y0, y1, y2 = (np.where(finite, y, 0.0) for y in (y0, y1, y2))
    slope = (y1 - y0) / (x1 - x0)
    curvature = ((y2 - y1) / (x2 - x1) - slope) / (x2 - x0)
    convex = finite & (curvature > 0)
    vertex = np.clip((x0 + x1) / 2.0 - slope / np.where(convex, 2.0 * curvature, np.inf), x0, x2)
    value = y0 + (vertex - x0) * (slope + curvature * (vertex - x1))
    deeper = convex & (value < minimum)
    return np.where(deeper, vertex, place), np.where(deeper, value, minimum)


def pieces(grid: FloatArray, excess: FloatArray) -> tuple[tuple[float, float], ...]:
    """Intervals in which an excess is not positive, with edges by linear interpolation or at the ends of the grid.

    >>> pieces(np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, -1.0, 3.0, -2.0]))
    ((0.5, 1.25), (2.6, 3.0))
    """
    allowed = excess <= 0.0
    cross = np.flatnonzero(allowed[1:] != allowed[:-1])
    edges = np.concatenate([grid[:1][allowed[:1]], _crossing(grid, excess, cross), grid[-1:][allowed[-1:]]]).tolist()
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def first_upward(grid: FloatArray, excess: FloatArray) -> FloatArray:
    """First value at which each excess (..., value) becomes positive; infinite if it does not on the grid."""
    leaves = (excess[..., :-1] <= 0.0) & (excess[..., 1:] > 0.0)
    first = leaves.argmax(axis=-1)
    return np.where(leaves.any(axis=-1), _crossing(grid, excess, first), np.inf)


def _crossing(grid: FloatArray, excess: FloatArray, left: NDArray[np.intp]) -> FloatArray:
    """Zero of the straight line between grid points (left, left + 1); anything where there is no change of sign.

    Curves are broadcast against their one crossing each, or a single curve against all of its crossings.
    """
    at = (lambda k: excess[k]) if excess.ndim == 1 else (lambda k: np.take_along_axis(excess, k[..., None], -1)[..., 0])
    one, other = at(left), at(left + 1)
    # An infinite excess is at the point itself.
    fraction = np.where(np.isinf(other), 1.0, np.where(np.isinf(one), 0.0, 0.5))
    usable = np.isfinite(one) & np.isfinite(other) & (one != other)
    np.divide(one, np.where(usable, one - other, 1.0), out=fraction, where=usable)
    return np.asarray(grid[left] + fraction * (grid[left + 1] - grid[left]), dtype=float)


def critical(q: FloatArray, cl: float) -> FloatArray:
    """Critical value of a test statistic, with its binomial error.

    Parameters
    ----------
    q : array, shape (..., toy)
        The statistic of pseudo-data.
    cl : float
        Fraction of them at or below the critical value.

    Returns
    -------
    array, shape (3, ...)
        The smallest of the values at or below which that fraction is, and those whose ranks are one standard deviation
        of the binomial distribution lower and higher.
    """
    number = q.shape[-1]
    spread = np.sqrt(number * cl * (1.0 - cl))
    ranks = np.ceil(number * cl + np.array([0.0, -spread, spread]) - 1e-9).astype(int) - 1
    return np.asarray(np.moveaxis(np.sort(q, axis=-1)[..., np.clip(ranks, 0, number - 1)], -1, 0), dtype=float)


def binomial(successes: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Fraction of successes along the last axis, and its error.

    The error is half the width of the score interval of one standard deviation (Wilson, J. Am. Stat. Assoc. 22 (1927)
    209), which stays positive if none or all are successes.

    >>> [round(float(number), 3) for number in binomial(np.arange(100) < 90)]
    [0.9, 0.03]
    """
    number, found = successes.shape[-1], successes.sum(axis=-1)
    error = np.sqrt(found * (number - found) / number + 0.25) / (number + 1.0)
    return found / number, np.asarray(error, dtype=float)
