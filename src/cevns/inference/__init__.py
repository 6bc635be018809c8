"""Inference: fits, limits and exclusion curves."""

from cevns.inference.executors import executor, run
from cevns.inference.fitting import fit
from cevns.inference.grid import GridScan, axis
from cevns.inference.intervals import intervals
from cevns.inference.limits import confidence_level, coupling_limits, delta_chi2, limits
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
    "run",
]
