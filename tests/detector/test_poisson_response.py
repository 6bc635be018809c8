"""A counted signal, against sums over the counts with the Poisson distribution of scipy."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import cevns
from cevns.detector import DetectorResponse, LinearQuenching, PoissonResolution, Sigmoid
from cevns.errors import InputError
from cevns.interactions import LightVector, MagneticMoment, Model, StandardModel
from cevns.predict import EnergyRates
from tests.probe import NUCLEI, PRINTED, one_neutrino_per_cm2

EVERYTHING = Sigmoid(scale=1.0, slope=1.0, midpoint=-1000.0)
ACCEPTANCE = Sigmoid(0.6655, 0.4942, 10.8507, steps=((5.0, 0.0), (6.0, 0.5)))
EDGES = (0.0, 2.0, 5.0, 6.0, 12.0, 30.0)


def response(efficiency: Sigmoid = ACCEPTANCE, edges: tuple[float, ...] = EDGES) -> DetectorResponse:
    return DetectorResponse(np.array(edges), LinearQuenching(0.0878), PoissonResolution(), efficiency, 13.348)


def acceptance(count: int) -> float:
    """Efficiency of the release, at the centre of the bin of one photoelectron that begins with the count."""
    centre = count + 0.5
    step = 0.0 if centre < 5.0 else 0.5 if centre < 6.0 else 1.0
    return float(step * 0.6655 / (1.0 + np.exp(-0.4942 * (centre - 10.8507))))


@given(recoil=st.floats(1e-5, 0.08))
def test_matrix_is_the_sum_over_the_counts(recoil: float) -> None:
    (row,) = response().matrix(np.array([recoil]))
    mean = 13.348 * 0.0878 * recoil * 1e3
    for found, (low, high) in zip(row, pairwise(EDGES), strict=True):
        expected = sum(acceptance(k) * float(stats.poisson.pmf(k, mean)) for k in range(int(low), int(high)))
        assert found == pytest.approx(expected, rel=1e-10, abs=1e-300)


@pytest.mark.parametrize("mean", [1e-3, 0.7, 8.0, 40.0])
def test_full_efficiency_leaves_the_difference_of_cumulative_distributions(mean: float) -> None:
    (row,) = response(EVERYTHING).matrix(np.array([mean / (13.348 * 0.0878 * 1e3)]))
    below = [stats.poisson.cdf(edge - 1.0, mean) for edge in EDGES]
    np.testing.assert_allclose(row, np.diff(below), rtol=1e-9, atol=1e-15)


def test_an_edge_between_counts_is_the_one_above_it() -> None:
    recoils = np.array([0.003, 0.01, 0.02])
    between = response(edges=(-3.5, 1.2, 4.7, 6.0, 11.001, 29.5)).matrix(recoils)
    np.testing.assert_array_equal(between, response().matrix(recoils))


@pytest.mark.parametrize("edges", [(0.0, 0.5, 0.9, 3.0), (6.1, 6.9), (0.0, 1e9)])
def test_bins_without_a_count_are_refused(edges: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match=r"energy\.edges: got .*; allowed: bins with at least one whole number"):
        response(edges=edges)


@pytest.mark.parametrize(
    ("interaction", "parameters"),
    [
        (LightVector({"B": 1.0, "e": 1.0, "mu": 1.0, "tau": 1.0}), {"g": 1e-4, "mass": 1.0}),
        (MagneticMoment(universal=True), {"mu_nu": 1e-9}),
    ],
)
def test_twice_the_nodes_change_nothing(
    interaction: LightVector | MagneticMoment, parameters: dict[str, float]
) -> None:
    """Also where the lowest bins are open, and the rate is steep."""
    _, ours = NUCLEI["133Cs"]
    model = Model("x", (StandardModel(PRINTED), interaction))
    values = model.complete(parameters)
    counts = []
    for nodes in (16, 32):
        detector = replace(response(EVERYTHING, (1.0, *EDGES[1:])), recoil_nodes=nodes)
        form = EnergyRates(one_neutrino_per_cm2(), {ours: 1.0}, detector).form(
            model, {name: values[name] for name in model.shapes}
        )
        counts.append(form.counts(values).sum(axis=(0, 1)))
    np.testing.assert_allclose(counts[0], counts[1], rtol=1e-7)


def test_poisson_by_name(csi: cevns.Experiment) -> None:
    """The gamma law of CsI has the variance n/0.7157 at large n, 40 % more than that of a count."""
    counted = cevns.experiment("coherent-csi-2021", {"detector.resolution": {"kind": "poisson"}})
    ours, gamma = (e.predict("sm").cevns for e in (counted, csi))
    assert ours.sum() == pytest.approx(gamma.sum(), rel=0.1)
    assert not np.allclose(ours, gamma, rtol=0.01)
    with pytest.raises(InputError, match=r"detector\.resolution.*width"):
        cevns.experiment("coherent-csi-2021", {"detector.resolution": {"kind": "poisson", "width": 1.0}})
