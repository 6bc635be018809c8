"""Inference: fits, limits and exclusion curves."""

from cevns.inference.curve import profile
from cevns.inference.fitting import fit
from cevns.inference.intervals import intervals
from cevns.inference.level import confidence_level, delta_chi2
from cevns.inference.limits import coupling_limits, limits
from cevns.inference.regions import region

__all__ = ["confidence_level", "coupling_limits", "delta_chi2", "fit", "intervals", "limits", "profile", "region"]
