from __future__ import annotations

import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.constants import FERMI_CONSTANT
from cevns.errors import InputError
from cevns.interactions import (
    VECTOR,
    Interaction,
    LeptonicVector,
    LightScalar,
    LightVector,
    Model,
    Parameter,
    Recoil,
    StandardModel,
    Term,
    model,
)
from cevns.typing import FloatArray, Scalar
from tests import textbook
from tests.probe import NEUTRON, NUCLEI, PRINTED, PROTON, cross_section, standard_model_and

B_MINUS_L = {"B": 1.0, "e": 1.0, "mu": 1.0, "tau": 1.0}
COUPLING = Parameter("g", "coupling", low=0.0, high=1.0, is_coupling=True)
MASS = Parameter("mass", "mass of the mediator", "MeV", low=0.0)


@dataclass(frozen=True)
class ContactInteraction:
    """What a user writes to add physics: neutrino-quark couplings epsilon, alike for all families."""

    name: str = "contact"
    citations: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return (
            Parameter("eps_u", "coupling to up quarks", is_coupling=True),
            Parameter("eps_d", "coupling to down quarks", default=0.0, is_coupling=True),
        )

    @property
    def terms(self) -> tuple[Term, ...]:
        def up(recoil: Recoil) -> FloatArray:
            return (2.0 * recoil.protons + recoil.neutrons)[None, :]

        def down(recoil: Recoil) -> FloatArray:
            return (recoil.protons + 2.0 * recoil.neutrons)[None, :]

        def strength(**coupling: Scalar) -> Scalar:
            return next(iter(coupling.values()))

        return (Term(VECTOR, strength, ("eps_u",), up), Term(VECTOR, strength, ("eps_d",), down))


@pytest.mark.parametrize("parameter", [COUPLING, MASS])
@pytest.mark.parametrize(
    "value",
    [
        np.nan,
        np.inf,
        -np.inf,
        -1e-9,
        "large",
        None,
        [0.1, np.nan],
        [[0.1], [-0.1]],
        {"g": 1.0},
        object(),
        [[1.0], [1.0, 2.0]],
        1j,
    ],
)
def test_parameter_refuses_what_is_not_a_number_in_range(parameter: Parameter, value: object) -> None:
    with pytest.raises(InputError, match=f"^{parameter.name}: got .*; allowed: finite numbers from 0 to"):
        parameter.check(value)


def test_parameter_names_the_offending_entry_and_its_unit() -> None:
    with pytest.raises(InputError) as caught:
        MASS.check([1.0, 2.0, -3.0, 4.0])
    assert caught.value.value == -3.0
    assert caught.value.allowed == "finite numbers from 0 to inf [MeV]"


@pytest.mark.parametrize("value", [0.0, 1.0, 0.5, [0.0, 1.0], np.linspace(0.0, 1.0, 6).reshape(2, 3), 1])
def test_parameter_accepts_its_whole_range(value: object) -> None:
    checked = COUPLING.check(value)
    assert checked.dtype == float
    np.testing.assert_array_equal(checked, value)


@pytest.mark.parametrize("value", [1.0 + 1e-12, [0.5, 2.0]])
def test_parameter_refuses_what_is_above_its_range(value: object) -> None:
    with pytest.raises(InputError, match="from 0 to 1"):
        COUPLING.check(value)


def test_complete_fills_in_defaults_and_checks_values() -> None:
    contact = Model("contact", (ContactInteraction(),))
    complete = contact.complete({"eps_u": 0.1})
    assert {name: float(value) for name, value in complete.items()} == {"eps_u": 0.1, "eps_d": 0.0}
    assert contact.complete({}, free=("eps_u",)).keys() == {"eps_d"}


@pytest.mark.parametrize(
    ("values", "field", "allowed"),
    [
        ({"g": 1e-4}, "mass", r"a value of this parameter \(mass of the mediator\)"),
        ({"mass": 1.0}, "g", r"a value of this parameter \(coupling of the mediator"),
        ({"g": 1e-4, "mass": 1.0, "gg": 1.0}, "parameter", "one of: g, mass"),
        ({"g": -1e-4, "mass": 1.0}, "g", "finite numbers from 0 to inf"),
        ({"g": 1e-4, "mass": np.nan}, "mass", "finite numbers from 0 to inf"),
    ],
)
def test_complete_refuses_missing_unknown_and_impossible_values(
    values: dict[str, float], field: str, allowed: str
) -> None:
    with pytest.raises(InputError, match=f"^{field}: got .*; allowed: {allowed}"):
        model("b-l").complete(values)


def test_a_model_without_parameters_says_so() -> None:
    with pytest.raises(InputError, match="none: model 'sm' has no parameters"):
        model("sm").complete({"g": 1.0})


def test_labels_tell_parameters_apart() -> None:
    both = standard_model_and(LightVector(B_MINUS_L, label="a"), LightScalar(label="b", separate_couplings=True))
    assert [p.name for p in both.parameters] == ["g_a", "mass_a", "g_nu_b", "g_q_b", "mass_b"]
    assert [p.name for p in standard_model_and(LeptonicVector("e", "mu", label="x")).parameters] == ["g_x", "mass_x"]


def test_two_parameters_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match=r"model: got 'g'; allowed: distinct parameter names \(add label="):
        model("b-l") + LightScalar()


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (model("sm"), "none"),
        (standard_model_and(LightVector(B_MINUS_L, separate_couplings=True)), "g_nu, g_q"),
        (standard_model_and(LightVector(B_MINUS_L), LightScalar(label="s")), "g, g_s"),
    ],
)
def test_the_coupling_of_a_model_must_be_one(chosen: Model, found: str) -> None:
    assert model("b-l").coupling.name == "g"
    with pytest.raises(InputError, match=rf"a model with one coupling \(this one has: {found}\)"):
        _ = chosen.coupling


def test_models_and_interactions_can_be_added() -> None:
    with_scalar = model("b-l") + LightScalar(label="s")
    assert with_scalar.name == "b-l + scalar"
    assert [p.name for p in with_scalar.parameters] == ["g", "mass", "g_s", "mass_s"]
    assert [term.channel.name for term in with_scalar.terms if "nucleus" in term.on] == ["vector", "vector", "scalar"]
    joined = Model("new", (LightVector(B_MINUS_L),), keep_T_over_E=False) + Model("more", (LightScalar(label="s"),))
    assert joined.name == "new + more"
    assert not joined.keep_T_over_E


def test_a_model_that_was_used_can_be_pickled() -> None:
    used = model("scalar")
    assert used.terms
    assert used.shapes
    again = pickle.loads(pickle.dumps(used))
    assert again == used
    assert again.shapes == used.shapes


def test_citations_are_collected_once() -> None:
    twice = standard_model_and(LightVector(B_MINUS_L, label="a"), LightVector(B_MINUS_L, label="b"))
    assert twice.citations == ("Freedman:1973yd", "Erler:2013xha", "AtzoriCorona:2022moj")


@given(up=st.floats(-1.0, 1.0), down=st.floats(-1.0, 1.0))
def test_an_interaction_of_the_user_interferes_with_the_standard_model(up: float, down: float) -> None:
    target, ours = NUCLEI["133Cs"]
    contact = ContactInteraction()
    assert isinstance(contact, Interaction)
    found = cross_section(standard_model_and(contact), ours, 8e-3, 40.0, eps_u=up, eps_d=down)[:, 0]
    z, n = textbook.nucleons(target, 8e-3)
    for value, family in zip(found, PROTON, strict=True):
        charge = (PROTON[family] + 2 * up + down) * z + (NEUTRON + up + 2 * down) * n
        scale = 4.0 * (z + n)
        expected, largest = (textbook.vector_cross_section(c, target, 8e-3, 40.0) for c in (charge, scale))
        assert value == pytest.approx(expected, rel=1e-10, abs=1e-11 * largest)


@given(
    g_v=st.floats(1e-6, 1e-2),
    g_l=st.floats(1e-6, 1e-1),
    g_s=st.floats(1e-7, 1e-3),
    mass=st.floats(-2.0, 3.0).map(lambda x: 10.0**x),
)
def test_a_sum_of_many_follows_from_their_charges(g_v: float, g_l: float, g_s: float, mass: float) -> None:
    """Standard Model, two vectors and a scalar: |a + b + c|^2 + |d|^2 from the charges of each alone."""
    target, ours = NUCLEI["127I"]
    recoil, energy = 6e-3, 42.0
    parts = (LightVector(B_MINUS_L, label="v"), LeptonicVector("mu", "tau", label="l"), LightScalar(label="s"))
    parameters = {"g_v": g_v, "g_l": g_l, "g_s": g_s, **{f"mass_{label}": mass for label in "vls"}}
    found = cross_section(standard_model_and(*parts), ours, recoil, energy, **parameters)[:, 0]

    values = {name: np.asarray(value) for name, value in parameters.items()}
    point = Recoil(ours, np.array([recoil]))

    def charge(interaction: Interaction) -> FloatArray:
        (term,) = (one for one in interaction.terms if "nucleus" in one.on)
        strength = term.strength(**{name: values[name] for name in term.couplings})
        return np.broadcast_to(strength * term.unit_charge(point, values), (3, 1))[:, 0]

    vectors = [charge(interaction) for interaction in (StandardModel(PRINTED), *parts[:2])]
    for family, value in enumerate(found):
        together = sum(c[family] for c in vectors)
        scale = sum(abs(c[family]) for c in vectors)
        scalar = textbook.scalar_cross_section(charge(parts[2])[family], target, recoil, energy)
        expected, largest = (textbook.vector_cross_section(c, target, recoil, energy) for c in (together, scale))
        assert value == pytest.approx(expected + scalar, rel=1e-10, abs=1e-11 * largest)


def test_new_physics_alone_leaves_the_standard_model_out() -> None:
    _, ours = NUCLEI["40Ar"]
    alone = Model("alone", (LightVector(B_MINUS_L),))
    np.testing.assert_array_equal(cross_section(alone, ours, 1e-2, 40.0, g=0.0, mass=1.0), 0.0)


def test_charge_of_the_contact_interaction_is_in_units_of_the_fermi_constant() -> None:
    """A heavy B-L boson is eps_u = eps_d = -g^2/(3 sqrt2 G_F M^2)."""
    _, ours = NUCLEI["40Ar"]
    g_over_m = 1e-5
    eps = -(g_over_m**2) / (3.0 * np.sqrt(2.0) * FERMI_CONSTANT)
    heavy = cross_section(standard_model_and(LightVector(B_MINUS_L)), ours, 1e-2, 40.0, g=g_over_m * 1e8, mass=1e8)
    contact = cross_section(standard_model_and(ContactInteraction()), ours, 1e-2, 40.0, eps_u=eps, eps_d=eps)
    np.testing.assert_allclose(heavy, contact, rtol=1e-10)
