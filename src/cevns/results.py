"""Results: immutable values with their provenance; JSON out and in, and a readable face."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from functools import cache
from importlib import metadata
from typing import Self

from cevns.errors import InputError
from cevns.typing import JSON


@cache
def version() -> str:
    """Version of the package."""
    return metadata.version("cevns")


@dataclass(frozen=True)
class Record:
    """JSON round trip and printing, shared by the result classes."""

    def to_dict(self) -> JSON:
        """The record as a JSON object; optional fields that are empty are left out."""
        return {name: value for name, value in asdict(self).items() if value or name not in self._optional()}

    def to_json(self) -> str:
        """The record as JSON text; numbers keep every digit."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    @classmethod
    def from_dict(cls, record: Mapping[str, object]) -> Self:
        """Rebuild a record from a JSON object.

        Raises
        ------
        InputError
            If keys are missing or unknown.
        """
        names = {f.name for f in fields(cls)}
        if not names - cls._optional() <= set(record) <= names:
            raise InputError("record", sorted(record), sorted(names))
        return cls(**{name: _frozen(value) for name, value in record.items()})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild a record from JSON text."""
        return cls.from_dict(json.loads(text))

    @classmethod
    def _optional(cls) -> set[str]:
        return {f.name for f in fields(cls) if f.default_factory is not MISSING}

    def lines(self) -> Sequence[tuple[str, str]]:
        """Name and value of each line of the readable form."""
        return [(name, str(value)) for name, value in self.to_dict().items()]

    def __str__(self) -> str:
        """Aligned lines for a terminal."""
        lines = self.lines()
        width = max(len(name) for name, _ in lines)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in lines)

    def _repr_html_(self) -> str:
        """A table for Jupyter."""
        rows = (f"<tr><th>{html.escape(n)}</th><td>{html.escape(v)}</td></tr>" for n, v in self.lines())
        return f"<table>{''.join(rows)}</table>"


def _frozen(value: object) -> object:
    """Lists, which JSON has, as tuples, which records have."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


@dataclass(frozen=True)
class LimitResult(Record):
    """Limits on one coupling at one point of the other parameters.

    Attributes
    ----------
    model, experiments : str, tuple of str
        What was tested on what.
    parameter : str
        The coupling.
    mass_MeV : float or None
        Mass of the mediator, if the model has one.
    cl, dof, delta_chi2 : float, int, float
        Confidence level, degrees of freedom, and the rise of chi^2 that they mean.
    upper_limit : float
        First coupling above which couplings are excluded.
    outer_limit : float
        Coupling above which all couplings are excluded.
    crossings : tuple of float
        Every coupling at which chi^2 crosses the level, in increasing order: between the second and the third, if
        there are three, lies another allowed region.
    best_fit, chi2_min : float
        Where chi^2 is smallest, and its value there.
    ndata : int
        Number of bins.
    version : str
        Version of the package.
    profiled : mapping of str to float
        Parameters over which chi^2 was minimised, and their values at the best fit.
    """

    model: str
    experiments: tuple[str, ...]
    parameter: str
    mass_MeV: float | None
    cl: float
    dof: int
    delta_chi2: float
    upper_limit: float
    outer_limit: float
    crossings: tuple[float, ...]
    best_fit: float
    chi2_min: float
    ndata: int
    version: str
    profiled: Mapping[str, float] = field(default_factory=dict, hash=False)

    @property
    def contact_limit(self) -> float | None:
        """Upper limit on coupling over mass [GeV^-1], meaningful for masses far above the momentum transfer."""
        return self.upper_limit / self.mass_MeV * 1e3 if self.mass_MeV else None

    def lines(self) -> Sequence[tuple[str, str]]:
        """Name and value of each line of the readable form."""
        mass = () if self.mass_MeV is None else (("mass", f"{self.mass_MeV:g} MeV"),)
        crossings = ("crossings", ", ".join(f"{c:.4g}" for c in self.crossings))
        return _lines_at_level(self, mass, (f"{self.parameter} <", f"{self.upper_limit:.4g}"), crossings)


@dataclass(frozen=True)
class IntervalResult(Record):
    """Confidence intervals of one parameter.

    Attributes
    ----------
    model, experiments : str, tuple of str
        What was tested on what.
    parameter, unit : str
        The parameter and the unit of its values.
    fixed : mapping of str to float
        The parameters that were held.
    cl, dof, delta_chi2 : float, int, float
        Confidence level, degrees of freedom, and the rise of chi^2 that they mean.
    intervals : tuple of (float, float)
        Every disjoint interval, lowest first.
    best_fit, chi2_min : float
        Where chi^2 is smallest, and its value there.
    ndata : int
        Number of bins.
    version : str
        Version of the package.
    profiled : mapping of str to float
        Parameters over which chi^2 was minimised, and their values at the best fit.
    """

    model: str
    experiments: tuple[str, ...]
    parameter: str
    unit: str
    fixed: Mapping[str, float]
    cl: float
    dof: int
    delta_chi2: float
    intervals: tuple[tuple[float, float], ...]
    best_fit: float
    chi2_min: float
    ndata: int
    version: str
    profiled: Mapping[str, float] = field(default_factory=dict, hash=False)

    def lines(self) -> Sequence[tuple[str, str]]:
        """Name and value of each line of the readable form."""
        unit = f" {self.unit}" if self.unit else ""
        pieces = " or ".join(f"[{low:.4g}, {high:.4g}]{unit}" for low, high in self.intervals)
        fixed = [(name, f"{value:g} (fixed)") for name, value in self.fixed.items()]
        return _lines_at_level(self, fixed, (self.parameter, pieces), unit=unit)


def _lines_at_level(
    record: LimitResult | IntervalResult,
    held: Iterable[tuple[str, str]],
    bound: tuple[str, str],
    *more: tuple[str, str],
    unit: str = "",
) -> list[tuple[str, str]]:
    """Lines of a result at a level of chi^2: what was held, the bound, and the best fit."""
    name, value = bound
    return [
        ("model", record.model),
        ("experiments", ", ".join(record.experiments)),
        *held,
        (name, f"{value}  ({100 * record.cl:g} % CL, {record.dof} dof)"),
        *more,
        ("best fit", f"{record.best_fit:.4g}{unit}"),
        *((other, f"{best:.4g} (profiled, at the best fit)") for other, best in record.profiled.items()),
        ("chi2/bins", f"{record.chi2_min:.2f}/{record.ndata}"),
    ]


@dataclass(frozen=True)
class FitResult(Record):
    """A fit of model parameters and pulls.

    Attributes
    ----------
    model, experiments : str, tuple of str
        What was fitted to what.
    fixed : mapping of str to float
        Parameters that were held.
    values, errors : mapping of str to float
        Free parameters and pulls, and their symmetric errors from the curvature; pulls are relative changes.
    chi2, ndata : float, int
        Smallest chi^2, constraints included, and number of bins.
    valid : bool
        Whether the minimiser trusts its minimum.
    version : str
        Version of the package.
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

    def lines(self) -> Sequence[tuple[str, str]]:
        """Name and value of each line of the readable form."""
        return [
            ("model", self.model),
            ("experiments", ", ".join(self.experiments)),
            *((name, f"{value:g} (fixed)") for name, value in self.fixed.items()),
            *((name, rounded(value, self.errors[name])) for name, value in self.values.items()),
            ("chi2/bins", f"{self.chi2:.2f}/{self.ndata}"),
            ("valid", str(self.valid)),
        ]


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
