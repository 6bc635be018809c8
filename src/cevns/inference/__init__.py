"""Inference: fits, limits and exclusion curves."""

from cevns.inference.fitting import fit
from cevns.inference.intervals import intervals
from cevns.inference.limits import confidence_level, coupling_limits, delta_chi2, limits

__all__ = ["confidence_level", "coupling_limits", "delta_chi2", "fit", "intervals", "limits"]
