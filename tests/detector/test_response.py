from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from cevns import Experiment
from cevns.detector import (
    DetectorResponse,
    GammaResolution,
    GaussianResolution,
    LinearQuenching,
    PolynomialQuenching,
    Sigmoid,
    TabulatedEfficiency,
    TabulatedQuenching,
)
from cevns.detector.response import composite_gauss_legendre
from cevns.errors import InputError
from cevns.kinematics import maximum_recoil
from cevns.predict import EnergyRates

ALWAYS = Sigmoid(scale=1.0, slope=1.0, midpoint=-100.0)
WIDE = DetectorResponse(
    edges=np.array([0.0, 10.0, 20.0, 40.0]),
    quenching=LinearQuenching(0.25),
    resolution=GaussianResolution(stochastic=0.8),
    efficiency=ALWAYS,
)
EXPERIMENTS = ("csi", "lar")

# Couplings near the present limits, at a mass below and a mass above the momentum transfer.
POINTS = [
    ("sm", {}),
    ("b-l", {"g": 5e-5, "mass": 1e-3}),
    ("b-l", {"g": 1e-3, "mass": 100.0}),
    ("universal", {"g": 5e-5, "mass": 1e-3}),
    ("lmu-ltau", {"g": 1e-3, "mass": 1e-3}),
    ("scalar", {"g": 2e-6, "mass": 1e-3}),
    ("scalar", {"g": 5e-5, "mass": 100.0}),
]


@pytest.mark.parametrize("recoil", [0.01, 0.02, 0.06, 0.1])
def test_matrix_of_a_full_efficiency_is_the_gaussian_integral(recoil: float) -> None:
    mean = 0.25 * recoil * 1e3
    expected = np.diff(norm.cdf(WIDE.edges, mean, 0.8 * np.sqrt(mean)))
    np.testing.assert_allclose(WIDE.matrix(np.array([recoil]))[0], expected, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("recoil", [0.002, 0.01, 0.04])
def test_matrix_weighs_with_the_efficiency(recoil: float) -> None:
    efficiency = TabulatedEfficiency(np.array([2.0, 5.0, 15.0]), np.array([0.1, 0.7, 0.9]))
    response = replace(WIDE, efficiency=efficiency)
    found = response.matrix(np.array([recoil]))[0]
    mean = np.array([0.25 * recoil * 1e3])
    for index, (low, high) in enumerate([(0.0, 10.0), (10.0, 20.0), (20.0, 40.0)]):
        points = [p for p in (2.0, 5.0, 15.0) if low < p < high]
        expected, _ = quad(
            lambda x: float(efficiency(np.array(x)) * response.resolution.density(np.array([x]), mean)[0]),
            low,
            high,
            points=points or None,
            epsabs=1e-13,
        )
        assert found[index] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_shipped_detectors_record_a_recoil_at_most_once(name: str, request: pytest.FixtureRequest) -> None:
    experiment: Experiment = request.getfixturevalue(name)
    for nucleus in experiment.rates.targets:
        recoils = np.geomspace(1e-7, float(maximum_recoil(52.8, nucleus.isotope.mass)), 300)
        matrix = experiment.rates.response.matrix(recoils)
        assert matrix.shape == (300, len(experiment.energy_edges) - 1)
        assert np.all(matrix >= 0.0)
        assert np.all(matrix.sum(axis=1) <= 1.0)


@given(
    recoil=st.floats(1e-4, 0.05),
    light_yield=st.floats(5.0, 20.0),
    threshold=st.floats(0.0, 20.0),
    shape=st.floats(0.3, 3.0),
)
def test_probabilities_never_exceed_one(recoil: float, light_yield: float, threshold: float, shape: float) -> None:
    response = DetectorResponse(
        edges=np.array([0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 32.0, 40.0, 50.0, 60.0, 80.0]),
        quenching=PolynomialQuenching((0.0554628, 4.30681, -111.707, 840.384)),
        resolution=GammaResolution(shape),
        efficiency=Sigmoid(scale=1.0, slope=0.5, midpoint=threshold),
        light_yield=light_yield,
    )
    (row,) = response.matrix(np.array([recoil]))
    assert np.all(row >= 0.0)
    assert row.sum() <= 1.0 + 1e-9


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize(("model", "parameters"), POINTS)
def test_twice_the_nodes_change_nothing(
    name: str, model: str, parameters: dict[str, float], request: pytest.FixtureRequest
) -> None:
    """1e-5 of each bin that holds more than 1e-6 events, far below any systematic uncertainty."""
    experiment: Experiment = request.getfixturevalue(name)
    rates = experiment.rates
    response = replace(
        rates.response,
        signal_nodes=2 * rates.response.signal_nodes,
        recoil_nodes=2 * rates.response.recoil_nodes,
    )
    finer = replace(experiment, rates=EnergyRates(rates.source, rates.targets, response))
    found, converged = (e.predict(model, **parameters).cevns for e in (experiment, finer))
    counted = converged > 1e-6
    assert counted.sum() > 30
    np.testing.assert_allclose(found[counted], converged[counted], rtol=1e-5)


@pytest.mark.parametrize("mass", [21409.0, 37215.5, 123772.5])
def test_recoil_nodes_cover_the_axis_and_respect_the_kinematic_limits(mass: float) -> None:
    energies = (29.79, 52.83)
    line, end = kinks = maximum_recoil(np.array(energies), mass)
    nodes, weights = WIDE.recoil_quadrature(kinks)
    assert nodes.min() > 0.0
    assert nodes.max() < end
    assert np.all(weights > 0.0)
    lowest = end - weights.sum()
    assert np.all(WIDE.matrix(np.array([lowest])) < 1e-12)
    # A polynomial on either side of the limit of the line is integrated exactly, so no piece straddles it.
    step = np.where(nodes < line, nodes**3, 0.0)
    assert step @ weights == pytest.approx((line**4 - lowest**4) / 4.0, rel=1e-12)


def test_a_detector_that_sees_nothing_still_has_a_quadrature() -> None:
    blind = replace(WIDE, efficiency=Sigmoid(1.0, 1.0, 0.0, offset=-2.0))
    nodes, weights = blind.recoil_quadrature(maximum_recoil(np.array([29.79, 52.83]), 37215.5))
    assert np.all(np.isfinite(nodes))
    np.testing.assert_array_equal(blind.matrix(nodes), 0.0)
    assert weights.sum() < float(maximum_recoil(52.83, 37215.5))


@pytest.mark.parametrize("number", [1, 4, 16])
def test_composite_quadrature_is_exact_for_polynomials(number: int) -> None:
    points = np.array([0.0, 0.3, 1.0, 4.0])
    nodes, weights = composite_gauss_legendre(points, number)
    assert nodes.shape == weights.shape == (3 * number,)
    degree = 2 * number - 1
    assert weights @ nodes**degree == pytest.approx(4.0 ** (degree + 1) / (degree + 1), rel=1e-12)


@pytest.mark.parametrize("edges", [[1.0], [], [0.0, 0.0], [1.0, 0.0], [0.0, np.nan], [[0.0, 1.0]]])
def test_refuses_edges_that_are_none(edges: list[float]) -> None:
    with pytest.raises(InputError, match=r"energy\.edges"):
        replace(WIDE, edges=np.array(edges))


@pytest.mark.parametrize("light_yield", [0.0, -1.0, np.nan, np.inf])
def test_refuses_a_light_yield_that_is_not_positive(light_yield: float) -> None:
    with pytest.raises(InputError, match="light_yield"):
        replace(WIDE, light_yield=light_yield)


def test_refuses_a_quenching_that_leaves_no_signal() -> None:
    response = replace(WIDE, quenching=LinearQuenching(0.25, slope=-0.01))
    with pytest.raises(InputError, match=r"quenching: got .*a positive signal at every recoil energy \(here T = 0\.03"):
        response.matrix(np.array([0.01, 0.03]))


def test_resolution_much_finer_than_the_bins() -> None:
    """Neither lost between the nodes nor counted twice."""
    response = DetectorResponse(
        edges=np.array([0.0, 10.0, 20.0]),
        quenching=LinearQuenching(0.2),
        resolution=GaussianResolution(constant=0.05),
        efficiency=Sigmoid(1.0, 10.0, -100.0),
    )
    matrix = response.matrix(np.array([0.02, 0.03, 0.05, 0.08]))
    assert matrix == pytest.approx(np.array([[1.0, 0.0], [1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]), abs=1e-9)


@pytest.mark.parametrize("spread", [0.02, 0.3])
def test_interpolated_response_is_the_integrated_one(spread: float) -> None:
    """Also where the resolution is much finer than an octave, and across the kinks of a table of the quenching."""
    response = DetectorResponse(
        edges=np.linspace(1.0, 20.0, 12),
        quenching=TabulatedQuenching(np.array([5.0, 30.0, 60.0]), np.array([0.1, 0.3, 0.25])),
        resolution=GaussianResolution(constant=spread),
        efficiency=TabulatedEfficiency(np.array([0.0, 4.0, 8.0]), np.array([0.0, 0.9, 0.7])),
    )
    recoil = np.geomspace(1e-5, 0.1, 3000).reshape(2, -1)
    expected = response.matrix(recoil.ravel()).reshape(*recoil.shape, -1)
    np.testing.assert_allclose(response.matrix(recoil), expected, rtol=0.0, atol=1e-8)


def test_resolution_out_of_proportion_is_refused() -> None:
    response = DetectorResponse(
        edges=np.array([0.0, 10.0]),
        quenching=LinearQuenching(0.2),
        resolution=GaussianResolution(constant=1e-7),
        efficiency=Sigmoid(1.0, 10.0, -100.0),
    )
    with pytest.raises(InputError, match=r"resolution: got 1e-07; allowed: a spread that is not many orders"):
        response.matrix(np.array([0.02]))
