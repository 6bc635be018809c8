"""Limits and intervals of one parameter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cevns.results.base import Result, at_level, held_lines


@dataclass(frozen=True)
class LimitResult(Result):
    """Limits on one coupling, the parameter, at one point of the other parameters; see `Result` for common fields.

    Attributes
    ----------
    mass_MeV : float or None
        Mass of the mediator, if the model has one.
    upper_limit : float
        First coupling above which couplings are excluded.
    outer_limit : float
        Coupling above which all couplings are excluded.
    crossings : tuple of float
        Every coupling at which chi^2 crosses the level, in increasing order: between the second and the third, if
        there are three, lies another allowed region.
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

    def own_lines(self) -> Sequence[tuple[str, str]]:
        """Lines after model and experiments."""
        mass = () if self.mass_MeV is None else (("mass", f"{self.mass_MeV:g} MeV"),)
        crossings = ("crossings", ", ".join(f"{c:.4g}" for c in self.crossings))
        return _lines_at_level(self, mass, (f"{self.parameter} <", f"{self.upper_limit:.4g}"), crossings)


@dataclass(frozen=True)
class IntervalResult(Result):
    """Confidence intervals of one parameter; see `Result` for common fields.

    Attributes
    ----------
    intervals : tuple of (float, float)
        Every disjoint interval, lowest first.
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

    @property
    def shown_best_fit(self) -> float:
        """The best fit; zero where rounding makes the rest, within 1e-4 of the length of the intervals."""
        length = self.intervals[-1][1] - self.intervals[0][0]
        return self.best_fit if abs(self.best_fit) > 1e-4 * length else 0.0

    def in_words(self, unit: str = "") -> str:
        """The intervals, each with a unit behind it."""
        return " or ".join(f"[{low:.4g}, {high:.4g}]{unit}" for low, high in self.intervals)

    def own_lines(self) -> Sequence[tuple[str, str]]:
        """Lines after model and experiments."""
        unit = f" {self.unit}" if self.unit else ""
        return _lines_at_level(self, held_lines(self.fixed), (self.parameter, self.in_words(unit)), unit=unit)


def _lines_at_level(
    record: LimitResult | IntervalResult,
    held: Iterable[tuple[str, str]],
    bound: tuple[str, str],
    *more: tuple[str, str],
    unit: str = "",
) -> list[tuple[str, str]]:
    """Own lines of a result at a level of chi^2: what was held, the bound, and the best fit."""
    name, value = bound
    return [
        *held,
        (name, f"{value}  {at_level(record.cl, record.dof)}"),
        *more,
        ("best fit", f"{record.best_fit:.4g}{unit}"),
        *((other, f"{best:.4g} (profiled, at the best fit)") for other, best in record.profiled.items()),
        ("chi2/bins", f"{record.chi2_min:.2f}/{record.ndata}"),
    ]
