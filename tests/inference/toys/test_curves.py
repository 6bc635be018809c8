"""Curves on a grid: minima, edges, critical values, fractions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from cevns.inference.toys.curves import binomial, critical, first_upward, lowest, pieces

GRID = np.array([0.0, 0.5, 1.0, 1.7, 2.0, 3.0])


@given(st.floats(0.01, 2.99), st.floats(0.1, 100.0), st.floats(-10.0, 300.0))
def test_minimum_of_a_parabola_is_exact(place: float, curvature: float, minimum: float) -> None:
    chi2 = minimum + curvature * (GRID - place) ** 2
    found = lowest(GRID, np.stack([chi2, chi2 + 1.0]))
    assert found[0] == pytest.approx([place, place], abs=1e-6)
    assert found[1] == pytest.approx([minimum, minimum + 1.0], abs=1e-9 * (abs(minimum) + 10.0 * curvature))


@given(st.lists(st.floats(0.0, 1e3), min_size=6, max_size=6))
def test_minimum_is_never_above_the_points_nor_off_the_grid(values: list[float]) -> None:
    place, minimum = lowest(GRID, np.array(values))
    assert minimum <= min(values)
    assert GRID[0] <= place <= GRID[-1]


@pytest.mark.parametrize(
    ("chi2", "place", "minimum"),
    [
        (2.0 + (GRID + 1.0) ** 2, 0.0, 3.0),
        (2.0 + (GRID - 4.0) ** 2, 3.0, 3.0),
        (np.array([1.0, np.inf, np.inf, np.inf, np.inf, np.inf]), 0.0, 1.0),
        (np.array([1.0, 2.0, 2.5, 2.6, 2.6, 2.6]), 0.0, 1.0),
        (np.full(6, 7.0), 0.0, 7.0),
    ],
    ids=["below", "above", "infinite", "concave", "flat"],
)
def test_minimum_at_an_end(chi2: np.ndarray, place: float, minimum: float) -> None:
    assert tuple(map(float, lowest(GRID, chi2))) == (place, minimum)


def test_minimum_of_few_points() -> None:
    assert tuple(map(float, lowest(np.array([1.0]), np.array([3.0])))) == (1.0, 3.0)
    assert tuple(map(float, lowest(np.array([1.0, 2.0]), np.array([3.0, 2.0])))) == (2.0, 2.0)


def test_minimum_converges_with_the_third_power_of_the_spacing() -> None:
    """(g^2 - 1)^2 is what counts quadratic in a coupling make of chi^2."""
    errors = []
    for number in (16, 32, 64, 128):
        # The grid misses the minimum by the same fraction of its spacing.
        grid = 1.0 + (np.arange(2 * number) - number + 0.3) / number
        errors.append(abs(float(lowest(grid, 4.0 * (grid**2 - 1.0) ** 2)[1])))
    assert errors[-1] < 1e-5
    assert np.all(np.array(errors[:-1]) / errors[1:] > 6.0)


@given(st.lists(st.floats(-5.0, 5.0).filter(lambda x: abs(x) > 1e-3), min_size=6, max_size=6))
def test_pieces_hold_what_is_allowed_and_nothing_else(values: list[float]) -> None:
    excess = np.array(values)
    found = pieces(GRID, excess)
    inside = np.zeros(len(GRID), dtype=bool)
    for low, high in found:
        assert low <= high
        inside |= (low <= GRID) & (high >= GRID)
    np.testing.assert_array_equal(inside, excess <= 0.0)
    edges = [edge for piece in found for edge in piece]
    assert edges == sorted(edges)
    for edge in edges:
        if GRID[0] < edge < GRID[-1]:
            assert np.interp(edge, GRID, excess) == pytest.approx(0.0, abs=1e-9)
    upward = [high for _, high in found if high < GRID[-1]]
    several = first_upward(GRID, np.stack([excess, np.ones(6), -np.ones(6)]))
    assert several.tolist() == [upward[0] if upward else np.inf, np.inf, np.inf]


def test_infinite_excess_is_at_the_point_itself() -> None:
    found = pieces(GRID, np.array([np.inf, -1.0, -1.0, np.inf, np.inf, np.inf]))
    assert found == ((0.0, 1.7),)
    assert first_upward(GRID, np.array([-1.0, -1.0, np.inf, np.inf, np.inf, np.inf])) == 1.0


@pytest.mark.parametrize("cl", [0.5, 0.9, 0.9545])
def test_critical_value_is_the_smallest_that_holds_the_fraction(cl: float) -> None:
    q = np.random.default_rng(4).permutation(np.arange(1.0, 1001.0))
    nominal, low, high = critical(np.stack([q, 2.0 * q]), cl).T[0]
    assert np.mean(q <= nominal) >= cl - 1e-12
    assert np.mean(q <= nominal - 1.0) < cl
    spread = binom.std(1000, cl)
    assert (nominal - low, high - nominal) == pytest.approx((spread, spread), abs=1.0)
    assert critical(2.0 * q, cl)[0] == 2.0 * nominal


def test_critical_value_of_few_is_among_them() -> None:
    assert critical(np.array([3.0, 1.0]), 0.99).tolist() == [3.0, 3.0, 3.0]
    assert critical(np.array([3.0]), 0.01).tolist() == [3.0, 3.0, 3.0]


@pytest.mark.parametrize("found", [0, 1, 50, 99, 100])
def test_binomial_error_is_half_the_score_interval(found: int) -> None:
    """Its ends are the p with |found/n - p| = sqrt(p (1 - p)/n)."""
    fraction, error = binomial(np.arange(100) < found)
    roots = np.roots([1.01, -(2.0 * fraction + 0.01), fraction**2])
    assert float(fraction) == found / 100
    assert float(error) == pytest.approx(float(np.ptp(roots)) / 2.0)
    assert error > 0.0
