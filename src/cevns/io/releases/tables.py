"""What converters of releases are made of: tables of bins, and released counts in other bins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cevns.errors import InputError
from cevns.typing import FloatArray

Table = Mapping[str, FloatArray]
"""Columns by name, all of the same length."""


@dataclass(frozen=True)
class Release:
    """How one release becomes tables.

    Attributes
    ----------
    convert : callable
        ``convert(directory, energy_edges, time_edges)`` makes the tables, by file name.
    energy_edges, time_edges : tuple of float
        The binning of the analysis; signal unit and us. No times if the data have none.
    """

    convert: Callable[[Path, FloatArray, FloatArray], Mapping[str, Table]]
    energy_edges: tuple[float, ...]
    time_edges: tuple[float, ...] = ()


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


def merging_energies(native: Sequence[float], energies: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """The same for counts that have no times, shape (energy bin,)."""
    merge = merging((native, (0.0, 1.0)), energies, np.array([0.0, 1.0]))
    return lambda counts: merge(counts[:, None])


def bin_columns(energies: FloatArray, times: FloatArray | None = None) -> dict[str, FloatArray]:
    """The edge columns of a bin table, two if there are no times."""
    if times is None:
        return {"energy_low": energies[:-1], "energy_high": energies[1:]}
    number_e, number_t = len(energies) - 1, len(times) - 1
    return {
        "energy_low": np.repeat(energies[:-1], number_t),
        "energy_high": np.repeat(energies[1:], number_t),
        "time_low": np.tile(times[:-1], number_e),
        "time_high": np.tile(times[1:], number_e),
    }


def histogram(path: Path) -> tuple[FloatArray, FloatArray]:
    """Borders and contents of a released histogram (bin centre, content)."""
    centres, contents = np.loadtxt(path).T
    step = centres[1] - centres[0]
    return np.append(centres - step / 2.0, centres[-1] + step / 2.0), contents


def rebinned(path: Path, edges: FloatArray) -> FloatArray:
    """Contents of a released histogram (bin centre, content) in other bins, uniform within its own bins."""
    borders, contents = histogram(path)
    return np.diff(np.interp(edges, borders, np.concatenate([[0.0], np.cumsum(contents)])))


def efficiency_table(path: Path) -> Table:
    """A released efficiency: the first and the last column of a text file."""
    signal, *_, efficiency = np.loadtxt(path).T
    return {"signal": signal, "efficiency": efficiency}
