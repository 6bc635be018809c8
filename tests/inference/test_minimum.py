"""Batched descents on functions whose minima are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.errors import NumericalError
from cevns.inference import minimum
from cevns.inference.minimum import minimise
from cevns.typing import FloatArray

Function = Callable[[FloatArray], FloatArray]
ACCURACY = 1e-7


def descend(function: Function, starts: FloatArray) -> tuple[float, FloatArray]:
    """Descend from starts that all belong to one point, without bounds and to full accuracy."""
    point, infinite = np.zeros(len(starts), dtype=int), np.full((1, starts.shape[1]), np.inf)
    floor = np.array([np.inf])
    value, place = minimise(lambda _, x: function(x), point, starts, low=-infinite, high=infinite, floor=floor)
    return float(value[0]), place[0]


def rosenbrock(position: FloatArray) -> FloatArray:
    x, y = np.moveaxis(position, -1, 0)
    return (1.0 - x) ** 2 + 100.0 * (y - x**2) ** 2


def two_wells(position: FloatArray) -> FloatArray:
    """Minima near 1, the lower one, and -1; a saddle of the second variable at zero in between."""
    x, *others = np.moveaxis(position, -1, 0)
    return (x**2 - 1.0) ** 2 - 0.1 * x + sum((y**2 for y in others), start=np.zeros_like(x))


WELL = 1.012264
"""Largest root of 4 x (x^2 - 1) = 0.1."""


@pytest.mark.parametrize("start", [(-1.2, 1.0), (3.0, -4.0), (0.0, 0.0), (-3.0, 7.0)])
def test_a_curved_valley_is_followed_to_its_end(start: tuple[float, float]) -> None:
    value, place = descend(rosenbrock, np.array([start]))
    assert value == pytest.approx(0.0, abs=ACCURACY)
    assert place == pytest.approx(np.ones(2), abs=2e-3)


@pytest.mark.parametrize("variables", [1, 2, 3])
def test_the_lowest_of_several_valleys(variables: int) -> None:
    starts = np.zeros((4, variables))
    starts[:, 0] = (-3.0, -0.5, 0.4, 2.0)
    value, place = descend(two_wells, starts)
    assert place == pytest.approx([WELL, *np.zeros(variables - 1)], abs=1e-4)
    assert value == pytest.approx(float(two_wells(np.array([WELL, *np.zeros(variables - 1)]))), abs=ACCURACY)


def test_a_saddle_repels() -> None:
    """Where the curvature is negative a Newton step would lead up to the ridge."""
    _, place = descend(two_wells, np.array([[0.05, 0.5]]))
    assert place == pytest.approx([WELL, 0.0], abs=1e-4)


def test_a_direction_without_curvature_does_no_harm() -> None:
    """The sum of two variables is all that counts; the third has no effect at all."""
    value, place = descend(lambda x: (x[..., 0] + x[..., 1] - 1.0) ** 2, np.array([[5.0, 3.0, 2.0]]))
    assert value == pytest.approx(0.0, abs=ACCURACY)
    assert np.all(np.abs(place) < 10.0)


def test_a_soft_direction_across_a_steep_one() -> None:
    """Curvatures of 2e-3 and 2e4 along axes that are not those of the variables, and a steep cubic term."""

    def valley(position: FloatArray) -> FloatArray:
        x, y = np.moveaxis(position, -1, 0)
        across, along = 0.6 * x - 0.8 * y, 0.8 * x + 0.6 * y
        return 1e4 * across**2 * (1.0 + 3.0 * across + 4.0 * across**2) + 1e-3 * (along - 3.0) ** 2 + 200.0

    value, _ = descend(valley, np.array([[0.5, -0.7]]))
    assert value == pytest.approx(200.0, abs=1e-6)


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=1, max_size=6), st.floats(-0.9, 0.9))
def test_bounds_hold(centres: list[tuple[float, float]], correlation: float) -> None:
    """Correlated parabolas, one for each point, in a box: no place of the box is lower."""
    centre = np.array(centres)
    matrix = np.array([[1.0, correlation], [correlation, 1.0]])

    def parabola(point: FloatArray, position: FloatArray) -> FloatArray:
        away = position - centre[point]
        return np.einsum("...i,ij,...j->...", away, matrix, away)

    points = np.arange(len(centre))
    low, high = np.full(centre.shape, -1.0), np.full(centre.shape, 2.0)
    value, best = minimise(parabola, points, np.zeros(centre.shape), low=low, high=high, floor=np.zeros(len(centre)))
    assert np.all((best >= low) & (best <= high))
    # At the minimum of a convex function no way into the box leads down.
    gradient = 2.0 * (best - centre) @ matrix
    inward = np.where(
        best <= low, np.minimum(gradient, 0.0), np.where(best >= high, np.maximum(gradient, 0.0), gradient)
    )
    assert inward == pytest.approx(0.0, abs=1e-2)
    assert value == pytest.approx(parabola(points, best), abs=1e-12)


def test_points_do_not_mix() -> None:
    centres = np.array([-3.0, 0.0, 4.0])
    infinite = np.full((3, 1), np.inf)
    value, best = minimise(
        lambda point, position: np.square(position[..., 0] - centres[point]),
        np.array([2, 0, 1, 0, 2]),
        np.zeros((5, 1)),
        low=-infinite,
        high=infinite,
        floor=np.zeros(3),
    )
    assert value == pytest.approx(0.0, abs=ACCURACY)
    assert best[:, 0] == pytest.approx(centres, abs=1e-3)


def test_where_the_function_is_infinite_no_descent_goes() -> None:
    """x - ln x: a Newton step from 9 would end far below zero, and one start is there already."""

    def function(position: FloatArray) -> FloatArray:
        x = position[..., 0]
        return np.where(x > 0.0, x - np.log(np.maximum(x, 1e-300)), np.inf)

    value, place = descend(function, np.array([[0.1], [9.0], [-4.0]]))
    assert value == pytest.approx(1.0, abs=ACCURACY)
    assert place == pytest.approx([1.0], abs=1e-3)


def test_a_minimum_far_up_is_known_less_well_and_costs_less() -> None:
    """A valley that falls for ever, as chi^2 does where pulls cancel an overwhelming signal."""
    calls = []

    def falling(_: object, position: FloatArray) -> FloatArray:
        calls.append(position.size)
        return 100.0 + 1.0 / (1.0 + position[..., 0] ** 2)

    def cost(floor: float) -> int:
        calls.clear()
        infinite = np.full((1, 1), np.inf)
        start, level = np.array([[2.0]]), np.array([floor])
        minimise(falling, np.zeros(1, dtype=int), start, low=-infinite, high=infinite, floor=level)
        return sum(calls)

    assert cost(floor=0.0) < cost(floor=100.0)


def test_a_descent_that_does_not_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minimum, "_MAXIMUM_STEPS", 3)
    with pytest.raises(NumericalError, match="no minimum over the profiled parameters was reached in 3 steps"):
        descend(rosenbrock, np.array([[-1.2, 1.0]]))
