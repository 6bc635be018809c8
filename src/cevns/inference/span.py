"""Ranges in which parameters are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cevns.errors import InputError
from cevns.interactions import Parameter
from cevns.typing import FloatArray


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
