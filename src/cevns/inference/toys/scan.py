"""chi^2 of pseudo-data along a line, in chunks with random numbers of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from cevns.errors import InputError
from cevns.inference.toys.line import Line
from cevns.inference.work import Arrays, ArraySpec, Work, identity
from cevns.typing import JSON, FloatArray

Runner: TypeAlias = Callable[[Work], Mapping[str, Any]]
"""Carries out a work and returns its whole arrays, as `cevns.inference.run` does."""


@dataclass(frozen=True, eq=False)
class ToyScan:
    """chi^2 of pseudo-data, thrown at some points of a line, along the whole of it: a `Work`.

    Its array ``chi2`` has the axes truth, toy, value. The random numbers of chunk c are those of
    ``SeedSequence(seed, spawn_key=(c,))``, so that they depend on nothing else.

    Attributes
    ----------
    line : Line
        Where chi^2 is computed.
    truths : tuple of int
        Points of the line at which pseudo-data are thrown.
    pulls : array, shape (truth, pull)
        True values of the pulls there.
    toys : int
        Number of sets of pseudo-data of each truth.
    seed : int
        Seed of the random numbers.
    chunk : int
        Number of sets that are thrown and profiled together; another one, other random numbers.
    centres : bool
        Whether the centres of constraints are thrown as well; see `cevns.statistics.Measurement.thrown`.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    line: Line
    truths: tuple[int, ...]
    pulls: FloatArray
    toys: int
    seed: int
    chunk: int = 250
    centres: bool = True

    def __post_init__(self) -> None:
        """Check the numbers, so that nothing goes wrong hours later."""
        for name, least in (("toys", 1), ("chunk", 1), ("seed", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                raise InputError(name, value, f"an integer of at least {least}")

    @property
    def card(self) -> JSON:
        """Everything that the numbers depend on."""
        return {
            "work": "toys",
            **identity(self.line.likelihood),
            "parameter": self.line.parameter,
            "grid": self.line.grid.tolist(),
            "fixed": dict(self.line.fixed),
            "truths": list(self.truths),
            "pulls": self.pulls.tolist(),
            "toys": self.toys,
            "seed": self.seed,
            "chunk": self.chunk,
            "centres": self.centres,
            "numpy": np.__version__,
        }

    @property
    def arrays(self) -> dict[str, ArraySpec]:
        """chi^2."""
        shape = (len(self.truths), self.toys, len(self.line.grid))
        return {"chi2": ArraySpec(shape, (1, min(self.chunk, self.toys)), axes=("truth", "toy", "value"))}

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return self.arrays["chi2"].chunks

    def compute(self, chunk: int) -> Arrays:
        """chi^2 of the pseudo-data of one chunk."""
        truth, toys, _ = self.arrays["chi2"].region(chunk)
        generator = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(chunk,)))
        thrown = self.line.throw(
            self.truths[truth.start],
            self.pulls[truth.start],
            toys.stop - toys.start,
            generator,
            centres=self.centres,
        )
        return {"chi2": self.line.chi2(thrown)[None]}
