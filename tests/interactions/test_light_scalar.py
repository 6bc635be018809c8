from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cevns
from cevns import Experiment
from cevns.errors import InputError
from cevns.interactions import LightScalar, Model, model
from cevns.interactions.light_scalar import SCALAR_CONVENTIONS
from cevns.kinematics import maximum_recoil
from tests import textbook
from tests.probe import NUCLEI, cross_section, standard_model_and

couplings = st.floats(-7.0, 0.0).map(lambda x: 10.0**x)
masses = st.floats(-3.0, 5.0).map(lambda x: 10.0**x)
factors = st.floats(-20.0, 20.0)


@given(
    nucleus=st.sampled_from(sorted(NUCLEI)),
    energy=st.floats(5.0, 60.0),
    fraction=st.floats(1e-4, 0.999),
    g=couplings,
    mass=masses,
    proton=factors,
    neutron=factors,
)
def test_cross_section_equals_the_formula(
    nucleus: str, energy: float, fraction: float, g: float, mass: float, proton: float, neutron: float
) -> None:
    target, ours = NUCLEI[nucleus]
    recoil = fraction * float(maximum_recoil(energy, target.mass))
    scalar = LightScalar(proton_factor=proton, neutron_factor=neutron)
    found = cross_section(Model("scalar alone", (scalar,)), ours, recoil, energy, g=g, mass=mass)[:, 0]
    charge = textbook.scalar_charge(g**2, mass, (proton, neutron))(target, recoil, "e")
    scale = textbook.scalar_charge(g**2, mass, (abs(proton), abs(neutron)))(target, recoil, "e")
    expected, largest = (textbook.scalar_cross_section(c, target, recoil, energy) for c in (charge, scale))
    assert found == pytest.approx(np.full(3, expected), rel=1e-10, abs=1e-11 * largest)


def test_nucleons_have_the_reference_charge() -> None:
    """sigma_piN/m_ud = 17.3: (17.3 A)^2 for a nucleus at zero momentum transfer."""
    target, ours = NUCLEI["40Ar"]
    recoil, energy, g, mass = 1e-9, 40.0, 1e-5, 1.0
    found = cross_section(Model("scalar alone", (LightScalar(),)), ours, recoil, energy, g=g, mass=mass)[0, 0]
    q2 = 2.0 * target.mass * recoil
    by_hand = target.mass**2 * recoil / (4 * np.pi * energy**2) * g**4 / (q2 + mass**2) ** 2 * (17.3 * 40) ** 2
    assert found == pytest.approx(by_hand * (197.3269804e-13) ** 2, rel=1e-7, abs=0.0)


@given(g=couplings, mass=masses)
def test_does_not_interfere_with_the_standard_model(g: float, mass: float) -> None:
    _, ours = NUCLEI["127I"]
    both = cross_section(standard_model_and(LightScalar()), ours, 5e-3, 40.0, g=g, mass=mass)
    alone = cross_section(Model("scalar alone", (LightScalar(),)), ours, 5e-3, 40.0, g=g, mass=mass)
    np.testing.assert_allclose(both, alone + cross_section(standard_model_and(), ours, 5e-3, 40.0), rtol=1e-14)


@given(g_nu=couplings, g_q=couplings, mass=masses)
def test_separate_couplings_enter_as_their_product(g_nu: float, g_q: float, mass: float) -> None:
    _, ours = NUCLEI["133Cs"]
    one, two = (Model("scalar alone", (LightScalar(separate_couplings=separate),)) for separate in (False, True))
    np.testing.assert_allclose(
        cross_section(two, ours, 5e-3, 40.0, g_nu=g_nu, g_q=g_q, mass=mass),
        cross_section(one, ours, 5e-3, 40.0, g=np.sqrt(g_nu * g_q), mass=mass),
        rtol=1e-13,
    )


def test_heavy_mediator_depends_on_the_ratio_alone() -> None:
    _, ours = NUCLEI["133Cs"]
    scalar = Model("scalar alone", (LightScalar(),))
    near, far = (cross_section(scalar, ours, 5e-3, 40.0, g=1e-4 * mass, mass=mass) for mass in (1e7, 1e9))
    np.testing.assert_allclose(near, far, rtol=1e-9)


def test_named_model_is_the_reference_one() -> None:
    assert model("scalar").interactions[1] == LightScalar()


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("field", ["proton_factor", "neutron_factor"])
def test_refuses_a_factor_that_is_not_finite(field: str, value: float) -> None:
    with pytest.raises(InputError, match=field):
        LightScalar(**{field: value})


def test_conventions_by_hand() -> None:
    """14 A + 1.1 Z is 14 N + 15.1 Z; m_p (.0208/2.2 + .0411/4.7) and m_n (.0189/2.2 + .0451/4.7) are near 17.1."""
    assert SCALAR_CONVENTIONS["hoferichter"] == (17.3, 17.3)
    proton, neutron = SCALAR_CONVENTIONS["cerdeno"]
    assert proton * 55 + neutron * 78 == pytest.approx(14.0 * 133 + 1.1 * 55, rel=1e-12, abs=0.0)
    by_quark = SCALAR_CONVENTIONS["quark-by-quark"]
    assert by_quark == pytest.approx((938.272 * (0.0208 / 2.2 + 0.0411 / 4.7), 939.565 * (0.0189 / 2.2 + 0.0451 / 4.7)))
    assert by_quark == pytest.approx((17.076, 17.087), abs=1e-3)


@pytest.mark.parametrize("convention", SCALAR_CONVENTIONS)
def test_a_convention_is_its_factors(convention: str) -> None:
    _, ours = NUCLEI["133Cs"]
    proton, neutron = SCALAR_CONVENTIONS[convention]
    by_name, by_hand = (
        cross_section(Model("alone", (scalar,)), ours, 5e-3, 40.0, g=1e-5, mass=10.0)
        for scalar in (LightScalar(convention=convention), LightScalar(proton, neutron))
    )
    np.testing.assert_array_equal(by_name, by_hand)


@pytest.mark.parametrize(("convention", "ratio"), [("hoferichter", 1.0), ("cerdeno", 1.094), ("quark-by-quark", 1.006)])
def test_bounds_differ_between_conventions_as_documented(convention: str, ratio: float, csi: Experiment) -> None:
    """sqrt(17.3 A/(f_p Z + f_n N)), for Cs and I alike to 1e-3, which is also what the shapes of F_Z and F_N change."""
    proton, neutron = SCALAR_CONVENTIONS[convention]
    for z, n in ((55, 78), (53, 74)):
        assert np.sqrt(17.3 * (z + n) / (proton * z + neutron * n)) == pytest.approx(ratio, abs=1e-3)
    found, reference = (
        cevns.limits(scalar, csi, mass=10.0)[0] for scalar in (LightScalar(convention=convention), "scalar")
    )
    assert found.upper_limit / reference.upper_limit == pytest.approx(ratio, abs=1e-3)


def test_a_factor_by_hand_replaces_that_of_the_convention() -> None:
    assert LightScalar(convention="cerdeno", neutron_factor=0.0).nucleon_factors == (15.1, 0.0)


@pytest.mark.parametrize("families", [("e",), ("mu", "tau")])
def test_only_the_families_chosen_scatter(families: tuple[str, ...]) -> None:
    _, ours = NUCLEI["40Ar"]
    chosen, every = (
        cross_section(Model("alone", (scalar,)), ours, 1e-2, 40.0, g=1e-5, mass=10.0)[:, 0]
        for scalar in (LightScalar(families=families), LightScalar())
    )
    np.testing.assert_array_equal(chosen, [f in families for f in ("e", "mu", "tau")] * every)


def test_electrons_couple_as_quarks_do_unless_told() -> None:
    assert LightScalar().electron_charge == 1.0
    assert LightScalar(electron_charge=0.0).electron_charge == 0.0
    with pytest.raises(InputError, match=r"^electron_charge: got inf; allowed: a finite number"):
        LightScalar(electron_charge=np.inf)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"convention": "pk"}, "convention: got 'pk'; allowed: one of: hoferichter, cerdeno, quark-by-quark"),
        ({"families": ("nu_e",)}, "families: got ('nu_e',); allowed: one of: e, mu, tau"),
        ({"families": ()}, "families: got (); allowed: one of: e, mu, tau"),
    ],
)
def test_refuses_unknown_names(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as refused:
        LightScalar(**arguments)
    assert str(refused.value) == message
