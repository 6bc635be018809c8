"""Oscillation into a sterile neutrino, and the dipole portal, against direct integration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

import cevns
from cevns.constants import ELECTRON_MASS, FINE_STRUCTURE, MEV2_CM2
from cevns.errors import InputError
from cevns.interactions import DipolePortal, Model
from cevns.kinematics import minimum_energy, recoil_range
from cevns.sources import PionDecayAtRest, oscillating_moments
from cevns.sources.pion_decay_at_rest import ENDPOINT, PROMPT_ENERGY
from tests.probe import NUCLEI, cross_section


@pytest.mark.parametrize("spread", [0.0, 300.0])
@pytest.mark.parametrize("splitting", [0.0, 0.5, 3.0, 40.0])
def test_oscillating_moments_equal_an_average_over_energy_and_path(splitting: float, spread: float) -> None:
    source = PionDecayAtRest(1e23, 0.08, 1930.0, spread)
    lowest = np.array([8.0, 15.0, 29.0, 31.0, 45.0])
    found = oscillating_moments(source, lowest, np.array(splitting))
    nodes, weights = np.polynomial.legendre.leggauss(60)
    path = 19.3 + 0.005 * spread * nodes

    def survival(energy: float) -> float:
        """1.26693 Delta m^2 L/E with L in metres, averaged over a uniform path."""
        return float(weights @ np.sin(1.266932679 * splitting * path / energy) ** 2) / 2.0

    for i, low in enumerate(lowest):
        for component in (0, 2):
            for k in range(3):

                def integrand(energy: float, component: int = component, k: int = k) -> float:
                    return float(source.spectrum(np.array([energy]))[component, 0]) * survival(energy) / energy**k

                exact, _ = quad(integrand, low, ENDPOINT, epsrel=1e-10, epsabs=1e-15, limit=400)
                assert found[k, component, i] == pytest.approx(exact, rel=2e-7, abs=1e-14)
        line = survival(PROMPT_ENERGY) * (low <= PROMPT_ENERGY)
        np.testing.assert_allclose(found[:, 1, i], line * PROMPT_ENERGY ** -np.arange(3.0), rtol=1e-7, atol=1e-15)


def test_every_splitting_of_a_batch_is_that_of_its_own() -> None:
    source = PionDecayAtRest(1e23, 0.08, 1930.0, 50.0)
    splittings, lowest = np.array([0.0, 0.1, 5.0, 900.0]), np.linspace(6.0, 52.0, 40)
    together = oscillating_moments(source, lowest[None, :], splittings[:, None, None])
    for number, splitting in enumerate(splittings):
        alone = oscillating_moments(source, lowest, np.array(splitting))
        np.testing.assert_allclose(together[:, number], alone, rtol=1e-6, atol=1e-12)


def test_counts_are_linear_in_the_mixing_and_half_of_it_is_lost_at_large_splittings() -> None:
    csi = cevns.experiment("coherent-csi-2021")
    nothing = float(csi.predict("sm").cevns.sum())
    mixing = np.array([0.0, 0.3, 1.0])
    counts = csi.predict("universal-sterile", sin2_2theta=mixing, dm2=7.0).cevns.sum(axis=(-2, -1))
    np.testing.assert_allclose(counts, nothing + mixing * (counts[2] - nothing), rtol=1e-12)
    both = csi.predict("sterile", sin2_2theta_ee=0.4, sin2_2theta_mumu=0.4, dm2=7.0).cevns
    np.testing.assert_allclose(both, csi.predict("universal-sterile", sin2_2theta=0.4, dm2=7.0).cevns, rtol=1e-12)
    ends = csi.predict("universal-sterile", sin2_2theta=1.0, dm2=[0.0, 1e6]).cevns.sum(axis=(-2, -1))
    np.testing.assert_allclose(ends, [nothing, nothing / 2.0], rtol=1e-9)


@pytest.mark.parametrize("mass", [0.1, 5.0, 30.0, 49.0])
def test_the_recoil_range_is_where_the_threshold_lies_below_the_energy(mass: float) -> None:
    target, _ = NUCLEI["133Cs"]
    low, high = recoil_range(50.0, target.mass, mass)
    np.testing.assert_allclose(minimum_energy(np.array([low, high]), target.mass, mass), 50.0, rtol=1e-9)
    middle = math.sqrt(float(low) * float(high))
    assert minimum_energy(middle, target.mass, mass) < 50.0


def test_below_threshold_there_is_no_recoil() -> None:
    target, _ = NUCLEI["133Cs"]
    np.testing.assert_array_equal(recoil_range(50.0, target.mass, np.array([50.1, 80.0])), 0.0)


@pytest.mark.parametrize("m4", [0.0, 3.0, 20.0])
def test_dipole_portal_cross_section(m4: float) -> None:
    target, ours = NUCLEI["127I"]
    energy, mass = 42.0, target.mass
    low, high = (float(end) for end in recoil_range(energy, mass, m4))
    for recoil in (low + 0.2 * (high - low), low + 0.8 * (high - low)):
        found = cross_section(Model("portal", (DipolePortal(),)), ours, recoil, energy, mu_e4=1e-9, m4=m4)
        bracket = 1 / recoil - 1 / energy + m4**2 * (recoil - 2 * energy - mass) / (4 * energy**2 * recoil * mass)
        bracket += m4**4 * (recoil - mass) / (8 * energy**2 * recoil**2 * mass**2)
        charge = float(ours.protons(np.sqrt([2.0 * mass * recoil]))[0])
        expected = math.pi * FINE_STRUCTURE**2 / ELECTRON_MASS**2 * 1e-18 * charge**2 * bracket * MEV2_CM2
        assert found[0, 0] == pytest.approx(expected, rel=1e-9, abs=0.0)
        np.testing.assert_array_equal(found[1:], 0.0)


def test_the_portal_becomes_a_magnetic_moment_without_mass() -> None:
    csi = cevns.experiment("coherent-csi-2021")
    moment = csi.predict("magnetic-moment", mu_nue=1e-9, mu_numu=2e-9).cevns
    portal = csi.predict("dipole-portal", mu_e4=1e-9, mu_mu4=2e-9, m4=[0.0, 1e-4]).cevns
    np.testing.assert_allclose(portal, np.broadcast_to(moment, portal.shape), rtol=1e-7)


def test_a_batch_of_masses_equals_each_alone() -> None:
    csi = cevns.experiment("coherent-csi-2021")
    masses = [0.0, 0.3, 4.0, 25.0, 47.0, 60.0]
    together = csi.predict("universal-dipole-portal", mu_4=3e-9, m4=masses).cevns
    alone = [csi.predict("universal-dipole-portal", mu_4=3e-9, m4=mass).cevns for mass in masses]
    np.testing.assert_allclose(together, alone, rtol=1e-9)
    np.testing.assert_allclose(together[-1], csi.predict("sm").cevns, rtol=1e-12)


@pytest.mark.parametrize(
    ("model", "values", "field"),
    [
        ("sterile", {"sin2_2theta_ee": 1.1, "dm2": 1.0}, "sin2_2theta_ee"),
        ("sterile", {"sin2_2theta_mumu": 0.1, "dm2": -1.0}, "dm2"),
        ("sterile", {"sin2_2theta_mumu": 0.1}, "dm2"),
        ("dipole-portal", {"mu_e4": 1e-9, "m4": -0.1}, "m4"),
        ("dipole-portal", {"mu_e4": -1e-9, "m4": 1.0}, "mu_e4"),
    ],
)
def test_values_out_of_range_are_refused(model: str, values: dict[str, float], field: str) -> None:
    with pytest.raises(InputError, match=rf"^{field}: got"):
        cevns.experiment("coherent-csi-2021").predict(model, **values)


@pytest.mark.parametrize("spread", [-1.0, 5000.0])
def test_a_path_must_be_shorter_than_twice_the_distance(spread: float) -> None:
    with pytest.raises(InputError, match=r"source.path_spread: got"):
        PionDecayAtRest(1e23, 0.08, 1930.0, spread)
