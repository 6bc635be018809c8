"""Scans of a parameter up to a level of chi^2: what limits and intervals have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from cevns.errors import InputError
from cevns.inference.profiling import Profiled
from cevns.inference.scan import Scan, scan_parameter
from cevns.results import common_fields
from cevns.statistics import Likelihood
from cevns.typing import FloatArray


def delta_chi2(cl: float, dof: int) -> float:
    """Rise of chi^2 above its minimum that corresponds to a confidence level (Wilks).

    Parameters
    ----------
    cl : float
        Confidence level, between 0 and 1.
    dof : int
        Number of parameters that are estimated together, at least 1.

    Raises
    ------
    InputError
        If a value is out of range.

    >>> round(delta_chi2(0.9545, 2), 2)
    6.18
    """
    from scipy.special import gammaincinv

    if np.asarray(cl).dtype.kind not in "iuf" or not 0.0 < cl < 1.0:
        raise InputError("cl", cl, "a number between 0 and 1")
    if np.asarray(dof).dtype.kind not in "iu" or dof < 1:
        raise InputError("dof", dof, "a positive integer")
    return float(2.0 * gammaincinv(dof / 2.0, cl))


def confidence_level(rise: float, dof: int) -> float:
    """Confidence level that a rise of chi^2 corresponds to: the inverse of `delta_chi2`.

    >>> round(confidence_level(6.18, 2), 4)
    0.9545
    """
    from scipy.special import gammainc

    return float(gammainc(dof / 2.0, rise / 2.0))


@dataclass(frozen=True)
class LevelScan:
    """chi^2 along one parameter, its minimum, and the level above it, at each point of the fixed parameters.

    Attributes
    ----------
    likelihood : Likelihood
        What was scanned.
    parameter : str
        The scanned parameter.
    scan : Scan
        chi^2 along it.
    points : mapping of str to array, shape (point,)
        The fixed parameters.
    profiled : tuple of str
        The parameters over which chi^2 is minimised.
    cl, dof, rise : float, int, float
        Confidence level, degrees of freedom, and the rise of chi^2 that they mean.
    best_fit, chi2_min : array, shape (point,)
        Where chi^2 is smallest, and its value there.
    """

    likelihood: Likelihood
    parameter: str
    scan: Scan
    points: Mapping[str, FloatArray]
    profiled: tuple[str, ...]
    cl: float
    dof: int
    rise: float
    best_fit: FloatArray
    chi2_min: FloatArray

    @classmethod
    def of(
        cls,
        likelihood: Likelihood,
        parameter: str,
        *,
        cl: float,
        dof: int,
        profiled: Profiled,
        fixed: Mapping[str, object],
    ) -> LevelScan:
        """Scan a parameter; see `cevns.intervals` for the arguments and the errors."""
        rise = delta_chi2(cl, dof)
        scan, points = scan_parameter(likelihood, parameter, fixed, profiled)
        return cls(likelihood, parameter, scan, points, tuple(profiled), cl, dof, rise, *scan.minimum())

    @property
    def level(self) -> FloatArray:
        """The level of chi^2 at each point."""
        return self.chi2_min + self.rise

    @cached_property
    def _companions(self) -> Mapping[str, FloatArray]:
        return self.scan.companions(self.best_fit, np.arange(len(self.best_fit)))

    def where(self, number: int) -> str:
        """The other parameters at one point, in words."""
        held = ", ".join(f"{name} = {values[number]:g}" for name, values in self.points.items())
        return f" at {held or 'the point given'}" + (
            f" with {', '.join(self.profiled)} profiled" if self.profiled else ""
        )

    def record(self, number: int) -> dict[str, Any]:
        """Fields that every result has, for one point."""
        return {
            **common_fields(self.likelihood),
            "parameter": self.parameter,
            "cl": self.cl,
            "dof": self.dof,
            "delta_chi2": self.rise,
            "best_fit": float(self.best_fit[number]),
            "chi2_min": float(self.chi2_min[number]),
            "profiled": {name: float(values[number]) for name, values in self._companions.items()},
        }
