"""Electromagnetic properties of neutrinos, written out."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from cevns.interactions import ChargeRadius, MagneticMoment, Millicharge, Model
from cevns.kinematics import maximum_recoil
from tests import textbook
from tests.probe import NEUTRON, NUCLEI, PROTON, cross_section, standard_model_and
from tests.textbook import Target

FAMILIES = ("e", "mu", "tau")
PAIRS = ("emu", "etau", "mutau")
ALPHA = 1.0 / 137.035999177
# sqrt2 pi alpha/(3 G_F) in 1/cm^2: the shift of g_V^p per charge radius.
PER_RADIUS = math.sqrt(2.0) * math.pi * ALPHA / (3.0 * textbook.FERMI) / textbook.MEV.cm2

moments = st.floats(-12.0, -7.0).map(lambda x: 10.0**x)
radii = st.floats(-1.0, 1.0).map(lambda x: x * 1e-30)
charges = st.floats(-1.0, 1.0).map(lambda x: x * 1e-6)
nuclei = st.sampled_from(sorted(NUCLEI))
energies = st.floats(5.0, 60.0)
fractions = st.floats(1e-4, 0.99)


def alone(interaction: MagneticMoment | ChargeRadius | Millicharge) -> Model:
    return Model("alone", (interaction,))


def dipole_cross_section(moment: float, target: Target, recoil: float, energy: float) -> float:
    """dsigma/dT in cm^2/MeV of a moment in Bohr magnetons."""
    protons, _ = textbook.nucleons(target, recoil)
    shape = 1.0 / recoil - 1.0 / energy
    return math.pi * ALPHA**2 / textbook.ELECTRON**2 * moment**2 * protons**2 * shape * textbook.MEV.cm2


def charge_radius_shift(_target: Target, _recoil: float, radius: float) -> float:
    """Shift of g_V^p by a charge radius in cm^2, the same for every target and recoil."""
    return -PER_RADIUS * radius


def millicharge_shift(target: Target, recoil: float, charge: float) -> float:
    """Shift of g_V^p by a charge in units of e, with q_mu^2 = -2 M T."""
    q_mu_squared = -2.0 * target.mass * recoil
    return -2.0 * math.sqrt(2.0) * math.pi * ALPHA * charge / (textbook.FERMI * q_mu_squared)


def pairs_of(family: str) -> tuple[str, str]:
    """Names of the elements that change a family into another."""
    return {"e": ("emu", "etau"), "mu": ("emu", "mutau"), "tau": ("etau", "mutau")}[family]


def assert_shifts_the_proton_coupling(
    interaction: ChargeRadius | Millicharge,
    named: dict[str, float],
    shift_of: Callable[[Target, float, float], float],
    nucleus: str,
    energy: float,
    fraction: float,
) -> None:
    """Of each family, by its own element, coherently with the weak charge; elements that change it add to the square.

    ``shift_of`` gives the shift of g_V^p for a target, a recoil and a value of a parameter.
    """
    target, ours = NUCLEI[nucleus]
    recoil = fraction * float(maximum_recoil(energy, target.mass))
    found = cross_section(standard_model_and(interaction), ours, recoil, energy, **named)[:, 0]
    protons, neutrons = textbook.nucleons(target, recoil)
    new = {name.partition("_")[2]: shift_of(target, recoil, value) * protons for name, value in named.items()}
    for family, value in zip(FAMILIES, found, strict=True):
        weak = PROTON[family] * protons + NEUTRON * neutrons
        own, others = new[f"nu{family}"], sum(new[pair] ** 2 for pair in pairs_of(family))
        expected, scale = (
            textbook.vector_cross_section(math.sqrt(amplitude**2 + others), target, recoil, energy)
            for amplitude in (weak + own, abs(weak) + abs(own))
        )
        assert value == pytest.approx(expected, rel=1e-10, abs=1e-11 * scale)
