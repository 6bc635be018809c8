from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.errors import InputError
from cevns.interactions import (
    ChargeRadius,
    FreeMixingAngle,
    Model,
    StandardModel,
    WeakCouplings,
    radiative_couplings,
    tree_couplings,
)
from tests import textbook
from tests.interactions.electromagnetic import (
    ALPHA,
    FAMILIES,
    PAIRS,
    PER_RADIUS,
    assert_shifts_the_proton_coupling,
    charge_radius_shift,
    energies,
    fractions,
    nuclei,
    radii,
)
from tests.probe import (
    NEUTRON,
    NUCLEI,
    PROTON,
    cross_section,
    standard_model_and,
)


def test_the_shift_of_the_standard_model_radius_of_the_electron_neutrino() -> None:
    """-0.83e-32 cm^2 shifts g_V^p by +0.0197: the size and the sign of -2 phi_e of the radiative couplings."""
    shift = -PER_RADIUS * -0.83e-32
    assert shift == pytest.approx(0.01975, abs=5e-6)
    target, ours = NUCLEI["133Cs"]
    found = cross_section(standard_model_and(ChargeRadius()), ours, 5e-3, 40.0, r2_nue=-0.83e-32)[0, 0]
    protons, neutrons = textbook.nucleons(target, 5e-3)
    weak = (PROTON["e"] + shift) * protons + NEUTRON * neutrons
    assert found == pytest.approx(textbook.vector_cross_section(weak, target, 5e-3, 40.0), rel=1e-11, abs=0.0)
    # The weak charge is negative: a negative radius lowers the rate.
    assert found < cross_section(standard_model_and(), ours, 5e-3, 40.0)[0, 0]


LEPTON_MASSES = (0.51099895069, 105.6583755, 1776.93)
SM_RADII = tuple(
    -textbook.FERMI / (2.0 * math.sqrt(2.0) * math.pi**2) * (3.0 + 2.0 * math.log((80.377e3 / m) ** 2))
    * textbook.MEV.cm2
    for m in LEPTON_MASSES
)  # fmt: skip


@pytest.mark.parametrize(("radius", "printed"), list(zip(SM_RADII, (-0.83e-32, -0.48e-32, -0.30e-32), strict=True)))
def test_standard_model_radii_are_the_known_ones(radius: float, printed: float) -> None:
    """<r^2> = -G_F/(2 sqrt2 pi^2) [3 - 2 ln(m_l^2/M_W^2)] (Bernabeu et al.)."""
    assert radius == pytest.approx(printed, abs=0.006e-32)


@pytest.mark.parametrize("nucleus", NUCLEI)
def test_standard_model_radii_are_the_flavour_dependence_of_the_radiative_couplings(nucleus: str) -> None:
    """Take the logarithms out of the radiative couplings; radii put by hand restore them."""
    _, ours = NUCLEI[nucleus]
    radiative = radiative_couplings()
    phi = [-ALPHA / (6.0 * math.pi) * (math.log((80.377e3 / m) ** 2) + 1.5) for m in LEPTON_MASSES]
    bare = [g + 2.0 * p for g, p in zip(radiative.proton, phi, strict=True)]
    np.testing.assert_allclose(bare, bare[0], rtol=1e-12)
    stripped = StandardModel(WeakCouplings((bare[0], bare[1], bare[2]), radiative.neutron))
    by_hand = cross_section(
        Model("x", (stripped, ChargeRadius())),
        ours,
        5e-3,
        40.0,
        **{f"r2_nu{family}": radius for family, radius in zip(FAMILIES, SM_RADII, strict=True)},
    )
    np.testing.assert_allclose(by_hand, cross_section(Model("sm", (StandardModel(),)), ours, 5e-3, 40.0), rtol=1e-9)


@given(values=st.lists(radii, min_size=6, max_size=6), nucleus=nuclei, energy=energies, fraction=fractions)
def test_charge_radii_equal_the_formula(values: list[float], nucleus: str, energy: float, fraction: float) -> None:
    names = [*(f"r2_nu{family}" for family in FAMILIES), *(f"r2_{pair}" for pair in PAIRS)]
    assert_shifts_the_proton_coupling(
        ChargeRadius(), dict(zip(names, values, strict=True)), charge_radius_shift, nucleus, energy, fraction
    )


@given(values=st.lists(radii, min_size=6, max_size=6))
def test_the_normalisations_differ_by_two_in_the_parameter(values: list[float]) -> None:
    _, ours = NUCLEI["127I"]
    names = [p.name for p in ChargeRadius().parameters]
    single = cross_section(
        standard_model_and(ChargeRadius()), ours, 5e-3, 40.0,
        **{name: 2.0 * value for name, value in zip(names, values, strict=True)},
    )  # fmt: skip
    double = cross_section(
        standard_model_and(ChargeRadius("papoulias-kosmas")), ours, 5e-3, 40.0,
        **dict(zip(names, values, strict=True)),
    )  # fmt: skip
    np.testing.assert_array_equal(single, double)


@given(radius=radii)
def test_papoulias_and_kosmas_shift_the_weak_mixing_angle(radius: float) -> None:
    _, ours = NUCLEI["133Cs"]
    tree = StandardModel(tree_couplings(0.2312))
    shifted = 0.2312 + PER_RADIUS * radius
    if not 0.0 <= shifted <= 1.0:
        return
    by_radius = cross_section(
        Model("x", (tree, ChargeRadius("papoulias-kosmas", universal=True))), ours, 5e-3, 40.0, r2_nu=radius
    )
    by_angle = cross_section(Model("x", (FreeMixingAngle("tree"),)), ours, 5e-3, 40.0, sin2_theta_w=shifted)
    np.testing.assert_allclose(by_radius, by_angle, rtol=1e-9)


@given(radius=radii)
def test_a_universal_radius_is_three_equal_ones(radius: float) -> None:
    _, ours = NUCLEI["40Ar"]
    separate = cross_section(
        standard_model_and(ChargeRadius()), ours, 1e-2, 40.0, r2_nue=radius, r2_numu=radius, r2_nutau=radius
    )
    universal = cross_section(standard_model_and(ChargeRadius(universal=True)), ours, 1e-2, 40.0, r2_nu=radius)
    np.testing.assert_array_equal(separate, universal)


@pytest.mark.parametrize("wrong", ["de-romeri", "", "Cadeddu"])
def test_unknown_normalisation_is_refused(wrong: str) -> None:
    with pytest.raises(InputError, match=f"^normalisation: got '{wrong}'; allowed: one of: cadeddu, papoulias-kosmas"):
        ChargeRadius(wrong)
