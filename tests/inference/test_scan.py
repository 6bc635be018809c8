"""The search for minima and crossings, on curves whose answer is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cevns
from cevns import InputError, Likelihood, NumericalError
from cevns.inference.scan import Scan, scan_parameter

Function = Callable[[np.ndarray], np.ndarray]


def scanned(function: Function, grid: np.ndarray) -> Scan:
    """A scan of one point."""
    return Scan(grid[None], function(grid)[None], lambda value, _: function(value))


def waves(value: np.ndarray) -> np.ndarray:
    """Minima at the integers, rising slowly: at n about n/100. Maxima of about 6 half-way, and a steep end."""
    return 6.0 * np.sin(np.pi * value) ** 2 + 0.01 * value + np.maximum(value - 2.5, 0.0) ** 2 * 100.0


@given(st.floats(0.0, 1.0), st.floats(2e-5, 0.008))
def test_narrow_minima_between_grid_points_are_found(offset: float, depth: float) -> None:
    """A minimum at 1 reaches below the level by so little that it may hide between two grid points."""
    grid = np.arange(-1.0, 120.0) * 0.04 + 0.04 * offset
    grid = np.concatenate([[0.0], grid[grid > 0.01]])
    valley = 1.0 - 0.01 / (12.0 * np.pi**2)
    level = float(waves(np.array(valley))) + depth
    (found,) = scanned(waves, grid).crossings(np.array([level]))
    # 6 pi^2 (g - valley)^2 = depth around the minimum, up to the fourth order of the sine.
    half_width = np.sqrt(depth / 6.0) / np.pi
    assert len(found) == 3
    assert found[1:3] == pytest.approx((valley - half_width, valley + half_width), abs=1e-3 * half_width + 1e-7)
    assert waves(np.array(found)) == pytest.approx(level, abs=1e-8)


@given(st.floats(0.0, 1.0), st.floats(2e-5, 0.02))
def test_narrow_maxima_between_grid_points_are_found(offset: float, height: float) -> None:
    """A ridge at 1/2 that reaches above the level between two grid points splits the allowed region."""
    grid = np.arange(-1.0, 120.0) * 0.04 + 0.04 * offset
    grid = np.concatenate([[0.0], grid[grid > 0.01]])
    ridge = 0.5 + 0.01 / (12.0 * np.pi**2)
    level = float(waves(np.array(ridge))) - height
    (found,) = scanned(waves, grid).crossings(np.array([level]))
    half_width = np.sqrt(height / 6.0) / np.pi
    assert found[:2] == pytest.approx((ridge - half_width, ridge + half_width), abs=1e-3 * half_width + 1e-7)
    assert waves(np.array(found)) == pytest.approx(level, abs=1e-8)
    assert len(found) % 2 == 1


@given(st.floats(0.0, 1.0))
def test_minimum_lies_in_the_deepest_valley(offset: float) -> None:
    """Two valleys, the deeper one so narrow that no grid point may see how deep it is."""

    def two_valleys(value: np.ndarray) -> np.ndarray:
        broad = (value - 0.5) ** 2
        narrow = -1.0 + 1000.0 * (value - 2.0) ** 2
        return np.minimum(broad, narrow)

    grid = np.arange(0.0, 80.0) * 0.08 + 0.08 * offset - 0.04
    best, chi2 = scanned(two_valleys, grid).minimum()
    assert chi2[0] == pytest.approx(-1.0, abs=1e-6)
    assert best[0] == pytest.approx(2.0, abs=1e-3)


def test_minimum_at_the_edge() -> None:
    best, chi2 = scanned(lambda value: 3.0 + value, np.linspace(0.0, 5.0, 11)).minimum()
    assert (best[0], chi2[0]) == (0.0, 3.0)


def test_what_the_grid_knows_is_not_computed_again() -> None:
    asked: list[float] = []

    def curve(value: np.ndarray, _: np.ndarray) -> np.ndarray:
        asked.extend(value.tolist())
        return waves(value)

    grid = np.linspace(0.0, 4.0, 101)
    scan = Scan(grid[None], waves(grid)[None], curve)
    scan.minimum()
    scan.crossings(np.array([3.0]))
    assert asked
    assert not set(asked) & set(grid.tolist())


def test_each_point_has_its_own_curve() -> None:
    """Rows do not mix: minimum and crossings of shifted parabolas."""
    centres = np.array([1.0, 2.0, 3.5])
    grid = np.tile(np.linspace(0.0, 6.0, 50), (3, 1))

    def curve(value: np.ndarray, point: np.ndarray) -> np.ndarray:
        return (value - centres[point]) ** 2

    scan = Scan(grid, (grid - centres[:, None]) ** 2, curve)
    best, chi2 = scan.minimum()
    assert best == pytest.approx(centres, abs=1e-5)
    assert chi2 == pytest.approx(0.0, abs=1e-10)
    levels = np.array([0.25, 1.0, 2.25])
    for found, centre, level in zip(scan.crossings(levels), centres, levels, strict=True):
        assert found == pytest.approx((centre - np.sqrt(level), centre + np.sqrt(level)), rel=1e-9)


def test_level_that_is_never_reached() -> None:
    assert scanned(lambda value: value**2, np.linspace(0.0, 1.0, 20)).crossings(np.array([5.0])) == [()]


def test_level_that_a_likelihood_never_reaches(csi: cevns.Experiment) -> None:
    """The range of a parameter with bounds may be allowed as a whole: no crossing, and no complaint."""
    scan, _ = scan_parameter(Likelihood("weak-mixing-angle", csi), "sin2_theta_w", {})
    assert scan.crossings(scan.chi2.max(axis=1) + 1.0) == [()]


@pytest.mark.parametrize("model", ["b-l", "universal", "lmu-ltau", "scalar"])
def test_scan_reaches_from_nothing_to_exclusion(csi: cevns.Experiment, model: str) -> None:
    """The grid starts at zero, ends far beyond any limit, and is what the likelihood gives."""
    likelihood = Likelihood(model, csi)
    masses = np.geomspace(1e-3, 1e6, 10)
    scan, points = scan_parameter(likelihood, "g", {"mass": masses})
    assert np.array_equal(points["mass"], masses)
    assert np.all(scan.grid[:, 0] == 0.0)
    assert np.all(np.diff(scan.grid, axis=1) > 0.0)
    assert np.all(scan.chi2[:, -1] > scan.chi2.min(axis=1) + 50.0)
    index = np.array([0, 4, 9])
    assert scan.curve(scan.grid[index, 80], index) == pytest.approx(scan.chi2[index, 80], abs=1e-8)


def test_parameter_that_is_given_cannot_be_scanned(csi: cevns.Experiment) -> None:
    with pytest.raises(InputError, match="g: got 1e-05; allowed: no value"):
        scan_parameter(Likelihood("b-l", csi), "g", {"g": 1e-5, "mass": 10.0})


def test_parameter_without_effect(csi: cevns.Experiment) -> None:
    """A mediator too heavy for any coupling to matter."""
    with pytest.raises(NumericalError, match=r"no value of g up to .* changes the counts of b-l"):
        scan_parameter(Likelihood("b-l", csi), "g", {"mass": 1e20})
