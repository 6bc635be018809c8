"""Outlines of regions on a panel: how far they extend, and how far the rest of the panel."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cevns.results import Ring
from cevns.typing import FloatArray

Pieces: TypeAlias = tuple[tuple[Ring, ...], ...]
"""Disjoint pieces of a region: for each its outer edge, then its holes, closed."""
Extent: TypeAlias = tuple[float | None, float | None]
"""Lower and upper end, None where there is none."""


def extents(pieces: Pieces, x: tuple[float, float], y: tuple[float, float]) -> tuple[list[Extent], list[Extent]]:
    """Along x and along y, how far polygons extend, and how far the rest of a panel with these sides."""
    sides = np.array([x, y])
    rings = [np.array(ring) for piece in pieces for ring in piece]
    edges = np.concatenate([np.zeros((0, 2, 2)), *(np.stack([ring[:-1], ring[1:]], axis=1) for ring in rings)])
    # For each axis and edge, whether it lies on the first or the last side; such are not edges of the rest.
    on_side = [np.abs(edges[..., None, k] - ends) < 1e-9 * np.ptp(ends) for k, ends in enumerate(sides)]
    along = [both.all(axis=1) for both in on_side]
    inner = edges[~np.concatenate(along, axis=1).any(axis=1)]
    inside, outside = list[Extent](), list[Extent]()
    for k in range(2):
        covered = (np.abs(np.diff(edges[..., 1 - k])) * along[k]).sum(axis=0)
        inside.append(_extent(edges[..., k], on_side[k].any(axis=(0, 1))))
        outside.append(_extent(inner[..., k], ~np.isclose(covered, np.ptp(sides[1 - k]))))
    return inside, outside


def _extent(values: FloatArray, beyond: NDArray[np.bool_]) -> Extent:
    """Lowest and highest value; None where there is none, or where it goes on beyond."""
    if not values.size:
        return None, None
    low, high = float(values.min()), float(values.max())
    return None if beyond[0] else low, None if beyond[1] else high
