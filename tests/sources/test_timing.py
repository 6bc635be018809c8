from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtr

from cevns.constants import CHARGED_PION_LIFETIME, MUON_LIFETIME
from cevns.detector import ExponentialDecay
from cevns.errors import InputError
from cevns.experiments import experiment_directory
from cevns.experiments.tables import read_columns
from cevns.sources import BeamPulse, TabulatedTimes, TimeProfile
from cevns.typing import FloatArray

SNS = BeamPulse(mean=0.44, width=0.15)
EDGES = np.array([-0.1, 0.2, 0.4, 0.5, 0.9, 1.4, 3.4, 4.9])
TABLE = TabulatedTimes(
    np.array([0.0, 0.1, 0.3, 0.35, 1.0, 2.5]),
    np.array([[0.0, 1.0, 4.0, 2.0, 1.0], [3.0, 1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0, 1.0]]),
)
ALL_TIMES = np.array([-2.0, 80.0])
DECAY = ExponentialDecay(start=0.52, rate=0.3)


def panels(end: float, number: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of an integral from zero, eight to a panel."""
    nodes, weights = np.polynomial.legendre.leggauss(8)
    width = end / number
    centres = (np.arange(number) + 0.5) * width
    return (centres[:, None] + 0.5 * width * nodes).ravel(), np.tile(0.5 * width * weights, number)


def arrived_by(time: float, pulse: BeamPulse) -> tuple[float, float]:
    """Arrived after a pion decay, and after a muon decay too: integrals over the decay times themselves."""
    u, u_weights = panels(40.0, 20)
    v, v_weights = panels(40.0, 400)
    pion, muon = CHARGED_PION_LIFETIME * u, MUON_LIFETIME * v
    after_pion = ndtr((time - pulse.mean - pion) / pulse.width) @ (u_weights * np.exp(-u))
    delays = ndtr((time - pulse.mean - pion[:, None] - muon) / pulse.width)
    return after_pion, (u_weights * np.exp(-u)) @ delays @ (v_weights * np.exp(-v))


@pytest.mark.parametrize("pulse", [SNS, BeamPulse(mean=1.0, width=0.4)])
def test_pulse_fractions_equal_the_double_convolution(pulse: BeamPulse) -> None:
    prompt, delayed = np.diff([arrived_by(time, pulse) for time in EDGES], axis=0).T
    nu_e, nu_mu, nubar_mu = pulse.fractions(EDGES)
    np.testing.assert_allclose(nu_mu, prompt, rtol=0.0, atol=1e-12)
    np.testing.assert_allclose(nu_e, delayed, rtol=0.0, atol=1e-12)
    np.testing.assert_array_equal(nubar_mu, nu_e)


@pytest.mark.parametrize("profile", [SNS, TABLE])
def test_every_neutrino_arrives_once(profile: TimeProfile) -> None:
    np.testing.assert_allclose(profile.fractions(ALL_TIMES, None, ())[:, 0], 1.0, rtol=0.0, atol=1e-14)


def test_mean_delays_are_the_mean_lives() -> None:
    """Weighting with the time itself gives the mean time."""
    edges = np.linspace(-2.0, 80.0, 3)
    late, prompt, _ = SNS.fractions(edges, lambda time: time).sum(axis=1)
    assert prompt == pytest.approx(0.44 + CHARGED_PION_LIFETIME, abs=1e-6)
    assert late == pytest.approx(0.44 + CHARGED_PION_LIFETIME + MUON_LIFETIME, abs=1e-6)


@given(edges=st.lists(st.floats(-3.0, 20.0), min_size=2, max_size=12, unique=True).map(sorted))
@pytest.mark.parametrize("profile", [SNS, TABLE])
def test_bins_of_any_edges_share_what_arrives_between_the_outer_ones(profile: TimeProfile, edges: list[float]) -> None:
    fine = profile.fractions(np.array(edges), None, ())
    whole = profile.fractions(np.array([edges[0], edges[-1]]), None, ())
    assert np.all(fine >= -1e-15)
    np.testing.assert_allclose(fine.sum(axis=1), whole[:, 0], rtol=0.0, atol=1e-14)


def test_a_table_is_split_in_proportion_where_the_edges_do_not_match() -> None:
    """Half of 0.1..0.3 and a fifth of 0.35..1: 1/8 (1/2 + 4 + 2/5) of the first component."""
    first, second, third = TABLE.fractions(np.array([0.2, 0.48]))[:, 0]
    assert first == pytest.approx((0.5 + 4.0 + 2.0 * 0.2) / 8.0, rel=1e-14)
    assert second == pytest.approx(0.5 / 4.0, rel=1e-14)
    assert third == pytest.approx((0.5 + 1.0 + 0.2) / 5.0, rel=1e-14)


def test_nothing_arrives_outside_a_table() -> None:
    np.testing.assert_array_equal(TABLE.fractions(np.array([-5.0, -1.0, 0.0])), 0.0)
    np.testing.assert_array_equal(TABLE.fractions(np.array([2.5, 3.0])), 0.0)


def exact_efficient_fraction(component: int, low: float, high: float) -> float:
    """Uniform bins times an exponential, integrated by hand."""

    def integral(a: float, b: float) -> float:
        plateau = max(min(b, DECAY.start) - a, 0.0)
        start, end = (max(t, DECAY.start) - DECAY.start for t in (a, b))
        return plateau + (np.exp(-DECAY.rate * start) - np.exp(-DECAY.rate * end)) / DECAY.rate

    weights = TABLE.weights[component]
    total = 0.0
    for left, right, weight in zip(TABLE.edges[:-1], TABLE.edges[1:], weights, strict=True):
        a, b = max(left, low), min(right, high)
        if a < b:
            total += weight / weights.sum() / (right - left) * integral(a, b)
    return total


def test_efficiency_weights_a_table_exactly() -> None:
    edges = np.array([0.05, 0.2, 0.6, 2.0, 3.0])
    found = TABLE.fractions(edges, DECAY, DECAY.breakpoints)
    expected = [[exact_efficient_fraction(c, a, b) for a, b in pairwise(edges)] for c in range(3)]
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15)


def test_efficiency_weights_a_pulse() -> None:
    """By parts: int f eff dt = [F eff] - int F eff' dt, with F the fraction that has arrived.

    The profile takes the pulse as uniform on steps of an eighth of the pion life, which moves the neutrinos of a
    falling edge by less than 0.04 ns: 1e-5 of the efficiency at this rate.
    """

    def arrived(time: float, component: int) -> float:
        return SNS.fractions(np.array([-5.0, time]))[component, 0]

    def falling(time: float, component: int) -> float:
        return DECAY.rate * np.exp(-DECAY.rate * (time - DECAY.start)) * arrived(time, component)

    edges = np.array([0.1, 0.45, 0.7, 3.0])
    found = SNS.fractions(edges, DECAY, DECAY.breakpoints)
    for component in (0, 1):
        for index, (a, b) in enumerate(pairwise(edges)):
            boundary = DECAY(b) * arrived(b, component) - DECAY(a) * arrived(a, component)
            start = max(a, DECAY.start)
            integral = quad(falling, start, b, args=(component,), epsrel=1e-11)[0] if b > start else 0.0
            assert found[component, index] == pytest.approx(boundary + integral, rel=1e-5)


def test_full_efficiency_changes_nothing() -> None:
    for profile in (SNS, TABLE):
        np.testing.assert_allclose(
            profile.fractions(EDGES, np.ones_like, ()), profile.fractions(EDGES, None, ()), rtol=0.0, atol=1e-14
        )


def test_times_long_before_the_pulse_are_empty_and_raise_no_warning() -> None:
    fractions = SNS.fractions(np.array([-1e3, -50.0, -5.0, -1.5]))
    assert np.all(np.abs(fractions) < 1e-30)


def test_shipped_csi_times_are_the_released_ones(shared: Path) -> None:
    release = np.genfromtxt(shared / "data/coherent_csi_2021/flux1d_time_10ns.csv", delimiter=",", names=True)
    table = read_columns(experiment_directory("coherent-csi-2021") / "arrival_times.csv")
    np.testing.assert_allclose(table["time_low"], 1e-3 * release["t_lo_ns"], rtol=1e-12)
    np.testing.assert_allclose(table["time_high"], 1e-3 * release["t_hi_ns"], rtol=1e-12)
    for ours, theirs in (("nu_e", "nuE"), ("nu_mu", "nuMu"), ("nubar_mu", "nuMuBar")):
        np.testing.assert_allclose(table[ours], release[theirs], rtol=1e-9)


def test_released_prompt_neutrinos_arrive_at_501_ns_on_average(shared: Path) -> None:
    """The mean of bin centres; lower edges in their place give 496 ns."""
    release = np.genfromtxt(shared / "data/coherent_csi_2021/flux1d_time_10ns.csv", delimiter=",", names=True)
    edges = 1e-3 * np.append(release["t_lo_ns"], release["t_hi_ns"][-1])
    profile = TabulatedTimes(edges, release["nuMu"][None])
    mean = profile.fractions(edges[[0, -1]], lambda time: time)[0, 0]
    assert mean == pytest.approx(0.50126, abs=1e-5)


@pytest.mark.parametrize(
    ("mean", "width", "field"),
    [
        (np.nan, 0.15, "mean"),
        (np.inf, 0.15, "mean"),
        (0.44, 0.0, "width"),
        (0.44, -0.15, "width"),
        (0.44, np.nan, "width"),
    ],
)
def test_pulse_refuses_impossible_values(mean: float, width: float, field: str) -> None:
    with pytest.raises(InputError, match=rf"time_profile\.{field}: got"):
        BeamPulse(mean, width)


@pytest.mark.parametrize(
    ("edges", "weights", "field"),
    [
        ([0.0, 1.0, 2.0], [[1.0]], "weights"),
        ([0.0, 1.0, 2.0], [1.0, 1.0], "weights"),
        ([0.0, 1.0, 1.0], [[1.0, 1.0]], "edges"),
        ([0.0, 2.0, 1.0], [[1.0, 1.0]], "edges"),
        ([0.0, 1.0, np.nan], [[1.0, 1.0]], "edges"),
        ([0.0, 1.0, 2.0], [[1.0, -1.0]], "weights"),
        ([0.0, 1.0, 2.0], [[1.0, np.nan]], "weights"),
        ([0.0, 1.0, 2.0], [[1.0, 1.0], [0.0, 0.0]], "weights"),
    ],
)
def test_table_refuses_impossible_values(edges: list[float], weights: list[list[float]], field: str) -> None:
    with pytest.raises(InputError, match=rf"time_profile\.{field}: got"):
        TabulatedTimes(np.array(edges), np.array(weights))
