"""Tables of bins: released counts in other bins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from cevns.errors import InputError
from cevns.typing import FloatArray

Table = Mapping[str, FloatArray]
"""Columns by name, all of the same length."""


def merging(
    native: tuple[Sequence[float], Sequence[float]], energies: FloatArray, times: FloatArray
) -> Callable[[FloatArray], FloatArray]:
    """What sums released counts (energy bin, time bin) in other bins, whose edges must be among the released ones."""
    starts = []
    for field, edges, released in zip(("energy_edges", "time_edges"), (energies, times), native, strict=True):
        borders = np.array(released, dtype=float)
        if not np.all(np.isclose(edges[:, None], borders).any(axis=1)):
            raise InputError(field, edges.tolist(), f"edges among those of the release: {borders.tolist()}")
        starts.append(np.abs(edges[:, None] - borders).argmin(axis=1))

    def merge(counts: FloatArray) -> FloatArray:
        for axis, start in enumerate(starts):
            counts = np.take(counts, range(start[0], start[-1]), axis=axis)
            counts = np.add.reduceat(counts, start[:-1] - start[0], axis=axis)
        return counts.ravel()

    return merge
