from __future__ import annotations

import inspect
from importlib import import_module
from operator import attrgetter

import pytest

import cevns

PUBLIC = [
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
    "MODEL_NAMES",
    "Model",
    "NumericalError",
    "ProfileResult",
    "RegionResult",
    "PosteriorResult",
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
    "profile",
    "region",
    "posterior",
]
"""Frozen: a name may be added, but none may go or change without a deprecation."""


def test_public_names_are_frozen() -> None:
    assert sorted(cevns.__all__) == sorted(PUBLIC)
    assert len(set(cevns.__all__)) == len(cevns.__all__)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(cevns, name) is not None


def test_names_are_offered_for_completion() -> None:
    assert sorted(dir(cevns)) == sorted([*cevns.__all__, "plot"])
    assert cevns.plot is import_module("cevns.plot")


def test_a_mistyped_name_is_answered_with_the_one_that_was_meant() -> None:
    with pytest.raises(AttributeError) as caught:
        attrgetter("limit")(cevns)
    assert (caught.value.name, caught.value.obj) == ("limit", cevns)


@pytest.mark.parametrize("name", [name for name in PUBLIC if name not in ("MODEL_NAMES", "__version__")])
def test_every_public_name_is_documented(name: str) -> None:
    assert len(inspect.getdoc(getattr(cevns, name)) or "") > 20


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="module 'cevns' has no attribute 'luminosity'"):
        _ = cevns.luminosity


def test_version_is_that_of_the_distribution() -> None:
    assert cevns.__version__ == import_module("importlib.metadata").version("cevns")


SIGNATURES = {
    "experiment": ["name", "overrides", "electron_scattering", "asimov"],
    "model": ["name", "couplings", "label"],
    "limits": ["model", "experiments", "cl", "dof", "shared", "profiled", "fixed"],
    "intervals": ["model", "experiments", "parameter", "cl", "dof", "shared", "profiled", "fixed"],
    "fit": ["model", "experiments", "free", "start", "shared", "fixed"],
    "forecast": [
        *("model", "experiments", "vary", "asimov", "each", "cl", "dof", "shared", "profiled", "throws", "fixed"),
    ],
    "Likelihood": ["model", "experiments", "shared"],
    "posterior": [
        *(
            "model",
            "experiments",
            "priors",
            "sampler",
            "seed",
            "pulls",
            "credibility",
            "evaluations",
            "walkers",
            "live",
        ),
        *("shared", "report", "fixed"),
    ],
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_arguments_are_frozen(name: str) -> None:
    assert list(inspect.signature(getattr(cevns, name)).parameters) == SIGNATURES[name]


MODELS = (
    *("sm", "universal", "b-l", "by+lmu+ltau", "b-3le", "b-3lmu", "b-2le-lmu", "b-le-2lmu"),
    *("le-lmu", "le-ltau", "lmu-ltau", "scalar"),
)


def test_names_of_models_stay() -> None:
    assert set(MODELS) <= set(cevns.MODEL_NAMES)
    assert cevns.MODEL_NAMES[0] == "sm"


def test_names_of_experiments_stay() -> None:
    assert {"coherent-csi-2021", "coherent-lar-2020"} <= set(cevns.experiment_names())
