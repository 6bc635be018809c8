"""The energy below which nothing is seen, and resolutions that are cut off at zero."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr

from cevns.detector import DetectorResponse, GaussianResolution, LinearQuenching, NoResolution, Sigmoid

EDGES = np.array([0.2, 0.25, 0.3])
ALWAYS = Sigmoid(1.0, 1.0, -100.0)
NOISE = GaussianResolution(constant=0.07)


def detector(lowest: float, resolution: GaussianResolution | NoResolution = NOISE) -> DetectorResponse:
    return DetectorResponse(EDGES, LinearQuenching(0.2), resolution, ALWAYS, lowest=lowest)


def test_nothing_below_and_everything_above() -> None:
    recoil = np.array([1e-6, 4.99e-5, 5.01e-5, 1e-3])
    expected = detector(0.0).matrix(recoil)
    assert np.all(expected > 0.0)
    seen = detector(0.01).matrix(recoil)
    assert np.array_equal(seen[:2], np.zeros((2, 2)))
    assert np.array_equal(seen[2:], expected[2:])


def test_points_interpolated_over_an_octave_keep_the_step() -> None:
    recoil = np.geomspace(3e-5, 8e-5, 40)
    response = detector(0.01)
    points = response.matrix(np.stack([recoil, recoil]))
    assert points[0] == pytest.approx(response.matrix(recoil), rel=1e-9, abs=1e-15)
    assert 0 < np.count_nonzero(points[0, :, 0]) < len(recoil)


@pytest.mark.parametrize("resolution", [NOISE, NoResolution()])
def test_integrals_end_at_the_lowest_energy(resolution: GaussianResolution | NoResolution) -> None:
    """A rate 1/T^2 below 2 keV, by quadrature from 0.01 keVee, or 0.22 keVee without spread, to 0.4 keVee."""
    lowest = 0.01 if resolution is NOISE else 0.22
    response = detector(lowest, resolution)
    nodes, weights = response.recoil_quadrature(np.array([2e-3]))
    found = (weights / nodes**2) @ response.matrix(nodes)
    for k, (low, high) in enumerate(pairwise(EDGES.tolist())):

        def signal(log_energy: float, low: float = low, high: float = high) -> float:
            """Of the electron-equivalent energy, in its logarithm: T = 5 E, dT/T^2 = dlnE/(5 E)."""
            energy = np.exp(log_energy)
            inside = ndtr((high - energy) / 0.07) - ndtr((low - energy) / 0.07)
            seen = inside if resolution is NOISE else float(low <= energy < high)
            return float(seen / (5e-3 * energy))

        expected, _ = quad(signal, np.log(lowest), np.log(0.4), points=np.log([0.22, 0.25, 0.3]), limit=500)
        assert found[k] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("mean", [0.001, 0.05, 0.2, 1.0])
def test_a_truncated_resolution_is_normalised_above_zero(mean: float) -> None:
    whole, cut = (GaussianResolution(0.07, 0.02, 0.0, truncated) for truncated in (False, True))
    total, _ = quad(lambda x: float(cut.density(np.array(x), np.array(mean))), 0.0, 3.0, points=[mean, 0.3])
    assert total == pytest.approx(1.0, rel=1e-8)
    ratio = cut.density(np.array(0.2), np.array(mean)) / whole.density(np.array(0.2), np.array(mean))
    assert 1.0 <= ratio <= 2.0
    assert ratio == pytest.approx({0.001: 1.98, 1.0: 1.0}.get(mean, float(ratio)), rel=0.01)
