from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cevns.inference.bayes.marginals import density, equal_tailed, highest_density, quantiles
from cevns.typing import FloatArray

INFINITE = (-np.inf, np.inf)
DRAWS = 4000


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(5)


def pieces(
    values: FloatArray, bounds: tuple[float, float], credibility: float, weights: FloatArray | None = None
) -> list[tuple[float, float]]:
    weights = np.ones(len(values)) if weights is None else weights
    size = float(weights.sum() ** 2 / np.square(weights).sum())
    return list(highest_density(values, weights, *density(values, weights, bounds, size), credibility, size))


def test_quantiles_of_equal_weights() -> None:
    values = np.arange(101.0)
    np.testing.assert_allclose(quantiles(values, np.ones(101), np.array([0.25, 0.5, 0.75])), [24.75, 50.0, 75.25])


def test_weights_count_as_repetitions(generator: np.random.Generator) -> None:
    values, repeats = generator.normal(size=300), generator.integers(1, 5, size=300)
    levels = np.array([0.05, 0.5, 0.95])
    weighted = quantiles(values, repeats / repeats.sum(), levels)
    repeated = np.repeat(values, repeats)
    np.testing.assert_allclose(weighted, quantiles(repeated, np.ones(len(repeated)), levels), atol=0.03)


@pytest.mark.parametrize("credibility", [0.68, 0.90, 0.95])
def test_intervals_of_a_normal_distribution(credibility: float) -> None:
    """Its quantiles themselves as draws: no noise but that of the smoothing."""
    values = stats.norm.ppf((np.arange(DRAWS) + 0.5) / DRAWS)
    expected = stats.norm.interval(credibility)
    np.testing.assert_allclose(equal_tailed(values, np.ones(DRAWS), credibility), expected, rtol=1e-3)
    (found,) = pieces(values, INFINITE, credibility)
    np.testing.assert_allclose(found, expected, rtol=0.005)


def test_density_of_a_normal_distribution(generator: np.random.Generator) -> None:
    edges, height = density(generator.normal(size=DRAWS), np.ones(DRAWS), INFINITE, DRAWS)
    middle = (edges[1:] + edges[:-1]) / 2.0
    assert (height * np.diff(edges)).sum() == pytest.approx(1.0)
    assert np.abs(height - stats.norm.pdf(middle)).max() < 0.03


@pytest.mark.parametrize("credibility", [0.68, 0.90, 0.95])
def test_a_density_that_falls_from_a_bound_gives_a_limit(credibility: float) -> None:
    values = stats.expon.ppf((np.arange(DRAWS) + 0.5) / DRAWS)
    ((low, high),) = pieces(values, (0.0, np.inf), credibility)
    assert low == 0.0
    assert high == pytest.approx(stats.expon.ppf(credibility), rel=0.005)


@pytest.mark.parametrize("ratio", [1.0, 10.0])
def test_both_pieces_of_a_distribution_with_two_peaks(ratio: float, generator: np.random.Generator) -> None:
    """Peaks far apart, the second ten times as wide: exactly one interval around each."""
    which = generator.random(20000) < 0.6
    values = np.where(which, generator.normal(0.0, 0.05, 20000), generator.normal(3.0, 0.05 * ratio, 20000))
    first, second = pieces(values, INFINITE, 0.95)
    held = sum(np.mean((values > low) & (values < high)) for low, high in (first, second))
    assert held == pytest.approx(0.95, abs=0.01)
    assert first[0] < 0.0 < first[1] < 1.0 < second[0] < 3.0 < second[1]
    # The density at the four ends is the same.
    each = [
        0.6 * stats.norm.pdf(end, 0.0, 0.05) + 0.4 * stats.norm.pdf(end, 3.0, 0.05 * ratio) for end in first + second
    ]
    assert max(each) < 2.0 * min(each)


@pytest.mark.parametrize("credibility", [0.68, 0.90, 0.95])
def test_a_flat_distribution_is_one_piece(credibility: float, generator: np.random.Generator) -> None:
    """Which part of it is arbitrary, but its length is not."""
    ((low, high),) = pieces(generator.random(DRAWS), (0.0, 1.0), credibility)
    assert high - low == pytest.approx(credibility, abs=0.03)
    assert 0.0 <= low < high <= 1.0


def test_noise_makes_no_pieces() -> None:
    """Of 60 samples of one peak none falls apart at any of the three levels."""
    for seed in range(20):
        values = np.random.default_rng(seed).normal(size=1000)
        assert [len(pieces(values, INFINITE, level)) for level in (0.68, 0.90, 0.95)] == [1, 1, 1]


def test_weighted_draws_have_the_intervals_of_what_they_stand_for(generator: np.random.Generator) -> None:
    values = generator.uniform(-6.0, 6.0, 40000)
    weights = stats.norm.pdf(values)
    ((low, high),) = pieces(values, INFINITE, 0.90, weights / weights.sum())
    np.testing.assert_allclose([low, high], stats.norm.interval(0.90), atol=0.06)


@pytest.mark.parametrize("factor", [1e-40, 1e-5, 1e8])
def test_intervals_scale_with_the_draws(factor: float, generator: np.random.Generator) -> None:
    values = generator.normal(size=DRAWS)
    np.testing.assert_allclose(
        pieces(factor * values, INFINITE, 0.90), factor * np.array(pieces(values, INFINITE, 0.90)), rtol=1e-6
    )
