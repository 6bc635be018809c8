"""A signal without spread, and efficiencies with steps."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

import cevns
from cevns.detector import (
    DetectorResponse,
    GaussianResolution,
    LinearQuenching,
    NoResolution,
    PolynomialQuenching,
    Sigmoid,
    TabulatedEfficiency,
)
from cevns.errors import InputError
from cevns.interactions import LightVector, MagneticMoment, Model, StandardModel
from cevns.kinematics import maximum_recoil
from cevns.predict import EnergyRates
from cevns.typing import FloatArray
from tests import textbook
from tests.probe import NEUTRON, NUCLEI, PRINTED, PROTON, one_neutrino_per_cm2

EVERYTHING = Sigmoid(scale=1.0, slope=1.0, midpoint=-100.0)
STEPS = Sigmoid(0.6655, 0.4942, 10.8507, steps=((5.0, 0.0), (6.0, 0.5)))
LINEAR = LinearQuenching(1.17)
EDGES = (0.0, 4.0, 6.0, 10.0, 17.3, 30.0)


def response(
    efficiency: Sigmoid | TabulatedEfficiency = EVERYTHING,
    edges: tuple[float, ...] = EDGES,
    quenching: LinearQuenching | PolynomialQuenching = LINEAR,
) -> DetectorResponse:
    return DetectorResponse(np.array(edges), quenching, NoResolution(), efficiency)


@given(signal=st.floats(1e-3, 40.0))
def test_a_recoil_is_recorded_in_the_bin_of_its_signal_or_nowhere(signal: float) -> None:
    recoil = signal / 1.17e3
    mean = float(LINEAR(np.array([recoil]))[0])
    (row,) = response().matrix(np.array([recoil]))
    expected = [float(low <= mean < high) for low, high in pairwise(EDGES)]
    assert row.tolist() == expected


@given(signal=st.floats(1e-3, 29.9))
def test_it_is_recorded_with_the_efficiency_at_its_signal(signal: float) -> None:
    recoil = np.array([signal / 1.17e3])
    (row,) = response(STEPS).matrix(recoil)
    assert np.count_nonzero(row) <= 1
    assert row.sum() == STEPS(LINEAR(recoil))[0]


def test_a_signal_on_an_edge_belongs_to_the_bin_above() -> None:
    exact = DetectorResponse(np.array([0.0, 4.0, 8.0]), LinearQuenching(1.0), NoResolution(), EVERYTHING)
    np.testing.assert_array_equal(exact.matrix(np.array([4e-3, 8e-3])), [[0.0, 1.0], [0.0, 0.0]])


def test_it_is_the_limit_of_a_narrow_resolution() -> None:
    recoils = np.array([2.0, 5.5, 8.0, 12.0, 24.0]) / 1.17e3
    narrow = DetectorResponse(np.array(EDGES), LINEAR, GaussianResolution(constant=0.05), STEPS, signal_nodes=400)
    np.testing.assert_allclose(narrow.matrix(recoils), response(STEPS).matrix(recoils), rtol=0.0, atol=2e-3)


Rate = Callable[[float], float]


def by_quadrature(
    rate: Rate, target: textbook.Target, edges: tuple[float, float], mean: Rate, efficiency: Rate, kinks: list[float]
) -> float:
    """Integral of rate times efficiency over the recoils whose signal lies between two edges."""
    tops = [2.0 * e**2 / (target.mass + 2.0 * e) for e in (textbook.LINE, textbook.END_POINT)]

    def recoil_of(signal: float) -> float:
        low, high = 0.0, tops[1]
        for _ in range(200):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if mean(middle) < signal else (low, middle)
        return low

    low, high = (recoil_of(edge) for edge in edges)
    inner = [low, high, tops[0], *(recoil_of(k) for k in kinks), *(tops[1] * 0.5**k for k in range(1, 30))]
    points = sorted({min(max(point, low), high) for point in inner})
    tiny = 1e-14 * tops[1]
    return sum(
        quad(lambda t: rate(t) * efficiency(mean(t)), a, b, epsabs=0.0, epsrel=1e-10, limit=200)[0]
        for a, b in pairwise(points)
        if b - a > tiny
    )


POLYNOMIAL = (0.0554628, 4.30681, -111.707, 840.384)


@pytest.mark.parametrize("nucleus", NUCLEI)
@pytest.mark.parametrize("quenching", ["linear", "polynomial"])
@pytest.mark.parametrize("efficiency", ["steps", "table"])
def test_counts_are_the_integral_between_the_edges(nucleus: str, quenching: str, efficiency: str) -> None:
    target, ours = NUCLEI[nucleus]
    table = TabulatedEfficiency(np.array([3.0, 9.0, 12.0, 25.0]), np.array([0.1, 0.6, 0.65, 0.9]))
    chosen, kinks = (STEPS, [5.0, 6.0]) if efficiency == "steps" else (table, [3.0, 9.0, 12.0, 25.0])

    def mean(recoil: float) -> float:
        if quenching == "linear":
            return 1.17e3 * recoil
        return 13.35e3 * sum(c * recoil**k for k, c in enumerate(POLYNOMIAL, start=1))

    def seen(signal: float) -> float:
        if efficiency == "table":
            return float(np.interp(signal, table.signal, table.efficiency)) if signal >= 3.0 else 0.0
        step = 0.0 if signal < 5.0 else 0.5 if signal < 6.0 else 1.0
        return step * 0.6655 / (1.0 + np.exp(-0.4942 * (signal - 10.8507)))

    detector = DetectorResponse(
        np.array(EDGES),
        LINEAR if quenching == "linear" else PolynomialQuenching(POLYNOMIAL),
        NoResolution(),
        chosen,
        light_yield=1.0 if quenching == "linear" else 13.35,
    )
    rates = EnergyRates(one_neutrino_per_cm2(), {ours: 1.0}, detector)
    found = rates.form(Model("sm", (StandardModel(PRINTED),)), {}).counts({}).sum(axis=(0, 1))
    weak = textbook.vector(textbook.weak_charge(PROTON, NEUTRON))

    def rate(recoil: float) -> float:
        return sum(textbook.recoil_rates(weak, target, recoil))

    expected = [by_quadrature(rate, target, pair, mean, seen, kinks) for pair in pairwise(EDGES)]
    assert np.count_nonzero(expected) >= 3
    np.testing.assert_allclose(found, expected, rtol=1e-8)


@pytest.mark.parametrize("efficiency", [EVERYTHING, STEPS])
@pytest.mark.parametrize(
    ("interaction", "parameters"),
    [
        (LightVector({"B": 1.0, "e": 1.0, "mu": 1.0, "tau": 1.0}), {"g": 1e-4, "mass": 1.0}),
        (MagneticMoment(universal=True), {"mu_nu": 1e-9}),
    ],
)
def test_twice_the_nodes_change_nothing(
    efficiency: Sigmoid, interaction: LightVector | MagneticMoment, parameters: dict[str, float]
) -> None:
    """Steep in the recoil energy, where the lowest bins are open."""
    _, ours = NUCLEI["133Cs"]
    model = Model("x", (StandardModel(PRINTED), interaction))
    values = model.complete(parameters)
    counts: list[FloatArray] = []
    for nodes in (16, 32):
        detector = DetectorResponse(np.array([0.5, *EDGES[1:]]), LINEAR, NoResolution(), efficiency, recoil_nodes=nodes)
        rates = EnergyRates(one_neutrino_per_cm2(), {ours: 1.0}, detector)
        form = rates.form(model, {name: values[name] for name in model.shapes})
        counts.append(form.counts(values).sum(axis=(0, 1)))
    np.testing.assert_allclose(counts[0], counts[1], rtol=1e-8)


def test_adjoining_bins_add_up() -> None:
    _, ours = NUCLEI["133Cs"]
    model = Model("sm", (StandardModel(PRINTED),))
    one, many = (
        EnergyRates(one_neutrino_per_cm2(), {ours: 1.0}, response(STEPS, edges)).form(model, {}).counts({}).sum()
        for edges in ((0.0, 30.0), EDGES)
    )
    assert one == pytest.approx(many, rel=1e-9)


@pytest.mark.parametrize("edges", [(1e5, 2e5), (0.0, 1e5)])
def test_edges_out_of_reach(edges: tuple[float, float]) -> None:
    nodes, weights = response(edges=edges).recoil_quadrature(maximum_recoil(np.array([29.79, 52.83]), 37215.5))
    assert np.all(np.isfinite(nodes) & (weights > 0.0))
    recorded = response(edges=edges).matrix(nodes).sum(axis=1)
    np.testing.assert_array_equal(recorded, float(edges[0] == 0.0))


def test_no_resolution_by_name() -> None:
    experiment = cevns.experiment("coherent-csi-2021", {"detector.resolution": {"kind": "none"}})
    sharp, smeared = (e.predict("sm").cevns for e in (experiment, cevns.experiment("coherent-csi-2021")))
    assert sharp.sum() == pytest.approx(smeared.sum(), rel=0.1)
    assert not np.allclose(sharp, smeared, rtol=0.01)
    with pytest.raises(InputError, match=r"detector\.resolution.*width"):
        cevns.experiment("coherent-csi-2021", {"detector.resolution": {"kind": "none", "width": 1.0}})


# Steps of an efficiency


@pytest.mark.parametrize(
    ("signal", "factor"),
    [(0.0, 0.0), (4.999, 0.0), (5.0, 0.5), (5.999, 0.5), (6.0, 1.0), (30.0, 1.0), (1e3, 1.0)],
)
def test_each_step_applies_below_its_signal(signal: float, factor: float) -> None:
    """The acceptance of the first COHERENT data: nothing below 5 photoelectrons, half up to 6."""
    plain = 0.6655 / (1.0 + np.exp(-0.4942 * (signal - 10.8507)))
    assert float(STEPS(np.array(signal))) == pytest.approx(factor * plain, rel=1e-14)


@given(signals=st.lists(st.floats(0.0, 60.0), min_size=1, max_size=20))
def test_without_steps_nothing_changes(signals: list[float]) -> None:
    points = np.array(signals)
    plain = Sigmoid(1.32, 0.286, 10.86, offset=-0.333)
    np.testing.assert_array_equal(plain(points), Sigmoid(1.32, 0.286, 10.86, -0.333, ())(points))
    with_steps = Sigmoid(1.32, 0.286, 10.86, -0.333, ((20.0, 0.25), (40.0, 1.0), (50.0, 0.0)))
    factor = np.select([points < 20.0, points < 40.0, points < 50.0], [0.25, 1.0, 0.0], 1.0)
    np.testing.assert_array_equal(with_steps(points), factor * plain(points))


def test_steps_are_breakpoints() -> None:
    assert STEPS.breakpoints == (5.0, 6.0)
    with_zero = Sigmoid(1.32045, 0.285979, 10.8646, -0.333322, ((9.0, 0.5),))
    zero, step = with_zero.breakpoints
    assert step == 9.0
    assert float(with_zero(np.array(zero))) == pytest.approx(0.0, abs=1e-12)
    assert float(with_zero(np.array(zero + 0.01))) > 0.0


def test_steps_of_the_shipped_experiment() -> None:
    counting = cevns.experiment("coherent-csi-2017-counting")
    efficiency = counting.rates.response.efficiency
    points = np.array([4.9, 5.5, 6.5])
    np.testing.assert_allclose(efficiency(points), STEPS(points), rtol=1e-14)


@pytest.mark.parametrize("steps", [[[5, 1.5]], [[5, -0.1]], [[-5, 0.5]], [[5]], [["five", 0.5]]])
def test_impossible_steps_are_refused(steps: list[list[float]]) -> None:
    with pytest.raises(InputError, match=r"detector\.efficiency.*steps"):
        cevns.experiment("coherent-csi-2017-counting", {"detector.efficiency.steps": steps})


def test_steps_out_of_order_are_refused() -> None:
    with pytest.raises(InputError, match=r"efficiency\.steps: got .*; allowed: increasing signals"):
        Sigmoid(1.0, 1.0, 5.0, steps=((6.0, 0.5), (5.0, 0.0)))
