"""Workspaces of pyhf: its likelihood is ours, up to the constant that both definitions imply."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pytest
from scipy.stats import poisson

import cevns
from cevns import InputError
from cevns.io.pyhf import STRENGTH, workspace
from cevns.statistics import measurement

pyhf = pytest.importorskip("pyhf", reason="needs pyhf, which the extra cevns[pyhf] installs")

POISSON = {"statistic": {"kind": "poisson"}}
COUNTED = {"statistic": {"kind": "poisson-on-off", "off_counts": "steady_state"}}
POINT = {"g": 4e-5, "mass": 10.0}
CASES: Mapping[str, tuple[list[cevns.Experiment], Sequence[str]]] = {
    "normalisations": ([cevns.experiment("coherent-csi-2021")], ()),
    "two parts": ([cevns.experiment("coherent-csi-2021", electron_scattering=True)], ()),
    "shapes": ([cevns.experiment("coherent-lar-2020", POISSON)], ()),
    "counted background": ([cevns.experiment("coherent-csi-2017")], ()),
    "counted for longer": ([cevns.experiment("coherent-csi-2017", {"statistic.off_exposure": 2.5})], ()),
    "shared pull": (
        [
            cevns.experiment("coherent-csi-2017"),
            cevns.experiment("coherent-lar-2020", POISSON),
            cevns.experiment("coherent-csi-2021", electron_scattering=True),
        ],
        ("sns_flux",),
    ),
}


def constant(likelihood: cevns.Likelihood, data: np.ndarray) -> float:
    """-2 ln L of pyhf where chi^2 vanishes: every rate is its count and every pull is zero."""
    counts = data[: len(data) - len(likelihood.pulls)]
    return -2.0 * float(poisson.logpmf(counts, counts).sum()) + len(likelihood.pulls) * np.log(2.0 * np.pi)


def sigmas(likelihood: cevns.Likelihood) -> dict[str, float]:
    return {n: s for _, data in likelihood.groups for n, s in zip(data.pulls, data.sigmas.tolist(), strict=True)}


def best_backgrounds(rates: np.ndarray, observed: np.ndarray, off: np.ndarray, times: float) -> np.ndarray:
    """Positive root b of n/(s + b) + m/b = 1 + t."""
    left = observed + off - (1.0 + times) * rates
    return (left + np.sqrt(left**2 + 4.0 * (1.0 + times) * rates * off)) / (2.0 * (1.0 + times))


def same_point(
    likelihood: cevns.Likelihood, exported: Mapping, strength: float, pulls: Mapping[str, float]
) -> tuple[float, np.ndarray]:
    """Our chi^2 at a strength and pulls [sigma], and the parameters of pyhf there."""
    model = exported.model()
    parameters = np.array(model.config.suggested_init())
    parameters[model.config.poi_index] = strength
    for name, value in pulls.items():
        parameters[model.config.par_slice(name)] = value
    chi2 = sum(value**2 for value in pulls.values())
    for experiment, parts in zip(likelihood.experiments, likelihood.parts({}, **POINT), strict=True):
        data = measurement(experiment, likelihood.shared)
        signal = strength * np.concatenate([parts[part].ravel() for part in data.parts])
        rates = data.expected(signal, data.sigmas * [pulls[name] for name in data.pulls])
        chi2 += float(data.statistic.value(rates))
        if experiment.config.counted:
            times = experiment.config.off_exposure
            off = times * experiment.backgrounds[experiment.config.counted].ravel()
            nominal = next(c for c in exported["channels"] if c["name"] == f"{experiment.name}:off")["samples"][0][
                "data"
            ]
            free = model.config.par_slice(f"{experiment.name}:{experiment.config.counted}")
            best = best_backgrounds(rates, experiment.observed.ravel(), off, times)
            parameters[free] = times * best / np.array(nominal)
    return chi2, parameters


@pytest.mark.parametrize("case", CASES)
def test_the_likelihood_is_the_same_function(case: str) -> None:
    """Of signal strength, all pulls, and, where they are counted, the best backgrounds."""
    experiments, shared = CASES[case]
    likelihood = cevns.Likelihood("b-l", experiments, shared=shared)
    exported = workspace(likelihood, **POINT)
    model = exported.model()
    data = np.array(exported.data(model))
    random = np.random.default_rng(5)
    for _ in range(5):
        pulls = dict(zip(likelihood.pulls, random.normal(0.0, 0.5, len(likelihood.pulls)), strict=True))
        chi2, parameters = same_point(likelihood, exported, float(random.uniform(0.2, 2.0)), pulls)
        theirs = -2.0 * float(model.logpdf(parameters, data)[0])
        assert np.isfinite(chi2)
        assert theirs - constant(likelihood, data) == pytest.approx(chi2, abs=1e-8)


@pytest.mark.parametrize(
    ("experiments", "shared"),
    [
        (["coherent-csi-2021"], ()),
        (["coherent-csi-2021", ("coherent-lar-2020", POISSON)], ("sns_flux",)),
        ([("coherent-csi-2017-counting", COUNTED)], ()),
    ],
    ids=["one", "shared pull", "counted background"],
)
def test_the_profiled_minimum_is_the_same(
    experiments: list, shared: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    loaded = [cevns.experiment(*(one if isinstance(one, tuple) else (one,))) for one in experiments]
    likelihood = cevns.Likelihood("b-l", loaded, shared=shared)
    exported = workspace(likelihood, **POINT)
    model = exported.model()
    data = exported.data(model)
    pyhf.set_backend("numpy", pyhf.optimize.scipy_optimizer(tolerance=1e-12))
    request.addfinalizer(partial(pyhf.set_backend, "numpy"))
    best, theirs = pyhf.infer.mle.fixed_poi_fit(1.0, data, model, return_fitted_val=True)
    ours = likelihood.profiled(**POINT)
    assert float(theirs) - constant(likelihood, np.array(data)) == pytest.approx(float(ours.chi2), abs=1e-6)
    width = sigmas(likelihood)
    for name, value in ours.pulls.items():
        assert float(best[model.config.par_slice(name)][0]) == pytest.approx(float(value) / width[name], abs=1e-3)


def test_samples_and_parameters_have_our_names(csi: cevns.Experiment) -> None:
    with_electrons = cevns.experiment("coherent-csi-2021", electron_scattering=True)
    exported = workspace(cevns.Likelihood("b-l", with_electrons), **POINT)
    (channel,) = exported["channels"]
    assert channel["name"] == "coherent-csi-2021"
    assert {s["name"]: {m["name"] for m in s["modifiers"]} for s in channel["samples"]} == {
        "cevns": {STRENGTH, "csi_cevns"},
        "electron_scattering": {STRENGTH, "csi_cevns"},
        "beam_neutrons": {"csi_beam_neutrons"},
        "neutrino_induced_neutrons": {"csi_neutrino_induced_neutrons"},
        "steady_state": {"csi_steady_state"},
    }
    assert exported.model().config.poi_name == STRENGTH
    (found,) = exported["observations"]
    assert np.array_equal(np.reshape(found["data"], csi.observed.shape), csi.observed)


def test_the_workspace_survives_a_file(csi: cevns.Experiment) -> None:
    exported = workspace(cevns.Likelihood("sm", csi))
    again = pyhf.Workspace(json.loads(json.dumps(exported)))
    values = []
    for one in (exported, again):
        model = one.model()
        values.append(model.logpdf(model.config.suggested_init(), one.data(model)))
    assert values[0] == values[1]


@pytest.mark.parametrize(
    ("name", "overrides", "message"),
    [
        ("coherent-lar-2020", {}, "coherent-lar-2020: statistic: got 'gaussian'"),
        (
            "coherent-csi-2017",
            {"statistic.treatment": "marginalised"},
            "coherent-csi-2017: statistic: got 'poisson-on-off, marginalised'",
        ),
        ("coherent-csi-2021/de-romeri-2023", {}, "coherent-csi-2021/de-romeri-2023: nuisances: got 'csi_"),
    ],
)
def test_what_pyhf_cannot_express_is_refused(name: str, overrides: Mapping[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        workspace(cevns.Likelihood("sm", cevns.experiment(name, overrides)))


def test_one_point_at_a_time(csi: cevns.Experiment) -> None:
    with pytest.raises(InputError, match="parameters: got '2 points'; allowed: one point"):
        workspace(cevns.Likelihood("b-l", csi), g=[1e-5, 2e-5], mass=10.0)


def test_absence_of_pyhf_is_explained(csi: cevns.Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyhf", None)
    with pytest.raises(InputError, match=r"pip install 'cevns\[pyhf\]'"):
        workspace(cevns.Likelihood("sm", csi))
