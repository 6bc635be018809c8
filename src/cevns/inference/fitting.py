"""Fits of model parameters and pulls with MINUIT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cevns.errors import InputError, NumericalError
from cevns.experiments import Experiment
from cevns.inference.scan import scan_parameter
from cevns.interactions import Interaction, Model
from cevns.results import FitResult, version
from cevns.statistics import Likelihood
from cevns.typing import FloatArray


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
    typical value, and the pulls in units of their constraint, so that it works with numbers near one.

    Parameters
    ----------
    model : str, Interaction or Model
        What is fitted.
    experiments : Experiment or sequence of Experiment
        One, or several fitted together.
    free : sequence of str
        Parameters that are fitted although they have a default.
    start : mapping, optional
        Starting values of free parameters, in place of the scan; needed for all but one of them.
    shared : sequence of str
        Nuisances in common; see `cevns.statistics.Likelihood`.
    **fixed
        Values of the parameters to hold.

    Raises
    ------
    InputError
        If a parameter is unknown, out of range, both fixed and free, or needs a starting value and has none.
    """
    from iminuit import Minuit

    likelihood = Likelihood(model, experiments, shared=shared)
    chosen = likelihood.model
    for name in free:
        if name in fixed:
            raise InputError(name, fixed[name], "no value: it is to be fitted")
        chosen.parameter(name)
    fitted = tuple(p.name for p in chosen.parameters if p.name in free or (p.name not in fixed and p.default is None))
    values = chosen.complete(fixed, free=fitted)
    held = {name: float(value) for name, value in values.items()}
    first = _starting_point(likelihood, fitted, held, start or {})
    scales = {name: abs(value) or 1.0 for name, value in first.items()}
    sigmas = np.concatenate([data.sigmas for _, data in likelihood.groups])
    best_pulls = likelihood.profiled(**first, **held).pulls
    names = (*fitted, *likelihood.pulls)

    def chi2(point: FloatArray) -> float:
        values = {name: point[i] * scales[name] for i, name in enumerate(fitted)}
        signals = likelihood.signals(**values, **held)
        pulls, offset, total = point[len(fitted) :] * sigmas, 0, 0.0
        for group, data in likelihood.groups:
            signal = np.concatenate([signals[i] for i in group], axis=-1)
            total += float(data.chi2(signal, pulls[offset : offset + len(data.pulls)]))
            offset += len(data.pulls)
        return total

    begin = [
        *(first[name] / scales[name] for name in fitted),
        *(float(best_pulls[n]) / s for n, s in zip(likelihood.pulls, sigmas, strict=True)),
    ]
    minuit = Minuit(chi2, begin, name=names)
    minuit.errordef = Minuit.LEAST_SQUARES
    for name in fitted:
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
    """Given starting values, and for one free parameter without any the best of a scan."""
    for name, value in start.items():
        if name not in free:
            raise InputError("start", name, free or "nothing: no parameter is free")
        likelihood.model.parameter(name).check(value)
    point = {name: float(value) for name, value in start.items()}
    missing = [name for name in free if name not in start]
    if len(missing) > 1:
        raise InputError("start", ", ".join(missing), "a starting value, or a fixed value, for all but one of them")
    for name in missing:
        scan, _ = scan_parameter(likelihood, name, {**held, **point})
        point[name] = float(scan.minimum()[0][0])
    return point
