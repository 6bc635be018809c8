"""Intervals from pseudo-data: the unified approach of Feldman and Cousins, and CLs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cevns.errors import InputError
from cevns.experiments import Experiment
from cevns.inference.level import delta_chi2
from cevns.inference.toys.curves import binomial, critical, first_upward, lowest, pieces
from cevns.inference.toys.line import Line, lines
from cevns.inference.toys.results import ToyIntervalResult
from cevns.inference.toys.throws import DEFAULT, Throws
from cevns.interactions import Interaction, Model
from cevns.statistics import Likelihood
from cevns.typing import FloatArray


def feldman_cousins(
    model: str | Interaction | Model,
    experiments: Experiment | Sequence[Experiment],
    parameter: str,
    *,
    cl: float = 0.90,
    throws: Throws = DEFAULT,
    grid: Sequence[float] | FloatArray | None = None,
    shared: Sequence[str] = (),
    **fixed: object,
) -> tuple[ToyIntervalResult, ...]:
    """Confidence intervals with critical values from pseudo-data (Feldman and Cousins, Phys. Rev. D 57 (1998) 3873).

    The test statistic is q = chi^2(value) - min chi^2, pulls profiled. A value is in the interval if q of the data is
    at most the critical value: at or below that are a fraction ``cl`` of the pseudo-data thrown at this value, with the
    pulls that fit the data best there.

    Parameters
    ----------
    parameter : str
        The parameter.
    cl : float
        Confidence level.
    grid : sequence of float, optional
        Values of the parameter at which pseudo-data are thrown, and between which edges are interpolated; see
        `cevns.inference.toys.lines`. Minima of pseudo-data beyond its ends are missed, so that it should end well
        beyond the interval.
    model, experiments, throws, shared, **fixed
        As for `cevns.goodness_of_fit`.
    """
    delta_chi2(cl, 1)

    def result(line: Line) -> ToyIntervalResult:
        chi2 = throws.chi2(line, range(len(line.grid)))
        at_truth = np.diagonal(chi2, axis1=0, axis2=2).T
        levels = critical(at_truth - lowest(line.grid, chi2)[1], cl)
        best_fit, chi2_min = lowest(line.grid, line.observed)
        q = line.observed - chi2_min
        # Where the data fit best q is zero, even if no point of the grid is near enough to see it.
        finer = np.union1d(line.grid, best_fit)
        q_finer = np.where(finer == best_fit, 0.0, np.interp(finer, line.grid, q))
        excess = [q_finer - np.interp(finer, line.grid, level) for level in levels]
        return _result(line, throws, "feldman-cousins", cl, q, levels, finer, excess)

    likelihood = Likelihood(model, experiments, shared=shared)
    return tuple(result(line) for line in lines(likelihood, parameter, fixed, grid))


def cls_limits(
    model: str | Interaction | Model,
    experiments: Experiment | Sequence[Experiment],
    parameter: str,
    *,
    cl: float = 0.90,
    throws: Throws = DEFAULT,
    grid: Sequence[float] | FloatArray | None = None,
    shared: Sequence[str] = (),
    **fixed: object,
) -> tuple[ToyIntervalResult, ...]:
    """Upper limits by CLs (Read, J. Phys. G 28 (2002) 2693) with the test statistic for upper limits.

    It is q = chi^2(value) - min chi^2 where the best value is below, and zero where it is above (Cowan et al., Eur.
    Phys. J. C 71 (2011) 1554, eq. 16: the minimum is over values that are not negative). CLs is the fraction of the
    pseudo-data at the value whose q is at least that of the data, over the same fraction at zero; values with CLs below
    1 - cl are excluded. Parameters as for `feldman_cousins`.

    Raises
    ------
    InputError
        If a parameter is unknown, missing or out of range, or may be negative.
    """
    delta_chi2(cl, 1)

    def result(line: Line) -> ToyIntervalResult:
        chi2 = throws.chi2(line, range(len(line.grid)))
        q = _one_sided(line.grid, line.observed)
        toys = _one_sided(line.grid, chi2)
        with_signal, error = binomial((np.diagonal(toys, axis1=0, axis2=2) >= q).T)
        without, error_without = binomial((toys[0] >= q).T)
        # Where no pseudo-data without the signal are as extreme as the data nothing can be excluded.
        ratio = np.divide(with_signal, without, out=np.ones_like(without), where=without > 0)
        relative = np.hypot(error / np.maximum(with_signal, error), error_without / np.maximum(without, error_without))
        cls = np.stack([ratio, ratio * (1.0 - relative), ratio * (1.0 + relative)])
        return _result(line, throws, "cls", cl, q, cls, line.grid, [1.0 - cl - each for each in cls])

    likelihood = Likelihood(model, experiments, shared=shared)
    if likelihood.model.parameter(parameter).low < 0.0:
        raise InputError("parameter", parameter, "one that is not negative, for CLs")
    return tuple(result(line) for line in lines(likelihood, parameter, fixed, grid, include=[0.0]))


def _one_sided(grid: FloatArray, chi2: FloatArray) -> FloatArray:
    """Test statistic for upper limits at each value, shape (..., value)."""
    best_fit, chi2_min = lowest(grid, chi2)
    return np.where(best_fit[..., None] <= grid, chi2 - chi2_min[..., None], 0.0)


def _result(
    line: Line,
    throws: Throws,
    method: str,
    cl: float,
    q: FloatArray,
    levels: FloatArray,
    grid: FloatArray,
    excess: Sequence[FloatArray],
) -> ToyIntervalResult:
    """The record, from what q is compared with (nominal, lower, upper) and by how much it exceeds that."""
    found = pieces(grid, excess[0])
    upper = [float(first_upward(grid, each)) for each in excess]
    first, low, high = (each if np.isfinite(each) else None for each in upper)
    return ToyIntervalResult(
        **throws.record(line),
        method=method,
        cl=cl,
        intervals=found,
        upper_limit=first,
        outer_limit=found[-1][1] if found and found[-1][1] < grid[-1] else None,
        upper_range=(low, high),
        grid=tuple(line.grid.tolist()),
        q=tuple(q.tolist()),
        critical=tuple(levels[0].tolist()),
        errors=tuple(zip(levels[1].tolist(), levels[2].tolist(), strict=True)),
    )
