"""Batched descents on functions whose minima are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.inference.minimum import Expand, around_minima, lowest_valleys
from cevns.typing import FloatArray

Function = Callable[[FloatArray], FloatArray]
ACCURACY = 1e-7


def expanded(function: Function, step: float = 1e-4) -> Expand:
    """Central differences of a function of positions (..., k)."""

    def expand(_: object, position: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        k = position.shape[1]
        moves = step * np.eye(k)
        there = [[function(position + a + b) for b in (*moves, *-moves)] for a in (*moves, *-moves)]
        around = np.array(there)
        gradient = np.array([(function(position + m) - function(position - m)) / (2 * step) for m in moves])
        mixed = around[:k, :k] - around[:k, k:] - around[k:, :k] + around[k:, k:]
        return function(position), gradient.T, np.moveaxis(mixed, -1, 0) / (4 * step**2)

    return expand


def descend(
    function: Function, starts: FloatArray, low: float = -np.inf, high: float = np.inf, number: int = 3
) -> tuple[FloatArray, FloatArray]:
    """Descend from starts that all belong to one point."""
    bounds = (np.full((1, starts.shape[1]), bound) for bound in (low, high))
    return lowest_valleys(expanded(function), np.zeros(len(starts), dtype=int), starts, *bounds, number)


def rosenbrock(position: FloatArray) -> FloatArray:
    x, y = np.moveaxis(position, -1, 0)
    return (1.0 - x) ** 2 + 100.0 * (y - x**2) ** 2


def two_wells(position: FloatArray) -> FloatArray:
    """Minima near 1, the lower one, and -1; a saddle of the second variable at zero in between."""
    x, *others = np.moveaxis(position, -1, 0)
    return (x**2 - 1.0) ** 2 - 0.1 * x + sum((y**2 for y in others), start=np.zeros_like(x))


@pytest.mark.parametrize("start", [(-1.2, 1.0), (3.0, -4.0), (0.0, 0.0), (-3.0, 7.0)])
def test_a_curved_valley_is_followed_to_its_end(start: tuple[float, float]) -> None:
    value, places = descend(rosenbrock, np.array([start]))
    assert value[0] == pytest.approx(0.0, abs=ACCURACY)
    assert places[0] == pytest.approx(np.ones((3, 2)), abs=2e-3)


@pytest.mark.parametrize("variables", [1, 2, 3])
def test_every_valley_that_has_a_start_is_found_the_lowest_first(variables: int) -> None:
    starts = np.zeros((4, variables))
    starts[:, 0] = (-3.0, -0.5, 0.4, 2.0)
    value, places = descend(two_wells, starts, number=2)
    assert value[0] == pytest.approx(-0.1, abs=2e-3)
    assert places[0, 0] == pytest.approx([1.012, *np.zeros(variables - 1)], abs=2e-3)
    # 0.2 higher: left where a step promises less than a hundredth of that, with a curvature of 8 (2 of the others).
    assert places[0, 1] == pytest.approx([-0.987, *np.zeros(variables - 1)], abs=np.sqrt(0.002))


def test_a_saddle_repels() -> None:
    """Where the curvature is negative a Newton step would lead up to the ridge."""
    value, places = descend(two_wells, np.array([[0.05, 0.5]]), number=1)
    assert places[0, 0, 0] == pytest.approx(1.012, abs=2e-3)
    assert value[0] < -0.09


def test_a_direction_without_curvature_does_no_harm() -> None:
    """The sum of two variables is all that counts; the third has no effect at all."""
    value, places = descend(lambda x: (x[..., 0] + x[..., 1] - 1.0) ** 2, np.array([[5.0, 3.0, 2.0]]), number=1)
    assert value[0] == pytest.approx(0.0, abs=ACCURACY)
    assert places[0, 0, :2].sum() == pytest.approx(1.0, abs=1e-3)
    assert np.all(np.abs(places) < 10.0)


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=1, max_size=6), st.floats(-0.9, 0.9))
def test_bounds_hold(centres: list[tuple[float, float]], correlation: float) -> None:
    """Correlated parabolas, one for each point, in a box: no place of the box is lower."""
    centre = np.array(centres)
    matrix = np.array([[1.0, correlation], [correlation, 1.0]])

    def parabola(position: FloatArray, point: FloatArray) -> FloatArray:
        away = position - centre[point]
        return np.einsum("...i,ij,...j->...", away, matrix, away)

    def expand(point: FloatArray, position: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        hessian = np.broadcast_to(2.0 * matrix, (len(point), 2, 2))
        return parabola(position, point), 2.0 * (position - centre[point]) @ matrix, hessian

    points = np.arange(len(centre))
    low, high = np.full(centre.shape, -1.0), np.full(centre.shape, 2.0)
    value, places = lowest_valleys(expand, points, np.zeros(centre.shape), low, high, 1)
    best = places[:, 0]
    assert np.all((best >= low) & (best <= high))
    # At the minimum of a convex function no way into the box leads down.
    gradient = 2.0 * (best - centre) @ matrix
    inward = np.where(best <= low, np.minimum(gradient, 0.0), np.where(best >= high, np.maximum(gradient, 0.0), gradient))
    assert inward == pytest.approx(0.0, abs=1e-3)
    assert value == pytest.approx(parabola(best, points), abs=ACCURACY)


def test_points_do_not_mix() -> None:
    centres = np.array([-3.0, 0.0, 4.0])

    def expand(point: FloatArray, position: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        away = position[:, 0] - centres[point]
        return away**4, 4.0 * away[:, None] ** 3, 12.0 * away[:, None, None] ** 2

    point = np.array([2, 0, 1, 0, 2])
    infinite = np.full((3, 1), np.inf)
    value, places = lowest_valleys(expand, point, np.zeros((5, 1)), -infinite, infinite, 1)
    assert value == pytest.approx(0.0, abs=ACCURACY)
    assert places[:, 0, 0] == pytest.approx(centres, abs=0.02)


def test_where_the_function_is_infinite_no_descent_goes() -> None:
    """x - ln x: a Newton step from 9 would end far below zero, and one start is there already."""

    def expand(_: object, position: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        x = np.maximum(position, 1e-300)
        value = np.where(position > 0.0, x - np.log(x), np.inf)[:, 0]
        return value, np.where(position > 0.0, 1.0 - 1.0 / x, 0.0), np.minimum(1.0 / x**2, 1e9)[..., None]

    infinite = np.full((1, 1), np.inf)
    starts = np.array([[0.1], [9.0], [-4.0]])
    value, places = lowest_valleys(expand, np.zeros(3, dtype=int), starts, -infinite, infinite, 1)
    assert value[0] == pytest.approx(1.0, abs=ACCURACY)
    assert places[0, 0, 0] == pytest.approx(1.0, abs=1e-3)


def test_minima_on_a_grid_and_their_neighbours() -> None:
    value = np.array([[5.0, 1.0, 4.0, 6.0, 3.0, 7.0, 2.0], [7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]])
    two, one = (around_minima(value, number).astype(int).tolist() for number in (2, 1))
    assert two == [[1, 1, 1, 0, 0, 1, 1], [0, 0, 0, 0, 0, 1, 1]]
    assert one == [[1, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1, 1]]


def test_minima_on_a_grid_of_two_variables() -> None:
    value = np.full((1, 4, 4), 9.0) + np.arange(16).reshape(1, 4, 4)
    value[0, 2, 1] = 0.0
    found = around_minima(value, 1)[0]
    assert np.argwhere(found).tolist() == [[1, 1], [2, 0], [2, 1], [2, 2], [3, 1]]


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_every_point_of_a_grid_has_a_start(number: int, seed: int) -> None:
    value = np.random.default_rng(seed).integers(0, 3, (5, 4, 3)).astype(float)
    found = around_minima(value, number)
    assert found.reshape(5, -1).any(axis=1).all()
    assert np.all(found.reshape(5, -1)[np.arange(5), value.reshape(5, -1).argmin(axis=1)])
