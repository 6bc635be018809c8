from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.interactions import LightScalar, LightVector, Model, StandardModel
from cevns.kinematics import maximum_recoil
from tests import textbook
from tests.probe import NEUTRON, NUCLEI, PRINTED, PROTON, cross_section, standard_model_and
from tests.textbook import Units

STANDARD_MODEL = Model("sm", (StandardModel(PRINTED),))
FAMILIES = ("e", "mu", "tau")

nuclei = st.sampled_from(sorted(NUCLEI))
families = st.integers(0, 2)
neutrino_energies = st.floats(1.0, 300.0)
fractions = st.floats(1e-6, 0.99)


@given(name=nuclei, family=families, energy=neutrino_energies, fraction=fractions, keep=st.booleans())
def test_standard_model_cross_section(name: str, family: int, energy: float, fraction: float, keep: bool) -> None:
    target, ours = NUCLEI[name]
    recoil = fraction * float(maximum_recoil(energy, target.mass))
    charge = textbook.weak_charge(PROTON, NEUTRON)(target, recoil, FAMILIES[family])
    expected = textbook.vector_cross_section(charge, target, recoil, energy, keep_T_over_E=keep)
    chosen = Model("sm", STANDARD_MODEL.interactions, keep_T_over_E=keep)
    found = cross_section(chosen, ours, recoil, energy)[family, 0]
    assert found == pytest.approx(expected, rel=1e-10, abs=0.0)


@pytest.mark.parametrize("mev", [1e-3, 1e3, 1e6], ids=["GeV", "keV", "eV"])
@pytest.mark.parametrize("name", NUCLEI)
def test_cross_section_does_not_depend_on_the_unit_of_energy(name: str, mev: float) -> None:
    """All in another unit, with G_F, hbar c, masses and energies converted: the same cm^2."""
    units = Units(mev)
    target, ours = NUCLEI[name]
    energy, g, mass = 40.0, 7e-5, 12.0
    baryonic = {"e": -1.0, "mu": -2.0, "tau": 0.0}
    model = standard_model_and(LightVector({"B": 1, "e": 1, "mu": 2}))
    for fraction in (1e-3, 0.1, 0.7):
        recoil = fraction * float(maximum_recoil(energy, target.mass))
        found = cross_section(model, ours, recoil, energy, g=g, mass=mass)[:, 0]
        weak = textbook.weak_charge(PROTON, NEUTRON, units)
        new = textbook.vector_charge(g**2, mass * mev, (1 / 3, 1 / 3), baryonic, units)
        for value, family in zip(found, FAMILIES, strict=True):
            charge = weak(target, recoil * mev, family) + new(target, recoil * mev, family)
            expected = textbook.vector_cross_section(charge, target, recoil * mev, energy * mev, units)
            assert value == pytest.approx(expected * mev, rel=1e-11, abs=0.0)


@pytest.mark.parametrize("name", NUCLEI)
def test_vector_channel_vanishes_at_the_maximum_recoil(name: str) -> None:
    """Helicity forbids backward scattering; without T/E a rest of order E/M is left."""
    target, ours = NUCLEI[name]
    energy = 40.0
    edge = float(maximum_recoil(energy, target.mass)) * (1.0 - 1e-12)
    inside = cross_section(STANDARD_MODEL, ours, 0.5 * edge, energy)[0, 0]
    assert abs(cross_section(STANDARD_MODEL, ours, edge, energy)[0, 0]) < 1e-10 * inside
    neglected = Model("sm", STANDARD_MODEL.interactions, keep_T_over_E=False)
    rest = cross_section(neglected, ours, edge, energy)[0, 0] / cross_section(neglected, ours, 1e-9, energy)[0, 0]
    form = textbook.weak_charge(PROTON, NEUTRON)(target, edge, "e") / textbook.weak_charge(PROTON, NEUTRON)(
        target, 1e-9, "e"
    )
    assert rest == pytest.approx(2 * energy / (target.mass + 2 * energy) * form**2, rel=1e-3, abs=0.0)


def test_no_recoil_beyond_the_kinematic_limit() -> None:
    target, ours = NUCLEI["40Ar"]
    edge = float(maximum_recoil(30.0, target.mass))
    np.testing.assert_array_equal(cross_section(STANDARD_MODEL, ours, edge * np.array([1.0001, 2.0]), 30.0), 0.0)


@given(g=st.floats(1e-6, 1e-3), mass=st.floats(1e-3, 1e3), fraction=fractions)
def test_channels_add_incoherently_and_charges_within_one_coherently(g: float, mass: float, fraction: float) -> None:
    target, ours = NUCLEI["127I"]
    recoil = fraction * float(maximum_recoil(50.0, target.mass))
    vector, scalar = LightVector({"B": 1, "e": 1, "mu": 1, "tau": 1}), LightScalar(label="s")
    both = cross_section(standard_model_and(vector, scalar), ours, recoil, 50.0, g=g, mass=mass, g_s=g, mass_s=mass)
    with_vector = cross_section(standard_model_and(vector), ours, recoil, 50.0, g=g, mass=mass)
    scalar_alone = cross_section(Model("s", (scalar,)), ours, recoil, 50.0, g_s=g, mass_s=mass)
    np.testing.assert_allclose(both, with_vector + scalar_alone, rtol=1e-13)

    weak, vector_alone = (
        cross_section(STANDARD_MODEL, ours, recoil, 50.0),
        cross_section(Model("v", (vector,)), ours, recoil, 50.0, g=g, mass=mass),
    )
    # Both charges are negative for B-L: |a + b|^2 = (|a| + |b|)^2.
    np.testing.assert_allclose(with_vector, (np.sqrt(weak) + np.sqrt(vector_alone)) ** 2, rtol=1e-12)
