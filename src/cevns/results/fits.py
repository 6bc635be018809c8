"""Fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cevns.results.base import Result, held_lines


@dataclass(frozen=True)
class FitResult(Result):
    """A fit of model parameters and pulls; see `Result` for common fields.

    Attributes
    ----------
    values, errors : mapping of str to float
        Free parameters and pulls, and their symmetric errors from the curvature; pulls are relative changes. The error
        of a parameter at its bound, of which the curvature says nothing, is zero.
    chi2 : float
        Smallest chi^2, constraints included.
    valid : bool
        Whether the minimiser trusts its minimum.
    """

    model: str
    experiments: tuple[str, ...]
    fixed: Mapping[str, float]
    values: Mapping[str, float]
    errors: Mapping[str, float]
    chi2: float
    ndata: int
    valid: bool
    version: str

    def own_lines(self) -> Sequence[tuple[str, str]]:
        """Lines after model and experiments."""
        return [
            *held_lines(self.fixed),
            *((name, self._found(name)) for name in self.values),
            ("chi2/bins", f"{self.chi2:.2f}/{self.ndata}"),
            ("valid", str(self.valid)),
        ]

    def _found(self, name: str) -> str:
        value, error = self.values[name], self.errors[name]
        return rounded(value, error) if error else f"{value:.4g} (at its bound)"


def rounded(value: float, error: float) -> str:
    """A value and its error, rounded by the rule of the Particle Data Group.

    The three leading digits of the error decide: up to 354 two of them are kept, up to 949 one, and above that the
    error is rounded up to 1000, of which two are kept.

    >>> rounded(0.827, 0.119)
    '0.83 +- 0.12'
    >>> rounded(1.23456e-05, 3.67e-06)
    '(1.2 +- 0.4)e-05'
    """
    if not (error > 0.0 and error < float("inf")):
        return f"{value:.4g}"
    exponent = int(f"{error:e}".split("e")[1])
    leading = round(error / 10.0 ** (exponent - 2))
    last_digit = exponent if leading > 354 else exponent - 1
    if -4 <= exponent <= 4:
        shown = [round(number, -last_digit) for number in (value, error)]
        return " +- ".join(f"{number:.{max(0, -last_digit)}f}" for number in shown)
    scale = int(f"{max(abs(value), error):e}".split("e")[1])
    digits = max(0, scale - last_digit)
    return f"({value / 10.0**scale:.{digits}f} +- {error / 10.0**scale:.{digits}f})e{scale:+03d}"
