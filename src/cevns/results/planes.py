"""Profiles of chi^2 along a parameter, and regions of two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from cevns.results.base import Result, at_level, held_lines, with_unit
from cevns.typing import JSON, FloatArray

Ring: TypeAlias = tuple[tuple[float, float], ...]
"""A closed polygon."""


@dataclass(frozen=True)
class ProfileResult(Result):
    """chi^2 as a function of one parameter; see `Result` for common fields.

    Attributes
    ----------
    profiled : mapping of str to tuple of float
        Those over which chi^2 was minimised, and their best values at each value of the parameter.
    values, chi2 : tuple of float
        Values of the parameter, increasing, and the smallest chi^2 at each.
    """

    model: str
    experiments: tuple[str, ...]
    parameter: str
    unit: str
    fixed: Mapping[str, float]
    profiled: Mapping[str, tuple[float, ...]]
    values: tuple[float, ...]
    chi2: tuple[float, ...]
    ndata: int
    version: str

    def rows(self) -> Iterator[JSON]:
        """One row for each value."""
        column = with_unit(self.parameter, self.unit)
        lowest = min(self.chi2)
        for number, (value, chi2) in enumerate(zip(self.values, self.chi2, strict=True)):
            best = {name: along[number] for name, along in self.profiled.items()}
            yield {column: value, "chi2": chi2, "delta_chi2": chi2 - lowest, **best}

    def own_lines(self) -> Sequence[tuple[str, str]]:
        """Lines after model and experiments."""
        unit = f" {self.unit}" if self.unit else ""
        lowest = min(self.chi2)
        return [
            *held_lines(self.fixed),
            *((name, "profiled") for name in self.profiled),
            (self.parameter, f"{len(self.values)} values from {self.values[0]:.4g} to {self.values[-1]:.4g}{unit}"),
            ("lowest at", f"{self.values[self.chi2.index(lowest)]:.4g}{unit}"),
            ("chi2/bins", f"{lowest:.2f}/{self.ndata}"),
        ]


@dataclass(frozen=True)
class RegionResult(Result):
    """Region of two parameters at a confidence level; see `Result` for common fields.

    Attributes
    ----------
    parameters : tuple of str
        The two parameters.
    units : tuple of str
        The units of their values.
    profiled : tuple of str
        Those over which chi^2 was minimised.
    ranges : tuple of (float, float)
        Where each parameter was looked at: the region may go on beyond.
    logarithmic : tuple of bool
        Whether an axis is logarithmic.
    pieces : tuple of tuple of rings
        Disjoint pieces of the region: for each its outer edge, then its holes, closed, as (x, y).
    best_fit : tuple of float
        Where chi^2 is smallest within the ranges.
    """

    model: str
    experiments: tuple[str, ...]
    parameters: tuple[str, str]
    units: tuple[str, str]
    fixed: Mapping[str, float]
    profiled: tuple[str, ...]
    cl: float
    dof: int
    delta_chi2: float
    ranges: tuple[tuple[float, float], tuple[float, float]]
    logarithmic: tuple[bool, bool]
    pieces: tuple[tuple[Ring, ...], ...]
    best_fit: tuple[float, float]
    chi2_min: float
    ndata: int
    version: str

    def mask(self, x: FloatArray, y: FloatArray) -> NDArray[np.bool_]:
        """Whether points are in the region; of the broadcast shape of their coordinates."""
        from matplotlib.path import Path

        def stretched(points: FloatArray) -> FloatArray:
            columns = zip(points.T, self.logarithmic, strict=True)
            return np.stack([np.log(one) if log else one for one, log in columns], axis=-1)

        across, up = np.broadcast_arrays(x, y)
        points = stretched(np.column_stack([across.ravel(), up.ravel()]).astype(float))
        rings = [Path(stretched(np.array(ring))) for piece in self.pieces for ring in piece]
        inside = [ring.contains_points(points) for ring in rings]
        return np.logical_xor.reduce(inside, initial=False).reshape(across.shape)

    @property
    def area(self) -> float:
        """Area of all pieces less their holes, in the units of the parameters: of values on logarithmic axes, too."""

        def enclosed(ring: Ring) -> float:
            x, y = (np.array(ring) - ring[0]).T
            return abs(float(x[:-1] @ y[1:] - x[1:] @ y[:-1])) / 2.0

        return sum(enclosed(edge) - sum(map(enclosed, holes)) for edge, *holes in self.pieces)

    @property
    def columns(self) -> tuple[str, ...]:
        """The two parameters with their units: headers of columns."""
        return tuple(map(with_unit, self.parameters, self.units))

    def rows(self) -> Iterator[JSON]:
        """One row for each corner; ring 1 of a piece is its outer edge, the others are holes."""
        for piece, rings in enumerate(self.pieces, start=1):
            for number, ring in enumerate(rings, start=1):
                for corner in ring:
                    yield {"piece": piece, "ring": number, **dict(zip(self.columns, corner, strict=True))}

    def extents(self) -> tuple[tuple[tuple[float, float], tuple[float, float]], ...]:
        """Lowest and highest value of each parameter, piece by piece."""
        edges = [np.array(piece[0]).T for piece in self.pieces]
        return tuple(((min(x), max(x)), (min(y), max(y))) for x, y in (edge.tolist() for edge in edges))

    def own_lines(self) -> Sequence[tuple[str, str]]:
        """Lines after model and experiments."""
        pieces = [
            (
                "piece",
                ", ".join(f"{x} in [{a:.4g}, {b:.4g}]" for x, (a, b) in zip(self.columns, extent, strict=True)),
            )
            for extent in self.extents()
        ]
        return [
            *held_lines(self.fixed),
            *((name, "profiled") for name in self.profiled),
            ("region", f"{' and '.join(self.columns)} {at_level(self.cl, self.dof)}"),
            *pieces,
            ("best fit", ", ".join(f"{value:.4g}" for value in self.best_fit)),
            ("chi2/bins", f"{self.chi2_min:.2f}/{self.ndata}"),
        ]
