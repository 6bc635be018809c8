from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cevns.interactions import (
    ChargeRadius,
    LightVector,
    Millicharge,
)
from tests import textbook
from tests.interactions.electromagnetic import (
    ALPHA,
    FAMILIES,
    PAIRS,
    alone,
    assert_shifts_the_proton_coupling,
    charges,
    energies,
    fractions,
    millicharge_shift,
    nuclei,
    radii,
)
from tests.probe import (
    NUCLEI,
    cross_section,
    standard_model_and,
)


@given(values=st.lists(charges, min_size=6, max_size=6), nucleus=nuclei, energy=energies, fraction=fractions)
def test_millicharges_equal_the_formula(values: list[float], nucleus: str, energy: float, fraction: float) -> None:
    names = [*(f"q_nu{family}" for family in FAMILIES), *(f"q_{pair}" for pair in PAIRS)]
    assert_shifts_the_proton_coupling(
        Millicharge(), dict(zip(names, values, strict=True)), millicharge_shift, nucleus, energy, fraction
    )


def test_a_positive_charge_adds_to_the_proton_coupling() -> None:
    """It has the sign of the weak coupling of protons, and lowers the rate, in which neutrons dominate."""
    target, ours = NUCLEI["133Cs"]
    assert millicharge_shift(target, 5e-3, 1e-8) > 0.0
    standard = cross_section(standard_model_and(), ours, 5e-3, 40.0)[0, 0]
    plus, minus = cross_section(standard_model_and(Millicharge()), ours, 5e-3, 40.0, q_nue=[1e-8, -1e-8])[:, 0, 0]
    assert plus < standard < minus


@given(charge=charges.filter(bool), nucleus=nuclei)
def test_a_millicharge_is_the_exchange_of_a_photon(charge: float, nucleus: str) -> None:
    """A massless vector that couples to quarks with e Q_q and to neutrinos with e q: g_nu g_q = 4 pi alpha |q|."""
    _, ours = NUCLEI[nucleus]
    photon = LightVector(
        {family: -math.copysign(1.0, charge) for family in FAMILIES},
        quark_charges=(2.0 / 3.0, -1.0 / 3.0),
        separate_couplings=True,
    )
    electric = math.sqrt(4.0 * math.pi * ALPHA)
    by_vector = cross_section(
        standard_model_and(photon), ours, 5e-3, 40.0, g_nu=electric * abs(charge), g_q=electric, mass=0.0
    )
    by_charge = cross_section(
        standard_model_and(Millicharge()), ours, 5e-3, 40.0, q_nue=charge, q_numu=charge, q_nutau=charge
    )
    np.testing.assert_allclose(by_charge, by_vector, rtol=1e-9)


@given(radius=radii.filter(bool), recoil=st.floats(1e-4, 0.02))
def test_charge_and_charge_radius_are_one_form_factor(radius: float, recoil: float) -> None:
    """<r^2> = 6 dF/dq^2 of the electric form factor F: at q^2 = -2 M T a radius is the charge q^2 <r^2>/6."""
    target, ours = NUCLEI["133Cs"]
    charge = -2.0 * target.mass * recoil * radius / textbook.MEV.cm2 / 6.0
    np.testing.assert_allclose(
        cross_section(standard_model_and(ChargeRadius()), ours, recoil, 45.0, r2_nue=radius),
        cross_section(standard_model_and(Millicharge()), ours, recoil, 45.0, q_nue=charge),
        rtol=1e-9,
    )


def test_the_rate_of_a_millicharge_falls_with_the_square_of_the_recoil_energy() -> None:
    """dsigma/dT ~ 2 pi alpha^2 q^2 Z^2/(M T^2) (Rutherford): the units of every constant enter here."""
    target, ours = NUCLEI["40Ar"]
    recoil = np.array([1e-8, 1e-7])
    found = cross_section(alone(Millicharge()), ours, recoil, 40.0, q_nue=1e-9)[0]
    rutherford = 2.0 * math.pi * ALPHA**2 * 1e-18 * 18**2 / (target.mass * recoil**2) * textbook.MEV.cm2
    np.testing.assert_allclose(found, rutherford, rtol=1e-4)
