"""The recipe of Papoulias and Kosmas: COHERENT CsI of 2017 as one bin with two pulls."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import spherical_jn

import cevns
from cevns import Experiment, Likelihood
from cevns.interactions import FreeMixingAngle, Model, NonStandardInteractions, StandardModel, tree_couplings
from cevns.statistics import measurement
from tests import textbook

TREE = StandardModel(tree_couplings(0.2312))
NSI = Model("nsi", (TREE, NonStandardInteractions()))


@pytest.fixture(scope="module")
def counting() -> Experiment:
    return cevns.experiment("coherent-csi-2017-counting")


def released_counts(directory: Path, name: str) -> np.ndarray:
    """Rows of photoelectrons, time [us], counts; some files have a line of column names."""
    with (directory / f"{name}.txt").open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    header = any(character.isalpha() for character in rows[0][0])
    assert header == name.endswith("Off")
    return np.array(rows[1:] if header else rows, dtype=float)


@pytest.mark.parametrize(
    ("file", "column"),
    [("data_coincidence_beamOn", "observed"), ("data_anticoincidence_beamOn", "steady_state")],
)
def test_counts_are_those_of_the_release(file: str, column: str, counting: Experiment, shared: Path) -> None:
    table = released_counts(shared / "data" / "coherent_csi_2017", file)
    signal, time, counts = table.T
    expected = counts[(signal >= 6) & (signal < 30) & (time < 6.0)].sum()
    found = counting.observed if column == "observed" else counting.backgrounds[column]
    assert found.shape == (1, 1)
    assert found[0, 0] == expected == {"observed": 547, "steady_state": 405}[column]


def test_the_window(counting: Experiment) -> None:
    np.testing.assert_array_equal(counting.energy_edges, [6.0, 30.0])
    np.testing.assert_array_equal(counting.time_edges, [0.0, 6.0])
    assert counting.backgrounds["beam_neutrons"][0, 0] == 6.0
    np.testing.assert_array_equal(counting.arrival, np.ones((3, 1)))


def test_the_standard_model_gives_168_events(counting: Experiment) -> None:
    prediction = counting.predict(TREE)
    assert prediction.cevns[0, 0] == pytest.approx(168.0, rel=0.02)
    assert prediction.total[0, 0] == pytest.approx(prediction.cevns[0, 0] + 6.0 + 405.0, rel=1e-12)


def engel(q: float, mass_number: int) -> float:
    """Helm form factor with R0^2 = (1.2 A^(1/3) fm)^2 - 5 (0.5 fm)^2."""
    x = q / textbook.HBAR_C * np.sqrt((1.2 * mass_number ** (1 / 3)) ** 2 - 5.0 * 0.5**2)
    return float(3.0 * spherical_jn(1, x) / x * np.exp(-0.5 * (q / textbook.HBAR_C * 0.5) ** 2))


def test_the_number_of_events_follows_from_the_recipe() -> None:
    """14.57 kg of CsI, 1.76e23 protons, 0.08 neutrinos per flavour, 19.3 m, 1.17 photoelectrons/keV, no spread."""
    per_cm2 = 0.08 * 1.76e23 / (4.0 * np.pi * 1930.0**2)
    molecules = 14.57e3 * textbook.AVOGADRO / (132.905451958 + 126.904472592)

    def efficiency(signal: float) -> float:
        return 0.0 if signal < 5 else (0.5 if signal < 6 else 1.0) * 0.6655 / (1 + np.exp(-0.4942 * (signal - 10.8507)))

    def weak(target: textbook.Target, recoil: float, _family: str) -> float:
        form = engel(np.sqrt(2.0 * target.mass * recoil), target.protons + target.neutrons)
        return ((0.5 - 2.0 * 0.2312) * target.protons - 0.5 * target.neutrons) * form

    total = 0.0
    nodes, weights = np.polynomial.legendre.leggauss(24)
    for target in (textbook.CAESIUM, textbook.IODINE):
        line, end = (2.0 * e**2 / (target.mass + 2.0 * e) for e in (textbook.LINE, textbook.END_POINT))
        edges = sorted({6e-3 / 1.17, line, min(end, 30e-3 / 1.17)})
        for low, high in pairwise(edges):
            for node, weight in zip(nodes, weights, strict=True):
                recoil = 0.5 * (high + low) + 0.5 * (high - low) * node
                rate = sum(textbook.recoil_rates(textbook.vector(weak), target, recoil))
                total += 0.5 * (high - low) * weight * rate * efficiency(1170.0 * recoil) * molecules * per_cm2
    found = cevns.experiment("coherent-csi-2017-counting").predict(TREE).cevns[0, 0]
    assert found == pytest.approx(total, rel=1e-8)


def test_residual_and_variance_are_those_of_the_subtracted_counts(counting: Experiment) -> None:
    """The paper compares 142 = 547 - 405 with N + 6, with variance 142 + 2 x 405 + 6."""
    one_bin = measurement(counting)
    for events in (0.0, 100.0, 168.0, 400.0):
        signal = np.array([events])
        residual = 142.0 - events - 6.0
        none = np.zeros(2)
        assert one_bin.expected(signal, none)[0] - 547.0 == pytest.approx(-residual, abs=1e-10)
        assert float(one_bin.chi2(signal, none)) == pytest.approx(residual**2 / (142.0 + 2.0 * 405.0 + 6.0), rel=1e-12)
    assert 547 + 405 + 6 == 142 + 2 * 405 + 6


def by_hand(events: float) -> float:
    """chi^2 of the paper, minimised over the two pulls numerically."""

    def chi2(pulls: np.ndarray) -> float:
        xi, zeta = pulls
        residual = 142.0 - events * (1.0 + xi) - 6.0 * (1.0 + zeta)
        return float(residual**2 / 958.0 + (xi / 0.28) ** 2 + (zeta / 0.25) ** 2)

    return float(minimize(chi2, np.zeros(2), method="BFGS", options={"gtol": 1e-9}).fun)


@given(eps=st.floats(-1.0, 1.0))
def test_chi2_is_that_of_the_paper(eps: float, counting: Experiment) -> None:
    events = float(counting.predict(NSI, eps_ee_uV=eps).cevns.sum())
    found = float(Likelihood(NSI, counting)(eps_ee_uV=eps))
    assert found == pytest.approx(by_hand(events), rel=1e-6, abs=1e-9)
    # A Gaussian with linear pulls: they widen the error in quadrature.
    variance = 958.0 + (0.28 * events) ** 2 + (0.25 * 6.0) ** 2
    assert found == pytest.approx((136.0 - events) ** 2 / variance, rel=1e-9, abs=1e-12)


def test_the_best_pulls_are_those_of_the_paper(counting: Experiment) -> None:
    profiled = Likelihood(TREE, counting).profiled()
    events = float(counting.predict(TREE).cevns.sum())
    excess = events + 6.0 - 142.0
    variance = 958.0 + (0.28 * events) ** 2 + 1.5**2
    assert float(profiled.pulls["csi_2017_cevns"]) == pytest.approx(-(0.28**2) * events * excess / variance, rel=1e-8)
    assert float(profiled.pulls["csi_2017_beam_neutrons"]) == pytest.approx(
        -(0.25**2) * 6 * excess / variance, rel=1e-8
    )


def test_the_angle_of_the_best_fit_reproduces_the_count(counting: Experiment) -> None:
    """One parameter and one number: at the minimum the expectation is the observation."""
    model = Model("angle", (FreeMixingAngle("tree"),))
    (found,) = cevns.intervals(model, counting, "sin2_theta_w")
    assert found.chi2_min == pytest.approx(0.0, abs=1e-6)
    events = counting.predict(model, sin2_theta_w=found.best_fit).cevns.sum()
    assert events == pytest.approx(136.0, rel=1e-3)


def test_it_cites_data_release_and_recipe(counting: Experiment) -> None:
    assert counting.citations == ("COHERENT:2017ipa", "COHERENT:2018imc", "Papoulias:2017qdn")
    assert "csi_2017_cevns" in Likelihood("sm", counting).pulls
