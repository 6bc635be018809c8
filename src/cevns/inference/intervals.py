"""Confidence intervals of one parameter: all disjoint pieces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cevns.errors import NumericalError
from cevns.experiments import Experiment
from cevns.inference.level import LevelScan
from cevns.inference.profiling import Profiled
from cevns.interactions import Interaction, Model
from cevns.results import IntervalResult
from cevns.statistics import Likelihood


def intervals(
    model: str | Interaction | Model,
    experiments: Experiment | Sequence[Experiment],
    parameter: str,
    *,
    cl: float = 0.90,
    dof: int = 1,
    shared: Sequence[str] = (),
    profiled: Profiled = (),
    **fixed: object,
) -> tuple[IntervalResult, ...]:
    """Intervals of one parameter at a confidence level, pulls profiled.

    Parameters
    ----------
    model, experiments, shared
        See `cevns.statistics.Likelihood`.
    parameter : str
        The parameter.
    cl, dof : float, int
        Confidence level and degrees of freedom of the level of chi^2; see `cevns.inference.delta_chi2`.
    profiled : sequence of str, or mapping of str to (float, float) or None
        Up to three other parameters over which chi^2 is minimised as well: the intervals hold whatever their values,
        or whatever their values in a range, which masses and the like need: ``{"eps_ee_dV": None, "m4": (1.0, 50.0)}``.
    **fixed
        The remaining parameters, numbers or arrays that broadcast; those with a default may be left out.

    Returns
    -------
    tuple of IntervalResult
        One for each point of the fixed parameters, in the order of the flattened arrays.

    Raises
    ------
    InputError
        If a parameter is unknown, missing or out of range, or one that is profiled is also scanned or fixed.
    NumericalError
        If chi^2 stays below the level however large the parameter, or a parameter has no effect, as one that cannot be
        told apart from those that are profiled.
    """
    likelihood = Likelihood(model, experiments, shared=shared)
    found = LevelScan.of(likelihood, parameter, cl=cl, dof=dof, profiled=profiled, fixed=fixed)
    described, scan, level = likelihood.model.parameter(parameter), found.scan, found.level
    for end, bound in ((0, described.low), (-1, described.high)):
        for number in np.flatnonzero((scan.chi2[:, end] <= level) & (scan.grid[:, end] != bound)).tolist():
            what = f"{parameter} of {likelihood.model.name}{found.where(number)}"
            raise NumericalError(f"no interval of {what}: chi^2 does not rise by {found.rise:.3g}")
    return tuple(
        IntervalResult(
            **found.record(i),
            unit=described.unit,
            fixed={name: float(values[i]) for name, values in found.points.items()},
            intervals=_pieces(crossings, scan.grid[i], scan.chi2[i] <= level[i]),
        )
        for i, crossings in enumerate(scan.crossings(level))
    )


def _pieces(crossings: tuple[float, ...], grid: np.ndarray, allowed: np.ndarray) -> tuple[tuple[float, float], ...]:
    """Pair the crossings; a piece that is cut by the range of the parameter ends there."""
    ends = list(crossings)
    if allowed[0]:
        ends.insert(0, float(grid[0]))
    if allowed[-1]:
        ends.append(float(grid[-1]))
    return tuple(zip(ends[::2], ends[1::2], strict=True))
