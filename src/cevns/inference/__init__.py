"""Inference: fits, limits and exclusion curves."""

from cevns.inference.curve import profile
from cevns.inference.executors import executor, run
from cevns.inference.fitting import fit
from cevns.inference.grid import GridScan, axis
from cevns.inference.intervals import intervals
from cevns.inference.level import confidence_level, delta_chi2
from cevns.inference.limits import coupling_limits, limits
from cevns.inference.regions import region
from cevns.inference.work import ArraySpec, Store, Work

__all__ = [
    "ArraySpec",
    "GridScan",
    "Store",
    "Work",
    "axis",
    "confidence_level",
    "coupling_limits",
    "delta_chi2",
    "executor",
    "fit",
    "intervals",
    "limits",
    "profile",
    "region",
    "run",
]
