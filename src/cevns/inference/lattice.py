"""Regions of the unit square in which a function stays below a level, on a lattice refined where the level passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cevns.errors import NumericalError
from cevns.typing import FloatArray

Function: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]
"""``function(x, y)``: values at places of the unit square; elementwise."""
Mask: TypeAlias = NDArray[np.bool_]

_ACCURACY = 1e-4
"""Distance of the function from the level, relative to the height of the level, on the edge of a region."""
_TOLERANCE = 1e-2
"""The same for corners at which it was not possible to do better."""
_STEPS = 60
"""In which a corner is found between two nodes."""
_ROUNDING = 1e-9
"""Distance from a line of the lattice, in units of that between two, that is none."""


def sampled(function: Function, number: int) -> FloatArray:
    """Values on a square lattice of ``number`` x ``number`` nodes, shape (y, x)."""
    across, up = np.meshgrid(*[np.linspace(0.0, 1.0, number)] * 2)
    return function(across.ravel(), up.ravel()).reshape(number, number)


def refined(function: Function, values: FloatArray, level: float, halvings: int) -> FloatArray:
    """Halve the distance of the nodes several times, and evaluate the function anew where the level passes.

    Parameters
    ----------
    function : callable
        The function.
    values : array, shape (y, x)
        Its values on a lattice, from `sampled`.
    level : float
        The level.
    halvings : int
        How often.

    Returns
    -------
    array, shape (y, x)
        The function at the corners of every cell that the level passes through, and on the same side of the level,
        interpolated, at the other nodes. What is between two nodes counts if three nodes in a row let it be expected.
    """
    exact: Mask = np.ones(values.shape, dtype=bool)
    for _ in range(halvings):
        wanted = _corners(np.kron(_crossed(values, level) | _suspected(values, level), np.ones((2, 2), dtype=bool)))
        values = _halved(values)
        known: Mask = np.zeros(values.shape, dtype=bool)
        known[::2, ::2] = exact
        exact = known
        while (wanted & ~exact).any():
            row, column = np.nonzero(wanted & ~exact)
            values[row, column] = function(column / (len(values) - 1.0), row / (len(values) - 1.0))
            exact[row, column] = True
            wanted = _corners(_crossed(values, level))
    return values


def polygons(
    function: Function, values: FloatArray, level: float, height: float, moving: tuple[bool, bool]
) -> list[list[FloatArray]]:
    """Outlines of the region below a level.

    Parameters
    ----------
    function : callable
        The function.
    values : array, shape (y, x)
        What `refined` returns.
    level, height : float
        The level, and how far it is above the minimum.
    moving : tuple of bool
        Whether corners on lines along x, and along y, are moved to where the function has the level; otherwise they
        stay where it has by linear interpolation between two nodes.

    Returns
    -------
    list of list of array, shape (corner, 2)
        For each piece its outer edge, then its holes, closed. Where the square ends, so does the region.
    """
    from contourpy import FillType, contour_generator

    last = len(values) - 1.0
    found = contour_generator(z=values, fill_type=FillType.OuterOffset).filled(min(values.min(), level) - 1.0, level)
    pieces = [
        [np.asarray(ring, dtype=float) for ring in np.split(points, offsets[1:-1])]
        for points, offsets in zip(*found, strict=True)
    ]
    rings = [ring for piece in pieces for ring in piece]
    if rings:
        corners = _moved(function, values, np.concatenate(rings), level, height, moving)
        moved = iter(np.split(corners, np.cumsum([len(ring) for ring in rings])[:-1]))
        pieces = [[next(moved) / last for _ in piece] for piece in pieces]
    return pieces


def _moved(
    function: Function, values: FloatArray, corners: FloatArray, level: float, height: float, moving: tuple[bool, bool]
) -> FloatArray:
    """All corners (corner, 2), in units of the distance of nodes, on their lines between two nodes.

    By the Illinois method from the values at the nodes, which are known: where the function is nearly linear between
    them, one evaluation tells that a corner is where it should be.
    """
    corners = np.where(np.abs(corners - corners.round()) < _ROUNDING, corners.round(), corners)
    between, along = np.nonzero((corners % 1.0 != 0.0) & moving)
    start, fixed = corners[between, along], corners[between, 1 - along]

    def plane(position: FloatArray, some: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        across = along[some] == 0
        return np.where(across, position, fixed[some]), np.where(across, fixed[some], position)

    def excess(position: FloatArray, some: NDArray[np.intp]) -> FloatArray:
        x, y = (one / (len(values) - 1.0) for one in plane(position, some))
        return np.clip(function(x, y) - level, -height, height)

    def crossing(some: NDArray[np.intp]) -> FloatArray:
        """By linear interpolation between the ends."""
        (low, high), (below, above) = ends[:, some], at_ends[:, some]
        return (low * above - high * below) / (above - below)

    active = np.arange(len(start))
    ends = np.stack([np.floor(start), np.ceil(start)])
    column, row = plane(ends, active)
    at_ends = np.clip(values[row.astype(int), column.astype(int)] - level, -height, height)
    position, replaced = crossing(active), np.full(len(start), -1)
    for _ in range(_STEPS):
        if not active.size:
            break
        value = excess(position[active], active)
        end = ((value > 0.0) == (at_ends[1, active] > 0.0)).astype(int)
        ends[end, active], at_ends[end, active] = position[active], value
        at_ends[1 - end, active] /= 1.0 + (replaced[active] == end)
        replaced[active] = end
        position[active] = crossing(active)
        active = active[np.abs(value) > _ACCURACY * height]
    # A node so close to the level that the accuracy of a minimum decides on its side: such corners stay.
    if active.size and np.abs(excess(start[active], active)).max() > _TOLERANCE * height:
        raise NumericalError("a level of chi^2 between two nodes was not found again")
    position[active] = start[active]
    corners[between, along] = position
    return corners


def _crossed(values: FloatArray, level: float) -> Mask:
    """Cells whose corners are on both sides of the level."""
    above = values > level
    number = above[1:, 1:] * 1 + above[1:, :-1] + above[:-1, 1:] + above[:-1, :-1]
    return (number > 0) & (number < 4)


def _suspected(values: FloatArray, level: float) -> Mask:
    """Cells next to a node at which a parabola through it and its neighbours in a line reaches across the level."""
    nodes = np.zeros(values.shape, dtype=bool)
    for sign in (1.0, -1.0):
        excess = sign * (values - level)
        for along in (excess, excess.T):
            before, here, after = along[:, :-2], along[:, 1:-1], along[:, 2:]
            turning = (here > 0.0) & (here <= before) & (here <= after) & (before + after > 2.0 * here)
            bend = np.where(turning, before + after - 2.0 * here, 1.0)
            reached = turning & (here < np.square(after - before) / (8.0 * bend))
            (nodes if along is excess else nodes.T)[:, 1:-1] |= reached
    cells = np.zeros((len(values) - 1, len(values) - 1), dtype=bool)
    for rows in (slice(None, -1), slice(1, None)):
        for columns in (slice(None, -1), slice(1, None)):
            cells |= nodes[rows, columns]
    return cells


def _corners(cells: Mask) -> Mask:
    """Nodes of cells."""
    nodes = np.zeros((len(cells) + 1, len(cells) + 1), dtype=bool)
    for rows in (slice(None, -1), slice(1, None)):
        for columns in (slice(None, -1), slice(1, None)):
            nodes[rows, columns] |= cells
    return nodes


def _halved(values: FloatArray) -> FloatArray:
    """Values on a lattice twice as fine, interpolated linearly."""
    for _ in range(2):
        finer = np.empty((2 * len(values) - 1, values.shape[1]))
        finer[::2], finer[1::2] = values, (values[1:] + values[:-1]) / 2.0
        values = finer.T
    return values
