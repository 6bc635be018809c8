from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns import Experiment
from cevns.constants import FERMI_CONSTANT
from cevns.errors import InputError
from cevns.interactions import LightVector, Model, NonStandardInteractions, model
from cevns.interactions.light_vector import VECTOR_NORMALISATIONS
from cevns.io.citations import bibliography
from cevns.kinematics import maximum_recoil
from tests import textbook
from tests.probe import NEUTRON, NUCLEI, PRINTED, PROTON, cross_section, standard_model_and

FAMILIES = ("e", "mu", "tau")

# Q'_u = Q'_d, then Q'_e, Q'_mu, Q'_tau.
CHARGES = {
    "universal": (1.0, (1.0, 1.0, 1.0)),
    "b-l": (1 / 3, (-1.0, -1.0, -1.0)),
    "b-3le": (1 / 3, (-3.0, 0.0, 0.0)),
    "b-3lmu": (1 / 3, (0.0, -3.0, 0.0)),
    "b-2le-lmu": (1 / 3, (-2.0, -1.0, 0.0)),
    "b-le-2lmu": (1 / 3, (-1.0, -2.0, 0.0)),
    "by+lmu+ltau": (1 / 3, (0.0, 1.0, 1.0)),
}
# 3 c_B - c_e - c_mu - c_tau. The condition is written for one baryon charge: B_y has one per quark generation.
ANOMALY = {"universal": 12.0, "by+lmu+ltau": 5.0}
# Sign of the change of the cross section of nu_e, nu_mu, nu_tau by a weak coupling. The weak charge is negative, so
# neutrino and quark charges of opposite sign add to it.
INTERFERENCE = {
    "universal": (-1, -1, -1),
    "b-l": (1, 1, 1),
    "b-3le": (1, 0, 0),
    "b-3lmu": (0, 1, 0),
    "b-2le-lmu": (1, 1, 0),
    "b-le-2lmu": (1, 1, 0),
    "by+lmu+ltau": (0, -1, -1),
}
B_MINUS_L = {"B": 1.0, "e": 1.0, "mu": 1.0, "tau": 1.0}

logarithmic_mass = st.floats(-3.0, 5.0).map(lambda x: 10.0**x)
logarithmic_coupling = st.floats(-7.0, 0.0).map(lambda x: 10.0**x)


def named(name: str) -> LightVector:
    vector = model(name).interactions[1]
    assert isinstance(vector, LightVector)
    return vector


@pytest.mark.parametrize("name", CHARGES)
def test_named_models_have_the_charges_of_the_table(name: str) -> None:
    quark, leptons = CHARGES[name]
    assert named(name).up_and_down == pytest.approx((quark, quark), rel=1e-15, abs=0.0)
    assert named(name).lepton_charges == leptons


@pytest.mark.parametrize("name", CHARGES)
def test_anomaly_condition(name: str) -> None:
    assert named(name).anomaly == ANOMALY.get(name, 0.0)


@given(
    name=st.sampled_from(sorted(CHARGES)),
    nucleus=st.sampled_from(sorted(NUCLEI)),
    family=st.integers(0, 2),
    energy=st.floats(5.0, 60.0),
    fraction=st.floats(1e-4, 0.99),
    g=logarithmic_coupling,
    mass=logarithmic_mass,
)
def test_cross_section_equals_the_formula(
    name: str, nucleus: str, family: int, energy: float, fraction: float, g: float, mass: float
) -> None:
    target, ours = NUCLEI[nucleus]
    recoil = fraction * float(maximum_recoil(energy, target.mass))
    quark, leptons = CHARGES[name]
    weak = textbook.weak_charge(PROTON, NEUTRON)(target, recoil, FAMILIES[family])
    new = textbook.vector_charge(g**2, mass, (quark, quark), dict(zip(FAMILIES, leptons, strict=True)))(
        target, recoil, FAMILIES[family]
    )
    expected, scale = (
        textbook.vector_cross_section(charge, target, recoil, energy) for charge in (weak + new, abs(weak) + abs(new))
    )
    found = cross_section(standard_model_and(named(name)), ours, recoil, energy, g=g, mass=mass)[family, 0]
    # The two charges may cancel: what is left is as exact as they are.
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-11 * scale)


@pytest.mark.parametrize("nucleus", NUCLEI)
@pytest.mark.parametrize("name", CHARGES)
def test_sign_of_the_interference(name: str, nucleus: str) -> None:
    _, ours = NUCLEI[nucleus]
    with_vector = cross_section(standard_model_and(named(name)), ours, 5e-3, 40.0, g=1e-6, mass=1.0)[:, 0]
    standard_model = cross_section(standard_model_and(), ours, 5e-3, 40.0)[:, 0]
    assert tuple(np.sign(with_vector - standard_model).astype(int)) == INTERFERENCE[name]


def test_more_events_for_b_minus_l_and_fewer_for_the_universal_model(csi: Experiment, lar: Experiment) -> None:
    for experiment in (csi, lar):
        standard_model = experiment.predict("sm").cevns
        assert np.all(experiment.predict("b-l", g=1e-5, mass=1.0).cevns[:4] > standard_model[:4])
        assert np.all(experiment.predict("universal", g=1e-5, mass=1.0).cevns[:4] < standard_model[:4])


@given(name=st.sampled_from(sorted(CHARGES)), ratio=st.floats(-6.0, -3.0).map(lambda x: 10.0**x))
def test_heavy_mediator_is_a_contact_interaction(name: str, ratio: float) -> None:
    """Only g/M is left: the charge shifts by (g/M)^2 Q'_l 3 Q'_q (Z F_Z + N F_N)/(sqrt2 G_F), up to q^2/M^2 = 1e-12."""
    target, ours = NUCLEI["133Cs"]
    recoil, energy, mass = 8e-3, 45.0, 1e8
    found = cross_section(standard_model_and(named(name)), ours, recoil, energy, g=ratio * mass, mass=mass)[:, 0]
    z, n = textbook.nucleons(target, recoil)
    quark, leptons = CHARGES[name]
    for value, family, lepton in zip(found, FAMILIES, leptons, strict=True):
        weak = PROTON[family] * z + NEUTRON * n
        contact = ratio**2 * lepton * 3.0 * quark * (z + n) / (np.sqrt(2.0) * FERMI_CONSTANT)
        expected = textbook.vector_cross_section(weak + contact, target, recoil, energy)
        scale = textbook.vector_cross_section(abs(weak) + abs(contact), target, recoil, energy)
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-11 * scale)


def test_massless_mediator_is_the_light_limit() -> None:
    _, ours = NUCLEI["40Ar"]
    light, massless = (
        cross_section(standard_model_and(named("b-l")), ours, 1e-2, 40.0, g=1e-4, mass=mass) for mass in (1e-6, 0.0)
    )
    np.testing.assert_allclose(light, massless, rtol=1e-12)


@given(g_nu=logarithmic_coupling, g_q=logarithmic_coupling, mass=logarithmic_mass)
def test_separate_couplings_enter_as_their_product(g_nu: float, g_q: float, mass: float) -> None:
    _, ours = NUCLEI["127I"]
    one = standard_model_and(LightVector(B_MINUS_L))
    two = standard_model_and(LightVector(B_MINUS_L, separate_couplings=True))
    separate = cross_section(two, ours, 5e-3, 40.0, g_nu=g_nu, g_q=g_q, mass=mass)
    together = cross_section(one, ours, 5e-3, 40.0, g=np.sqrt(g_nu * g_q), mass=mass)
    np.testing.assert_allclose(separate, together, rtol=1e-13)


@given(up=st.floats(-2.0, 2.0), down=st.floats(-2.0, 2.0), g=st.floats(1e-6, 1e-3), mass=logarithmic_mass)
def test_quark_charges_of_their_own(up: float, down: float, g: float, mass: float) -> None:
    if up == down == 0.0:
        return
    target, ours = NUCLEI["40Ar"]
    leptons = {"e": -1.0, "mu": 0.5, "tau": 2.0}
    vector = LightVector({"e": 1.0, "mu": -0.5, "tau": -2.0}, quark_charges=(up, down))
    found = cross_section(standard_model_and(vector), ours, 0.03, 40.0, g=g, mass=mass)[:, 0]
    for value, family in zip(found, FAMILIES, strict=True):
        weak = textbook.weak_charge(PROTON, NEUTRON)(target, 0.03, family)
        new = textbook.vector_charge(g**2, mass, (up, down), leptons)(target, 0.03, family)
        expected, scale = (
            textbook.vector_cross_section(charge, target, 0.03, 40.0) for charge in (weak + new, abs(weak) + abs(new))
        )
        assert value == pytest.approx(expected, rel=1e-10, abs=1e-11 * scale)


def test_electric_quark_charges_do_not_feel_neutrons() -> None:
    photon_like = Model("photon-like", (LightVector({"e": -1.0}, quark_charges=(2 / 3, -1 / 3)),))
    target, ours = NUCLEI["133Cs"]
    found = cross_section(photon_like, ours, 5e-3, 40.0, g=1e-4, mass=1.0)[0, 0]
    protons, _ = textbook.nucleons(target, 5e-3)
    charge = 1e-8 * protons / (np.sqrt(2.0) * FERMI_CONSTANT * (2.0 * target.mass * 5e-3 + 1.0))
    assert found == pytest.approx(textbook.vector_cross_section(charge, target, 5e-3, 40.0), rel=1e-12, abs=0.0)


@given(g=st.floats(1e-6, 1e-3), mass=logarithmic_mass)
def test_equal_quark_charges_are_a_baryon_number(g: float, mass: float) -> None:
    _, ours = NUCLEI["40Ar"]
    baryonic = standard_model_and(LightVector({"B": 1.0, "e": 1.0}))
    by_quark = standard_model_and(LightVector({"e": 1.0}, quark_charges=(1 / 3, 1 / 3)))
    np.testing.assert_array_equal(
        cross_section(baryonic, ours, 1e-2, 40.0, g=g, mass=mass),
        cross_section(by_quark, ours, 1e-2, 40.0, g=g, mass=mass),
    )


@given(first=st.floats(1e-6, 1e-3), second=st.floats(1e-6, 1e-3), mass=logarithmic_mass)
def test_two_of_a_kind_add_coherently(first: float, second: float, mass: float) -> None:
    _, ours = NUCLEI["127I"]
    two = standard_model_and(LightVector(B_MINUS_L, label="a"), LightVector(B_MINUS_L, label="b"))
    one = standard_model_and(LightVector(B_MINUS_L))
    np.testing.assert_allclose(
        cross_section(two, ours, 5e-3, 40.0, g_a=first, mass_a=mass, g_b=second, mass_b=mass),
        cross_section(one, ours, 5e-3, 40.0, g=np.hypot(first, second), mass=mass),
        rtol=1e-12,
    )


@pytest.mark.parametrize(
    ("charges", "quark_charges", "field"),
    [
        ({"B": 1.0, "L": 1.0}, None, "charges"),
        ({"B": np.nan, "e": 1.0}, None, r"charges\.B"),
        ({"B": 1.0, "e": np.inf}, None, r"charges\.e"),
        ({"B": 1.0}, None, "charges"),
        ({"e": 1.0}, None, "charges"),
        ({"B": 0.0, "e": 1.0}, None, "charges"),
        ({}, None, "charges"),
        ({"B": 1.0, "e": 1.0}, (1.0, 1.0), "charges"),
        ({"e": 1.0}, (np.nan, 1.0), "quark_charges"),
        ({"e": 1.0}, (1.0,), "quark_charges"),
        ({"e": 1.0}, ("1", 2.0), "quark_charges"),
        ({"B": 1.0, "e": "1"}, None, r"charges\.e"),
        ({"e": 1.0}, (0.0, 0.0), "charges"),
    ],
)
def test_refuses_impossible_charges(
    charges: dict[str, float], quark_charges: tuple[float, float] | None, field: str
) -> None:
    with pytest.raises(InputError, match=f"^{field}: got"):
        LightVector(charges, quark_charges=quark_charges)


def test_later_changes_of_the_callers_mapping_do_not_matter() -> None:
    charges = dict(B_MINUS_L)
    vector = LightVector(charges)
    charges["e"] = 100.0
    assert vector.lepton_charges == (-1.0, -1.0, -1.0)


def test_model_uses_the_couplings_asked_for() -> None:
    _, ours = NUCLEI["40Ar"]
    found = cross_section(model("b-l", couplings=PRINTED), ours, 1e-2, 40.0, g=0.0, mass=1.0)
    np.testing.assert_array_equal(found, cross_section(standard_model_and(), ours, 1e-2, 40.0))


def weak_charge_of(model: Model, nucleus: str, recoil: float, **parameters: float) -> np.ndarray:
    """|Q| of each family, from the cross section per unit charge squared."""
    target, ours = NUCLEI[nucleus]
    per_unit = textbook.vector_cross_section(1.0, target, recoil, 40.0)
    return np.sqrt(cross_section(model, ours, recoil, 40.0, **parameters)[:, 0] / per_unit)


@given(nucleus=st.sampled_from(sorted(NUCLEI)), g=st.floats(1e-6, 1e-3), mass=logarithmic_mass)
def test_papoulias_and_kosmas_have_minus_half_the_amplitude(nucleus: str, g: float, mass: float) -> None:
    """Their factor 1 - Q_Z' g_nu/(2 sqrt2 G_F Q_W (2 M T + M^2)) with Q_Z' = 3 g (Z F_Z + N F_N)."""
    target, _ = NUCLEI[nucleus]
    charges = {"B": 3.0, "e": -1.0, "mu": -1.0, "tau": -1.0}
    theirs = LightVector(charges, normalisation="papoulias-kosmas")
    z, n = textbook.nucleons(target, 5e-3)
    weak = np.array([PROTON[family] * z + NEUTRON * n for family in FAMILIES])
    propagator = 2.0 * target.mass * 5e-3 + mass**2
    factor = 1.0 - 3.0 * g * (z + n) * g / (2.0 * np.sqrt(2.0) * FERMI_CONSTANT * weak * propagator)
    found = weak_charge_of(standard_model_and(theirs), nucleus, 5e-3, g=g, mass=mass)
    np.testing.assert_allclose(found, np.abs(weak * factor), rtol=1e-9)
    alone = (
        weak_charge_of(Model("alone", (vector,)), nucleus, 5e-3, g=g, mass=mass)
        for vector in (theirs, LightVector(charges))
    )
    np.testing.assert_allclose(next(alone), 0.5 * next(alone), rtol=1e-12)


def test_papoulias_and_kosmas_turn_the_interference_round(csi: Experiment) -> None:
    """Universal charges destroy in ours and add in theirs; g there is sqrt2 times g of a vector of opposite sign."""
    universal = {"B": 3.0, "e": -1.0, "mu": -1.0, "tau": -1.0}
    opposite = LightVector({"B": 3.0, "e": 1.0, "mu": 1.0, "tau": 1.0})
    theirs = LightVector(universal, normalisation="papoulias-kosmas")
    found = csi.predict(theirs, g=np.sqrt(2.0) * 3e-5, mass=10.0).cevns
    np.testing.assert_allclose(found, csi.predict(opposite, g=3e-5, mass=10.0).cevns, rtol=1e-12)
    assert found.sum() > csi.predict("sm").cevns.sum()


@given(name=st.sampled_from(sorted(CHARGES)), g=logarithmic_coupling, mass=logarithmic_mass)
def test_liao_and_marfatia_have_half_the_amplitude(name: str, g: float, mass: float) -> None:
    halved = replace(named(name), normalisation="liao-marfatia")
    theirs = weak_charge_of(standard_model_and(halved), "40Ar", 5e-3, g=g, mass=mass)
    ours = weak_charge_of(standard_model_and(named(name)), "40Ar", 5e-3, g=g / np.sqrt(2.0), mass=mass)
    np.testing.assert_allclose(theirs, ours, rtol=1e-7, atol=1e-9)


def test_normalisations_are_named_and_cited() -> None:
    assert dict(VECTOR_NORMALISATIONS) == {"atzori-corona": 1.0, "liao-marfatia": 0.5, "papoulias-kosmas": -0.5}
    cited = {key for name in VECTOR_NORMALISATIONS for key in LightVector(B_MINUS_L, normalisation=name).citations}
    assert cited == {"AtzoriCorona:2022moj", "Liao:2017uzy", "Papoulias:2017qdn"} <= set(bibliography())
    assert LightVector(B_MINUS_L).citations == ("AtzoriCorona:2022moj",)
    expected = "^normalisation: got 'pk'; allowed: one of: atzori-corona, liao-marfatia, papoulias-kosmas"
    with pytest.raises(InputError, match=expected):
        LightVector(B_MINUS_L, normalisation="pk")


@pytest.mark.parametrize("name", CHARGES)
def test_electrons_have_the_charge_of_their_neutrinos(name: str) -> None:
    assert named(name).electron_charge == CHARGES[name][1][0]


def test_electrons_may_have_a_charge_of_their_own() -> None:
    assert LightVector(B_MINUS_L, electron=0.0).electron_charge == 0.0
    with pytest.raises(InputError, match=r"^electron: got nan; allowed: a finite number"):
        LightVector(B_MINUS_L, electron=np.nan)


@given(
    electronic=st.floats(-1.0, 1.0),
    muonic=st.floats(-1.0, 1.0),
    g_q=st.floats(1e-4, 1e-2),
    mass=st.floats(1.0, 1e3),
)
def test_neutrinos_of_a_hidden_sector_have_couplings_of_their_own(
    electronic: float, muonic: float, g_q: float, mass: float
) -> None:
    """One vector for each flavour, of one mass: epsilon_ll^q = g_nu,l g_q/(sqrt2 G_F (q^2 + M^2)) at each recoil."""
    target, _ = NUCLEI["127I"]
    hidden = standard_model_and(
        LightVector({"e": np.copysign(1.0, -electronic)}, (1.0, 1.0), separate_couplings=True, label="e"),
        LightVector({"mu": np.copysign(1.0, -muonic)}, (1.0, 1.0), separate_couplings=True, label="mu"),
    )
    couplings = {"g_nu_e": abs(electronic), "g_nu_mu": abs(muonic), "g_q_e": g_q, "g_q_mu": g_q}
    found = weak_charge_of(hidden, "127I", 5e-3, **couplings, mass_e=mass, mass_mu=mass)
    propagator = np.sqrt(2.0) * FERMI_CONSTANT * (2.0 * target.mass * 5e-3 + mass**2)
    epsilon = {family: g * g_q / propagator for family, g in (("e", electronic), ("mu", muonic))}
    nsi = {f"eps_{family * 2}_{quark}V": value for family, value in epsilon.items() for quark in "ud"}
    expected = weak_charge_of(standard_model_and(NonStandardInteractions()), "127I", 5e-3, **nsi)
    np.testing.assert_allclose(found, expected, rtol=1e-8)
