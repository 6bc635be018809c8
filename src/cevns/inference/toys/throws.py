"""How pseudo-data are thrown, and what every result from them says of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from cevns.inference.executors import run
from cevns.inference.toys.curves import lowest
from cevns.inference.toys.line import Line, TruePulls
from cevns.inference.toys.scan import Runner, ToyScan
from cevns.results import common_fields
from cevns.typing import JSON, FloatArray


@dataclass(frozen=True, kw_only=True)
class Throws:
    """How pseudo-data are thrown.

    Attributes
    ----------
    toys : int
        Number of sets at each truth.
    seed : int
        Seed of the random numbers.
    chunk : int
        Sets that are thrown and profiled together; the random numbers depend on it, and on nothing else.
    pulls : {"profiled", "nominal"}
        True pulls: those that fit the data best at the truth, or zero.
    centres : bool
        Whether the centres of the constraints, which stand for measurements too, are thrown as well.
    run : callable
        Carries out the work: `cevns.inference.run`, or that with an executor, a store or a progress bar.
    """

    toys: int = 1000
    seed: int = 1
    chunk: int = 250
    pulls: TruePulls = "profiled"
    centres: bool = True
    run: Runner = field(default=run, repr=False)

    def chi2(self, line: Line, truths: Sequence[int], pulls: FloatArray | None = None) -> FloatArray:
        """chi^2 along a line of pseudo-data thrown at some of its points; shape (truth, toy, value)."""
        true = line.true_pulls(self.pulls, truths) if pulls is None else pulls
        scan = ToyScan(line, tuple(truths), true, self.toys, self.seed, self.chunk, self.centres)
        return np.asarray(self.run(scan)["chi2"])

    def record(self, line: Line) -> JSON:
        """What every result says of itself."""
        best_fit, chi2_min = lowest(line.grid, line.observed)
        likelihood, name = line.likelihood, line.parameter
        return {
            **common_fields(likelihood),
            "parameter": name,
            "unit": "" if name is None else likelihood.model.parameter(name).unit,
            "fixed": dict(line.fixed),
            "best_fit": None if name is None else float(best_fit),
            "chi2_min": float(chi2_min),
            "toys": self.toys,
            "seed": self.seed,
            "chunk": self.chunk,
            "pulls": self.pulls,
            "centres": self.centres,
        }


DEFAULT = Throws()
"""A thousand sets, with the pulls that fit the data best."""
NOMINAL = Throws(pulls="nominal")
"""The same with pulls of zero."""
