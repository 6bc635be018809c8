"""Coherent elastic neutrino-nucleus scattering: from a Lagrangian to a limit.

>>> import cevns
>>> csi = cevns.experiment("coherent-csi-2021")
>>> round(float(csi.predict("sm").cevns.sum()), 1)
320.7
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cevns.errors import CevnsError, DataError, InputError, NumericalError
    from cevns.experiments import Experiment, experiment, experiment_names
    from cevns.inference import fit, intervals, limits, profile, region
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
    from cevns.results import FitResult, IntervalResult, LimitResult, ProfileResult, RegionResult
    from cevns.statistics import Likelihood

_HOME: Final = {
    "CevnsError": "errors",
    "DataError": "errors",
    "Experiment": "experiments",
    "FitResult": "results",
    "InputError": "errors",
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
    "experiment": "experiments",
    "experiment_names": "experiments",
    "fit": "inference",
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
    "Experiment",
    "FitResult",
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
    "__version__",
    "experiment",
    "experiment_names",
    "fit",
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
    raise AttributeError(f"module 'cevns' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Public names, for completion."""
    return __all__
