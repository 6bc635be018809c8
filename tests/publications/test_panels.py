"""Panels against direct calls of the likelihood."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest

import cevns
from cevns import Experiment, Likelihood
from cevns.errors import InputError
from cevns.publications import panels
from cevns.publications.figures import Axis
from cevns.publications.panels import exclusion, level, mass_axis, profiles, region, spectrum

RADIUS = Axis("r2_nue", unit="1e-32 cm^2", span=(-80.0, 40.0), factor=1e-32)


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few points: what is tested does not depend on how many there are."""
    monkeypatch.setattr(panels, "PROFILE_POINTS", 25)
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


def test_region_is_that_of_the_inference_in_the_units_of_the_axes(csi: Experiment) -> None:
    likelihood = Likelihood("charge-radius", csi)
    y = Axis("r2_numu", unit="1e-32 cm^2", span=(-70.0, 30.0), factor=1e-32)
    panel = region(RADIUS, y, {"CsI": likelihood}, cl=(0.6827, 0.9))
    (found,) = panel.regions
    assert [one.dof for one in panel.levels] == [2, 2]
    for one, pieces in zip(panel.levels, found.pieces, strict=True):
        ranges = {"r2_nue": (-80.0 * 1e-32, 40.0 * 1e-32), "r2_numu": (-70.0 * 1e-32, 30.0 * 1e-32)}
        direct = cevns.region("charge-radius", csi, "r2_nue", "r2_numu", ranges=ranges, cl=one.cl)
        assert len(pieces) == len(direct.pieces)
        for ring, expected in zip(chain(*pieces), chain(*direct.pieces), strict=True):
            np.testing.assert_allclose(np.array(ring) * 1e-32, expected, rtol=1e-12)
    assert found.best_fit == pytest.approx(tuple(1e32 * best for best in direct.best_fit))


def test_region_on_logarithmic_axes_has_the_level_at_its_corners(csi: Experiment) -> None:
    likelihood = Likelihood("magnetic-moment", csi)
    x, y = (Axis(f"mu_nu{f}", unit="1e-9 mu_B", span=(0.1, 10.0), factor=1e-9, scale="log") for f in ("e", "mu"))
    panel = region(x, y, {"CsI": likelihood}, cl=(0.9,), best_fit=False)
    (found,) = panel.regions
    assert found.best_fit is None
    (((outline,),),) = found.pieces
    corners = np.array(outline)
    inner = corners[(corners > 0.1001).all(axis=1)]
    assert len(inner) > 200
    rises = np.ptp(likelihood(mu_nue=inner[:, 0] * 1e-9, mu_numu=inner[:, 1] * 1e-9))
    assert rises < 3e-4 * panel.levels[0].delta_chi2


def test_shared_pulls_reach_the_region(csi: Experiment, lar: Experiment) -> None:
    y = Axis("r2_numu", unit="1e-32 cm^2", span=(-70.0, 30.0), factor=1e-32)
    apart, together = (Likelihood("charge-radius", [csi, lar], shared=shared) for shared in ((), ("sns_flux",)))
    panel = region(RADIUS, y, {"apart": apart, "together": together}, cl=(0.9,))
    one, other = (found.pieces for found in panel.regions)
    assert one != other


def test_region_needs_the_ends_of_its_axes(csi: Experiment) -> None:
    with pytest.raises(InputError, match=r"axis r2_numu, span: got None; allowed: the two ends"):
        region(RADIUS, Axis("r2_numu"), {"CsI": Likelihood("charge-radius", csi)}, cl=(0.9,))


def test_exclusion_is_the_limit_to_the_power_of_the_axis(lar: Experiment) -> None:
    mass, coupling = Axis("M", unit="GeV", span=(1e-3, 10.0), factor=1e3, scale="log"), Axis("g2", factor=1e-9)
    panel = exclusion(mass, coupling, {"Ar": Likelihood("universal", lar)}, cl=0.9, power=2)
    (curve,) = panel.curves
    expected = cevns.limits("universal", lar, mass=1e3 * np.array(curve.masses), cl=0.9, dof=2)
    for found, one in zip(curve.crossings, expected, strict=True):
        np.testing.assert_allclose(found, np.array(one.crossings) ** 2 * 1e9)
    assert panel.level == level(0.9, 2)


def test_the_band_of_the_muon_is_shown_for_one_coupling_to_it(lar: Experiment) -> None:
    mass, coupling = mass_axis(1.0, 100.0), Axis("g")
    one, other = Likelihood("b-l", lar), Likelihood("b-3lmu", lar)
    panel = exclusion(mass, coupling, {"b-l": one}, cl=0.9, bands=("2021",))
    assert (panel.muon, panel.bands) == (("vector", 1.0), ("2021",))
    panel = exclusion(mass, coupling, {"b-l": one, "b-3lmu": other}, cl=0.9, bands=("2021",))
    assert (panel.muon, panel.bands) == (None, ())


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
