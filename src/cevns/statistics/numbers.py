"""Where the numbers of pseudo-data come from: random ones, or their means."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cevns.typing import FloatArray


class Numbers(Protocol):
    """Where pseudo-data come from: a `numpy.random.Generator`, or `Means`."""

    def poisson(self, lam: FloatArray, /) -> NDArray[np.floating | np.integer]:
        """Counts with these means."""

    def normal(self, loc: FloatArray, scale: FloatArray, /) -> FloatArray:
        """Numbers with these means and widths."""


class Means:
    """In place of random numbers their means: Asimov data (Cowan et al., Eur. Phys. J. C 71 (2011) 1554)."""

    @staticmethod
    def poisson(lam: FloatArray, /) -> FloatArray:
        """The mean, which need not be a whole number."""
        return lam

    @staticmethod
    def normal(loc: FloatArray, scale: FloatArray, /) -> FloatArray:
        """The mean."""
        return np.broadcast_to(loc, np.broadcast_shapes(loc.shape, scale.shape))
