"""Interpolated signals against evaluation anew, and their derivatives against finite differences."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cevns
from cevns import Experiment
from cevns.statistics import Likelihood
from cevns.statistics.signal import Axis, JointSignal, Signal, Templates

ANALYSIS = "coherent-csi-2021/de-romeri-2023"
RADIUS, EFFICIENCY, DELAY = "csi_nuclear_radius", "csi_efficiency", "csi_beam_time"
NOMINAL, UP, DOWN = (
    np.array(curve)
    for curve in (
        (1.32045, 0.285979, 10.8646, -0.333322),
        (1.3439, 0.285366, 9.84596, -0.356364),
        (1.297, 0.286592, 11.8832, -0.31028),
    )
)
"""The released curves: scale, slope, midpoint, offset."""


@pytest.fixture(scope="module")
def analysis() -> Experiment:
    return cevns.experiment(ANALYSIS)


def signal_of(experiment: Experiment, model: str, **parameters: float) -> Signal:
    templates = Templates(experiment)
    chosen = cevns.model(model)
    values = {name: np.asarray(v) for name, v in chosen.complete(parameters).items()}
    return Signal.of(templates, 1, templates.form(chosen, values).counts(values))


@given(st.floats(-3.0, 0.0), st.floats(0.1, 5.0), st.lists(st.floats(-2.0, 2.0), min_size=7, max_size=7))
def test_polynomials_are_interpolated_exactly(low: float, length: float, coefficients: list[float]) -> None:
    axis = Axis(low, low + length, 7)
    polynomial = np.polynomial.Polynomial(coefficients, domain=[low, low + length])
    values = np.linspace(low, low + length, 11)
    scale = 1.0 + np.abs(coefficients).sum()
    for order, weights in enumerate(axis.weights(values)):
        expected = polynomial.deriv(order)(values) if order else polynomial(values)
        # Derivatives of a polynomial of degree six are up to 36 and 36 x 35/3 times itself on the unit interval.
        tolerance = 1e-12 * scale * (1.0, 36.0, 420.0)[order] * (2.0 / length) ** order
        assert weights @ polynomial(axis.nodes) == pytest.approx(expected, rel=0.0, abs=tolerance)


def test_the_middle_is_a_node() -> None:
    assert Axis(-0.25, 0.25, 7).nodes[3] == pytest.approx(0.0, abs=1e-16)
    assert Axis(-0.25, 0.25, 7).nodes == pytest.approx(-Axis(-0.25, 0.25, 7).nodes[::-1], abs=1e-16)


def curve(position: float) -> dict[str, object]:
    """Coefficients on the parabola through the three curves, by Lagrange's formula."""
    p = position
    values = 0.5 * p * (p + 1.0) * UP + (1.0 - p**2) * NOMINAL + 0.5 * p * (p - 1.0) * DOWN
    return {"kind": "sigmoid", **dict(zip(("scale", "slope", "midpoint", "offset"), values.tolist(), strict=True))}


POINTS = [*product((-0.24, -0.13, 0.0, 0.07, 0.21), (-1.0, -0.4, 0.3, 0.9)), (0.25, 1.0), (-0.25, -1.0), (0.0, 0.0)]


@pytest.mark.parametrize(("model", "parameters"), [("sm", {}), ("b-l", {"g": 8e-5, "mass": 5.0})])
def test_spectra_are_those_of_other_radii_and_another_efficiency(
    analysis: Experiment, model: str, parameters: dict[str, float]
) -> None:
    """Radii and curve put into the file by hand, at points that are not nodes: 1e-5 of each bin."""
    signal = signal_of(analysis, model, **parameters)
    radii = analysis.config.target.radii
    for radius, position in POINTS:
        changed = cevns.experiment(
            "coherent-csi-2021",
            {
                "detector.efficiency": curve(position),
                "target.radii": {
                    name: {"proton": each.proton * (1.0 + radius), "neutron": each.neutron * (1.0 + radius)}
                    for name, each in radii.items()
                },
            },
        )
        expected = changed.predict(model, **parameters).cevns
        found = signal.at({RADIUS: np.array([radius]), EFFICIENCY: np.array([position])})[0, 0]
        assert found == pytest.approx(expected.ravel(), rel=1e-5), (radius, position)


def test_nothing_varied_is_the_prediction(analysis: Experiment, csi: Experiment) -> None:
    signal = signal_of(analysis, "b-l", g=8e-5, mass=5.0)
    neutrinos, *neutrons = signal.at({})[0]
    assert neutrinos == pytest.approx(csi.predict("b-l", g=8e-5, mass=5.0).cevns.ravel(), rel=1e-12)
    assert signal.neutrinos[0] == pytest.approx(neutrinos, rel=1e-15)
    assert signal.templates.parts == ("cevns", "beam_neutrons", "neutrino_induced_neutrons")
    for name, counts in zip(signal.templates.parts[1:], neutrons, strict=True):
        # The tables have ten digits.
        assert counts == pytest.approx(csi.backgrounds[name].ravel(), rel=1e-8, abs=1e-9)


def test_a_smooth_pulse_is_delayed_exactly() -> None:
    """A Gaussian pulse, in place of the released histogram: a delay is another mean of the pulse."""
    nuisances = [{"name": DELAY, "varies": {"kind": "beam-time"}, "range": [-0.25, 0.25]}]
    arrival = {"kind": "beam-pulse", "mean": "440 ns", "width": "150 ns"}
    moving = cevns.experiment("coherent-csi-2021", {"nuisances": nuisances, "source.arrival": arrival})
    signal = signal_of(moving, "sm")
    for delay in (-0.25, -0.1234, 0.0, 0.003, 0.077, 0.25):
        later = {**arrival, "mean": f"{440 + 1e3 * delay} ns"}
        expected = cevns.experiment("coherent-csi-2021", {"source.arrival": later}).predict("sm").cevns
        found = signal.at({DELAY: np.array([delay])})[0, 0]
        # The grid on which the efficiency in time is integrated begins with the bins, which the delay moves: 1e-5.
        assert found == pytest.approx(expected.ravel(), rel=2e-5, abs=1e-6), delay
    assert signal.templates.parts == ("cevns",)


def test_a_released_histogram_is_delayed_to_the_accuracy_of_its_steps(analysis: Experiment) -> None:
    """Exactly where the steps of 10 ns coincide with the undelayed ones, and within a fraction of a step between."""
    (variation,) = analysis.time_variations.values()
    times = Templates(analysis).times
    for delay in (-0.25, -0.13, 0.0, 0.06, 0.2):
        found = times(np.array([delay]), 0)[0]
        assert found == pytest.approx(variation.fractions(delay), abs=1e-13)
    for delay in (-0.245, -0.1234, 0.0651, 0.177):
        found = times(np.array([delay]), 0)[0]
        assert found == pytest.approx(variation.fractions(delay), abs=3e-4)


def test_a_later_beam_brings_later_events(analysis: Experiment) -> None:
    """The mean time of neutrinos and neutrons moves by about the delay as long as none leave the window."""
    signal = signal_of(analysis, "sm")
    edges = analysis.time_edges
    centres = (edges[1:] + edges[:-1]) / 2.0
    early, late = (
        signal.at({DELAY: np.array([delay])})[0].reshape(3, *analysis.observed.shape).sum(axis=1)
        for delay in (-0.1, 0.1)
    )
    means = [counts @ centres / counts.sum(axis=1) for counts in (early, late)]
    assert np.all(means[1] - means[0] > 0.1)
    # Of the prompt neutrons few come in the late bins, which are wide.
    assert means[1][1] - means[0][1] == pytest.approx(0.2, abs=0.03)


def joint(signal: Signal, points: int) -> JointSignal:
    repeated = signal[np.zeros(points, dtype=int)]
    return JointSignal([repeated], signal.templates.parts, (RADIUS, DELAY, EFFICIENCY))


def test_derivatives_are_those_of_finite_differences(analysis: Experiment) -> None:
    rng = np.random.default_rng(12)
    values = rng.uniform([-0.2, -0.2, -0.9], [0.2, 0.2, 0.9], (6, 3))
    signal = joint(signal_of(analysis, "b-l", g=8e-5, mass=5.0), len(values))
    counts, first, second = signal.derivatives(values)
    assert counts == pytest.approx(signal.at(values), rel=1e-13, abs=1e-13)
    assert second == pytest.approx(np.swapaxes(second, 1, 2), rel=1e-13, abs=1e-13)
    for k, step in enumerate((1e-4, 1e-4, 1e-3)):
        ahead, behind = (signal.derivatives(values + sign * step * np.eye(3)[k]) for sign in (1.0, -1.0))
        scale = counts.max() / (0.25, 0.25, 1.0)[k]
        assert first[:, k] == pytest.approx((ahead[0] - behind[0]) / (2.0 * step), abs=1e-4 * scale)
        # The spline of the delays has no third derivative at its knots.
        assert second[:, k] == pytest.approx((ahead[1] - behind[1]) / (2.0 * step), abs=2e-2 * scale / 0.1)


def test_points_do_not_see_each_other(analysis: Experiment) -> None:
    likelihood = Likelihood("b-l", analysis)
    pulls = np.random.default_rng(2).normal(0.0, 0.05, (4, len(likelihood.pulls)))
    together = likelihood.at_pulls(pulls, g=[0.0, 3e-5, 6e-5, 9e-5], mass=10.0)
    for row, g, chi2 in zip(pulls, [0.0, 3e-5, 6e-5, 9e-5], together, strict=True):
        assert float(likelihood.at_pulls(row, g=g, mass=10.0)) == pytest.approx(float(chi2), rel=1e-12)


def test_signal_of_an_experiment_without_such_pulls_is_constant(csi: Experiment, analysis: Experiment) -> None:
    fixed, varied = signal_of(csi, "sm"), signal_of(analysis, "sm")
    parts = varied.templates.parts
    both = JointSignal([fixed, varied], parts, (RADIUS, DELAY, EFFICIENCY))
    counts, first, second = both.derivatives(np.array([[0.1, 0.05, 0.3]]))
    rows = [values.reshape(*values.shape[:-1], len(parts), 2, csi.observed.size) for values in (counts, first, second)]
    assert rows[0][0, 0, 0] == pytest.approx(csi.predict("sm").cevns.ravel(), rel=1e-12)
    assert not rows[0][0, 1:, 0].any()
    assert not rows[1][0, :, :, 0].any()
    assert not rows[2][0, :, :, :, 0].any()
    alone = joint(varied, 1).derivatives(np.array([[0.1, 0.05, 0.3]]))
    for mixed, own in zip(rows, alone, strict=True):
        assert mixed[..., 1, :].reshape(own.shape) == pytest.approx(own, rel=1e-13)
