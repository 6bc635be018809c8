"""Outlines of regions whose shape is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cevns.errors import NumericalError
from cevns.inference.lattice import polygons, refined, sampled
from cevns.typing import FloatArray

SPACING = 1.0 / 256.0
"""Distance of the finest nodes; chords between corners cut off less than its square."""


def outlines(function: Callable[[FloatArray, FloatArray], FloatArray], level: float) -> list[list[FloatArray]]:
    values = refined(function, sampled(function, 33), level, 3)
    return polygons(function, values, level, level, (True, True))


def area(ring: FloatArray) -> float:
    x, y = ring.T
    return abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) / 2.0


def circle(x: float, y: float, radius: float) -> Callable[[FloatArray, FloatArray], FloatArray]:
    """One on a circle."""
    return lambda across, up: ((across - x) ** 2 + (up - y) ** 2) / radius**2


@pytest.mark.parametrize("radius", [0.3, 0.05, 0.011])
def test_circle(radius: float) -> None:
    """Every corner on the circle, although the smallest one has no node of the first lattice inside."""
    ((ring,),) = outlines(circle(0.51, 0.49, radius), 1.0)
    distance = np.hypot(*(ring - (0.51, 0.49)).T)
    np.testing.assert_allclose(distance, radius, rtol=1e-4)
    assert area(ring) == pytest.approx(np.pi * radius**2, abs=SPACING**2)


def test_small_circle_between_the_nodes() -> None:
    """Centre in the middle of a cell: the nearest nodes are outside."""
    radius, centre = 0.02, (16.5 / 32.0, 10.5 / 32.0)
    assert min(np.hypot(16 / 32 - centre[0], 10 / 32 - centre[1]), 1.0) > radius
    ((ring,),) = outlines(circle(*centre, radius), 1.0)
    np.testing.assert_allclose(np.hypot(*(ring - centre).T), radius, rtol=1e-4)


def test_ring_has_a_hole() -> None:
    inside = circle(0.5, 0.5, 0.25)
    ((outer, hole),) = outlines(lambda x, y: 4.0 * (inside(x, y) - 1.0) ** 2, 1.0)
    np.testing.assert_allclose(np.hypot(*(outer - 0.5).T), 0.25 * np.sqrt(1.5), rtol=1e-4)
    np.testing.assert_allclose(np.hypot(*(hole - 0.5).T), 0.25 * np.sqrt(0.5), rtol=1e-4)


def test_two_pieces() -> None:
    first, second = circle(0.25, 0.3, 0.1), circle(0.7, 0.8, 0.15)
    pieces = outlines(lambda x, y: np.minimum(first(x, y), second(x, y)), 1.0)
    areas = sorted(area(outer) for (outer,) in pieces)
    assert areas == pytest.approx([np.pi * 0.01, np.pi * 0.0225], abs=SPACING**2)


def test_region_ends_with_the_square() -> None:
    ((ring,),) = outlines(circle(0.0, 0.0, 0.5), 1.0)
    assert area(ring) == pytest.approx(np.pi / 16.0, rel=1e-3)
    assert ring.min() == 0.0


def test_nothing_and_everything() -> None:
    assert outlines(lambda x, y: 2.0 + 0.0 * x * y, 1.0) == []
    ((ring,),) = outlines(lambda x, y: 0.5 + 0.0 * x * y, 1.0)
    assert area(ring) == 1.0


def test_function_is_evaluated_where_the_level_passes_only() -> None:
    """An order of magnitude fewer than on the fine lattice."""
    number = 0

    def counted(x: FloatArray, y: FloatArray) -> FloatArray:
        nonlocal number
        number += x.size
        return circle(0.5, 0.5, 0.3)(x, y)

    outlines(counted, 1.0)
    assert number < 257**2 / 10


def test_corners_stay_on_lines_where_they_may_not_move() -> None:
    """Linear interpolation between two nodes of a parabola, against the crossing."""
    function = circle(0.5, 0.5, 0.3)
    values = refined(function, sampled(function, 33), 1.0, 3)
    ((ring,),) = polygons(function, values, 1.0, 1.0, (False, True))
    distance = np.abs(np.hypot(*(ring - 0.5).T) - 0.3)
    assert 1e-7 < distance.max() < 1e-4


def test_one_evaluation_a_corner_where_the_function_is_nearly_linear() -> None:
    """The values at the nodes are not asked for again."""
    function, number = circle(0.5, 0.5, 0.3), 0

    def counted(x: FloatArray, y: FloatArray) -> FloatArray:
        nonlocal number
        number += x.size
        return function(x, y)

    values = refined(function, sampled(function, 33), 1.0, 3)
    ((ring,),) = polygons(counted, values, 1.0, 1.0, (True, True))
    assert number <= 1.1 * len(ring)


def test_a_steep_edge() -> None:
    def function(x: FloatArray, y: FloatArray) -> FloatArray:
        return 1.0 + 1e4 * np.sinh(40.0 * (x - 0.4321)) + 0.0 * y

    ((ring,),) = outlines(function, 1.0)
    assert ring[:, 0].max() == pytest.approx(0.4321, abs=1e-9)


def test_a_function_that_is_not_the_same_again_is_noticed() -> None:
    """The nodes say that the level passes, and the function does not know of it."""
    values = sampled(circle(0.5, 0.5, 0.3), 33)
    with pytest.raises(NumericalError, match="was not found again"):
        polygons(lambda x, y: 5.0 + 0.0 * x * y, values, 1.0, 1.0, (True, True))
