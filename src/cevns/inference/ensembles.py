"""Statements from pseudo-data at one truth: goodness of fit, expected limits, coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr

from cevns.errors import NumericalError
from cevns.experiments import Experiment
from cevns.inference.curves import binomial, critical, first_upward, lowest
from cevns.inference.executors import run
from cevns.inference.level import delta_chi2
from cevns.inference.toy_results import CoverageResult, ExpectedLimitResult, GoodnessResult
from cevns.inference.toys import Line, Runner, ToyScan, TruePulls, lines
from cevns.interactions import Interaction, Model
from cevns.results import version
from cevns.statistics import Likelihood, MarginalisedOnOff
from cevns.typing import JSON, FloatArray


@dataclass(frozen=True, kw_only=True)
class Throws:
    """How pseudo-data are thrown.

    Attributes
    ----------
    toys : int
        Number of sets at each truth.
    seed : int
        Seed of the random numbers.
    chunk : int
        Sets that are thrown and profiled together; the random numbers depend on it, and on nothing else.
    pulls : {"profiled", "nominal"}
        True pulls: those that fit the data best at the truth, or zero.
    centres : bool
        Whether the centres of the constraints, which stand for measurements too, are thrown as well.
    run : callable
        Carries out the work: `cevns.inference.run`, or that with an executor, a store or a progress bar.
    """

    toys: int = 1000
    seed: int = 1
    chunk: int = 250
    pulls: TruePulls = "profiled"
    centres: bool = True
    run: Runner = field(default=run, repr=False)

    def chi2(self, line: Line, truths: Sequence[int], pulls: FloatArray | None = None) -> FloatArray:
        """chi^2 along a line of pseudo-data thrown at some of its points; shape (truth, toy, value)."""
        true = line.true_pulls(self.pulls, truths) if pulls is None else pulls
        scan = ToyScan(line, tuple(truths), true, self.toys, self.seed, self.chunk, self.centres)
        return np.asarray(self.run(scan)["chi2"])

    def record(self, line: Line) -> JSON:
        """What every result says of itself."""
        best_fit, chi2_min = lowest(line.grid, line.observed)
        likelihood, name = line.likelihood, line.parameter
        return {
            "model": likelihood.model.name,
            "experiments": tuple(e.name for e in likelihood.experiments),
            "parameter": name,
            "unit": "" if name is None else likelihood.model.parameter(name).unit,
            "fixed": dict(line.fixed),
            "best_fit": None if name is None else float(best_fit),
            "chi2_min": float(chi2_min),
            "ndata": likelihood.ndata,
            "toys": self.toys,
            "seed": self.seed,
            "chunk": self.chunk,
            "pulls": self.pulls,
            "centres": self.centres,
            "version": version(),
        }


DEFAULT = Throws()
"""A thousand sets, with the pulls that fit the data best."""
NOMINAL = Throws(pulls="nominal")
"""The same with pulls of zero."""
QUANTILES = (0.025, 0.16, 0.5, 0.84, 0.975)
"""Fractions of the pseudo-data whose chi^2 is reported."""


def goodness_of_fit(
    model: str | Interaction | Model,
    experiments: Experiment | Sequence[Experiment],
    parameter: str | None = None,
    *,
    throws: Throws = DEFAULT,
    grid: Sequence[float] | FloatArray | None = None,
    shared: Sequence[str] = (),
    **fixed: object,
) -> tuple[GoodnessResult, ...]:
    """How often pseudo-data fit worse than the data: the p-value of the smallest chi^2.

    Pseudo-data are thrown where the data fit best, and fitted like these: pulls profiled, and the parameter free if one
    is named.

    Parameters
    ----------
    model, experiments, shared
        See `cevns.statistics.Likelihood`.
    parameter : str, optional
        The one that is fitted.
    throws : Throws
        How many pseudo-data, from what seed.
    grid : sequence of float, optional
        Values of the parameter between which the minimum is sought; see `cevns.inference.toys.lines`.
    **fixed
        The other parameters, numbers or arrays that broadcast; those with a default may be left out.

    Returns
    -------
    tuple of GoodnessResult
        One for each point of the other parameters.

    Raises
    ------
    InputError
        If a parameter is unknown, missing or out of range.
    """
    return tuple(
        _goodness(line, throws) for line in lines(Likelihood(model, experiments, shared=shared), parameter, fixed, grid)
    )


def _goodness(line: Line, throws: Throws) -> GoodnessResult:
    best = float(lowest(line.grid, line.observed)[0])
    line = line.including(best)
    observed = lowest(line.grid, line.observed)[1]
    (toys,) = lowest(line.grid, throws.chi2(line, [line.index(best)]))[1]
    p_value, p_error = binomial(toys >= observed)
    quantiles = np.quantile(toys, QUANTILES).tolist()
    return GoodnessResult(
        **throws.record(line),
        p_value=float(p_value),
        p_error=float(p_error),
        quantiles=tuple(zip(QUANTILES, quantiles, strict=True)),
    )


def expected_limits(
    model: str | Interaction | Model,
    experiments: Experiment | Sequence[Experiment],
    parameter: str,
    *,
    cl: float = 0.90,
    dof: int = 1,
    truth: float = 0.0,
    throws: Throws = DEFAULT,
    grid: Sequence[float] | FloatArray | None = None,
    shared: Sequence[str] = (),
    **fixed: object,
) -> tuple[ExpectedLimitResult, ...]:
    """Median of the upper limits that pseudo-data give, and the bands about it.

    Parameters
    ----------
    model, experiments, shared
        See `cevns.statistics.Likelihood`.
    parameter : str
        The one on which limits are set.
    cl, dof : float, int
        Confidence level and degrees of freedom of the level of chi^2; see `cevns.inference.delta_chi2`.
    truth : float
        True value of the parameter.
    throws : Throws
        How many pseudo-data, from what seed.
    grid : sequence of float, optional
        Values of the parameter between which limits are interpolated; see `cevns.inference.toys.lines`.
    **fixed
        The other parameters, numbers or arrays that broadcast; those with a default may be left out.

    Returns
    -------
    tuple of ExpectedLimitResult
        One for each point of the other parameters.

    Raises
    ------
    InputError
        If a parameter is unknown, missing or out of range.
    NumericalError
        If too many of the limits are beyond the grid.
    """
    rise = delta_chi2(cl, dof)
    likelihood = Likelihood(model, experiments, shared=shared)

    def result(line: Line) -> ExpectedLimitResult:
        index = line.index(truth)
        pulls = line.true_pulls(throws.pulls, [index])
        statistics = [data.statistic for _, data in likelihood.groups]
        whole = any(isinstance(s, MarginalisedOnOff) for one in statistics for s in getattr(one, "parts", [one]))
        curves = [line.observed[None], throws.chi2(line, [index], pulls)[0]]
        curves += [] if whole else [line.asimov(index, pulls[0])[None]]
        limits = [_limits(line.grid, chi2, rise) for chi2 in curves]
        # Of the values themselves, as some may be beyond the grid.
        below = ndtr([0.0, -1.0, 1.0, -2.0, 2.0])
        median, *edges = np.quantile(limits[1], below, method="inverted_cdf").tolist()
        observed, asimov = float(limits[0][0]), None if whole else float(limits[2][0])
        if not np.all(np.isfinite([observed, median, *edges, asimov or 0.0])):
            raise NumericalError(f"limits on {parameter} are beyond the grid, which ends at {line.grid[-1]:g}")
        return ExpectedLimitResult(
            **throws.record(line),
            truth=truth,
            cl=cl,
            dof=dof,
            delta_chi2=rise,
            observed=observed,
            median=median,
            bands=((edges[0], edges[1]), (edges[2], edges[3])),
            asimov=asimov,
        )

    return tuple(result(line) for line in lines(likelihood, parameter, fixed, grid, include=[truth]))


def _limits(grid: FloatArray, chi2: FloatArray, rise: float) -> FloatArray:
    """First upward crossing of each curve."""
    return first_upward(grid, chi2 - lowest(grid, chi2)[1][..., None] - rise)


def coverage(
    model: str | Interaction | Model,
    experiments: Experiment | Sequence[Experiment],
    parameter: str,
    *,
    truth: float,
    cl: float = 0.90,
    dof: int = 1,
    throws: Throws = NOMINAL,
    grid: Sequence[float] | FloatArray | None = None,
    shared: Sequence[str] = (),
    **fixed: object,
) -> tuple[CoverageResult, ...]:
    """How often the intervals of Wilks' theorem, and those of Feldman and Cousins, contain the truth.

    The latter have the critical values of the data: their pseudo-data are thrown with the pulls that fit the data best
    at the truth. With the same pulls as true ones their coverage is right by construction; with others it says how much
    depends on them.

    Parameters
    ----------
    model, experiments, shared
        See `cevns.statistics.Likelihood`.
    parameter : str
        The one that intervals are for.
    truth : float
        Its true value.
    cl, dof : float, int
        Confidence level and degrees of freedom of the level of chi^2; see `cevns.inference.delta_chi2`.
    throws : Throws
        How many pseudo-data, from what seed, with what true pulls.
    grid : sequence of float, optional
        Values of the parameter between which the minimum is sought; see `cevns.inference.toys.lines`.
    **fixed
        The other parameters, numbers or arrays that broadcast; those with a default may be left out.

    Returns
    -------
    tuple of CoverageResult
        One for each point of the other parameters.

    Raises
    ------
    InputError
        If a parameter is unknown, missing or out of range.
    """
    rise = delta_chi2(cl, dof)
    likelihood = Likelihood(model, experiments, shared=shared)

    def result(line: Line) -> CoverageResult:
        index = line.index(truth)
        pulls = [line.true_pulls(how, [index])[0] for how in (throws.pulls, "profiled")]
        chi2 = throws.chi2(line, [index, index], np.stack(pulls))
        q, of_belt = chi2[:, :, index] - lowest(line.grid, chi2)[1]
        level = float(critical(of_belt, cl)[0])
        wilks, feldman_cousins = (tuple(map(float, binomial(q <= each))) for each in (rise, level))
        return CoverageResult(
            **throws.record(line),
            truth=truth,
            cl=cl,
            dof=dof,
            delta_chi2=rise,
            wilks=wilks[0],
            wilks_error=wilks[1],
            feldman_cousins=feldman_cousins[0],
            feldman_cousins_error=feldman_cousins[1],
            critical=level,
        )

    return tuple(result(line) for line in lines(likelihood, parameter, fixed, grid, include=[truth]))
