"""Typical sizes of parameters: the units in which they are scanned, profiled and fitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from cevns.errors import NumericalError
from cevns.interactions import Parameter
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

_DECADES = np.geomspace(1e-40, 1e8, 97)
"""Values among which the scale of a parameter without bounds is sought."""
_RANGE = np.linspace(0.0, 1.0, 41)
"""Values at which a parameter with bounds is tried, as fractions of its range."""
_ROUNDING = 1e-12
"""Relative change of counts that means nothing."""


def has_range(parameter: Parameter) -> bool:
    """Whether a parameter is bounded on both sides."""
    return bool(np.isfinite(parameter.low) and np.isfinite(parameter.high))


def reference_values(likelihood: Likelihood, names: Iterable[str]) -> dict[str, float]:
    """Values of parameters where nothing better is known: the default, the middle of the range, or zero."""
    chosen = [likelihood.model.parameter(name) for name in names]
    middle = {p.name: (p.low + p.high) / 2.0 if has_range(p) else 0.0 for p in chosen}
    return {p.name: middle[p.name] if p.default is None else p.default for p in chosen}


def parameter_scale(likelihood: Likelihood, name: str, points: Mapping[str, FloatArray]) -> FloatArray:
    """Size of a parameter: its range if it has one, its `natural_scale` if not.

    Raises
    ------
    NumericalError
        If no value of it changes the counts at some point.
    """
    parameter = likelihood.model.parameter(name)
    if not has_range(parameter):
        return natural_scale(likelihood, name, points)
    span = parameter.high - parameter.low
    reach = _reach(likelihood, name, parameter.low + span * _RANGE, parameter.low, points)
    if not (reach > _ROUNDING).any(axis=1).all():
        raise NumericalError(f"no value of {name} changes the counts of {likelihood.model.name}")
    return np.full(len(reach), span)


def natural_scale(likelihood: Likelihood, name: str, points: Mapping[str, FloatArray]) -> FloatArray:
    """Value at which a parameter changes some experiment by as many events as it has without it.

    Parameters
    ----------
    likelihood : Likelihood
        Model and experiments.
    name : str
        A parameter without bounds.
    points : mapping
        Values of the other parameters, each of shape (point,).

    Returns
    -------
    array, shape (point,)
        The scale, to half a decade.

    Raises
    ------
    NumericalError
        If there is none at some point.
    """
    beyond = _reach(likelihood, name, _DECADES, 0.0, points) > 1.0
    if not beyond.any(axis=1).all():
        raise NumericalError(f"no value of {name} up to {_DECADES[-1]:g} changes the counts of {likelihood.model.name}")
    return _DECADES[beyond.argmax(axis=1)]


def _reach(
    likelihood: Likelihood, name: str, values: FloatArray, origin: float, points: Mapping[str, FloatArray]
) -> FloatArray:
    """Largest relative change of an experiment's counts from the origin to each value, shape (point, value)."""
    columns = {key: v[:, None] for key, v in points.items()}
    reach = np.zeros((max((len(v) for v in points.values()), default=1), len(values)))
    without = likelihood.signals(**{name: origin}, **columns)
    for signal, nothing in zip(likelihood.signals(**{name: values}, **columns), without, strict=True):
        changed = np.abs(signal - nothing).sum(axis=-1) / np.maximum(nothing.sum(axis=-1), np.finfo(float).tiny)
        reach = np.maximum(reach, changed)
    return reach
