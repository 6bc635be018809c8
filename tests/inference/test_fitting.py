from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import cevns
from cevns import Experiment, InputError, Likelihood
from cevns.statistics import measurement, profile

ACCURACY = 1e-6


def test_standard_model_fit_is_the_profile(csi: Experiment, lar: Experiment) -> None:
    """Nothing but pulls to fit."""
    fit = cevns.fit("sm", [csi, lar])
    best = Likelihood("sm", [csi, lar]).profiled()
    assert fit.valid
    assert fit.fixed == {}
    assert fit.chi2 == pytest.approx(float(best.chi2), abs=ACCURACY)
    assert set(fit.values) == set(best.pulls) == set(fit.errors)
    for name, value in best.pulls.items():
        assert fit.values[name] == pytest.approx(float(value), abs=1e-3 * fit.errors[name]), name
    assert fit.ndata == 219


@pytest.mark.parametrize(
    ("model", "mass"),
    [("b-l", 0.01), ("universal", 10.0), ("universal", 1e4), ("b-2le-lmu", 10.0), ("lmu-ltau", 1e4), ("scalar", 0.01)],
)
def test_fit_is_the_minimum_of_the_profile(csi: Experiment, lar: Experiment, model: str, mass: float) -> None:
    fit = cevns.fit(model, [csi, lar], mass=mass)
    (limit,) = cevns.limits(model, [csi, lar], mass=mass)
    assert fit.chi2 == pytest.approx(limit.chi2_min, abs=ACCURACY)
    # Where chi^2 is flat the coupling is loose: it need only cost nothing.
    profiled = Likelihood(model, [csi, lar])(g=fit.values["g"], mass=mass)
    assert profiled == pytest.approx(fit.chi2, abs=ACCURACY)
    assert fit.fixed == {"mass": mass}


def test_fit_with_shared_flux(csi: Experiment, lar: Experiment) -> None:
    fit = cevns.fit("b-l", [csi, lar], shared=["sns_flux"], mass=10.0)
    (limit,) = cevns.limits("b-l", [csi, lar], shared=["sns_flux"], mass=10.0)
    assert fit.chi2 == pytest.approx(limit.chi2_min, abs=ACCURACY)
    assert 0.0 < fit.errors["sns_flux"] < 0.10


@pytest.mark.parametrize(
    ("model", "fixed"),
    [
        ("sm", {}),
        ("b-l", {"mass": 10.0}),
        # So many events that the efficiency is at the end of its range.
        ("b-l", {"g": 1.24e-4, "mass": 11.8}),
    ],
)
def test_fit_with_pulls_that_vary_the_signal(model: str, fixed: dict[str, float]) -> None:
    experiments = [cevns.experiment(f"{name}/de-romeri-2023") for name in ("coherent-csi-2021", "coherent-lar-2020")]
    fit = cevns.fit(model, experiments, **fixed)
    parameters = {**fixed, **({"g": fit.values["g"]} if "g" in fit.values else {})}
    best = Likelihood(model, experiments).profiled(**parameters)
    assert fit.valid
    assert fit.chi2 == pytest.approx(float(best.chi2), abs=ACCURACY)
    assert set(best.pulls) < {*fit.values, "nothing"}
    assert all(np.isfinite([*fit.values.values(), *fit.errors.values()]))
    assert abs(fit.values["csi_beam_time"] - float(best.pulls["csi_beam_time"])) < 0.01 * fit.errors["csi_beam_time"]
    # Both are free: what is known of them comes from the data.
    assert 0.0 < fit.errors["csi_beam_time"] < 0.1
    assert abs(fit.values["csi_efficiency"]) <= 1.0


@pytest.mark.parametrize("start", [1e-6, 1e-5, 3e-5, 1e-3])
def test_start_does_not_matter(csi: Experiment, start: float) -> None:
    """Neither for the minimum nor for the errors."""
    scanned, started = cevns.fit("b-l", csi, mass=10.0), cevns.fit("b-l", csi, start={"g": start}, mass=10.0)
    assert started.chi2 == pytest.approx(scanned.chi2, abs=ACCURACY)
    assert started.values["g"] == pytest.approx(scanned.values["g"], abs=0.01 * scanned.errors["g"])
    assert started.errors["g"] == pytest.approx(scanned.errors["g"], rel=0.05)


def test_start_far_away_does_not_break_the_fit(csi: Experiment) -> None:
    fit = cevns.fit("b-l", csi, start={"g": 0.5}, mass=10.0)
    assert np.isfinite(fit.chi2)
    assert np.isfinite(fit.values["g"])


def test_errors_of_pulls_are_where_chi2_rises_by_one(csi: Experiment) -> None:
    """Each pull of CsI is moved by its error and the others profiled again."""
    fit = cevns.fit("sm", csi)
    data = measurement(csi)
    signal = csi.predict("sm").cevns.reshape(1, -1)
    for k, name in enumerate(data.pulls):
        rest = np.arange(len(data.pulls)) != k
        rises = []
        for side in (-1.0, 1.0):
            eta = fit.values[name] + side * fit.errors[name]
            moved = replace(
                data,
                background=data.background + eta * data.background_change[k],
                signal_change=data.signal_change[rest],
                background_change=data.background_change[rest],
                sigmas=data.sigmas[rest],
            )
            scaled = signal * (1.0 + eta * data.signal_change[k])
            # Pulls on the signal multiply the scaled one; here each acts on a component of its own.
            chi2 = profile(moved, scaled).chi2[0] + (eta / data.sigmas[k]) ** 2
            rises.append(float(chi2) - fit.chi2)
        # The parabola holds to some per cent for Poisson counts; its asymmetry cancels in the mean.
        assert np.mean(rises) == pytest.approx(1.0, abs=0.02), name
        assert rises == pytest.approx([1.0, 1.0], abs=0.2), name


def test_error_of_a_coupling_is_the_curvature() -> None:
    """A scalar well off zero: chi^2 rises by one at one error, as the second derivative says."""
    lar = cevns.experiment("coherent-lar-2020")
    fit = cevns.fit("b-3le", lar, mass=1e4)
    likelihood = Likelihood("b-3le", lar)
    g, step = fit.values["g"], 0.02 * fit.values["g"]
    low, here, high = likelihood(g=[g - step, g, g + step], mass=1e4)
    assert fit.errors["g"] == pytest.approx(np.sqrt(2.0 / ((low - 2.0 * here + high) / step**2)), rel=0.05)


def test_errors_are_smaller_than_the_constraints(csi: Experiment, lar: Experiment) -> None:
    fit = cevns.fit("sm", [csi, lar])
    for experiment in (csi, lar):
        for pull in experiment.config.nuisances:
            assert 0.0 < fit.errors[pull.name] <= 1.01 * pull.sigma, pull.name


def test_all_parameters_fixed(csi: Experiment) -> None:
    fit = cevns.fit("b-l", csi, g=5e-5, mass=10.0)
    assert fit.fixed == {"g": 5e-5, "mass": 10.0}
    assert set(fit.values) == set(Likelihood("b-l", csi).pulls)
    assert fit.chi2 == pytest.approx(float(Likelihood("b-l", csi)(g=5e-5, mass=10.0)), abs=ACCURACY)


def test_no_coupling_is_preferred_where_every_coupling_is_worse(csi: Experiment) -> None:
    """A heavy scalar only adds events, of which CsI has none to spare: the best fit is at the bound, as good as it."""
    fit = cevns.fit("scalar", csi, mass=1e4)
    assert fit.chi2 == pytest.approx(float(Likelihood("sm", csi)()), abs=1e-4)
    assert fit.values["g"] < cevns.limits("scalar", csi, mass=1e4)[0].upper_limit
    assert fit.errors["g"] == 0.0
    assert dict(fit.lines())["g"] == "0 (at its bound)"


def test_two_couplings_with_starting_values(csi: Experiment, lar: Experiment) -> None:
    model = cevns.model("b-l") + cevns.LightScalar(label="phi")
    fit = cevns.fit(model, [csi, lar], start={"g_phi": 1e-5}, mass=10.0, mass_phi=10.0)
    alone = [cevns.fit(name, [csi, lar], mass=10.0).chi2 for name in ("b-l", "scalar")]
    assert fit.chi2 <= min(alone) + 1e-4
    assert set(fit.values) >= {"g", "g_phi"}


def test_start_is_needed_for_all_but_one_coupling(csi: Experiment) -> None:
    with pytest.raises(InputError, match="start: got 'g, mass'; allowed: a starting value, or a fixed value"):
        cevns.fit("b-l", csi)
    with pytest.raises(InputError, match="start: got 'eps_ee_uV, eps_ee_dV'; allowed: a starting value"):
        cevns.fit("nsi", csi, free=["eps_ee_uV", "eps_ee_dV"])


def test_parameter_with_a_default_is_fitted_on_request(csi: Experiment) -> None:
    fit = cevns.fit("weak-mixing-angle", csi, free=["sin2_theta_w"])
    (interval,) = cevns.intervals("weak-mixing-angle", csi, "sin2_theta_w", cl=0.6827)
    assert fit.chi2 == pytest.approx(interval.chi2_min, abs=ACCURACY)
    ((low, high),) = interval.intervals
    # The interval is not quite symmetric; the error is its half width.
    assert fit.errors["sin2_theta_w"] == pytest.approx((high - low) / 2.0, rel=0.03)
    assert fit.values["sin2_theta_w"] == pytest.approx(interval.best_fit, abs=0.01 * fit.errors["sin2_theta_w"])
    assert cevns.fit("weak-mixing-angle", csi).fixed == {"sin2_theta_w": 0.23857}


def test_parameter_cannot_be_both_fixed_and_free(csi: Experiment) -> None:
    with pytest.raises(InputError, match=r"sin2_theta_w: got 0\.2; allowed: no value: it is to be fitted"):
        cevns.fit("weak-mixing-angle", csi, free=["sin2_theta_w"], sin2_theta_w=0.2)
    with pytest.raises(InputError, match="parameter: got 'g'"):
        cevns.fit("weak-mixing-angle", csi, free=["g"])


@pytest.mark.parametrize(
    ("start", "field", "allowed"),
    [
        ({"charge": 1.0}, "start", "one of: g"),
        ({"mass": 10.0}, "start", "one of: g"),
        ({"csi_cevns": 0.1}, "start", "one of: g"),
        ({"g": -1e-5}, "g", "from 0"),
        ({"g": float("nan")}, "g", "finite numbers"),
        ({"g": "small"}, "g", "finite numbers"),
    ],
)
def test_wrong_start(csi: Experiment, start: dict[str, object], field: str, allowed: str) -> None:
    with pytest.raises(InputError) as caught:
        cevns.fit("b-l", csi, start=start, mass=10.0)
    assert caught.value.field == field
    assert allowed in caught.value.allowed


def test_start_where_nothing_is_free(csi: Experiment) -> None:
    with pytest.raises(InputError, match="start: got 'g'; allowed: nothing: no parameter is free"):
        cevns.fit("sm", csi, start={"g": 1e-5})


@pytest.mark.parametrize(
    ("fixed", "field"),
    [({"mass": 10.0, "charge": 1.0}, "parameter"), ({"mass": -10.0}, "mass"), ({"mass": [1.0, 2.0]}, "mass")],
)
def test_wrong_fixed_value(csi: Experiment, fixed: dict[str, object], field: str) -> None:
    with pytest.raises(InputError) as caught:
        cevns.fit("b-l", csi, **fixed)
    assert caught.value.field == field
