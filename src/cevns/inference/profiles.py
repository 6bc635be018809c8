"""chi^2 as a function of one parameter, everything else profiled or held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cevns.errors import InputError
from cevns.experiments import Experiment
from cevns.inference.profiling import Profiled, profile_along, profiled_ranges
from cevns.inference.span import Span, held_values
from cevns.interactions import Interaction, Model
from cevns.results import ProfileResult, common_fields
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

_POINTS = 201
_SHOWN_CL = 0.9973
"""Confidence level of the interval that is shown where no values are given."""


def profile(
    model: str | Interaction | Model,
    experiments: Experiment | Sequence[Experiment],
    parameter: str,
    values: Sequence[float] | FloatArray | None = None,
    *,
    shared: Sequence[str] = (),
    profiled: Profiled = (),
    **fixed: float,
) -> ProfileResult:
    """Smallest chi^2 at values of one parameter, pulls profiled.

    Parameters
    ----------
    model, experiments, shared
        See `cevns.statistics.Likelihood`.
    parameter : str
        The parameter.
    values : sequence of float, optional
        Increasing values. By default 201 over its interval of three standard deviations and a tenth of that on either
        side, within its bounds.
    profiled, **fixed
        The other parameters, one value each; see `cevns.intervals`.

    Raises
    ------
    InputError
        If a parameter is unknown, missing, out of range or named twice, or the values are not increasing.
    NumericalError
        If no values are given and chi^2 does not rise.
    """
    likelihood = Likelihood(model, experiments, shared=shared)
    described = likelihood.model.parameter(parameter)
    points = held_values(likelihood, (parameter,), profiled, fixed)
    ranges = profiled_ranges(likelihood, parameter, profiled, fixed)
    if values is None:
        span = Span.around_interval(likelihood, parameter, cl=_SHOWN_CL, dof=1, profiled=profiled, points=points)
        grid = span.value(np.linspace(0.0, 1.0, _POINTS))
    else:
        grid = described.check(values)
        if grid.ndim != 1 or len(grid) < 2 or not np.all(np.diff(grid) > 0.0):
            raise InputError(parameter, values, "a list of at least two increasing values")
    chi2, best = _along(likelihood, parameter, grid, ranges, points)
    return ProfileResult(
        **common_fields(likelihood),
        parameter=parameter,
        unit=described.unit,
        fixed=points,
        profiled={name: tuple(along.tolist()) for name, along in best.items()},
        values=tuple(grid.tolist()),
        chi2=tuple(chi2.tolist()),
    )


def _along(
    likelihood: Likelihood,
    parameter: str,
    grid: FloatArray,
    ranges: Mapping[str, tuple[float, float]],
    points: Mapping[str, float],
) -> tuple[FloatArray, Mapping[str, FloatArray]]:
    """chi^2 on a grid, and the values of the profiled parameters there."""
    if not ranges:
        return likelihood(**{parameter: grid}, **points), {}
    rows = {name: np.array([value]) for name, value in points.items()}
    valley = profile_along(likelihood, parameter, ranges, rows, grid[None])
    best = valley.surface.parameters(np.zeros(len(grid), dtype=int), list(valley.position[0].T))
    return valley.chi2[0], best
