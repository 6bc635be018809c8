"""Panels against direct calls of the likelihood."""

from __future__ import annotations

import numpy as np
import pytest

import cevns
from cevns import Experiment, Likelihood
from cevns.errors import InputError
from cevns.publications import panels
from cevns.publications.figures import Axis
from cevns.publications.panels import exclusion, level, profiles, region, spectrum

RADIUS = Axis("r2_nue", unit="1e-32 cm^2", span=(-80.0, 40.0), factor=1e-32)


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few points: what is tested does not depend on how many there are."""
    monkeypatch.setattr(panels, "PROFILE_POINTS", 25)
    monkeypatch.setattr(panels, "REGION_POINTS", 31)
    monkeypatch.setattr(panels, "MASSES", 7)


def test_levels_are_those_of_the_chi2_distribution() -> None:
    assert [round(level(0.90, dof).delta_chi2, 2) for dof in (1, 2)] == [2.71, 4.61]
    assert str(level(0.6827, 1)) == "68.27 % CL, 1 dof"


def test_profile_is_the_likelihood_above_its_minimum(csi: Experiment, lar: Experiment) -> None:
    both = Likelihood("charge-radius", [csi, lar])
    panel = profiles(RADIUS, {"CsI": (Likelihood("charge-radius", csi), "r2_nue"), "both": (both, "r2_nue")}, cl=(0.9,))
    _, curve = panel.curves
    (expected,) = cevns.intervals("charge-radius", [csi, lar], "r2_nue", cl=0.9)
    direct = both(r2_nue=np.array(panel.values) * 1e-32) - expected.chi2_min
    np.testing.assert_allclose(curve.values, direct, rtol=0.0, atol=1e-9)
    assert curve.best_fit == pytest.approx(expected.best_fit * 1e32)
    np.testing.assert_allclose(curve.intervals[0], np.array(expected.intervals) * 1e32)
    assert len(curve.intervals[0]) == 2
    assert (panel.levels[0].dof, panel.y.name) == (1, "delta_chi2")


def test_profile_is_below_the_level_inside_its_intervals(csi: Experiment) -> None:
    panel = profiles(RADIUS, {"CsI": (Likelihood("charge-radius", csi), "r2_nue")}, cl=(0.6827, 0.9))
    (curve,) = panel.curves
    values, rises = np.array(panel.values), np.array(curve.values)
    for one, pieces in zip(panel.levels, curve.intervals, strict=True):
        inside = np.any([(low <= values) & (values <= high) for low, high in pieces], axis=0)
        np.testing.assert_array_equal(inside, rises <= one.delta_chi2)


def test_region_is_the_likelihood_above_its_minimum_and_holds_the_best_fit(csi: Experiment) -> None:
    likelihood = Likelihood("nsi", csi)
    x, y = Axis("eps_ee_uV", span=(-0.3, 0.7)), Axis("eps_mumu_uV", span=(-0.2, 0.6))
    panel = region(x, y, {"CsI": likelihood}, cl=(0.9,))
    (found,) = panel.regions
    rises = np.array(found.delta_chi2)
    assert rises.shape == (31, 31)
    assert rises.min() >= 0.0
    best = found.best_fit
    assert best is not None
    lowest = likelihood(eps_ee_uV=best[0], eps_mumu_uV=best[1])
    for i, j in ((0, 0), (7, 12), (30, 3), (16, 16)):
        direct = likelihood(eps_ee_uV=panel.x_values[j], eps_mumu_uV=panel.y_values[i])
        assert rises[i, j] == pytest.approx(float(direct - lowest), abs=1e-4)
    j, i = (np.abs(np.array(v) - b).argmin() for v, b in zip((panel.x_values, panel.y_values), best, strict=True))
    assert rises[i, j] < panel.levels[0].delta_chi2 == pytest.approx(4.605, abs=1e-3)
    assert min(rises[0].min(), rises[-1].min(), rises[:, 0].min(), rises[:, -1].min()) > panel.levels[0].delta_chi2


def test_region_in_the_units_of_its_axes_and_on_logarithmic_ones(csi: Experiment) -> None:
    """In the plane of mass and coupling: on a row of one mass, chi^2 of that mass."""
    likelihood = Likelihood("b-l", csi)
    x = Axis("g", unit="1e-5", span=(0.1, 100.0), factor=1e-5, scale="log")
    y = Axis("mass", unit="GeV", span=(1e-3, 1.0), factor=1e3, scale="log")
    panel = region(x, y, {"CsI": likelihood}, cl=(0.9,))
    row = np.array(panel.regions[0].delta_chi2)[10]
    direct = likelihood(g=np.array(panel.x_values) * 1e-5, mass=panel.y_values[10] * 1e3)
    np.testing.assert_allclose(row - row[0], direct - direct[0], rtol=0.0, atol=1e-9)
    assert panel.y_values[10] == pytest.approx(1e-2)


def test_region_without_a_single_best_point(csi: Experiment) -> None:
    x, y = Axis("eps_ee_uV", span=(-0.3, 0.7)), Axis("eps_ee_dV", span=(-0.3, 0.7))
    panel = region(x, y, {"CsI": Likelihood("nsi", csi)}, cl=(0.9,), best_fit=False)
    assert panel.regions[0].best_fit is None
    assert np.min(panel.regions[0].delta_chi2) >= 0.0


def test_exclusion_is_the_limit_to_the_power_of_the_axis(lar: Experiment) -> None:
    mass, coupling = Axis("M", unit="GeV", span=(1e-3, 10.0), factor=1e3, scale="log"), Axis("g2", factor=1e-9)
    panel = exclusion(mass, coupling, {"Ar": Likelihood("universal", lar)}, cl=0.9, power=2)
    (curve,) = panel.curves
    expected = cevns.limits("universal", lar, mass=1e3 * np.array(curve.masses), cl=0.9, dof=2)
    for found, one in zip(curve.crossings, expected, strict=True):
        np.testing.assert_allclose(found, np.array(one.crossings) ** 2 * 1e9)
    assert panel.level == level(0.9, 2)


def test_spectrum_sums_over_time_and_subtracts_with_the_variance(csi: Experiment) -> None:
    labels = {"nu_e": "electron", "nu_mu": "muon", "nubar_mu": "antimuon"}
    axis = Axis("signal", unit="PE")
    panel = spectrum(axis, csi, cevns.model("b-l"), subtract={"steady_state": 0.5}, flavours=labels, g=5e-5, mass=10.0)
    prediction = csi.predict("b-l", g=5e-5, mass=10.0)
    counts = {part.label: np.array(part.counts) for part in panel.components}
    assert list(counts) == ["beam-related neutrons", "neutrino-induced neutrons", *labels.values()]
    background = csi.backgrounds["steady_state"].sum(axis=1)
    np.testing.assert_allclose(panel.data, csi.observed.sum(axis=1) - background)
    np.testing.assert_allclose(np.square(panel.errors), csi.observed.sum(axis=1) + 0.5 * background)
    np.testing.assert_allclose(counts["electron"], prediction.signal[:, csi.flavours.index("nu_e")].sum(axis=(0, 2)))
    neutrinos = sum(counts[label] for label in labels.values())
    np.testing.assert_allclose(neutrinos, prediction.cevns.sum(axis=1))
    assert panel.edges == tuple(csi.energy_edges)


def test_a_wrong_parameter_is_refused(csi: Experiment) -> None:
    with pytest.raises(InputError, match=r"^parameter: got 'r3'"):
        profiles(RADIUS, {"CsI": (Likelihood("charge-radius", csi), "r3")}, cl=(0.9,))
