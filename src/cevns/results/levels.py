"""Limits and intervals of one parameter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cevns.results.base import Record, held_lines, level_in_words


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

    @property
    def shown_best_fit(self) -> float:
        """The best fit; zero where rounding makes the rest, within 1e-4 of the length of the intervals."""
        length = self.intervals[-1][1] - self.intervals[0][0]
        return self.best_fit if abs(self.best_fit) > 1e-4 * length else 0.0

    def in_words(self, unit: str = "") -> str:
        """The intervals, each with a unit behind it."""
        return " or ".join(f"[{low:.4g}, {high:.4g}]{unit}" for low, high in self.intervals)

    def lines(self) -> Sequence[tuple[str, str]]:
        """Name and value of each line of the readable form."""
        unit = f" {self.unit}" if self.unit else ""
        return _lines_at_level(self, held_lines(self.fixed), (self.parameter, self.in_words(unit)), unit=unit)


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
        (name, f"{value}  ({level_in_words(record.cl, record.dof)})"),
        *more,
        ("best fit", f"{record.best_fit:.4g}{unit}"),
        *((other, f"{best:.4g} (profiled, at the best fit)") for other, best in record.profiled.items()),
        ("chi2/bins", f"{record.chi2_min:.2f}/{record.ndata}"),
    ]
