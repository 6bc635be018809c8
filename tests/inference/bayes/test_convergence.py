from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from cevns.inference.bayes.convergence import bulk_size, r_hat, tail_size, weighted_size
from cevns.typing import FloatArray


def normal(shape: tuple[int, int], seed: int = 1) -> FloatArray:
    return np.random.default_rng(seed).normal(size=shape)


def autoregressive(phi: float, shape: tuple[int, int], seed: int = 1) -> FloatArray:
    """Stationary chains with unit variance whose autocorrelation at lag t is phi^t."""
    noise = normal(shape, seed) * np.sqrt(1.0 - phi**2)
    noise[:, 0] /= np.sqrt(1.0 - phi**2)
    return np.asarray(lfilter([1.0], [1.0, -phi], noise, axis=1))


def test_independent_draws_have_converged() -> None:
    chains = normal((4, 2000))
    assert r_hat(chains) == pytest.approx(1.0, abs=0.003)
    assert bulk_size(chains) == pytest.approx(8000.0, rel=0.1)
    assert tail_size(chains) == pytest.approx(8000.0, rel=0.1)


@pytest.mark.parametrize("phi", [0.5, 0.8, 0.9])
def test_size_of_autoregressive_chains(phi: float) -> None:
    """1 + 2 sum_t phi^t = (1 + phi)/(1 - phi) draws are worth one; ranks of normal values hardly change that."""
    chains = autoregressive(phi, (8, 20000))
    assert bulk_size(chains) == pytest.approx(chains.size * (1.0 - phi) / (1.0 + phi), rel=0.08)


def test_antithetic_draws_are_worth_more_than_their_number() -> None:
    assert bulk_size(autoregressive(-0.5, (4, 5000))) == pytest.approx(3.0 * 20000, rel=0.1)


def test_different_means_are_noticed() -> None:
    """Half of the chains at -d and half at d: eight halves, whose means have the variance 8 d^2/7."""
    chains = normal((4, 4000)) + 0.3 * np.array([[-1.0], [-1.0], [1.0], [1.0]])
    between = 0.3**2 * 8.0 / 7.0
    assert r_hat(chains) == pytest.approx(np.sqrt(1.0 + between), rel=0.01)
    assert bulk_size(chains) < 100.0


def test_different_widths_are_noticed() -> None:
    """Same location: only the distances from the median tell them apart."""
    chains = normal((4, 4000)) * np.array([[1.0], [1.0], [1.0], [3.0]])
    assert r_hat(chains) > 1.05


def test_a_trend_within_chains_is_noticed() -> None:
    """From 0 to 2: means of the halves 0.5 and 1.5, variance within them 1 + 1/12."""
    chains = normal((4, 4000)) + np.linspace(0.0, 2.0, 4000)
    assert r_hat(chains) == pytest.approx(np.sqrt(1.0 + 0.25 * 8.0 / 7.0 / (1.0 + 1.0 / 12.0)), rel=0.01)


def test_infinite_variance_does_no_harm() -> None:
    cauchy = np.random.default_rng(2).standard_cauchy((4, 4000))
    assert r_hat(cauchy) == pytest.approx(1.0, abs=0.005)
    assert bulk_size(cauchy) == pytest.approx(16000.0, rel=0.1)


def test_chains_that_do_not_move() -> None:
    assert r_hat(np.zeros((4, 100))) == 1.0
    assert r_hat(np.zeros((4, 100)) + np.arange(4.0)[:, None]) > 1e6


def test_r_hat_and_sizes_do_not_depend_on_the_scale() -> None:
    chains = autoregressive(0.7, (4, 1000))
    for measure in (r_hat, bulk_size, tail_size):
        assert measure(np.exp(3.0 * chains)) == pytest.approx(measure(chains), rel=0.05)
    assert bulk_size(np.exp(3.0 * chains)) == pytest.approx(bulk_size(chains), rel=1e-9)


def test_weighted_size() -> None:
    assert weighted_size(np.full(50, 0.02)) == pytest.approx(50.0)
    assert weighted_size(np.array([1.0, 0.0, 0.0])) == 1.0
