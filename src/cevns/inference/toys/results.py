"""What pseudo-data say: frozen, with provenance, JSON out and in."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cevns.results.base import Result, at_level, held_lines

Intervals = tuple[tuple[float, float], ...]
"""Disjoint intervals, lowest first."""


@dataclass(frozen=True)
class ToyResult(Result):
    """What all results from pseudo-data have in common; see `cevns.results.Result` for other fields.

    Attributes
    ----------
    toys, seed, chunk : int
        Number of sets of pseudo-data at each true point, and what their random numbers follow from.
    pulls : str
        True pulls: ``profiled``, at their best values given the data, or ``nominal``, zero.
    centres : bool
        Whether the centres of the constraints were thrown.
    """

    model: str
    experiments: tuple[str, ...]
    parameter: str | None
    unit: str
    fixed: Mapping[str, float]
    best_fit: float | None
    chi2_min: float
    ndata: int
    toys: int
    seed: int
    chunk: int
    pulls: str
    centres: bool
    version: str

    @abstractmethod
    def said(self) -> Sequence[tuple[str, str]]:
        """Name and value of each line of the readable form that is about the result itself."""

    def own_lines(self) -> Sequence[tuple[str, str]]:
        """Lines after model and experiments."""
        best = () if self.best_fit is None else (("best fit", self._value(self.best_fit)),)
        return [
            *held_lines(self.fixed),
            *best,
            ("chi2/bins", f"{self.chi2_min:.2f}/{self.ndata}"),
            *self.said(),
            ("toys", f"{self.toys}, seed {self.seed}, pulls {self.pulls}"),
        ]

    def _value(self, value: float) -> str:
        return f"{value:.4g}{f' {self.unit}' if self.unit else ''}"


@dataclass(frozen=True)
class GoodnessResult(ToyResult):
    """How often pseudo-data fit worse than the data.

    Attributes
    ----------
    p_value, p_error : float
        Fraction of the pseudo-data, thrown where the data fit best, whose smallest chi^2 is at least that of the data,
        and its binomial error.
    quantiles : tuple of (float, float)
        Fraction, and the chi^2 at or below which that fraction of the pseudo-data is.
    """

    p_value: float
    p_error: float
    quantiles: tuple[tuple[float, float], ...]

    def said(self) -> Sequence[tuple[str, str]]:
        """p-value and quantiles."""
        return [
            ("p-value", f"{self.p_value:.4f} +- {self.p_error:.4f}"),
            *((f"{100.0 * fraction:.1f} % of toys", f"chi2 <= {chi2:.2f}") for fraction, chi2 in self.quantiles),
        ]


@dataclass(frozen=True)
class ExpectedLimitResult(ToyResult):
    """Upper limits that experiments like these set if a parameter is zero, or at another value.

    Attributes
    ----------
    truth : float
        The true value.
    cl, dof, delta_chi2 : float, int, float
        Confidence level, degrees of freedom, and the rise of chi^2 that sets a limit.
    observed : float
        Limit from the data, the first value above which values are excluded, as for pseudo-data.
    median : float
        Half of the pseudo-data give a lower limit.
    bands : tuple of (float, float)
        Limits between which the central 68.3 % and 95.4 % of the pseudo-data are.
    asimov : float or None
        Limit from data that are what is expected; absent for a counted background that is marginalised.
    """

    truth: float
    cl: float
    dof: int
    delta_chi2: float
    observed: float
    median: float
    bands: Intervals
    asimov: float | None

    def said(self) -> Sequence[tuple[str, str]]:
        """Observed and expected limits."""
        asimov = () if self.asimov is None else (("Asimov", f"{self.parameter} < {self._value(self.asimov)}"),)
        return [
            (f"{self.parameter} <", f"{self._value(self.observed)}  {at_level(self.cl, self.dof)}"),
            ("expected", f"{self.parameter} < {self._value(self.median)}"),
            *((f"+-{n} sigma", f"[{low:.4g}, {high:.4g}]") for n, (low, high) in enumerate(self.bands, 1)),
            *asimov,
        ]


@dataclass(frozen=True)
class ToyIntervalResult(ToyResult):
    """Confidence intervals from pseudo-data, by the ordering of Feldman and Cousins or by CLs.

    Attributes
    ----------
    method : {"feldman-cousins", "cls"}
        How.
    cl : float
        Confidence level.
    intervals : tuple of (float, float)
        Every disjoint interval; one that reaches an end of the grid ends there.
    upper_limit, outer_limit : float or None
        First value above which values are excluded, and the value above which all are; absent beyond the grid.
    upper_range : tuple of (float or None, float or None)
        The first of these with the critical values, or CLs, one error lower and higher.
    grid, q : tuple of float
        Values of the parameter, and the test statistic of the data there.
    critical : tuple of float
        What it is compared with: the critical value of q, above which a value is excluded; or CLs, below 1 - cl.
    errors : tuple of (float, float)
        Lower and upper end of one binomial error of that.
    """

    method: str
    cl: float
    intervals: Intervals
    upper_limit: float | None
    outer_limit: float | None
    upper_range: tuple[float | None, float | None]
    grid: tuple[float, ...]
    q: tuple[float, ...]
    critical: tuple[float, ...]
    errors: Intervals

    def said(self) -> Sequence[tuple[str, str]]:
        """The intervals."""
        unit = f" {self.unit}" if self.unit else ""
        shown = " or ".join(f"[{low:.4g}, {high:.4g}]{unit}" for low, high in self.intervals)
        low, high = ("-" if end is None else f"{end:.4g}" for end in self.upper_range)
        return [
            (str(self.parameter), f"{shown or 'nowhere'}  ({100 * self.cl:g} % CL, {self.method})"),
            ("upper limit", f"{'-' if self.upper_limit is None else f'{self.upper_limit:.4g}'} [{low}, {high}]"),
        ]


@dataclass(frozen=True)
class CoverageResult(ToyResult):
    """How often intervals from pseudo-data contain the truth.

    Attributes
    ----------
    truth : float
        The true value.
    cl, dof, delta_chi2 : float, int, float
        Confidence level, degrees of freedom, and the rise of chi^2 of Wilks' theorem.
    wilks, wilks_error : float
        Fraction of the pseudo-data for which chi^2 at the truth is within that rise, and its binomial error.
    feldman_cousins, feldman_cousins_error : float
        The same with the critical value of pseudo-data whose true pulls are those that fit the data best.
    critical : float
        That critical value.
    """

    truth: float
    cl: float
    dof: int
    delta_chi2: float
    wilks: float
    wilks_error: float
    feldman_cousins: float
    feldman_cousins_error: float
    critical: float

    def said(self) -> Sequence[tuple[str, str]]:
        """Both fractions."""
        return [
            ("truth", self._value(self.truth)),
            ("Wilks", f"{self.wilks:.4f} +- {self.wilks_error:.4f}  {at_level(self.cl, self.dof)}"),
            ("Feldman-Cousins", f"{self.feldman_cousins:.4f} +- {self.feldman_cousins_error:.4f}"),
            ("q critical", f"{self.critical:.3f} (Wilks {self.delta_chi2:.3f})"),
        ]
