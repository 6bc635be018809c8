from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from cevns.detector import (
    GammaResolution,
    GaussianResolution,
    GaussianSumResolution,
    PoissonResolution,
    Resolution,
)
from cevns.errors import InputError

CSI = GammaResolution(0.7157)
ARGON = GaussianResolution(stochastic=0.58)
MEANS = [0.3, 1.0, 8.0, 25.0, 60.0]


def moment(resolution: Resolution, mean: float, low: float, high: float, power: int, centre: float = 0.0) -> float:
    def integrand(x: float) -> float:
        return (x - centre) ** power * float(resolution.density(np.array([x]), np.array([mean]))[0])

    return quad(integrand, low, high, points=[mean], epsabs=1e-13, epsrel=1e-11, limit=200)[0]


@pytest.mark.parametrize("mean", MEANS)
def test_gamma_density_is_normalised_with_the_right_mean_and_variance(mean: float) -> None:
    """A gamma law of shape k has variance mean^2/k, here k = 1 + b n."""
    high = mean + 60.0 * (mean / np.sqrt(1.0 + 0.7157 * mean))
    assert moment(CSI, mean, 1e-300, high, 0) == pytest.approx(1.0, abs=1e-10)
    assert moment(CSI, mean, 1e-300, high, 1) == pytest.approx(mean, rel=1e-9)
    assert moment(CSI, mean, 1e-300, high, 2, mean) == pytest.approx(mean**2 / (1.0 + 0.7157 * mean), rel=1e-9)


@given(signal=st.floats(1e-3, 100.0), mean=st.floats(1e-2, 100.0))
def test_gamma_density_is_that_of_scipy(signal: float, mean: float) -> None:
    shape = 1.0 + 0.7157 * mean
    expected = stats.gamma.logpdf(signal, shape, scale=mean / shape)
    found = CSI.density(np.array([signal]), np.array([mean]))[0]
    assert found == pytest.approx(np.exp(expected), rel=1e-10, abs=1e-300)


@pytest.mark.parametrize("mean", MEANS)
def test_gaussian_density_is_normalised_with_the_right_mean_and_variance(mean: float) -> None:
    sigma = 0.58 * np.sqrt(mean)
    low, high = mean - 12.0 * sigma, mean + 12.0 * sigma
    assert moment(ARGON, mean, low, high, 0) == pytest.approx(1.0, abs=1e-10)
    assert moment(ARGON, mean, low, high, 1) == pytest.approx(mean, rel=1e-9)
    assert moment(ARGON, mean, low, high, 2, mean) == pytest.approx(0.58**2 * mean, rel=1e-9)


@given(
    widths=st.tuples(*[st.floats(0.01, 2.0)] * 3),
    mean=st.floats(0.1, 50.0),
    pull=st.floats(-5.0, 5.0),
)
def test_gaussian_widths_add_in_quadrature(widths: tuple[float, float, float], mean: float, pull: float) -> None:
    constant, stochastic, proportional = widths
    sigma = np.sqrt(constant**2 + stochastic**2 * mean + proportional**2 * mean**2)
    signal = mean + pull * sigma
    found = GaussianResolution(constant, stochastic, proportional).density(np.array([signal]), np.array([mean]))[0]
    assert found == pytest.approx(stats.norm.pdf(signal, mean, sigma), rel=1e-11)


@pytest.mark.parametrize("energy", [1.0, 2.82, 30.0])
def test_widths_of_xenon_add_up(energy: float) -> None:
    """sigma = 0.310 keV sqrt(E/keV) + 0.0037 E; in quadrature the second term would hardly count."""
    found = GaussianSumResolution(stochastic=0.310, proportional=0.0037)
    sigma = 0.310 * np.sqrt(energy) + 0.0037 * energy
    assert float(found.spread(np.array(energy))) == pytest.approx(sigma, rel=1e-14)
    signal = np.array([energy - sigma, energy, energy + 2.0 * sigma])
    np.testing.assert_allclose(
        found.density(signal, np.array(energy)), stats.norm.pdf(signal, energy, sigma), rtol=1e-12
    )
    constant = GaussianSumResolution(constant=0.2, stochastic=0.310, proportional=0.0037)
    assert float(constant.spread(np.array(energy))) == pytest.approx(sigma + 0.2, rel=1e-14)


@pytest.mark.parametrize("mean", MEANS)
def test_poisson_counts_have_the_right_mean_and_variance(mean: float) -> None:
    """A count is constant over the unit above it."""
    counts = np.arange(200.0)
    for offset in (0.0, 0.5, 0.999):
        found = PoissonResolution().density(counts + offset, np.array(mean))
        np.testing.assert_allclose(found, stats.poisson.pmf(counts, mean), rtol=1e-11, atol=1e-300)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    assert found @ counts == pytest.approx(mean, rel=1e-12)
    assert found @ (counts - mean) ** 2 == pytest.approx(mean, rel=1e-11)
    assert float(PoissonResolution().spread(np.array(mean))) == pytest.approx(np.sqrt(mean), rel=1e-15)


def test_there_are_no_negative_counts() -> None:
    assert not PoissonResolution().density(np.array([-1e-9, -1.0, -1.5, -7.0]), np.array(3.0)).any()


@pytest.mark.parametrize("resolution", [CSI, ARGON, PoissonResolution()])
def test_signals_and_means_broadcast(resolution: Resolution) -> None:
    signals, means = np.array([1.0, 2.0, 3.0]), np.array([[1.0], [5.0]])
    grid = resolution.density(signals, means)
    assert grid.shape == (2, 3)
    assert grid[1, 2] == resolution.density(np.array([3.0]), np.array([5.0]))[0]


@pytest.mark.parametrize("slope", [0.0, -1.0, np.nan, np.inf])
def test_gamma_refuses_a_slope_that_is_not_positive(slope: float) -> None:
    with pytest.raises(InputError, match=r"resolution\.shape_slope"):
        GammaResolution(slope)


@pytest.mark.parametrize("widths", [(0.0, 0.0, 0.0), (-0.1, 0.5, 0.0), (0.1, np.nan, 0.0), (0.1, 0.0, np.inf)])
@pytest.mark.parametrize("kind", [GaussianResolution, GaussianSumResolution])
def test_gaussian_refuses_widths_that_give_none(
    kind: type[GaussianResolution], widths: tuple[float, float, float]
) -> None:
    with pytest.raises(InputError, match=r"^resolution: got"):
        kind(*widths)
