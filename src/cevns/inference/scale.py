"""Typical sizes of parameters: the units in which they are scanned, profiled and fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from cevns.errors import NumericalError
from cevns.interactions import Parameter
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

_DECADES = np.geomspace(1e-40, 1e8, 97)
"""Values among which the scale of a parameter without bounds is sought."""

Range: TypeAlias = tuple[float, float]
"""Lowest and highest value of a parameter, infinite where it has no bound."""


def has_range(parameter: Parameter) -> bool:
    """Whether a parameter is bounded on both sides."""
    return bool(np.isfinite(parameter.low) and np.isfinite(parameter.high))


def reference_values(likelihood: Likelihood, ranges: Mapping[str, Range]) -> dict[str, FloatArray]:
    """Values of parameters that are profiled, for the scale of another: amid the range, at the default, or zero."""
    middle = {
        name: np.sqrt(low) * np.sqrt(high) if low > 0.0 else (low + high) / 2.0
        for name, (low, high) in ranges.items()
        if np.isfinite(high - low)
    }
    return {name: np.array([middle.get(name, likelihood.model.parameter(name).default or 0.0)]) for name in ranges}


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
    columns = {key: v[:, None] for key, v in points.items()}
    reach = np.zeros((max((len(v) for v in points.values()), default=1), len(_DECADES)))
    without = likelihood.signals(**{name: 0.0}, **columns)
    for signal, nothing in zip(likelihood.signals(**{name: _DECADES}, **columns), without, strict=True):
        changed = np.abs(signal - nothing).sum(axis=-1) / np.maximum(nothing.sum(axis=-1), np.finfo(float).tiny)
        reach = np.maximum(reach, changed)
    beyond = reach > 1.0
    if not beyond.any(axis=1).all():
        raise NumericalError(f"no value of {name} up to {_DECADES[-1]:g} changes the counts of {likelihood.subject}")
    return _DECADES[beyond.argmax(axis=1)]
