"""Profiling of pulls with a background that was counted: also where the best fit has no signal at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

import cevns
from cevns import Experiment
from cevns.statistics import (
    Gaussian,
    Likelihood,
    MarginalisedOnOff,
    Measurement,
    Poisson,
    ProfiledOnOff,
    combine,
    measurement,
    profile,
)
from tests.statistics.test_profiling import ACCURACY, minuit_minimum

TREATMENTS = {"profiled": ProfiledOnOff, "marginalised": MarginalisedOnOff}


@pytest.fixture(params=TREATMENTS, scope="module")
def csi_2017(request: pytest.FixtureRequest) -> Experiment:
    return cevns.experiment("coherent-csi-2017", {"statistic.treatment": request.param})


def test_the_statistic_is_that_of_the_configuration(csi_2017: Experiment) -> None:
    data = measurement(csi_2017)
    assert type(data.statistic) is TREATMENTS[csi_2017.config.statistic.treatment]
    assert np.array_equal(data.statistic.observed, csi_2017.observed.ravel())
    assert np.array_equal(data.statistic.off, csi_2017.backgrounds["steady_state"].ravel())
    # What was counted is not expected as well.
    assert np.array_equal(data.background, csi_2017.backgrounds["prompt_neutrons"].ravel())


@pytest.mark.parametrize("others", [(), ("coherent-csi-2021",), ("coherent-csi-2021", "coherent-lar-2020")])
def test_profile_is_the_minimum_that_minuit_finds(csi_2017: Experiment, others: tuple[str, ...]) -> None:
    likelihood = Likelihood("b-l", [csi_2017, *map(cevns.experiment, others)], shared=["sns_flux"])
    ((_, data),) = likelihood.groups
    couplings = np.array([0.0, 3e-5, 6e-5, 1.2e-4])
    signals = np.concatenate(likelihood.signals(g=couplings, mass=10.0), axis=1)
    expected = [minuit_minimum(data, signal) for signal in signals]
    assert likelihood(g=couplings, mass=10.0) == pytest.approx(expected, rel=0.0, abs=ACCURACY)


def without_signal(data: Measurement) -> float:
    """Smallest chi^2 at no signal over the pull of the neutrons, found by itself."""
    (neutrons,) = np.flatnonzero(data.background_change.any(axis=1))

    def chi2(pull: float) -> float:
        expected = data.background + pull * data.background_change[neutrons]
        return float(data.statistic.value(expected) + (pull / data.sigmas[neutrons]) ** 2)

    return float(minimize_scalar(chi2, bounds=(-1.0, 2.0), method="bounded", options={"xatol": 1e-9}).fun)


WINDOWS = {
    "exchanged": lambda on, off: (off, on),
    "sparse": lambda on, off: (0.0 * on, np.minimum(off, 1.0)),
    "empty": lambda on, off: (0.0 * on, 0.0 * off),
}
"""Counts in which there is no signal: the best normalisation is -1."""


@pytest.mark.parametrize("counts", WINDOWS)
@pytest.mark.parametrize("shared", [(), ("sns_flux",)])
def test_best_fit_without_signal(csi_2017: Experiment, counts: str, shared: tuple[str, ...]) -> None:
    """From a signal that pulls can just cancel to one of 1e16 events: that of no signal and the price of the pull."""
    data = measurement(csi_2017, shared)
    kind = type(data.statistic)
    data = replace(data, statistic=kind(*WINDOWS[counts](data.statistic.observed, data.statistic.off)))
    shape = csi_2017.predict("sm").cevns.ravel()
    result = profile(data, np.geomspace(1e2, 1e14, 25)[:, None] * shape)
    assert result.converged.all()
    on_signal = data.signal_change.any(axis=1)
    assert result.pulls[:, on_signal].sum(axis=1) == pytest.approx(-1.0, abs=1e-9)
    # The wall at zero gives way by 2e-10 per bin.
    price = 1.0 / np.square(data.sigmas[on_signal]).sum()
    assert result.chi2 == pytest.approx(without_signal(data) + price, rel=0.0, abs=ACCURACY)


def test_no_signal_costs_no_pull(csi_2017: Experiment) -> None:
    """The hypothesis without neutrino scattering, where every expectation after the neutrons is zero."""
    data = measurement(csi_2017)
    result = profile(data, np.zeros((1, data.bins)))
    assert result.converged.all()
    assert result.pulls[0, 0] == pytest.approx(0.0, abs=1e-9)
    assert result.chi2[0] == pytest.approx(without_signal(data), rel=0.0, abs=1e-9)


def one_bin(statistic: Poisson | Gaussian, background: float) -> Measurement:
    """A bin with a background of free normalisation."""
    change = np.array([[1.0]])
    pulls = (type(statistic).__name__,)
    return Measurement(statistic, np.array([background]), 0.0 * change, change, np.array([10.0]), pulls)


def test_least_squares_beside_poisson_may_be_negative() -> None:
    """In a joint fit, too, only the Poisson bins keep their expectations positive."""
    gaussian = one_bin(Gaussian(np.array([-5.0]), np.array([1.0])), 1.0)
    poisson = one_bin(Poisson(np.array([3.0])), 3.0)
    signal = np.zeros((1, 1))
    alone = profile(gaussian, signal).chi2 + profile(poisson, signal).chi2
    together = profile(combine([gaussian, poisson]), np.zeros((1, 2))).chi2
    # 6 off, with the variance of the pull on top.
    assert alone == pytest.approx(36.0 / 101.0, rel=1e-9)
    assert together == pytest.approx(alone, rel=1e-9)
