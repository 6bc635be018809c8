"""The Standard Model with its weak mixing angle, or the neutron radius of the target, left free."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cevns
from cevns import Experiment
from cevns.errors import InputError, NumericalError
from cevns.interactions import (
    FreeMixingAngle,
    LightScalar,
    LightVector,
    MagneticMoment,
    Model,
    NeutronRadius,
    NonStandardInteractions,
    StandardModel,
    radiative_couplings,
    tree_couplings,
)
from cevns.interactions.standard_model import SIN2_THETA_W_ZERO
from tests import textbook
from tests.probe import NEUTRON, NUCLEI, PROTON, cross_section, standard_model_and

SETS = ("radiative", "radiative-without-zz-boxes", "tree")
B_MINUS_L = {"B": 1.0, "e": 1.0, "mu": 1.0, "tau": 1.0}
CAESIUM = NeutronRadius(("133Cs",), label="Cs")
IODINE = NeutronRadius(("127I",), label="I")
BOTH = Model("both", (StandardModel(), CAESIUM, IODINE))


def free(couplings: str) -> Model:
    return Model("free", (FreeMixingAngle(couplings),))


# Weak mixing angle


@pytest.mark.parametrize("couplings", SETS)
@pytest.mark.parametrize("name", ["csi", "lar"])
def test_at_its_value_it_is_the_standard_model(couplings: str, name: str, request: pytest.FixtureRequest) -> None:
    experiment: Experiment = request.getfixturevalue(name)
    standard = experiment.predict(StandardModel(couplings)).cevns
    np.testing.assert_allclose(experiment.predict(free(couplings), sin2_theta_w=0.23857).cevns, standard, rtol=1e-12)
    np.testing.assert_allclose(experiment.predict(free(couplings)).cevns, standard, rtol=1e-12)
    assert SIN2_THETA_W_ZERO == 0.23857


@given(angle=st.floats(0.0, 1.0), couplings=st.sampled_from(SETS), nucleus=st.sampled_from(sorted(NUCLEI)))
def test_at_any_value_it_has_the_couplings_of_that_value(angle: float, couplings: str, nucleus: str) -> None:
    target, ours = NUCLEI[nucleus]
    values = (
        tree_couplings(angle)
        if couplings == "tree"
        else radiative_couplings(zz_boxes=couplings == "radiative", sin2_theta_w=angle)
    )
    found = cross_section(free(couplings), ours, 5e-3, 40.0, sin2_theta_w=angle)[:, 0]
    z, n = textbook.nucleons(target, 5e-3)
    scale = textbook.vector_cross_section(2.5 * z + 0.5 * n, target, 5e-3, 40.0)
    for value, proton in zip(found, values.proton, strict=True):
        expected = textbook.vector_cross_section(proton * z + values.neutron * n, target, 5e-3, 40.0)
        assert value == pytest.approx(expected, rel=1e-10, abs=1e-12 * scale)


@given(angles=st.tuples(*[st.floats(0.1, 1.0)] * 2), share=st.floats(0.0, 1.0), couplings=st.sampled_from(SETS))
def test_the_weak_charge_is_linear_in_it(angles: tuple[float, float], share: float, couplings: str) -> None:
    """The square root of the rate is -Q: above s_W^2 = 0.1 the neutrons decide the sign of the weak charge."""
    _, ours = NUCLEI["40Ar"]
    between = share * angles[0] + (1.0 - share) * angles[1]
    point = {"sin2_theta_w": np.array([*angles, between])}
    weak = -np.sqrt(cross_section(free(couplings), ours, 1e-2, 40.0, **point)[:, :, 0])
    np.testing.assert_allclose(weak[2], share * weak[0] + (1.0 - share) * weak[1], rtol=1e-12)


def test_counts_rise_with_the_weak_mixing_angle(csi: Experiment) -> None:
    """g_V^p falls and becomes negative like g_V^n."""
    counts = csi.predict("weak-mixing-angle", sin2_theta_w=np.linspace(0.1, 0.5, 9)).cevns.sum(axis=(-2, -1))
    assert np.all(np.diff(counts) > 0.0)
    # A parabola.
    np.testing.assert_allclose(np.diff(counts, 3), 0.0, atol=1e-10 * counts.max())


@pytest.mark.parametrize("wrong", ["atzori-corona-2022", "on-shell", ""])
def test_refuses_couplings_that_do_not_depend_on_the_angle(wrong: str) -> None:
    expected = f"couplings: got {wrong!r}; allowed: one of: {', '.join(SETS)}"
    with pytest.raises(InputError, match=re.escape(expected)):
        FreeMixingAngle(wrong)
    with pytest.raises(InputError, match=re.escape(expected)):
        cevns.model("weak-mixing-angle", couplings=wrong)


@pytest.mark.parametrize("angle", [-1e-9, 1.0 + 1e-9, np.nan, [0.2, 1.2]])
def test_refuses_an_angle_out_of_range(angle: float, csi: Experiment) -> None:
    with pytest.raises(InputError, match=r"^sin2_theta_w: got .*; allowed: finite numbers from 0 to 1$"):
        csi.predict("weak-mixing-angle", sin2_theta_w=angle)


def test_the_model_by_name_takes_the_couplings_asked_for(lar: Experiment) -> None:
    tree = cevns.model("weak-mixing-angle", couplings="tree")
    np.testing.assert_array_equal(
        lar.predict(tree, sin2_theta_w=0.3).cevns, lar.predict(free("tree"), sin2_theta_w=0.3).cevns
    )
    assert [p.name for p in tree.parameters] == ["sin2_theta_w"]


# Neutron radius


def test_the_radii_of_the_experiment_are_the_standard_model_exactly(csi: Experiment, lar: Experiment) -> None:
    np.testing.assert_array_equal(csi.predict(BOTH, R_n_Cs=5.09, R_n_I=5.03).cevns, csi.predict("sm").cevns)
    argon = Model("argon", (StandardModel(), NeutronRadius(("40Ar",))))
    np.testing.assert_array_equal(lar.predict(argon, R_n=3.55).cevns, lar.predict("sm").cevns)


def test_the_radius_enters_the_form_factor_of_the_neutrons_alone() -> None:
    target, ours = NUCLEI["133Cs"]
    found = cross_section(standard_model_and(NeutronRadius()), ours, 0.01, 45.0, R_n=5.7)[:, 0]
    z, n = textbook.nucleons(replace(target, neutron_radius=5.7), 0.01)
    for value, family in zip(found, PROTON, strict=True):
        charge = PROTON[family] * z + NEUTRON * n
        assert value == pytest.approx(textbook.vector_cross_section(charge, target, 0.01, 45.0), rel=1e-11, abs=0.0)


def test_a_larger_radius_reduces_the_counts(csi: Experiment) -> None:
    counts = csi.predict("neutron-radius", R_n=np.linspace(4.0, 6.5, 11)).cevns.sum(axis=(-2, -1))
    assert np.all(np.diff(counts) < 0.0)
    # F^2 ~ exp(-q^2 R^2/3) at q of 40 to 70 MeV, the momenta that are seen: d ln N/dR = -2 q^2 R/3 per fm.
    low, high = (2.0 * (q / textbook.HBAR_C) ** 2 * 5.0 / 3.0 for q in (40.0, 70.0))
    assert low < -np.log(counts[5] / counts[4]) / 0.25 < high


def test_other_isotopes_keep_theirs(csi: Experiment, lar: Experiment) -> None:
    np.testing.assert_array_equal(lar.predict("neutron-radius", R_n=6.0).cevns, lar.predict("sm").cevns)
    caesium = Model("caesium", (StandardModel(), CAESIUM))
    found = csi.predict(caesium, R_n_Cs=6.0)
    standard = csi.predict("sm")
    for index, nucleus in enumerate(found.nuclei):
        same = np.array_equal(found.signal[index], standard.signal[index])
        assert same == (nucleus == "127I")


def test_two_of_them_move_caesium_and_iodine_apart(csi: Experiment) -> None:
    nuclei = csi.nuclei
    standard = csi.predict(BOTH, R_n_Cs=5.0, R_n_I=5.0).signal.sum(axis=(1, 2, 3))
    caesium = csi.predict(BOTH, R_n_Cs=5.5, R_n_I=5.0).signal.sum(axis=(1, 2, 3))
    iodine = csi.predict(BOTH, R_n_Cs=5.0, R_n_I=5.5).signal.sum(axis=(1, 2, 3))
    cs, i = nuclei.index("133Cs"), nuclei.index("127I")
    assert caesium[cs] < standard[cs]
    assert caesium[i] == standard[i]
    assert iodine[i] < standard[i]
    assert iodine[cs] == standard[cs]


@given(radius=st.floats(2.0, 10.0))
def test_two_equal_ones_are_the_common_one(csi: Experiment, radius: float) -> None:
    np.testing.assert_array_equal(
        csi.predict(BOTH, R_n_Cs=radius, R_n_I=radius).cevns, csi.predict("neutron-radius", R_n=radius).cevns
    )


def test_a_grid_of_radii_is_a_loop_over_them(csi: Experiment) -> None:
    caesium, iodine = np.linspace(4.5, 5.5, 3)[:, None], np.linspace(4.0, 6.0, 4)
    grid = csi.predict(BOTH, R_n_Cs=caesium, R_n_I=iodine).cevns
    assert grid.shape == (3, 4, 9, 11)
    for i, j in np.ndindex(3, 4):
        one = csi.predict(BOTH, R_n_Cs=caesium[i, 0], R_n_I=iodine[j]).cevns
        np.testing.assert_allclose(grid[i, j], one, rtol=1e-12)


def test_more_radii_than_are_held_in_memory_at_once(csi: Experiment) -> None:
    radii = np.linspace(3.0, 7.0, 1030)
    many = csi.predict("neutron-radius", R_n=radii).cevns
    for index in (0, 511, 512, 1023, 1024, 1029):
        one = csi.predict("neutron-radius", R_n=radii[index]).cevns
        np.testing.assert_allclose(many[index], one, rtol=1e-12)


def test_a_likelihood_sees_the_radii(csi: Experiment, lar: Experiment) -> None:
    likelihood = cevns.Likelihood(BOTH, [csi, lar])
    caesium, iodine = np.array([[4.8], [5.09]]), np.array([5.03, 5.5])
    grid = likelihood(R_n_Cs=caesium, R_n_I=iodine)
    assert grid[1, 0] == pytest.approx(float(cevns.Likelihood("sm", [csi, lar])()), rel=1e-12, abs=0.0)
    for i, j in np.ndindex(2, 2):
        one = float(likelihood(R_n_Cs=caesium[i, 0], R_n_I=iodine[j]))
        assert grid[i, j] == pytest.approx(one, rel=1e-10, abs=0.0)


@pytest.mark.parametrize(
    ("interaction", "parameters"),
    [
        (LightVector(B_MINUS_L), {"g": 1e-4, "mass": 10.0}),
        (LightScalar(), {"g": 3e-6, "mass": 10.0}),
        (NonStandardInteractions(), {"eps_mumu_dV": 0.1}),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_every_other_interaction_sees_the_new_radius(
    interaction: LightVector | LightScalar | NonStandardInteractions, parameters: dict[str, float], first: bool
) -> None:
    """The same as a nucleus that has that radius, in whatever order the interactions are named."""
    _, ours = NUCLEI["127I"]
    parts = (NeutronRadius(), interaction) if first else (interaction, NeutronRadius())
    adjusted = cross_section(standard_model_and(*parts), ours, 0.012, 45.0, R_n=6.0, **parameters)
    swollen = cross_section(
        standard_model_and(interaction), replace(ours, neutron_radius=6.0), 0.012, 45.0, **parameters
    )
    np.testing.assert_array_equal(adjusted, swollen)
    # New physics alone sees it as well.
    alone = (Model("alone", (interaction,)), Model("alone", (interaction, NeutronRadius())))
    before, after = (
        cross_section(m, ours, 0.012, 45.0, **parameters, **extra)
        for m, extra in zip(alone, ({}, {"R_n": 6.0}), strict=True)
    )
    assert after.sum() < before.sum()


def test_a_mediator_sees_the_radius_in_the_counts(csi: Experiment) -> None:
    """Masses and radii together, on a grid."""
    model = Model("x", (StandardModel(), LightVector(B_MINUS_L), NeutronRadius()))
    mass, radius = np.array([[1.0], [30.0]]), np.array([4.5, 5.5])
    grid = csi.predict(model, g=1e-4, mass=mass, R_n=radius).cevns
    for i, j in np.ndindex(2, 2):
        other = cevns.experiment(
            "coherent-csi-2021",
            {
                "target.radii": {
                    "133Cs": {"proton": 4.821, "neutron": float(radius[j])},
                    "127I": {"proton": 4.766, "neutron": float(radius[j])},
                }
            },
        )
        np.testing.assert_allclose(grid[i, j], other.predict("b-l", g=1e-4, mass=mass[i, 0]).cevns, rtol=1e-10)


def test_moments_do_not_see_neutrons() -> None:
    _, ours = NUCLEI["133Cs"]
    alone = Model("alone", (MagneticMoment(universal=True), NeutronRadius()))
    small, large = (cross_section(alone, ours, 5e-3, 40.0, mu_nu=1e-9, R_n=r) for r in (4.0, 6.0))
    np.testing.assert_array_equal(small, large)


def test_recoil_spectrum_with_arrays_of_radii(csi: Experiment) -> None:
    recoil = np.array([2.0, 10.0, 20.0])
    spectrum = csi.recoil_spectrum("neutron-radius", recoil, R_n=[4.5, 5.5])
    assert spectrum.shape == (2, 2, 3, 3)
    np.testing.assert_allclose(spectrum[1], csi.recoil_spectrum("neutron-radius", recoil, R_n=5.5), rtol=1e-13)


def test_refuses_an_unknown_isotope() -> None:
    with pytest.raises(InputError, match=r"^isotope: got '132Cs'; allowed: one of: "):
        NeutronRadius(("133Cs", "132Cs"))


@pytest.mark.parametrize("radius", [1.99, 10.01, np.nan])
def test_refuses_a_radius_out_of_range(radius: float, csi: Experiment) -> None:
    with pytest.raises(InputError, match=r"^R_n: got .*; allowed: finite numbers from 2 to 10 \[fm\]"):
        csi.predict("neutron-radius", R_n=radius)


def test_the_radius_has_to_be_given(csi: Experiment) -> None:
    with pytest.raises(
        InputError, match=r"^R_n: got None; allowed: a value of this parameter \(rms radius of the neut"
    ):
        csi.predict("neutron-radius")


def test_two_without_labels_are_refused() -> None:
    with pytest.raises(InputError, match=r"'R_n'; allowed: distinct parameter names \(add label="):
        Model("x", (StandardModel(), NeutronRadius(("133Cs",)), NeutronRadius(("127I",))))


def test_radius_of_some_nuclei_only_takes_arrays(csi: Experiment) -> None:
    """Nuclei that keep their radius have no axis of their own for it."""
    model = Model("x", (StandardModel(), NeutronRadius(("133Cs",), label="Cs")))
    radii = [4.0, 5.09]
    together = csi.predict(model, R_n_Cs=radii).signal
    assert together == pytest.approx(np.stack([csi.predict(model, R_n_Cs=r).signal for r in radii]), rel=1e-13, abs=0.0)
    spectra = csi.recoil_spectrum(model, np.array([5.0, 10.0]), R_n_Cs=radii)
    assert spectra.shape == (2, 2, 3, 2)


def test_radius_without_effect_is_refused(lar: Experiment) -> None:
    with pytest.raises(InputError, match=r"target\.form_factor: got 'helm-engel'"):
        cevns.experiment("coherent-csi-2017-counting").predict("neutron-radius", R_n=5.0)
    with pytest.raises(NumericalError, match="no value of R_n changes the counts of neutron-radius"):
        cevns.intervals("neutron-radius", lar, "R_n")
