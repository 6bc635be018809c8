"""Fits of model parameters and pulls with MINUIT."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from cevns.errors import InputError, NumericalError
from cevns.experiments import Experiment
from cevns.inference.arguments import refuse_values, single_values
from cevns.inference.scale import natural_scale
from cevns.inference.scan import scan_parameter
from cevns.interactions import Interaction, Model
from cevns.results import FitResult, common_fields
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

if TYPE_CHECKING:
    from iminuit import Minuit

_TOLERANCE = 1e-4
"""MINUIT's tolerance: the expected distance to the minimum is below 2e-7 in chi^2."""

_AT_BOUND = 1e-3
"""Distance from the bound of a parameter, in units of its typical value, below which the curvature gives no error."""


def fit(
    model: str | Interaction | Model,
    experiments: Experiment | Sequence[Experiment],
    *,
    free: Sequence[str] = (),
    start: Mapping[str, float] | None = None,
    shared: Sequence[str] = (),
    **fixed: Any,
) -> FitResult:
    """Fit the free parameters of a model and all pulls.

    Free are the parameters that are neither given nor have a default, and those named. MINUIT sees them divided by a
    typical value, and the pulls in units of their constraint, or of half their range where they are free, so that it
    works with numbers near one.

    Parameters
    ----------
    model, experiments, shared
        See `cevns.statistics.Likelihood`.
    free : sequence of str
        Parameters that are fitted although they have a default.
    start : mapping, optional
        Starting values of free parameters, in place of the scan; needed for all but one of them.
    **fixed
        Values of the parameters to hold.

    Raises
    ------
    InputError
        If a parameter is unknown, out of range, both fixed and free, or needs a starting value and has none.
    """
    likelihood = Likelihood(model, experiments, shared=shared)
    chosen = likelihood.model
    refuse_values(fixed, free, "it is to be fitted")
    for name in free:
        chosen.parameter(name)
    fitted = tuple(p.name for p in chosen.parameters if p.name in free or (p.name not in fixed and p.default is None))
    held = single_values(chosen, fixed, fitted)
    start = _starting_point(likelihood, fitted, held, start or {})
    units = {name: _typical(likelihood, name, {**held, **start}) for name in fitted}
    function = _Scaled(likelihood, held, units)

    best = [start[name] / units[name] for name in fitted]
    if fitted:
        # Pulls are profiled exactly on the way to the minimum; only its curvature needs them as parameters.
        nearby = list(function.minimised(function.profiled_chi2, best, fitted).values)
        best = nearby if np.all(np.isfinite(nearby)) else best
    pulls = likelihood.profiled(**function.values(np.array(best))).pulls
    begin = [*best, *(float(pulls[name]) / unit for name, unit in function.pull_units.items())]
    result = function.minimised(function.chi2, begin, (*fitted, *likelihood.pulls))
    result.hesse()
    if not np.isfinite(result.fval):
        raise NumericalError(f"the fit of {chosen.name} did not find a finite chi^2")
    ends = {name: np.array(result.limits[name]) for name in fitted}
    bound = {name for name in fitted if np.abs(result.values[name] - ends[name]).min() < _AT_BOUND}
    every = {**units, **function.pull_units}
    return FitResult(
        **common_fields(likelihood),
        fixed=held,
        values={name: result.values[name] * unit for name, unit in every.items()},
        errors={name: 0.0 if name in bound else result.errors[name] * unit for name, unit in every.items()},
        chi2=float(result.fval),
        valid=bool(result.valid),
    )


@dataclass(frozen=True)
class _Scaled:
    """chi^2 of what MINUIT sees, numbers near one: fitted parameters, then pulls, in their units.

    Attributes
    ----------
    likelihood : Likelihood
        chi^2.
    held : mapping of str to float
        Parameters that are not fitted.
    units : mapping of str to float
        Typical values of those that are.
    """

    likelihood: Likelihood
    held: Mapping[str, float]
    units: Mapping[str, float]

    @cached_property
    def pull_units(self) -> Mapping[str, float]:
        """Typical values of the pulls."""
        return {
            name: unit
            for _, data in self.likelihood.groups
            for name, unit in zip(data.pulls, data.units.tolist(), strict=True)
        }

    @cached_property
    def _limits(self) -> Mapping[str, tuple[float, float]]:
        """Ends of the parameters and pulls that have any."""
        limits = {}
        for name, unit in self.units.items():
            parameter = self.likelihood.model.parameter(name)
            limits[name] = parameter.low / unit, parameter.high / unit
        for _, data in self.likelihood.groups:
            for name, (low, high) in data.ranges.items():
                limits[name] = low / self.pull_units[name], high / self.pull_units[name]
        return limits

    def values(self, point: FloatArray) -> dict[str, float]:
        """Values of all parameters."""
        return {**self.held, **{name: point[i] * unit for i, (name, unit) in enumerate(self.units.items())}}

    def profiled_chi2(self, point: FloatArray) -> float:
        """With the best pulls; infinite where MINUIT overflowed its own steps on a plateau far away."""
        return float(self.likelihood(**self.values(point))) if np.all(np.isfinite(point)) else np.inf

    def chi2(self, point: FloatArray) -> float:
        """At the pulls of the point."""
        if not np.all(np.isfinite(point)):
            return np.inf
        pulls = point[len(self.units) :] * np.array([*self.pull_units.values()])
        return float(self.likelihood.at_pulls(pulls, **self.values(point)))

    def minimised(
        self, function: Callable[[FloatArray], float], begin: Sequence[float], names: Sequence[str]
    ) -> Minuit:
        """One of these functions of the numbers named, minimised within their limits."""
        from iminuit import Minuit

        minuit = Minuit(function, begin, name=names)
        minuit.errordef, minuit.tol, minuit.strategy = Minuit.LEAST_SQUARES, _TOLERANCE, 2
        for name in self._limits.keys() & names:
            minuit.limits[name] = self._limits[name]
        return minuit.migrad()


def _typical(likelihood: Likelihood, name: str, values: Mapping[str, float]) -> float:
    """A value of a parameter that is neither large nor small, for MINUIT to see numbers near one."""
    parameter = likelihood.model.parameter(name)
    if np.isfinite(parameter.low) and np.isfinite(parameter.high):
        return parameter.high - parameter.low
    if name in likelihood.model.shapes:
        return abs(values[name]) or 1.0
    others = {other: np.array([value]) for other, value in values.items() if other != name}
    return float(natural_scale(likelihood, name, others)[0])


def _starting_point(
    likelihood: Likelihood, free: tuple[str, ...], held: Mapping[str, float], start: Mapping[str, float]
) -> dict[str, float]:
    """Given starting values, and for one free parameter without any the best of a scan."""
    for name, value in start.items():
        if name not in free:
            raise InputError("start", name, free or "nothing: no parameter is free")
        if likelihood.model.parameter(name).check(value).ndim:
            raise InputError(f"start.{name}", value, "one value")
    point = {name: float(value) for name, value in start.items()}
    missing = [name for name in free if name not in start]
    if len(missing) > 1:
        raise InputError("start", ", ".join(missing), "a starting value, or a fixed value, for all but one of them")
    for name in missing:
        scan, _ = scan_parameter(likelihood, name, {**held, **point})
        point[name] = float(scan.minimum()[0][0])
    return point
