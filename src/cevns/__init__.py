"""Coherent elastic neutrino-nucleus scattering: from a Lagrangian to a limit.

>>> import cevns
>>> csi = cevns.experiment("coherent-csi-2021")
>>> round(float(csi.predict("sm").cevns.sum()), 1)
320.7
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cevns.errors import CevnsError, DataError, ExecutionError, InputError, NumericalError
    from cevns.experiments import Experiment, experiment, experiment_names
    from cevns.inference import (
        Throws,
        cls_limits,
        coverage,
        expected_limits,
        feldman_cousins,
        fit,
        forecast,
        goodness_of_fit,
        intervals,
        limits,
        profile,
        region,
    )
    from cevns.inference.bayes import PosteriorResult, posterior
    from cevns.interactions import (
        MODEL_NAMES,
        LeptonicVector,
        LightScalar,
        LightVector,
        Model,
        StandardModel,
        model,
    )
    from cevns.results import FitResult, ForecastResult, IntervalResult, LimitResult, ProfileResult, RegionResult
    from cevns.statistics import Likelihood

_HOME: Final = {
    "CevnsError": "errors",
    "DataError": "errors",
    "ExecutionError": "errors",
    "Experiment": "experiments",
    "FitResult": "results",
    "InputError": "errors",
    "ForecastResult": "results",
    "IntervalResult": "results",
    "LeptonicVector": "interactions",
    "LightScalar": "interactions",
    "LightVector": "interactions",
    "Likelihood": "statistics",
    "LimitResult": "results",
    "MODEL_NAMES": "interactions",
    "Model": "interactions",
    "NumericalError": "errors",
    "PosteriorResult": "inference.bayes",
    "ProfileResult": "results",
    "RegionResult": "results",
    "StandardModel": "interactions",
    "Throws": "inference",
    "cls_limits": "inference",
    "coverage": "inference",
    "expected_limits": "inference",
    "experiment": "experiments",
    "experiment_names": "experiments",
    "feldman_cousins": "inference",
    "fit": "inference",
    "forecast": "inference",
    "goodness_of_fit": "inference",
    "intervals": "inference",
    "limits": "inference",
    "model": "interactions",
    "posterior": "inference.bayes",
    "profile": "inference",
    "region": "inference",
}
"""The module of each public name, loaded when the name is first used."""

__all__ = [
    "MODEL_NAMES",
    "CevnsError",
    "DataError",
    "ExecutionError",
    "Experiment",
    "FitResult",
    "ForecastResult",
    "InputError",
    "IntervalResult",
    "LeptonicVector",
    "LightScalar",
    "LightVector",
    "Likelihood",
    "LimitResult",
    "Model",
    "NumericalError",
    "PosteriorResult",
    "ProfileResult",
    "RegionResult",
    "StandardModel",
    "Throws",
    "__version__",
    "cls_limits",
    "coverage",
    "expected_limits",
    "experiment",
    "experiment_names",
    "feldman_cousins",
    "fit",
    "forecast",
    "goodness_of_fit",
    "intervals",
    "limits",
    "model",
    "posterior",
    "profile",
    "region",
]


def __getattr__(name: str) -> object:
    """Load a public name on first use (PEP 562), so that importing the package costs nothing."""
    if name == "__version__":
        return import_module("cevns.results").version()
    if name in _HOME:
        return getattr(import_module(f"cevns.{_HOME[name]}"), name)
    if name == "plot":
        return import_module("cevns.plot")
    raise AttributeError(f"module 'cevns' has no attribute {name!r}", name=name, obj=sys.modules[__name__])


def __dir__() -> list[str]:
    """Public names, for completion; figures are not among those that a star imports, because they take long."""
    return sorted((*__all__, "plot"))
