"""chi^2 on a grid: the outer product of values of any number of parameters, in chunks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cevns.errors import InputError
from cevns.inference.arguments import refuse_values
from cevns.inference.work import Arrays, ArraySpec, identity
from cevns.statistics import Likelihood
from cevns.typing import JSON, FloatArray

POINTS_PER_CHUNK = 2000
"""Points that are computed together if nothing else is said: some tenths of a second."""
SCALES = ("linear", "log")
"""How the values of an axis are spaced."""


def axis(low: float, high: float, points: int, scale: str = "linear") -> FloatArray:
    """Values of a parameter, evenly spaced, both ends included.

    Parameters
    ----------
    low, high : float
        The ends, low below high.
    points : int
        Number of values, at least two.
    scale : {"linear", "log"}
        Whether differences or ratios are equal.

    Raises
    ------
    InputError
        If a value is out of range.

    >>> axis(1.0, 100.0, 3, "log").tolist()
    [1.0, 10.0, 100.0]
    """
    if scale not in SCALES:
        raise InputError("scale", scale, SCALES)
    if points < 2:
        raise InputError("points", points, "an integer of at least 2")
    if not -np.inf < low < high < np.inf:
        raise InputError("low, high", (low, high), "two finite numbers, the first one smaller")
    if scale == "log" and low <= 0.0:
        raise InputError("low", low, "a positive number on a logarithmic scale")
    return np.geomspace(low, high, points) if scale == "log" else np.linspace(low, high, points)


@dataclass(frozen=True, eq=False)
class GridScan:
    """chi^2 of a likelihood at every point of a grid, pulls profiled: a `Work`.

    Its arrays are ``chi2``, with an axis for each parameter of the grid in the order given, and on request ``pulls``,
    the best pulls, with one more axis.

    Attributes
    ----------
    likelihood : Likelihood
        What is scanned.
    grid : mapping of str to array, shape (value,)
        Values of each scanned parameter; see `axis`.
    fixed : mapping of str to float
        The other parameters; those with a default may be left out.
    pulls : bool
        Whether the best pulls are kept.
    points_per_chunk : int
        Points that are computed together, at most.

    Raises
    ------
    InputError
        If a parameter is unknown, missing, out of range, or both scanned and fixed.
    """

    likelihood: Likelihood
    grid: Mapping[str, ArrayLike]
    fixed: Mapping[str, float]
    pulls: bool = False
    points_per_chunk: int = POINTS_PER_CHUNK

    def __post_init__(self) -> None:
        """Check the arguments, so that nothing goes wrong hours later."""
        refuse_values(self.fixed, self.grid, "it is on the grid")
        if self.points_per_chunk < 1:
            raise InputError("points_per_chunk", self.points_per_chunk, "a positive integer")
        for name, values in self._complete.items():
            if values.ndim != (name in self.grid):
                raise InputError(name, values.tolist(), "a list of values" if name in self.grid else "one value")
        if not self.grid:
            raise InputError("grid", {}, "at least one parameter with its values")
        if self.pulls and not self.likelihood.pulls:
            raise InputError("pulls", True, "False: these experiments have no pulls")

    @cached_property
    def _complete(self) -> dict[str, FloatArray]:
        return self.likelihood.model.complete({**self.fixed, **self.grid})

    @property
    def axes(self) -> dict[str, FloatArray]:
        """Values of each scanned parameter."""
        return {name: self._complete[name] for name in self.grid}

    @property
    def card(self) -> JSON:
        """Everything that the numbers depend on."""
        return {
            "work": "grid scan",
            **identity(self.likelihood),
            "grid": {name: values.tolist() for name, values in self.axes.items()},
            "fixed": {name: float(value) for name, value in self._complete.items() if name not in self.grid},
            "pulls": list(self.likelihood.pulls) if self.pulls else [],
            # Points that are profiled together take the same number of steps, which moves the last digits.
            "chunk": list(self._block),
        }

    @cached_property
    def _block(self) -> tuple[int, ...]:
        """Points of a chunk along each axis: as many couplings as fit, for as few masses, which cost more."""
        shapes = self.likelihood.model.shapes
        sizes = {name: len(values) for name, values in self.axes.items()}
        room, block = self.points_per_chunk, {}
        for name in sorted(sizes, key=lambda name: name in shapes):
            block[name] = max(1, min(sizes[name], room))
            room //= block[name]
        return tuple(block[name] for name in sizes)

    @property
    def arrays(self) -> dict[str, ArraySpec]:
        """chi^2, and the pulls if they are wanted."""
        shape, axes = tuple(len(values) for values in self.axes.values()), tuple(self.grid)
        found = {"chi2": ArraySpec(shape, self._block, axes=axes)}
        if self.pulls:
            found["pulls"] = ArraySpec((*shape, len(self.likelihood.pulls)), self._block, axes=(*axes, "pull"))
        return found

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return self.arrays["chi2"].chunks

    def compute(self, chunk: int) -> Arrays:
        """chi^2 and pulls of one block of the grid."""
        region = self.arrays["chi2"].region(chunk)
        parts = (values[part] for values, part in zip(self.axes.values(), region, strict=True))
        points: dict[str, Any] = dict(zip(self.grid, np.ix_(*parts), strict=True))
        result = self.likelihood.profiled(**self.fixed, **points)
        if not self.pulls:
            return {"chi2": result.chi2}
        return {"chi2": result.chi2, "pulls": np.stack(list(result.pulls.values()), axis=-1)}
