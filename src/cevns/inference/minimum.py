"""Minima of a function of a few variables at many points at once: damped Newton descents from several starts.

Only values of the function are used: a stencil of them gives gradient and Hessian. Where the minimum is does not have
to be known well, since the function changes with the square of the distance from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cevns.errors import NumericalError
from cevns.typing import FloatArray

_STEP = 1e-4
"""Distance of the points of a stencil: rounding of 1e-12 makes up a curvature of 1e-4 only."""
_MAXIMUM_STEPS = 200
_TOLERANCE, _RELATIVE_TOLERANCE = 1e-8, 1e-6
"""Decrease that ends a descent if a step promises no more, plus a part of the height above the floor."""
_HOPELESS = 0.01
"""Part of the height above the lowest descent of the same point that a step has to promise, for a descent to go on."""
_FAIR = 0.1
"""Part of the promised decrease that a step has to bring."""
_LONGEST = 10.0
"""Length of a step at most."""
_FLAT = 1e-7
"""Least curvature, absolute and relative to the largest, that a step goes by: rounding makes up smaller ones."""

Function: TypeAlias = Callable[[NDArray[np.intp], FloatArray], FloatArray]
"""``function(point, position)``: values (...) at positions (..., k), variables of order one, of points (...)."""


def minimise(
    function: Function,
    point: NDArray[np.intp],
    start: FloatArray,
    *,
    low: FloatArray,
    high: FloatArray,
    floor: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Descend from every start, and take the lowest place of each point.

    Newton steps follow the moduli of the eigenvalues of the Hessian, so that saddles repel; a step that does not lead
    down by a fair part of what it promised is shortened. Variables stop at their bounds. Descents that cannot become
    the lowest of their point are left.

    Parameters
    ----------
    function : callable
        What is minimised.
    point : array of int, shape (start,)
        Point of each start; every point has one at least.
    start : array, shape (start, k)
        Where the descents begin.
    low, high : array, shape (point, k)
        Bounds, infinite where there are none, and otherwise about one apart or more.
    floor : array, shape (point,)
        Value from which heights are measured: a minimum far above it does not have to be known as well.

    Returns
    -------
    value, position : array, shape (point,), (point, k)
        The minimum, and where it is.

    Raises
    ------
    NumericalError
        If a minimum was not reached.
    """
    position, length = np.clip(start, low[point], high[point]), np.ones(len(start))
    value, direction, promised = _newton(function, point, position, low[point], high[point])
    for _ in range(_MAXIMUM_STEPS):
        lowest = np.full(len(low), np.inf)
        np.minimum.at(lowest, point, value)
        height = np.maximum(value - floor[point], 0.0)
        unfinished = length * promised > _TOLERANCE + _RELATIVE_TOLERANCE * height
        active = np.flatnonzero(unfinished & (promised > _HOPELESS * (value - lowest[point])))
        if not active.size:
            break
        at = point[active]
        trial = np.clip(position[active] + length[active, None] * direction[active], low[at], high[at])
        found, way, promise = _newton(function, at, trial, low[at], high[at])
        better = found < value[active] - _FAIR * length[active] * promised[active]
        length[active] *= np.where(better, np.minimum(4.0, 1.0 / length[active]), 0.25)
        moved = active[better]
        position[moved], value[moved] = trial[better], found[better]
        direction[moved], promised[moved] = way[better], promise[better]
    else:
        raise NumericalError(f"no minimum over the profiled parameters was reached in {_MAXIMUM_STEPS} steps")
    order = np.lexsort((value, point))
    best = position[order[np.searchsorted(point[order], np.arange(len(low)))]]
    # Next to a bound the value came from a parabola.
    return function(np.arange(len(low)), best), best


def _newton(
    function: Function, point: NDArray[np.intp], position: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Value (n,) at positions (n, k), the Newton step downhill (n, k), and the decrease (n,) that it promises.

    Variables that push at a bound are held. Where the function is infinite nothing is promised.
    """
    value, gradient, hessian = _expansion(function, point, position, low, high)
    held = ((position <= low) & (gradient > 0.0)) | ((position >= high) & (gradient < 0.0))
    gradient = np.where(held, 0.0, gradient)
    hessian = np.where(held[:, :, None] | held[:, None, :], np.eye(gradient.shape[1]), hessian)
    eigenvalues, axes = np.linalg.eigh(hessian)
    curvature = np.abs(eigenvalues)
    curvature = np.maximum(curvature, _FLAT * (1.0 + curvature.max(axis=1, keepdims=True)))
    along = (gradient[:, None, :] @ axes)[:, 0] / curvature
    step = -(axes @ along[..., None])[..., 0]
    promised = -(gradient * step).sum(axis=1) / 2.0
    length = np.linalg.norm(step, axis=1, keepdims=True)
    return value, step * np.minimum(1.0, _LONGEST / np.maximum(length, _LONGEST)), promised


def _expansion(
    function: Function, point: NDArray[np.intp], position: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Value (n,), gradient (n, k) and Hessian (n, k, k) at positions (n, k), from a stencil that is within bounds."""
    k = position.shape[1]
    first, second = np.triu_indices(k, 1)
    moves = np.concatenate([np.eye(k), np.eye(k)[first] + np.eye(k)[second]])
    offsets = _STEP * np.concatenate([np.zeros((1, k)), moves, -moves])
    centre = np.clip(position, low + _STEP, high - _STEP)
    values = function(np.repeat(point[:, None], len(offsets), axis=1), centre[:, None] + offsets)
    exists = np.isfinite(values.sum(axis=1))
    here, forward, back = np.split(np.where(exists[:, None], values, 0.0), [1, 1 + len(moves)], axis=1)
    bends = (forward + back - 2.0 * here) / _STEP**2
    hessian = np.zeros((len(values), k, k))
    hessian[:, range(k), range(k)] = bends[:, :k]
    hessian[:, first, second] = (bends[:, k:] - bends[:, first] - bends[:, second]) / 2.0
    hessian[:, second, first] = hessian[:, first, second]
    shift = position - centre
    bend = (hessian @ shift[..., None])[..., 0]
    slope = (forward - back)[:, :k] / (2.0 * _STEP)
    value = here[:, 0] + ((slope + bend / 2.0) * shift).sum(axis=1)
    return np.where(exists, value, np.finfo(float).max), slope + bend, hessian
