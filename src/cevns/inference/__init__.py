"""Inference: fits, limits and exclusion curves."""

from cevns.inference.fitting import fit
from cevns.inference.limits import delta_chi2, limits

__all__ = ["delta_chi2", "fit", "limits"]
