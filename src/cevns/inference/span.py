"""Ranges in which parameters are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cevns.errors import InputError
from cevns.inference.arguments import refuse_values, single_values
from cevns.inference.intervals import intervals
from cevns.inference.profiling import Profiled, profiled_ranges
from cevns.interactions import Parameter
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

_MARGIN = 0.1
"""Part of the length of an interval that is shown on either side."""


@dataclass(frozen=True)
class Span:
    """Where a parameter is looked at.

    Attributes
    ----------
    name : str
        The parameter.
    low, high : float
        Ends.
    logarithmic : bool
        Whether equal steps are those of the logarithm.
    """

    name: str
    low: float
    high: float
    logarithmic: bool = False

    @classmethod
    def of(cls, parameter: Parameter, given: Sequence[float | str]) -> Span:
        """From two ends, and ``"log"`` behind them where steps are those of the logarithm.

        Raises
        ------
        InputError
            If they are not such, or not allowed for the parameter.
        """
        ends, scale = given[:2], given[2:]
        allowed = 'two increasing numbers, and "log" behind them if steps are those of the logarithm of positive ones'
        if len(ends) < 2 or scale not in ((), [], ("log",), ["log"]):
            raise InputError(f"range of {parameter.name}", given, allowed)
        low, high = parameter.check(ends).tolist()
        if not low < high or (scale and low <= 0.0):
            raise InputError(f"range of {parameter.name}", given, allowed)
        return cls(parameter.name, low, high, bool(scale))

    def value(self, position: FloatArray) -> FloatArray:
        """Value at a position between 0 and 1."""
        if self.logarithmic:
            return self.low * (self.high / self.low) ** position
        return self.low + (self.high - self.low) * position

    @classmethod
    def around_interval(
        cls, likelihood: Likelihood, name: str, *, cl: float, dof: int, profiled: Profiled, points: Mapping[str, Any]
    ) -> Span:
        """The interval of a parameter with a margin on either side, within its bounds; see `cevns.intervals`."""
        fitted, shared = (likelihood.model, likelihood.experiments, name), likelihood.shared
        (found,) = intervals(*fitted, cl=cl, dof=dof, shared=shared, profiled=profiled, **points)
        low, high = found.intervals[0][0], found.intervals[-1][1]
        margin, parameter = _MARGIN * (high - low), likelihood.model.parameter(name)
        return cls(name, max(parameter.low, low - margin), min(parameter.high, high + margin))


def held_values(
    likelihood: Likelihood, scanned: Sequence[str], profiled: Profiled, fixed: Mapping[str, float]
) -> dict[str, float]:
    """Values of the parameters that are neither scanned nor profiled, one number each.

    Raises
    ------
    InputError
        If a parameter is unknown, missing, out of range, not one number, or named twice.
    """
    refuse_values(fixed, scanned, "it is scanned")
    for name in scanned:
        profiled_ranges(likelihood, name, profiled, fixed)
    return single_values(likelihood.model, fixed, (*scanned, *profiled))
