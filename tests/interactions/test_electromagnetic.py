from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns import Experiment
from cevns.interactions import (
    ChargeRadius,
    MagneticMoment,
    Millicharge,
    Model,
    NonStandardInteractions,
    StandardModel,
)
from cevns.kinematics import maximum_recoil
from tests import textbook
from tests.interactions.electromagnetic import (
    FAMILIES,
    PAIRS,
    PER_RADIUS,
    alone,
    charges,
    dipole_cross_section,
    energies,
    fractions,
    millicharge_shift,
    moments,
    nuclei,
    pairs_of,
    radii,
)
from tests.probe import (
    NEUTRON,
    NUCLEI,
    PRINTED,
    PROTON,
    cross_section,
    standard_model_and,
)


@pytest.mark.parametrize("interaction", [ChargeRadius(), Millicharge()])
@pytest.mark.parametrize("pair", PAIRS)
def test_flavour_changing_elements_add_incoherently(interaction: ChargeRadius | Millicharge, pair: str) -> None:
    _, ours = NUCLEI["133Cs"]
    name, size = (f"r2_{pair}", 2e-31) if isinstance(interaction, ChargeRadius) else (f"q_{pair}", 2e-7)
    standard = cross_section(standard_model_and(), ours, 5e-3, 40.0)[:, 0]
    with_sm = cross_section(standard_model_and(interaction), ours, 5e-3, 40.0, **{name: [size, -size]})[:, :, 0]
    without = cross_section(alone(interaction), ours, 5e-3, 40.0, **{name: size})[:, 0]
    np.testing.assert_allclose(with_sm[0], standard + without, rtol=1e-12)
    np.testing.assert_array_equal(with_sm[0], with_sm[1])
    assert [value > 0.0 for value in without] == [pair in pairs_of(family) for family in FAMILIES]


@given(
    eps=st.tuples(*[st.floats(-1.0, 1.0)] * 4),
    radius=st.tuples(radii, radii),
    charge=st.tuples(charges, charges),
    moment=moments,
    nucleus=nuclei,
    energy=energies,
    fraction=fractions,
)
def test_a_sum_of_all_is_coherent_in_the_vector_channel_and_incoherent_with_the_dipole(
    eps: tuple[float, float, float, float],
    radius: tuple[float, float],
    charge: tuple[float, float],
    moment: float,
    nucleus: str,
    energy: float,
    fraction: float,
) -> None:
    target, ours = NUCLEI[nucleus]
    recoil = fraction * float(maximum_recoil(energy, target.mass))
    everything = standard_model_and(NonStandardInteractions(), MagneticMoment(), ChargeRadius(), Millicharge())
    found = cross_section(
        everything, ours, recoil, energy,
        eps_mumu_uV=eps[0], eps_mumu_dV=eps[1], eps_emu_uV=eps[2], eps_emu_dV_im=eps[3],
        r2_numu=radius[0], r2_emu=radius[1], q_numu=charge[0], q_emu=charge[1], mu_numu=moment,
    )[1, 0]  # fmt: skip
    z, n = textbook.nucleons(target, recoil)
    proton = -PER_RADIUS * np.array(radius) + [millicharge_shift(target, recoil, q) for q in charge]
    diagonal = (PROTON["mu"] + proton[0]) * z + NEUTRON * n
    diagonal += (2.0 * eps[0] + eps[1]) * z + (eps[0] + 2.0 * eps[1]) * n
    # A muon neutrino becomes an electron neutrino: a real amplitude of three parts, and an imaginary one.
    changing = complex(proton[1] * z + eps[2] * (2.0 * z + n), eps[3] * (z + 2.0 * n))
    squared = diagonal**2 + abs(changing) ** 2
    expected = textbook.vector_cross_section(math.sqrt(squared), target, recoil, energy)
    expected += dipole_cross_section(moment, target, recoil, energy)
    largest = (z + n) * (3.0 + np.abs(PER_RADIUS * np.array(radius)).sum())
    largest += z * sum(abs(millicharge_shift(target, recoil, q)) for q in charge)
    scale = textbook.vector_cross_section(largest, target, recoil, energy)
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-11 * scale)


@pytest.mark.parametrize(
    "interaction", [MagneticMoment(), MagneticMoment(universal=True), ChargeRadius(), Millicharge()]
)
@pytest.mark.parametrize("name", ["csi", "lar"])
def test_nothing_is_the_standard_model_exactly(
    interaction: MagneticMoment | ChargeRadius | Millicharge, name: str, request: pytest.FixtureRequest
) -> None:
    experiment: Experiment = request.getfixturevalue(name)
    np.testing.assert_array_equal(experiment.predict(interaction).cevns, experiment.predict("sm").cevns)


@pytest.mark.parametrize(
    ("interaction", "unit", "names"),
    [
        (MagneticMoment(), "mu_B", {"mu_nue", "mu_numu", "mu_nutau"}),
        (MagneticMoment(universal=True), "mu_B", {"mu_nu"}),
        (ChargeRadius(), "cm^2", {"r2_nue", "r2_numu", "r2_nutau", "r2_emu", "r2_etau", "r2_mutau"}),
        (ChargeRadius(universal=True), "cm^2", {"r2_nu"}),
        (Millicharge(), "e", {"q_nue", "q_numu", "q_nutau", "q_emu", "q_etau", "q_mutau"}),
    ],
)
def test_names_and_units(interaction: MagneticMoment | ChargeRadius | Millicharge, unit: str, names: set[str]) -> None:
    assert {p.name for p in interaction.parameters} == names
    assert {p.unit for p in interaction.parameters} == {unit}
    assert {p.default for p in interaction.parameters} == {0.0}


def test_neutrons_have_no_part_in_it() -> None:
    """Another neutron radius changes the Standard Model and none of the electromagnetic charges."""
    _, ours = NUCLEI["133Cs"]
    swollen = replace(ours, neutron_radius=6.0)
    for interaction, name in ((MagneticMoment(), "mu_nue"), (ChargeRadius(), "r2_nue"), (Millicharge(), "q_nue")):
        found = [cross_section(alone(interaction), n, 5e-3, 40.0, **{name: 1e-9}) for n in (ours, swollen)]
        np.testing.assert_array_equal(*found)
    weak = Model("sm", (StandardModel(PRINTED),))
    assert cross_section(weak, swollen, 5e-3, 40.0)[0, 0] < cross_section(weak, ours, 5e-3, 40.0)[0, 0]
