"""Fits of model parameters and pulls with MINUIT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cevns.errors import InputError, NumericalError
from cevns.experiments import Experiment
from cevns.interactions import Interaction, Model
from cevns.results import FitResult, version
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

_START_POINTS = 61
"""Values of each free parameter among which the fit starts."""


def fit(
    model: str | Interaction | Model,
    experiments: Experiment | Sequence[Experiment],
    *,
    start: Mapping[str, float] | None = None,
    shared: Sequence[str] = (),
    **fixed: Any,
) -> FitResult:
    """Fit the free parameters of a model and all pulls.

    Parameters that are neither given nor have a default are free. MINUIT sees them divided by a typical value, and the
    pulls in units of their constraint, so that it works with numbers near one. It starts from the best point of a scan.

    Parameters
    ----------
    model : str, Interaction or Model
        What is fitted.
    experiments : Experiment or sequence of Experiment
        One, or several fitted together.
    start : mapping, optional
        Starting values of free parameters, in place of the scan.
    shared : sequence of str
        Nuisances in common; see `cevns.statistics.Likelihood`.
    **fixed
        Values of the parameters to hold.

    Raises
    ------
    InputError
        If a parameter is unknown or out of range, or a parameter other than one coupling needs a start and has none.
    """
    from iminuit import Minuit

    likelihood = Likelihood(model, experiments, shared=shared)
    chosen = likelihood.model
    free = tuple(p.name for p in chosen.parameters if p.name not in fixed and p.default is None)
    held = {name: float(value) for name, value in chosen.complete(fixed, free=free).items()}
    first = _starting_point(likelihood, free, held, start or {})
    scales = {name: abs(value) or 1.0 for name, value in first.items()}
    sigmas = np.concatenate([data.sigmas for _, data in likelihood.groups])
    best_pulls = likelihood.profiled(**first, **held).pulls
    names = (*free, *likelihood.pulls)

    def chi2(point: FloatArray) -> float:
        values = {name: point[i] * scales[name] for i, name in enumerate(free)}
        signals = likelihood.signals(**values, **held)
        pulls, offset, total = point[len(free) :] * sigmas, 0, 0.0
        for group, data in likelihood.groups:
            signal = np.concatenate([signals[i] for i in group], axis=-1)
            total += float(data.chi2(signal, pulls[offset : offset + len(data.pulls)]))
            offset += len(data.pulls)
        return total

    begin = [
        *(first[name] / scales[name] for name in free),
        *(float(best_pulls[n]) / s for n, s in zip(likelihood.pulls, sigmas, strict=True)),
    ]
    minuit = Minuit(chi2, begin, name=names)
    minuit.errordef = Minuit.LEAST_SQUARES
    for name in free:
        parameter = chosen.parameter(name)
        minuit.limits[name] = (parameter.low / scales[name], parameter.high / scales[name])
    minuit.migrad()
    minuit.hesse()
    if not np.isfinite(minuit.fval):
        raise NumericalError(f"the fit of {chosen.name} did not find a finite chi^2")
    unit = {**scales, **dict(zip(likelihood.pulls, sigmas.tolist(), strict=True))}
    return FitResult(
        model=chosen.name,
        experiments=tuple(e.name for e in likelihood.experiments),
        fixed=held,
        values={name: minuit.values[name] * unit[name] for name in names},
        errors={name: minuit.errors[name] * unit[name] for name in names},
        chi2=float(minuit.fval),
        ndata=likelihood.ndata,
        valid=bool(minuit.valid),
        version=version(),
    )


def _starting_point(
    likelihood: Likelihood, free: tuple[str, ...], held: Mapping[str, float], start: Mapping[str, float]
) -> dict[str, float]:
    """Given starting values, and for one free coupling without any the best of a scan over many decades."""
    for name, value in start.items():
        if name not in free:
            raise InputError("start", name, free or "nothing: no parameter is free")
        likelihood.model.parameter(name).check(value)
    missing = [name for name in free if name not in start]
    point = {name: float(value) for name, value in start.items()}
    if not missing:
        return point
    if len(missing) > 1 or not likelihood.model.parameter(missing[0]).is_coupling:
        raise InputError("start", ", ".join(missing), "a starting value, or a fixed value, for all but one coupling")
    name = missing[0]
    scan = np.geomspace(1e-9, 1.0, 10 * _START_POINTS)
    chi2 = likelihood(**{name: scan}, **held, **point)
    point[name] = float(scan[int(np.argmin(chi2))])
    return point
