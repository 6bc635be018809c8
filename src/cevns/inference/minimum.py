"""Minima of a function of a few variables at many points at once: damped Newton descents from many starts.

Starts are kept in flat arrays, each with the number of its point; those that meet are merged, and those that cannot
become the lowest of their point are left where they are, so that the work follows the number of valleys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cevns.typing import FloatArray

_MAXIMUM_STEPS = 60
_TOLERANCE = 1e-8
_RELATIVE_TOLERANCE = 1e-12
"""Decrease, absolute and relative, that ends a descent if a Newton step promises no more."""
_HOPELESS = 0.01
"""Part of the height above the lowest start of the same point that a step has to promise, for a descent to go on."""
_SAME = 1e-3
"""Starts of one point that come this close are one."""
_APART = 0.03
"""Places of one point that are closer in the end count as one valley."""
_SMALLEST_STEP = 1e-6
"""Fraction of a Newton step below which a descent ends."""
_FLAT = 1e-7
"""Least curvature, relative to the largest, that a Newton step goes by: rounding makes up smaller ones."""
_HUGE = 1e100
"""In place of infinity."""

Expand: TypeAlias = Callable[[NDArray[np.intp], FloatArray], tuple[FloatArray, FloatArray, FloatArray]]
"""``expand(point, position)``: value (n,), gradient (n, k) and Hessian (n, k, k) at positions (n, k) of points (n,)."""


def lowest_valleys(
    expand: Expand, point: NDArray[np.intp], start: FloatArray, low: FloatArray, high: FloatArray, number: int
) -> tuple[FloatArray, FloatArray]:
    """Descend from every start, and keep the lowest places of each point.

    Newton steps follow the moduli of the eigenvalues of the Hessian, so that saddles repel; a step that does not lead
    down is shortened. Variables stop at their bounds.

    Parameters
    ----------
    expand : callable
        The function and its derivatives, in variables of order one.
    point : array of int, shape (start,)
        Point of each start; every point has one at least.
    start : array, shape (start, k)
        Where the descents begin.
    low, high : array, shape (point, k)
        Bounds, infinite where there are none.
    number : int
        Number of places to keep; where there are fewer, the lowest is repeated.

    Returns
    -------
    value : array, shape (point,)
        The minimum.
    position : array, shape (point, number, k)
        Where it is, and the other places by increasing value, which are known as well as is needed to start from them.
    """
    position, value = np.clip(start, low[point], high[point]), np.full(len(start), _HUGE)
    direction, promised, step = np.zeros_like(start), np.full(len(start), np.inf), np.ones(len(start))
    for _ in range(_MAXIMUM_STEPS):
        kept = _distinct(point, position, value, _SAME)
        point, position, value = point[kept], position[kept], value[kept]
        direction, promised, step = direction[kept], promised[kept], step[kept]
        lowest = np.full(len(low), _HUGE)
        np.minimum.at(lowest, point, value)
        enough = _TOLERANCE + _RELATIVE_TOLERANCE * value + _HOPELESS * (value - lowest[point])
        active = np.flatnonzero((promised > enough) & (step > _SMALLEST_STEP))
        if not active.size:
            break
        at = point[active]
        trial = np.clip(position[active] + step[active, None] * direction[active], low[at], high[at])
        found, gradient, hessian = expand(at, trial)
        better = found < value[active]
        step[active] *= np.where(better, np.minimum(4.0, 1.0 / step[active]), 0.25)
        moved = active[better]
        position[moved], value[moved] = trial[better], found[better]
        direction[moved], promised[moved] = _newton_step(
            gradient[better], hessian[better], trial[better] <= low[at[better]], trial[better] >= high[at[better]]
        )
    kept = _distinct(point, position, value, _APART)
    return _ranked(point[kept], position[kept], value[kept], len(low), number)


def _newton_step(
    gradient: FloatArray, hessian: FloatArray, at_low: NDArray[np.bool_], at_high: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Direction downhill of each start and the decrease it promises; variables that push at a bound are held."""
    held = (at_low & (gradient > 0.0)) | (at_high & (gradient < 0.0))
    gradient = np.where(held, 0.0, gradient)
    hessian = np.where(held[:, :, None] | held[:, None, :], np.eye(gradient.shape[1]), hessian)
    eigenvalues, axes = np.linalg.eigh(hessian)
    curvature = np.abs(eigenvalues)
    curvature = np.maximum(curvature, np.maximum(_FLAT * curvature.max(axis=1, keepdims=True), np.finfo(float).tiny))
    along = (gradient[:, None, :] @ axes)[:, 0] / curvature
    direction = -(axes @ along[..., None])[..., 0]
    return direction, -(gradient * direction).sum(axis=1) / 2.0


def _distinct(point: NDArray[np.intp], position: FloatArray, value: FloatArray, size: float) -> NDArray[np.intp]:
    """Indices of the lowest start in each cell of some size."""
    order = np.argsort(value, kind="stable")
    cells = np.column_stack([point, np.round(position / size)])[order]
    _, first = np.unique(cells, axis=0, return_index=True)
    return order[first]


def _ranked(
    point: NDArray[np.intp], position: FloatArray, value: FloatArray, points: int, number: int
) -> tuple[FloatArray, FloatArray]:
    """Lowest value of each point, and the positions of its lowest starts."""
    order = np.lexsort((value, point))
    point, position, value = point[order], position[order], value[order]
    first = np.searchsorted(point, np.arange(points))
    rank = np.arange(len(point)) - first[point]
    places = np.repeat(position[first][:, None], number, axis=1)
    kept = rank < number
    places[point[kept], rank[kept]] = position[kept]
    return value[first], places


def around_minima(value: FloatArray, number: int) -> NDArray[np.bool_]:
    """The lowest local minima on a grid of each point, and their neighbours, which look into valleys on either side.

    Parameters
    ----------
    value : array, shape (point, ...)
        Values on a grid with an axis for each variable.
    number : int
        Number of minima for each point.
    """
    minimal = np.logical_and.reduce([value <= other for other in _neighbours(value, np.inf)])
    depth = np.where(minimal, value, np.inf).reshape(len(value), -1)
    rank = depth.argsort(axis=1, kind="stable").argsort(axis=1).reshape(value.shape)
    chosen = minimal & (rank < number)
    return np.logical_or.reduce([chosen, *_neighbours(chosen, False)])


def _neighbours(grid: NDArray[Any], beyond: float) -> Iterator[NDArray[Any]]:
    """The grid moved by one place, to either side along each axis but the first; ``beyond`` is what moves in."""
    padded = np.pad(grid, [(0, 0), *[(1, 1)] * (grid.ndim - 1)], constant_values=beyond)
    inside = [slice(None), *[slice(1, -1)] * (grid.ndim - 1)]
    for axis in range(1, grid.ndim):
        for side in (slice(None, -2), slice(2, None)):
            yield padded[(*inside[:axis], side, *inside[axis + 1 :])]
