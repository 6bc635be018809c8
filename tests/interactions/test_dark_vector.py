from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cevns
from cevns import Experiment
from cevns.constants import Z_MASS
from cevns.errors import InputError
from cevns.interactions import DarkVector, LightVector, Millicharge, Model, StandardModel, WeakCouplings, model
from cevns.interactions.dark_vector import MIXINGS
from tests import textbook
from tests.probe import NEUTRON, NUCLEI, PROTON, cross_section, standard_model_and

FAMILIES = ("e", "mu", "tau")
S2 = 0.23857
ELEMENTARY_CHARGE = np.sqrt(4.0 * np.pi / 137.035999177)
# g/cos theta_W, from M_W = g v/2 = M_Z cos theta_W and G_F = 1/(sqrt2 v^2).
WEAK = 2.0 * 91188.0 * np.sqrt(np.sqrt(2.0) * 1.1663788e-11)

# Charges of the left- and right-handed fields: Q, Y, and T3 - s^2 Q for s^2 = 1/4.
CHIRAL = {
    "photon": {"u": ("2/3", "2/3"), "d": ("-1/3", "-1/3"), "e": ("-1", "-1"), "nu": ("0", "0")},
    "hypercharge": {"u": ("1/6", "2/3"), "d": ("1/6", "-1/3"), "e": ("-1/2", "-1"), "nu": ("-1/2", "0")},
    "z": {"u": ("1/3", "-1/6"), "d": ("-5/12", "1/12"), "e": ("-1/4", "1/4"), "nu": ("1/2", "0")},
}
OWN = {"e": 1.0, "mu": 1.0, "tau": 1.0}

mixings = st.floats(-6.0, -1.0).map(lambda x: 10.0**x)
masses = st.floats(-3.0, 5.0).map(lambda x: 10.0**x)
nuclei = st.sampled_from(sorted(NUCLEI))


def test_constants() -> None:
    assert MIXINGS["photon"](S2).coupling == pytest.approx(0.302822, abs=1e-6)
    assert MIXINGS["z"](S2).coupling == pytest.approx(WEAK, rel=1e-9, abs=0.0)
    assert MIXINGS["hypercharge-g-prime"](S2).coupling == pytest.approx(
        ELEMENTARY_CHARGE / np.sqrt(1 - S2), rel=1e-12, abs=0.0
    )


@pytest.mark.parametrize("fermion", ["u", "d", "e"])
@pytest.mark.parametrize("mixing", CHIRAL)
def test_vector_charges_are_half_the_sum_of_the_chiral_ones(mixing: str, fermion: str) -> None:
    left, right = (Fraction(charge) for charge in CHIRAL[mixing][fermion])
    assert MIXINGS[mixing](0.25).vector(fermion) == pytest.approx(float((left + right) / 2), rel=1e-15, abs=0.0)


@pytest.mark.parametrize("mixing", CHIRAL)
def test_neutrinos_are_left_handed(mixing: str) -> None:
    assert MIXINGS[mixing](0.25).neutrino == float(Fraction(CHIRAL[mixing]["nu"][0]))


def test_charges_by_name() -> None:
    vector = DarkVector("hypercharge")
    assert vector.up_and_down == pytest.approx((5 / 12, -1 / 12), rel=1e-15, abs=0.0)
    assert vector.electron_charge == -0.75
    assert DarkVector("photon", OWN).electron_charge == -1.0
    assert DarkVector("z").electron_charge == pytest.approx(-0.25 + S2, rel=1e-15, abs=0.0)
    assert DarkVector("z", sin2_theta_w=0.25).electron_charge == 0.0


# (mixing, factor g_0, Q_u, Q_d, Q_nu)
EQUIVALENT = {
    "hypercharge": (ELEMENTARY_CHARGE, (5 / 12, -1 / 12), -0.5),
    "hypercharge-g-prime": (ELEMENTARY_CHARGE / np.sqrt(1.0 - S2), (5 / 12, -1 / 12), -0.5),
    "z": (WEAK, (0.25 - 2.0 * S2 / 3.0, -0.25 + S2 / 3.0), 0.5),
}


@given(
    mixing=st.sampled_from(sorted(EQUIVALENT)),
    nucleus=nuclei,
    fraction=st.floats(1e-3, 0.99),
    epsilon=mixings,
    mass=masses,
)
def test_cross_section_equals_the_formula(
    mixing: str, nucleus: str, fraction: float, epsilon: float, mass: float
) -> None:
    target, ours = NUCLEI[nucleus]
    energy = 40.0
    recoil = fraction * 2.0 * energy**2 / (target.mass + 2.0 * energy)
    coupling, quarks, neutrino = EQUIVALENT[mixing]
    leptons = dict.fromkeys(FAMILIES, neutrino)
    found = cross_section(standard_model_and(DarkVector(mixing)), ours, recoil, energy, epsilon=epsilon, mass=mass)
    for value, family in zip(found[:, 0], FAMILIES, strict=True):
        weak = textbook.weak_charge(PROTON, NEUTRON)(target, recoil, family)
        new = textbook.vector_charge((epsilon * coupling) ** 2, mass, quarks, leptons)(target, recoil, family)
        assert value == pytest.approx(
            textbook.vector_cross_section(weak + new, target, recoil, energy), rel=1e-9, abs=0.0
        )


@given(
    charges=st.tuples(*[st.floats(-3.0, 3.0)] * 3).filter(any),
    g_nu=st.floats(-1e-2, 1e-2),
    epsilon=mixings,
    mass=masses,
)
def test_a_dark_photon_is_a_vector_that_couples_to_electric_charge(
    charges: tuple[float, float, float], g_nu: float, epsilon: float, mass: float
) -> None:
    _, ours = NUCLEI["133Cs"]
    neutrinos = dict(zip(FAMILIES, charges, strict=True))
    gauged = {family: -charge for family, charge in neutrinos.items()}
    by_hand = LightVector(gauged, quark_charges=(2 / 3, -1 / 3), separate_couplings=True)
    dark = Model("alone", (DarkVector("photon", neutrinos),))
    found = cross_section(dark, ours, 5e-3, 40.0, epsilon=epsilon, g_nu=g_nu, mass=mass)
    strengths = {"g_nu": abs(g_nu), "g_q": epsilon * ELEMENTARY_CHARGE}
    expected = cross_section(Model("alone", (by_hand,)), ours, 5e-3, 40.0, **strengths, mass=mass)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@given(epsilon=mixings, g_nu=st.floats(-1e-2, 1e-2), nucleus=nuclei)
def test_a_massless_dark_photon_is_a_millicharge(epsilon: float, g_nu: float, nucleus: str) -> None:
    """epsilon g_nu = e q_nu."""
    _, ours = NUCLEI[nucleus]
    charge = epsilon * g_nu / ELEMENTARY_CHARGE
    dark = cross_section(
        standard_model_and(DarkVector("photon", {"e": 1.0})), ours, 5e-3, 40.0, epsilon=epsilon, g_nu=g_nu, mass=0.0
    )
    milli = cross_section(standard_model_and(Millicharge()), ours, 5e-3, 40.0, q_nue=charge)
    np.testing.assert_allclose(dark, milli, rtol=1e-9)


@pytest.mark.parametrize(("g_nu", "sign"), [(1e-4, -1), (-1e-4, 1)])
def test_the_sign_of_the_neutrino_coupling_decides_on_the_interference(g_nu: float, sign: int) -> None:
    """The weak charge is negative; protons couple with a positive charge."""
    for _, ours in NUCLEI.values():
        dark = standard_model_and(DarkVector("photon", {"mu": 1.0}))
        found = cross_section(dark, ours, 5e-3, 40.0, epsilon=1e-6, g_nu=g_nu, mass=10.0)[:, 0]
        without = cross_section(standard_model_and(), ours, 5e-3, 40.0)[:, 0]
        assert np.sign(found - without).tolist() == [0, sign, 0]


@pytest.mark.parametrize("nucleus", NUCLEI)
@pytest.mark.parametrize("mixing", ["hypercharge", "z"])
def test_hypercharge_and_z_add_to_the_standard_model(mixing: str, nucleus: str) -> None:
    _, ours = NUCLEI[nucleus]
    found, without = (
        cross_section(standard_model_and(DarkVector(mixing)), ours, 5e-3, 40.0, epsilon=epsilon, mass=1.0)
        for epsilon in (1e-5, 0.0)
    )
    assert np.all(found > without)


@pytest.mark.parametrize("nucleus", NUCLEI)
def test_a_dark_z_as_heavy_and_strong_as_the_z_is_the_z(nucleus: str) -> None:
    """Alone it gives the tree-level amplitude, but for the propagator, which differs from 1/M^2 by 1e-6."""
    _, ours = NUCLEI[nucleus]
    recoil = np.array([1e-3, 1e-2])
    alone = cross_section(Model("alone", (DarkVector("z"),)), ours, recoil, 40.0, epsilon=1.0, mass=Z_MASS)
    propagator = Z_MASS**2 / (2.0 * ours.isotope.mass * recoil + Z_MASS**2)
    tree = cross_section(Model("sm", (StandardModel("tree"),)), ours, recoil, 40.0)
    np.testing.assert_allclose(alone, tree * propagator**2, rtol=1e-12)


@given(ratio=st.floats(1e-3, 3.0))
def test_a_heavy_dark_z_shifts_the_weak_couplings(ratio: float) -> None:
    """By (epsilon M_Z/M)^2 times those at tree level."""
    _, ours = NUCLEI["127I"]
    mass = 1e9
    shift = ratio**2
    shifted = WeakCouplings(
        tuple(PROTON[family] + shift * (0.5 - 2.0 * S2) for family in FAMILIES), NEUTRON - 0.5 * shift
    )
    found = cross_section(
        standard_model_and(DarkVector("z")), ours, 5e-3, 40.0, epsilon=ratio * mass / 91188.0, mass=mass
    )
    np.testing.assert_allclose(
        found, cross_section(Model("shifted", (StandardModel(shifted),)), ours, 5e-3, 40.0), rtol=1e-9
    )


@given(first=mixings, second=st.floats(-1.0, 1.0), mass=masses)
def test_neutrinos_may_be_charged_besides(first: float, second: float, mass: float) -> None:
    """Vertices epsilon g_0 (-1/2) and g_nu Q'_l of one boson: their sum times the hypercharge of the quarks."""
    _, ours = NUCLEI["40Ar"]
    vector = Model("alone", (DarkVector("hypercharge", {"e": 2.0}),))
    found = cross_section(vector, ours, 5e-3, 40.0, epsilon=first, g_nu=second, mass=mass)[:2, 0]
    mixed = -0.5 * first * ELEMENTARY_CHARGE
    without = cross_section(vector, ours, 5e-3, 40.0, epsilon=first, g_nu=0.0, mass=mass)[1, 0]
    scale = without * ((abs(mixed) + 2.0 * abs(second)) / mixed) ** 2
    expected = without * ((mixed + 2.0 * second) / mixed) ** 2
    assert found[0] == pytest.approx(expected, rel=1e-9, abs=1e-11 * scale)
    assert found[1] == without


@pytest.mark.parametrize(
    ("name", "mixing", "parameters"),
    [
        ("dark-photon", "photon", ["epsilon", "g_nu", "mass"]),
        ("dark-hypercharge", "hypercharge", ["epsilon", "mass"]),
        ("dark-z", "z", ["epsilon", "mass"]),
    ],
)
def test_named_models(name: str, mixing: str, parameters: list[str]) -> None:
    chosen = model(name)
    vector = chosen.interactions[1]
    assert isinstance(vector, DarkVector)
    assert (chosen.name, vector.name, vector.mixing) == (name, name, mixing)
    assert [p.name for p in chosen.parameters] == parameters
    assert chosen.coupling.name == "epsilon"
    assert chosen.shapes == {"mass"}
    assert [p.name for p in model(name, label="x").parameters] == [f"{p}_x" for p in parameters]
    assert model(name, couplings="tree").interactions[0] == StandardModel("tree")


def test_the_limit_on_a_dark_photon_is_one_on_a_product(csi: Experiment) -> None:
    with_one, with_small = cevns.limits("dark-photon", csi, mass=10.0, g_nu=[1.0, 1e-4])
    (by_default,) = cevns.limits("dark-photon", csi, mass=10.0)
    assert by_default.upper_limit == pytest.approx(with_one.upper_limit, rel=1e-10, abs=0.0)
    assert with_small.upper_limit == pytest.approx(1e4 * with_one.upper_limit, rel=1e-6, abs=0.0)
    assert with_one.parameter == "epsilon"


def test_no_mixing_is_the_standard_model(csi: Experiment) -> None:
    for name in ("dark-photon", "dark-hypercharge", "dark-z"):
        without = csi.predict(name, epsilon=0.0, mass=1.0).signal
        np.testing.assert_array_equal(without, csi.predict("sm").signal)


def test_couplings_may_be_given_as_arrays(csi: Experiment) -> None:
    grid = csi.predict("dark-photon", epsilon=[[1e-9], [2e-9]], g_nu=[-1.0, 0.5, 1.0], mass=5.0).cevns
    assert grid.shape == (2, 3, 9, 11)
    np.testing.assert_allclose(
        grid[1, 1], csi.predict("dark-photon", epsilon=1e-9, g_nu=1.0, mass=5.0).cevns, rtol=1e-12
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mixing": "Z"}, "mixing: got 'Z'; allowed: one of: photon, hypercharge, hypercharge-g-prime, z"),
        ({"mixing": "photon"}, "neutrinos: got {}; allowed: a charge of at least one neutrino"),
        ({"mixing": "photon", "neutrinos": {"e": 0.0}}, "neutrinos: got {'e': 0.0}"),
        ({"mixing": "photon", "neutrinos": {"nu_e": 1.0}}, "neutrinos: got 'nu_e'; allowed: one of: e, mu, tau"),
        ({"mixing": "z", "neutrinos": {"mu": np.nan}}, "neutrinos.mu: got nan"),
        ({"mixing": "z", "sin2_theta_w": 1.0}, "sin2_theta_w: got 1.0; allowed: a number from 0 to below 1"),
        ({"mixing": "z", "sin2_theta_w": np.nan}, "sin2_theta_w: got nan"),
    ],
)
def test_refuses_what_is_no_model(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as refused:
        DarkVector(**arguments)
    assert str(refused.value).startswith(message)
