from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from cevns.statistics import Gaussian, Poisson, ProfiledOnOff, Statistic
from cevns.statistics.chi2 import Concatenated
from tests.statistics import by_hand

COUNTS = arrays(float, 6, elements=st.integers(0, 5000).map(float))
EXPECTED = arrays(float, 6, elements=st.floats(1e-6, 1e4))
VARIANCES = arrays(float, 6, elements=st.floats(1e-2, 1e4))


@given(COUNTS, EXPECTED)
def test_poisson_is_the_likelihood_ratio(observed: np.ndarray, expected: np.ndarray) -> None:
    chi2 = float(Poisson(observed).value(expected))
    # n ln(n/mu) and mu - n cancel near the best fit: rounding is relative to the counts.
    rounding = 1e-13 * float(np.sum(observed + expected) * 10.0)
    assert chi2 == pytest.approx(by_hand.poisson(observed.tolist(), expected.tolist()), rel=1e-12, abs=rounding)
    log_ratio = stats.poisson.logpmf(observed, expected) - stats.poisson.logpmf(observed, observed)
    assert chi2 == pytest.approx(-2.0 * log_ratio.sum(), rel=1e-9, abs=1e-9 + 1e2 * rounding)
    assert chi2 >= -rounding


@given(COUNTS, EXPECTED, VARIANCES)
def test_gaussian_is_the_likelihood_ratio(observed: np.ndarray, expected: np.ndarray, variance: np.ndarray) -> None:
    chi2 = float(Gaussian(observed, variance).value(expected))
    assert chi2 == pytest.approx(by_hand.gaussian(observed.tolist(), expected.tolist(), variance.tolist()), rel=1e-12)
    sigma = np.sqrt(variance)
    log_ratio = stats.norm.logpdf(observed, expected, sigma) - stats.norm.logpdf(expected, expected, sigma)
    assert chi2 == pytest.approx(-2.0 * log_ratio.sum(), rel=1e-9, abs=1e-9)


@given(COUNTS, EXPECTED, VARIANCES)
def test_derivatives_are_those_of_the_value(observed: np.ndarray, expected: np.ndarray, variance: np.ndarray) -> None:
    """Against differences of each bin by itself; truncation is of second order in the relative step."""
    for i in range(observed.size):
        bins: list[Statistic] = [Poisson(observed[i : i + 1]), Gaussian(observed[i : i + 1], variance[i : i + 1])]
        for one in bins:
            mu, step = expected[i], 1e-4 * expected[i]
            low, here, high = one.value(np.array([[mu - step], [mu], [mu + step]])).tolist()
            first, second = (float(d[0]) for d in one.derivatives(np.array([mu])))
            rounding = 1e-14 * (observed[i] + mu) * 20.0 if isinstance(one, Poisson) else 1e-14 * abs(here)
            assert (high - low) / (2 * step) == pytest.approx(first, rel=1e-6, abs=1e-6 + rounding / step)
            assert (high - 2 * here + low) / step**2 == pytest.approx(
                second, rel=1e-6, abs=10 * (rounding + 1e-14) / step**2
            )


def test_poisson_bin_without_counts() -> None:
    empty = Poisson(np.zeros(1))
    assert empty.value(np.array([3.5])) == 7.0
    assert [float(d[0]) for d in empty.derivatives(np.array([3.5]))] == [2.0, 0.0]
    assert empty.value(np.array([0.0])) == 0.0


@pytest.mark.parametrize(
    ("observed", "expected", "excluded"),
    [(1.0, 0.0, True), (0.0, 0.0, False), (0.0, -1e-9, True), (5.0, -1.0, True), (5.0, 1e-300, False)],
)
def test_expectations_that_exclude_the_observation(observed: float, expected: float, excluded: bool) -> None:
    """No expectation, or a negative one, cannot give counts: chi^2 is infinite, not undefined."""
    with_another_bin = Poisson(np.array([3.0, observed])).value(np.array([3.0, expected]))
    assert np.isposinf(with_another_bin) if excluded else np.isfinite(with_another_bin)
    for derivative in Poisson(np.array([observed])).derivatives(np.array([0.0])):
        assert np.all(np.isfinite(derivative))


def test_poisson_tends_to_gaussian_for_many_counts() -> None:
    """chi^2 = (mu - n)^2/n (1 + O(n^-1/2)): a million counts three sigma off."""
    n = np.array([1e6])
    mu = n + 3e3
    assert Poisson(n).value(mu) == pytest.approx(Gaussian(n, n).value(mu), rel=3e-3)


def test_leading_axes_are_points() -> None:
    rng = np.random.default_rng(1)
    observed = rng.poisson(20.0, 7).astype(float)
    expected = rng.uniform(5.0, 50.0, (4, 3, 7))
    for one in (Poisson(observed), Gaussian(observed, observed + 1.0)):
        together = one.value(expected)
        assert together.shape == (4, 3)
        for index in np.ndindex(4, 3):
            assert together[index] == pytest.approx(float(one.value(expected[index])), rel=1e-13)
        assert all(np.broadcast_shapes(d.shape, expected.shape) == expected.shape for d in one.derivatives(expected))


def test_side_by_side() -> None:
    rng = np.random.default_rng(2)
    counts = [rng.poisson(20.0, size).astype(float) for size in (5, 3)]
    parts = [Poisson(counts[0]), Gaussian(counts[1], counts[1] + 1.0)]
    both = Concatenated(parts, [5, 3])
    expected = rng.uniform(5.0, 50.0, (4, 8))
    pieces = [expected[:, :5], expected[:, 5:]]
    assert np.array_equal(both.observed, np.concatenate(counts))
    assert both.value(expected) == pytest.approx(
        sum(part.value(piece) for part, piece in zip(parts, pieces, strict=True)), rel=1e-14
    )
    for ours, theirs in zip(
        both.derivatives(expected),
        zip(*(part.derivatives(piece) for part, piece in zip(parts, pieces, strict=True)), strict=True),
        strict=True,
    ):
        assert np.array_equal(ours, np.concatenate(theirs, axis=-1))


def test_positivity_is_asked_for_in_the_bins_that_need_it() -> None:
    poisson, gaussian, on_off = Poisson(np.ones(2)), Gaussian(np.ones(1), np.ones(1)), ProfiledOnOff(*np.ones((2, 1)))
    assert Concatenated([poisson, gaussian, on_off], [2, 1, 1]).positive.tolist() == [True, True, False, False]
    assert not Concatenated([gaussian, gaussian], [1, 1]).positive.any()
