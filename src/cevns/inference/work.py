"""Long computations in chunks that do not depend on each other: what they are, and where their results go."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from hashlib import sha256
from inspect import getsource
from math import ceil, prod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cevns.errors import InputError
from cevns.statistics import Likelihood
from cevns.typing import JSON

Arrays = Mapping[str, NDArray[Any]]
"""Results of one chunk, by name."""


@dataclass(frozen=True)
class ArraySpec:
    """An array that is computed chunk by chunk.

    Attributes
    ----------
    shape : tuple of int
        Of the whole.
    chunk : tuple of int
        Of one chunk: blocks that tile the whole in C order; those at the end of an axis may be shorter. An axis that is
        left out is not divided, so that ``chunk=(1000,)`` puts chunks one after another along the first axis.
    dtype : str
        Type of an entry.
    axes : tuple of str
        Names of the axes, for who reads the array.
    """

    shape: tuple[int, ...]
    chunk: tuple[int, ...]
    dtype: str = "float64"
    axes: tuple[str, ...] = ()

    @property
    def block(self) -> tuple[int, ...]:
        """Shape of a chunk with every axis."""
        return (*self.chunk, *self.shape[len(self.chunk) :])

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return prod(self._counts)

    @property
    def _counts(self) -> tuple[int, ...]:
        """Number of chunks along each axis."""
        return tuple(ceil(size / step) for size, step in zip(self.shape, self.block, strict=True))

    def region(self, chunk: int) -> tuple[slice, ...]:
        """Where a chunk is in the whole.

        >>> ArraySpec(shape=(5, 3), chunk=(2,)).region(2)
        (slice(4, 5, None), slice(0, 3, None))
        """
        starts = (int(i) * step for i, step in zip(np.unravel_index(chunk, self._counts), self.block, strict=True))
        return tuple(
            slice(start, min(start + step, size))
            for start, step, size in zip(starts, self.block, self.shape, strict=True)
        )


class Work(Protocol):
    """A computation in chunks that do not depend on each other; it must be picklable."""

    @property
    def card(self) -> JSON:
        """Everything that the numbers depend on: the data, the settings, the seeds, the division into chunks."""

    @property
    def chunks(self) -> int:
        """Number of chunks."""

    @property
    def arrays(self) -> Mapping[str, ArraySpec]:
        """What is computed, by name; every array has the same number of chunks as the work."""

    def compute(self, chunk: int) -> Arrays:
        """The part of every array that belongs to one chunk, the same to the last bit wherever it is computed."""


class Store(Protocol):
    """Where results go, and what tells which are there."""

    @property
    def done(self) -> AbstractSet[int]:
        """Chunks that are there."""

    @property
    def arrays(self) -> Mapping[str, Any]:
        """The whole arrays by name: of NumPy, or what gives one when it is sliced."""

    def write(self, chunk: int, arrays: Arrays) -> None:
        """Keep the results of a chunk; it counts as done when all of them are safe."""


class Memory:
    """The store that is nothing but arrays in memory."""

    def __init__(self, work: Work) -> None:
        """Make room for the results of a work."""
        self._specs = work.arrays
        self.arrays = {name: np.empty(spec.shape, spec.dtype) for name, spec in self._specs.items()}
        self.done: set[int] = set()

    def write(self, chunk: int, arrays: Arrays) -> None:
        """Put the results of a chunk into their place."""
        for name, spec in self._specs.items():
            self.arrays[name][spec.region(chunk)] = arrays[name]
        self.done.add(chunk)


def identity(likelihood: Likelihood) -> JSON:
    """What a likelihood is, for the card of a work: the model, the experiments and hashes of their data.

    Raises
    ------
    InputError
        If the model has a part that does not say what it is.
    """
    model = likelihood.model
    parts = [repr(part) for part in model.interactions]
    for part in parts:
        if " at 0x" in part:
            allowed = "interactions whose repr tells what they are, as that of a dataclass of numbers and names does"
            raise InputError("model", part, allowed)
    own = sorted({kind for kind in map(type, model.interactions) if not kind.__module__.startswith("cevns.")}, key=repr)
    return {
        "model": {"name": model.name, "interactions": parts, "keep_T_over_E": model.keep_T_over_E},
        # The package has a version; what a class of the user computes may change under the same repr.
        **({"own": {kind.__qualname__: _source(kind) for kind in own}} if own else {}),
        "experiments": {experiment.name: experiment.identity for experiment in likelihood.experiments},
        "shared": list(likelihood.shared),
    }


def _source(kind: type) -> str:
    """Hash of the text of a class; empty where there is none to be read."""
    try:
        return sha256(getsource(kind).encode()).hexdigest()
    except (OSError, TypeError):
        return ""
