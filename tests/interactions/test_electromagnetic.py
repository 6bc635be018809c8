from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns import Experiment
from cevns.errors import InputError
from cevns.interactions import (
    ChargeRadius,
    FreeMixingAngle,
    LightVector,
    MagneticMoment,
    Millicharge,
    Model,
    NonStandardInteractions,
    StandardModel,
    WeakCouplings,
    radiative_couplings,
    tree_couplings,
)
from cevns.kinematics import maximum_recoil
from tests import textbook
from tests.probe import (
    NEUTRON,
    NUCLEI,
    PRINTED,
    PROTON,
    cross_section,
    one_neutrino_per_cm2,
    rates_of,
    standard_model_and,
)
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


def millicharge_shift(charge: float, target: Target, recoil: float) -> float:
    """Shift of g_V^p by a charge in units of e, with q_mu^2 = -2 M T."""
    q_mu_squared = -2.0 * target.mass * recoil
    return -2.0 * math.sqrt(2.0) * math.pi * ALPHA * charge / (textbook.FERMI * q_mu_squared)


# Magnetic moments


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


# Charge radii


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
    target, ours = NUCLEI[nucleus]
    recoil = fraction * float(maximum_recoil(energy, target.mass))
    names = [*(f"r2_nu{family}" for family in FAMILIES), *(f"r2_{pair}" for pair in PAIRS)]
    parameters = dict(zip(names, values, strict=True))
    found = cross_section(standard_model_and(ChargeRadius()), ours, recoil, energy, **parameters)[:, 0]
    protons, neutrons = textbook.nucleons(target, recoil)
    for family, value in zip(FAMILIES, found, strict=True):
        weak = PROTON[family] * protons + NEUTRON * neutrons
        new = -PER_RADIUS * parameters[f"r2_nu{family}"] * protons
        others = sum((PER_RADIUS * parameters[f"r2_{p}"] * protons) ** 2 for p in _pairs_of(family))
        expected, scale = (
            textbook.vector_cross_section(math.sqrt(s), target, recoil, energy)
            for s in ((weak + new) ** 2 + others, (abs(weak) + abs(new)) ** 2 + others)
        )
        assert value == pytest.approx(expected, rel=1e-10, abs=1e-11 * scale)


def _pairs_of(family: str) -> tuple[str, str]:
    return {"e": ("emu", "etau"), "mu": ("emu", "mutau"), "tau": ("etau", "mutau")}[family]


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
    assert [value > 0.0 for value in without] == [pair in _pairs_of(family) for family in FAMILIES]


@pytest.mark.parametrize("wrong", ["de-romeri", "", "Cadeddu"])
def test_unknown_normalisation_is_refused(wrong: str) -> None:
    with pytest.raises(InputError, match=f"^normalisation: got '{wrong}'; allowed: one of: cadeddu, papoulias-kosmas"):
        ChargeRadius(wrong)


# Millicharges


@given(values=st.lists(charges, min_size=6, max_size=6), nucleus=nuclei, energy=energies, fraction=fractions)
def test_millicharges_equal_the_formula(values: list[float], nucleus: str, energy: float, fraction: float) -> None:
    target, ours = NUCLEI[nucleus]
    recoil = fraction * float(maximum_recoil(energy, target.mass))
    names = [*(f"q_nu{family}" for family in FAMILIES), *(f"q_{pair}" for pair in PAIRS)]
    parameters = dict(zip(names, values, strict=True))
    found = cross_section(standard_model_and(Millicharge()), ours, recoil, energy, **parameters)[:, 0]
    protons, neutrons = textbook.nucleons(target, recoil)
    for family, value in zip(FAMILIES, found, strict=True):
        weak = PROTON[family] * protons + NEUTRON * neutrons
        new = millicharge_shift(parameters[f"q_nu{family}"], target, recoil) * protons
        others = sum(
            (millicharge_shift(parameters[f"q_{p}"], target, recoil) * protons) ** 2 for p in _pairs_of(family)
        )
        expected, scale = (
            textbook.vector_cross_section(math.sqrt(s), target, recoil, energy)
            for s in ((weak + new) ** 2 + others, (abs(weak) + abs(new)) ** 2 + others)
        )
        assert value == pytest.approx(expected, rel=1e-10, abs=1e-11 * scale)


def test_a_positive_charge_adds_to_the_proton_coupling() -> None:
    """It has the sign of the weak coupling of protons, and lowers the rate, in which neutrons dominate."""
    target, ours = NUCLEI["133Cs"]
    assert millicharge_shift(1e-8, target, 5e-3) > 0.0
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


# Everything at once


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
    proton = -PER_RADIUS * np.array(radius) + [millicharge_shift(q, target, recoil) for q in charge]
    diagonal = (PROTON["mu"] + proton[0]) * z + NEUTRON * n
    diagonal += (2.0 * eps[0] + eps[1]) * z + (eps[0] + 2.0 * eps[1]) * n
    # A muon neutrino becomes an electron neutrino: a real amplitude of three parts, and an imaginary one.
    changing = complex(proton[1] * z + eps[2] * (2.0 * z + n), eps[3] * (z + 2.0 * n))
    squared = diagonal**2 + abs(changing) ** 2
    expected = textbook.vector_cross_section(math.sqrt(squared), target, recoil, energy)
    expected += dipole_cross_section(moment, target, recoil, energy)
    largest = (z + n) * (3.0 + np.abs(PER_RADIUS * np.array(radius)).sum())
    largest += z * sum(abs(millicharge_shift(q, target, recoil)) for q in charge)
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
