from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from cevns.errors import InputError
from cevns.kinematics import maximum_recoil, minimum_energy
from cevns.nuclear import isotope
from cevns.sources import PionDecayAtRest
from cevns.sources.pion_decay_at_rest import ENDPOINT, PROMPT_ENERGY
from cevns.typing import FloatArray
from tests import textbook

SNS = PionDecayAtRest(protons_on_target=3.198e23, neutrinos_per_proton=0.0848, distance=1930.0)
ELECTRON, LINE, MUON = range(3)
MASSES = [isotope("133Cs").mass, isotope("40Ar").mass]


def moments(recoil: FloatArray, mass: float) -> FloatArray:
    """Moments above the energy that can give each recoil."""
    return SNS.moments(minimum_energy(recoil, mass))


def exact_moment(power: int, component: int, recoil: float, mass: float) -> float:
    """Phi_k by arbitrary-precision quadrature of the spectrum above E_min."""
    with mp.workdps(40):
        t, m, muon = mp.mpf(recoil), mp.mpf(mass), mp.mpf(textbook.MUON)
        lowest = (t + mp.sqrt(t**2 + 2 * m * t)) / 2
        spectrum = {
            ELECTRON: lambda e: 192 * e**2 / muon**3 * (mp.mpf("0.5") - e / muon),
            MUON: lambda e: 64 * e**2 / muon**3 * (mp.mpf("0.75") - e / muon),
        }[component]
        return float(mp.quad(lambda e: spectrum(e) / e**power, [lowest, muon / 2]))


def test_energies_of_the_line_and_of_the_end_point() -> None:
    assert pytest.approx(29.79, abs=5e-3) == PROMPT_ENERGY
    assert pytest.approx(52.83, abs=5e-3) == ENDPOINT
    assert SNS.energy_breakpoints == (PROMPT_ENERGY, ENDPOINT)


@pytest.mark.parametrize("component", [ELECTRON, MUON])
def test_spectra_are_normalised(component: int) -> None:
    integral, _ = quad(lambda e: PionDecayAtRest.spectrum(np.array([e]))[component, 0], 0.0, ENDPOINT, epsrel=1e-12)
    assert integral == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize(("component", "name", "mean"), [(ELECTRON, "nu_e", 31.70), (MUON, "nubar_mu", 36.98)])
def test_mean_energies_are_not_swapped(component: int, name: str, mean: float) -> None:
    """3/10 and 7/20 of the muon mass: electron neutrinos are the softer ones."""
    average, _ = quad(lambda e: e * PionDecayAtRest.spectrum(np.array([e]))[component, 0], 0.0, ENDPOINT, epsrel=1e-12)
    assert average == pytest.approx(mean, abs=5e-3)
    assert SNS.flavours[component].name == name


def test_spectra_are_those_of_muon_decay() -> None:
    for energy in np.linspace(0.0, ENDPOINT, 12):
        expected = [textbook.electron_neutrinos(energy), 0.0, textbook.muon_antineutrinos(energy)]
        found = PionDecayAtRest.spectrum(np.array([energy]))[:, 0]
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-17)


@pytest.mark.parametrize("energy", [-1.0, ENDPOINT * (1 + 1e-12), 60.0])
def test_spectra_vanish_outside_their_range(energy: float) -> None:
    np.testing.assert_array_equal(PionDecayAtRest.spectrum(np.array([energy])), 0.0)


# Closer than 1e-4 to the end point the moments go as y and y^2 with y = 1 - E_min/E_max, and the rounding of T itself,
# 1e-16/y of the result, takes over; those recoils make up 1e-8 of the rate.
@pytest.mark.parametrize("fraction", [*np.geomspace(1e-12, 0.1, 12), *np.linspace(0.15, 0.95, 9), 0.99, 0.999, 0.9998])
@pytest.mark.parametrize("mass", MASSES)
def test_moments_equal_arbitrary_precision_quadrature(mass: float, fraction: float) -> None:
    recoil = fraction * float(maximum_recoil(ENDPOINT, mass))
    found = moments(np.array([recoil]), mass)[:, :, 0]
    for power in range(3):
        for component in (ELECTRON, MUON):
            exact = exact_moment(power, component, recoil, mass)
            assert found[power, component] == pytest.approx(exact, rel=1e-10), (power, component)


@pytest.mark.parametrize("mass", MASSES)
def test_the_line_contributes_up_to_its_own_maximum_recoil(mass: float) -> None:
    edge = float(maximum_recoil(PROMPT_ENERGY, mass))
    below, above = moments(edge * np.array([1 - 1e-12, 1 + 1e-12]), mass)[:, LINE].T
    np.testing.assert_allclose(below, PROMPT_ENERGY ** -np.arange(3.0), rtol=1e-15)
    np.testing.assert_array_equal(above, 0.0)


@pytest.mark.parametrize("mass", MASSES)
def test_moments_vanish_beyond_the_end_point(mass: float) -> None:
    edge = float(maximum_recoil(ENDPOINT, mass))
    np.testing.assert_array_equal(moments(edge * np.array([1 + 1e-12, 1.5, 100.0]), mass), 0.0)


def test_moments_count_every_neutrino_at_zero_recoil() -> None:
    at_zero = moments(np.zeros(1), MASSES[0])[:, :, 0]
    np.testing.assert_allclose(at_zero[0], 1.0, rtol=1e-15)
    # <1/E> of 12 x^2 (1 - x) and 2 x^2 (3 - 2x) is 2 and 5/3 in units of the end point.
    np.testing.assert_allclose(at_zero[1], [2.0 / ENDPOINT, 1.0 / PROMPT_ENERGY, 5.0 / 3.0 / ENDPOINT], rtol=1e-14)


@given(fractions=st.tuples(st.floats(1e-9, 1.1), st.floats(1e-9, 1.1)), mass=st.floats(1e3, 2.5e5))
def test_moments_never_rise_with_the_recoil(fractions: tuple[float, float], mass: float) -> None:
    recoils = np.sort(fractions) * float(maximum_recoil(ENDPOINT, mass))
    low, high = np.moveaxis(moments(recoils, mass), -1, 0)
    assert np.all(high >= 0.0)
    assert np.all(high <= low * (1.0 + 1e-12))


def test_fluence_of_the_csi_exposure() -> None:
    """0.0848 x 3.198e23/(4 pi (1930 cm)^2) = 5.794e14 per cm^2 of each component."""
    np.testing.assert_allclose(SNS.fluence, [5.7937e14] * 3, rtol=1e-4)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
@pytest.mark.parametrize("field", ["protons_on_target", "neutrinos_per_proton", "distance"])
def test_refuses_values_that_are_not_positive(field: str, value: float) -> None:
    good = {"protons_on_target": 1e23, "neutrinos_per_proton": 0.08, "distance": 2000.0}
    with pytest.raises(InputError, match=f"source.{field}: got"):
        PionDecayAtRest(**{**good, field: value})
