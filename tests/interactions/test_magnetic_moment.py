from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns import Experiment
from cevns.errors import InputError
from cevns.interactions import (
    MagneticMoment,
)
from cevns.kinematics import maximum_recoil
from tests import textbook
from tests.interactions.electromagnetic import (
    FAMILIES,
    alone,
    dipole_cross_section,
    energies,
    fractions,
    moments,
    nuclei,
)
from tests.probe import (
    NUCLEI,
    cross_section,
    one_neutrino_per_cm2,
    rates_of,
    standard_model_and,
)
from tests.textbook import Target


@given(
    values=st.tuples(moments, moments, moments),
    nucleus=nuclei,
    energy=energies,
    fraction=fractions,
)
def test_moments_equal_the_formula_and_do_not_interfere(
    values: tuple[float, float, float], nucleus: str, energy: float, fraction: float
) -> None:
    target, ours = NUCLEI[nucleus]
    recoil = fraction * float(maximum_recoil(energy, target.mass))
    named = {f"mu_nu{family}": value for family, value in zip(FAMILIES, values, strict=True)}
    found = cross_section(alone(MagneticMoment()), ours, recoil, energy, **named)[:, 0]
    together = cross_section(standard_model_and(MagneticMoment()), ours, recoil, energy, **named)[:, 0]
    standard = cross_section(standard_model_and(), ours, recoil, energy)[:, 0]
    expected = [dipole_cross_section(value, target, recoil, energy) for value in values]
    np.testing.assert_allclose(found, expected, rtol=1e-11)
    np.testing.assert_allclose(together, standard + expected, rtol=1e-11)


@pytest.mark.parametrize("nucleus", NUCLEI)
@pytest.mark.parametrize("fraction", [1e-6, 1e-3, 0.1, 0.3, 0.31, 0.35, 0.9])
def test_recoils_of_pion_decay_neutrinos_with_a_moment(nucleus: str, fraction: float) -> None:
    """The spectrum of each component against quadrature over its flux; the line ends at 0.318 of the largest recoil."""
    target, ours = NUCLEI[nucleus]
    recoil = fraction * float(maximum_recoil(textbook.END_POINT, target.mass))
    strength = {"e": 3e-9, "mu": 1e-9}

    def with_moments(target: Target, recoil: float, family: str) -> Callable[[float], float]:
        return lambda energy: dipole_cross_section(strength[family], target, recoil, energy)

    rates = rates_of(one_neutrino_per_cm2(), ours)
    model = alone(MagneticMoment())
    parameters = model.complete({"mu_nue": 3e-9, "mu_numu": 1e-9, "mu_nutau": 1e-8})
    found = rates.recoil_spectrum(model, np.array([recoil]), parameters)[0, :, 0]
    expected = textbook.recoil_rates(with_moments, target, recoil)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert (found[1] > 0.0) == (fraction < 0.318)


@given(moment=moments)
def test_a_universal_moment_is_three_equal_ones(moment: float) -> None:
    _, ours = NUCLEI["127I"]
    separate = cross_section(alone(MagneticMoment()), ours, 5e-3, 40.0, mu_nue=moment, mu_numu=moment, mu_nutau=moment)
    universal = cross_section(alone(MagneticMoment(universal=True)), ours, 5e-3, 40.0, mu_nu=moment)
    np.testing.assert_array_equal(separate, universal)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_moment_acts_on_its_flavour_alone(family: str) -> None:
    _, ours = NUCLEI["40Ar"]
    found = cross_section(alone(MagneticMoment()), ours, 1e-2, 40.0, **{f"mu_nu{family}": 1e-9})[:, 0]
    assert found[FAMILIES.index(family)] > 0.0
    assert np.count_nonzero(found) == 1


def test_moments_grow_as_one_over_the_recoil_energy() -> None:
    """Only the dipole channel diverges: at 1 eV T dsigma/dT is constant, and the Standard Model's goes to zero."""
    _, ours = NUCLEI["40Ar"]
    recoil = np.geomspace(1e-9, 1e-6, 4)
    moment = recoil * cross_section(alone(MagneticMoment(universal=True)), ours, recoil, 40.0, mu_nu=1e-9)[0]
    np.testing.assert_allclose(moment, moment[0], rtol=1e-5)
    standard = recoil * cross_section(standard_model_and(), ours, recoil, 40.0)[0]
    np.testing.assert_allclose(standard[1:] / standard[:-1], 10.0, rtol=1e-4)
    # pi alpha^2/m_e^2 is pi times the square of the classical electron radius, 2.4946e-25 cm^2.
    assert moment[0] == pytest.approx(2.4946e-25 * 1e-18 * 18**2, rel=1e-3, abs=0.0)


def test_counts_are_quadratic_in_a_moment(csi: Experiment) -> None:
    counts = csi.predict("universal-magnetic-moment", mu_nu=np.array([0.0, 1e-9, 2e-9, 5e-9])).cevns
    np.testing.assert_array_equal(counts[0], csi.predict("sm").cevns)
    added = counts - counts[0]
    np.testing.assert_allclose(added[2], 4.0 * added[1], rtol=1e-9)
    np.testing.assert_allclose(added[3], 25.0 * added[1], rtol=1e-9)


def test_moments_are_not_negative() -> None:
    with pytest.raises(InputError, match=r"^mu_nu: got -1e-09; allowed: finite numbers from 0 to inf \[mu_B\]"):
        alone(MagneticMoment(universal=True)).complete({"mu_nu": -1e-9})
