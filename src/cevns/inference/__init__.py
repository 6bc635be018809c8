"""Inference: fits, limits and exclusion curves."""

from cevns.inference.fitting import fit
from cevns.inference.intervals import intervals
from cevns.inference.level import confidence_level, delta_chi2
from cevns.inference.limits import coupling_limits, limits

__all__ = ["confidence_level", "coupling_limits", "delta_chi2", "fit", "intervals", "limits"]
