"""Inference from pseudo-data: p-values, intervals, limits, coverage."""

from cevns.inference.toys.ensembles import coverage, expected_limits, goodness_of_fit
from cevns.inference.toys.intervals import cls_limits, feldman_cousins
from cevns.inference.toys.line import Line, TruePulls, lines
from cevns.inference.toys.results import (
    CoverageResult,
    ExpectedLimitResult,
    GoodnessResult,
    ToyIntervalResult,
    ToyResult,
)
from cevns.inference.toys.scan import Runner, ToyScan
from cevns.inference.toys.throws import Throws

__all__ = [
    "CoverageResult",
    "ExpectedLimitResult",
    "GoodnessResult",
    "Line",
    "Runner",
    "Throws",
    "ToyIntervalResult",
    "ToyResult",
    "ToyScan",
    "TruePulls",
    "cls_limits",
    "coverage",
    "expected_limits",
    "feldman_cousins",
    "goodness_of_fit",
    "lines",
]
