"""Confidence intervals of one parameter: all disjoint pieces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cevns.errors import NumericalError
from cevns.experiments import Experiment
from cevns.inference.limits import delta_chi2
from cevns.inference.scan import scan_parameter, where
from cevns.interactions import Interaction, Model
from cevns.results import IntervalResult, version
from cevns.statistics import Likelihood


def intervals(
    model: str | Interaction | Model,
    experiments: Experiment | Sequence[Experiment],
    parameter: str,
    *,
    cl: float = 0.90,
    dof: int = 1,
    shared: Sequence[str] = (),
    **fixed: object,
) -> tuple[IntervalResult, ...]:
    """Intervals of one parameter at a confidence level, the other parameters fixed, the pulls profiled.

    Parameters
    ----------
    model : str, Interaction or Model
        What is tested.
    experiments : Experiment or sequence of Experiment
        One, or several fitted together.
    parameter : str
        The parameter.
    cl, dof : float, int
        Confidence level and degrees of freedom of the level of chi^2; see `cevns.inference.delta_chi2`.
    shared : sequence of str
        Nuisances in common; see `cevns.statistics.Likelihood`.
    **fixed
        The other parameters, numbers or arrays that broadcast; those with a default may be left out.

    Returns
    -------
    tuple of IntervalResult
        One for each point of the other parameters, in the order of the flattened arrays.

    Raises
    ------
    InputError
        If a parameter is unknown, missing or out of range.
    NumericalError
        If chi^2 stays below the level however large the parameter.
    """
    rise = delta_chi2(cl, dof)
    likelihood = Likelihood(model, experiments, shared=shared)
    described = likelihood.model.parameter(parameter)
    scan, points = scan_parameter(likelihood, parameter, fixed)
    best_fit, chi2_min = scan.minimum()
    level = chi2_min + rise
    for end, bound in ((0, described.low), (-1, described.high)):
        for number in np.flatnonzero((scan.chi2[:, end] <= level) & (scan.grid[:, end] != bound)).tolist():
            at = where(points, number) or "the point given"
            raise NumericalError(
                f"no interval of {parameter} of {likelihood.model.name} at {at}: chi^2 does not rise by {rise:.3g}"
            )
    return tuple(
        IntervalResult(
            model=likelihood.model.name,
            experiments=tuple(e.name for e in likelihood.experiments),
            parameter=parameter,
            unit=described.unit,
            fixed={name: float(values[i]) for name, values in points.items()},
            cl=cl,
            dof=dof,
            delta_chi2=rise,
            intervals=_pieces(crossings, scan.grid[i], scan.chi2[i] <= level[i]),
            best_fit=float(best_fit[i]),
            chi2_min=float(chi2_min[i]),
            ndata=likelihood.ndata,
            version=version(),
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
