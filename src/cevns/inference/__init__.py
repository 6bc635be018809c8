"""Inference: fits, limits, intervals, profiles, regions, forecasts; pseudo-data; long computations in chunks."""

from cevns.inference.executors import executor, run
from cevns.inference.fitting import fit
from cevns.inference.forecast import Setup, forecast, varied_likelihoods
from cevns.inference.grid import GridScan, axis
from cevns.inference.intervals import intervals
from cevns.inference.level import confidence_level, delta_chi2
from cevns.inference.limits import coupling_limits, limits
from cevns.inference.muon_band import muon_band, require_band
from cevns.inference.profiles import profile
from cevns.inference.regions import region
from cevns.inference.toys import (
    CoverageResult,
    ExpectedLimitResult,
    GoodnessResult,
    Line,
    Throws,
    ToyIntervalResult,
    ToyScan,
    cls_limits,
    coverage,
    expected_limits,
    feldman_cousins,
    goodness_of_fit,
)
from cevns.inference.work import ArraySpec, Store, Work

__all__ = [
    "ArraySpec",
    "CoverageResult",
    "ExpectedLimitResult",
    "GoodnessResult",
    "GridScan",
    "Line",
    "Setup",
    "Store",
    "Throws",
    "ToyIntervalResult",
    "ToyScan",
    "Work",
    "axis",
    "cls_limits",
    "confidence_level",
    "coupling_limits",
    "coverage",
    "delta_chi2",
    "executor",
    "expected_limits",
    "feldman_cousins",
    "fit",
    "forecast",
    "goodness_of_fit",
    "intervals",
    "limits",
    "muon_band",
    "profile",
    "region",
    "require_band",
    "run",
    "varied_likelihoods",
]
