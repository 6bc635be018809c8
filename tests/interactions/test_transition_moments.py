from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cevns
from cevns import Experiment
from cevns.errors import InputError
from cevns.interactions import LeptonMixing, MagneticMoment, Model, TransitionMoments, model
from tests.probe import NUCLEI, cross_section, standard_model_and

FAMILIES = ("e", "mu", "tau")
UNIT = 1e-9

sines = st.floats(0.0, 1.0)
phases = st.floats(0.0, 2.0 * np.pi)
mixings = st.builds(LeptonMixing, sines, sines, sines, st.floats(-7.0, 7.0))
three = st.tuples(*[st.floats(0.0, 3.0)] * 3)
nine = st.tuples(*[st.floats(0.0, 3.0)] * 9)


def mixing_matrix(mixing: LeptonMixing) -> np.ndarray:
    """Element by element, as the PDG prints it."""
    angles = (mixing.sin2_theta12, mixing.sin2_theta23, mixing.sin2_theta13)
    s12, s23, s13 = np.sqrt(angles)
    c12, c23, c13 = np.sqrt(1.0 - np.array(angles))
    e = np.exp(1j * mixing.delta)
    return np.array(
        [
            [c12 * c13, s12 * c13, s13 / e],
            [-s12 * c23 - c12 * s23 * s13 * e, c12 * c23 - s12 * s23 * s13 * e, s23 * c13],
            [s12 * s23 - c12 * c23 * s13 * e, -c12 * s23 - s12 * c23 * s13 * e, c23 * c13],
        ]
    )


def majorana(moduli: tuple[float, ...], angles: tuple[float, ...]) -> np.ndarray:
    one, two, three = np.array(moduli) * np.exp(1j * np.array(angles))
    return np.array([[0.0, three, -two], [-three, 0.0, one], [two, -one, 0.0]])


def squares(mixing: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """mu_l^2, sum by sum."""
    return np.array(
        [
            sum(abs(sum(np.conj(mixing[flavour, j]) * moments[j, k] for j in range(3))) ** 2 for k in range(3))
            for flavour in range(3)
        ]
    )


def named(moduli: tuple[float, ...], angles: tuple[float, ...], *, dirac: bool = False) -> dict[str, float]:
    """Parameters; the moduli in units of 1e-9 Bohr magnetons."""
    labels = [f"{j}{k}" for j, k in product("123", repeat=2)] if dirac else ["1", "2", "3"]
    stem = "lambda" if dirac else "Lambda"
    values = {f"{stem}_{label}": UNIT * modulus for label, modulus in zip(labels, moduli, strict=True)}
    return values | {f"zeta_{label}": angle for label, angle in zip(labels, angles, strict=True)}


def squares_from_rates(interaction: TransitionMoments, values: dict[str, float]) -> np.ndarray:
    """mu_l^2 in units of 1e-18 mu_B^2: cross sections in units of that of a flavour with the moment 1e-9 mu_B."""
    _, ours = NUCLEI["133Cs"]
    found = cross_section(Model("alone", (interaction,)), ours, 5e-3, 40.0, **values)
    unit = cross_section(Model("unit", (MagneticMoment(universal=True),)), ours, 5e-3, 40.0, mu_nu=UNIT)
    return (found / unit)[:, 0]


@given(mixing=mixings)
def test_mixing_matrix_is_that_of_the_pdg_and_unitary(mixing: LeptonMixing) -> None:
    np.testing.assert_allclose(mixing.matrix, mixing_matrix(mixing), atol=1e-14)
    np.testing.assert_allclose(mixing.matrix @ mixing.matrix.conj().T, np.eye(3), atol=1e-14)


def test_default_mixing_is_the_best_fit_for_normal_ordering() -> None:
    """|U_e1|^2 = (1 - .318)(1 - .022), |U_mu3|^2 = .574 (1 - .022), and delta = 1.08 pi."""
    matrix = LeptonMixing().matrix
    assert abs(matrix[0, 0]) ** 2 == pytest.approx(0.682 * 0.978, rel=1e-12, abs=0.0)
    assert abs(matrix[1, 2]) ** 2 == pytest.approx(0.574 * 0.978, rel=1e-12, abs=0.0)
    assert matrix[0, 2] == pytest.approx(np.sqrt(0.022) * np.exp(-1.08j * np.pi), rel=1e-12, abs=0.0)


@given(mixing=mixings, moduli=three, angles=st.tuples(phases, phases, phases))
def test_rates_are_those_of_the_complex_matrices(
    mixing: LeptonMixing, moduli: tuple[float, ...], angles: tuple[float, ...]
) -> None:
    expected = squares(mixing_matrix(mixing), majorana(moduli, angles))
    found = squares_from_rates(TransitionMoments(mixing), named(moduli, angles))
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12 * sum(np.square(moduli)))


@given(mixing=mixings, moduli=nine, angles=st.tuples(*[phases] * 9))
def test_dirac_rates_are_those_of_the_complex_matrices(
    mixing: LeptonMixing, moduli: tuple[float, ...], angles: tuple[float, ...]
) -> None:
    moments = (np.array(moduli) * np.exp(1j * np.array(angles))).reshape(3, 3)
    expected = squares(mixing_matrix(mixing), moments)
    found = squares_from_rates(TransitionMoments(mixing, dirac=True), named(moduli, angles, dirac=True))
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12 * sum(np.square(moduli)))


@given(mixing=mixings, moduli=three, angles=st.tuples(phases, phases, phases))
def test_majorana_moments_are_what_is_orthogonal_to_the_flavour(
    mixing: LeptonMixing, moduli: tuple[float, ...], angles: tuple[float, ...]
) -> None:
    """|u x Lambda|^2 = |Lambda|^2 - |conj(u) . Lambda|^2 with u = U*_l, a unit vector."""
    vector = np.array(moduli) * np.exp(1j * np.array(angles))
    total = sum(np.square(moduli))
    expected = total - abs(mixing_matrix(mixing) @ vector) ** 2
    found = TransitionMoments(mixing).flavour_moments(**named(moduli, angles)) / UNIT
    np.testing.assert_allclose(found**2, expected, atol=1e-13 * total)


@given(mixing=mixings, moduli=three, angles=st.tuples(phases, phases, phases))
def test_flavours_together_have_the_trace(
    mixing: LeptonMixing, moduli: tuple[float, ...], angles: tuple[float, ...]
) -> None:
    """sum_l mu_l^2 = tr lambda^dagger lambda = 2 |Lambda|^2, whatever the mixing and the phases."""
    moments = majorana(moduli, angles)
    trace = np.trace(moments.conj().T @ moments).real
    assert trace == pytest.approx(2.0 * sum(np.square(moduli)), rel=1e-12, abs=0.0)
    assert squares_from_rates(TransitionMoments(mixing), named(moduli, angles)).sum() == pytest.approx(
        trace, rel=1e-11, abs=0.0
    )


@given(mixing=mixings, moduli=nine, angles=st.tuples(*[phases] * 9))
def test_dirac_flavours_together_have_the_trace(
    mixing: LeptonMixing, moduli: tuple[float, ...], angles: tuple[float, ...]
) -> None:
    found = TransitionMoments(mixing, dirac=True).flavour_moments(**named(moduli, angles, dirac=True)) / UNIT
    assert np.square(found).sum() == pytest.approx(np.square(moduli).sum(), rel=1e-12, abs=0.0)


# |U_lm|^2 of the default mixing with s13 = 0: by hand.
@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, (0.318, 1.0 - 0.318 * 0.426, 1.0 - 0.318 * 0.574)),
        (2, (0.682, 1.0 - 0.682 * 0.426, 1.0 - 0.682 * 0.574)),
        (3, (1.0, 0.426, 0.574)),
    ],
)
@pytest.mark.parametrize("phase", [0.0, 2.5])
def test_one_moment_alone(number: int, expected: tuple[float, float, float], phase: float) -> None:
    """mu_l^2 = Lambda_m^2 (1 - |U_lm|^2): no phase matters."""
    interaction = TransitionMoments(LeptonMixing(sin2_theta13=0.0, delta=1.0))
    values = {f"Lambda_{number}": UNIT, f"zeta_{number}": phase}
    np.testing.assert_allclose(squares_from_rates(interaction, values), expected, rtol=1e-12)


def test_without_mixing_a_flavour_has_the_other_two_moments() -> None:
    interaction = TransitionMoments(LeptonMixing(0.0, 0.0, 0.0, 0.0))
    found = squares_from_rates(interaction, named((1.0, 2.0, 3.0), (0.3, 1.2, 5.0)))
    np.testing.assert_allclose(found, [4.0 + 9.0, 1.0 + 9.0, 1.0 + 4.0], rtol=1e-12)


def test_a_diagonal_dirac_moment_without_mixing_is_that_of_a_flavour() -> None:
    _, ours = NUCLEI["40Ar"]
    interaction = TransitionMoments(LeptonMixing(0.0, 0.0, 0.0, 0.0), dirac=True)
    found = cross_section(standard_model_and(interaction), ours, 1e-2, 40.0, lambda_22=3e-9, zeta_22=1.0)
    expected = cross_section(standard_model_and(MagneticMoment()), ours, 1e-2, 40.0, mu_numu=3e-9)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@given(mixing=mixings, moduli=three, angles=st.tuples(phases, phases, phases), dirac=st.booleans())
def test_antineutrinos_have_the_moments_of_neutrinos(
    mixing: LeptonMixing, moduli: tuple[float, ...], angles: tuple[float, ...], dirac: bool
) -> None:
    """U -> U*, lambda -> lambda*: the amplitudes are conjugated, their squares are the same."""
    conjugated = LeptonMixing(mixing.sin2_theta12, mixing.sin2_theta23, mixing.sin2_theta13, -mixing.delta)
    values = named(moduli * 3, angles * 3, dirac=True) if dirac else named(moduli, angles)
    opposite = {name: 2.0 * np.pi - value if name.startswith("zeta") else value for name, value in values.items()}
    found, expected = (
        squares_from_rates(TransitionMoments(one, dirac=dirac), parameters)
        for one, parameters in ((conjugated, opposite), (mixing, values))
    )
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12 * sum(np.square(moduli)))


@given(moduli=three, angles=st.tuples(*[st.floats(0.0, 3.0)] * 3), common=st.floats(0.0, 3.0))
def test_a_common_phase_does_not_matter(moduli: tuple[float, ...], angles: tuple[float, ...], common: float) -> None:
    turned = tuple(angle + common for angle in angles)
    found, expected = (TransitionMoments().flavour_moments(**named(moduli, a)) for a in (turned, angles))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-15)


def test_phases_matter_between_two_moments() -> None:
    """mu_e^2 = |Lambda|^2 - |U_e1 + U_e2 exp(i zeta)|^2: least where the two add up."""
    aligned, opposite = (
        TransitionMoments().flavour_moments(Lambda_1=1.0, Lambda_2=1.0, zeta_2=zeta)[0] for zeta in (0.0, np.pi)
    )
    u1, u2 = np.sqrt(0.682 * 0.978), np.sqrt(0.318 * 0.978)
    assert aligned**2 == pytest.approx(2.0 - (u1 + u2) ** 2, rel=1e-10, abs=0.0)
    assert opposite**2 == pytest.approx(2.0 - (u1 - u2) ** 2, rel=1e-10, abs=0.0)


def test_counts_are_those_of_the_flavour_moments(csi: Experiment) -> None:
    values = {"Lambda_1": 2e-9, "Lambda_2": 1e-9, "Lambda_3": 3e-9, "zeta_1": 0.4, "zeta_2": 2.0, "zeta_3": 4.0}
    moments = TransitionMoments().flavour_moments(**values)
    by_flavour = {f"mu_nu{family}": moment for family, moment in zip(FAMILIES, moments, strict=True)}
    found = csi.predict("transition-moments", **values).signal
    np.testing.assert_allclose(found, csi.predict("magnetic-moment", **by_flavour).signal, rtol=1e-11)


def test_parameters_broadcast(csi: Experiment) -> None:
    grid = csi.predict("transition-moments", Lambda_1=[[1e-9], [2e-9]], Lambda_2=1e-9, zeta_2=[0.0, 1.0, 3.0]).cevns
    assert grid.shape == (2, 3, 9, 11)
    one = csi.predict("transition-moments", Lambda_1=2e-9, Lambda_2=1e-9, zeta_2=1.0).cevns
    np.testing.assert_allclose(grid[1, 1], one, rtol=1e-12)
    assert TransitionMoments().flavour_moments(Lambda_3=np.ones((4, 1)), zeta_3=np.ones(5)).shape == (4, 5, 3)


def test_no_moment_is_the_standard_model(csi: Experiment) -> None:
    np.testing.assert_array_equal(csi.predict("transition-moments").signal, csi.predict("sm").signal)


def test_bound_of_one_moment_is_that_of_its_flavours(csi: Experiment) -> None:
    """Lambda_3 without theta_13: mu_e = Lambda_3, mu_mu = c23 Lambda_3."""
    interaction = TransitionMoments(LeptonMixing(sin2_theta23=0.0, sin2_theta13=0.0))
    (transition,) = cevns.intervals(interaction, csi, "Lambda_3")
    (universal,) = cevns.intervals("universal-magnetic-moment", csi, "mu_nu")
    assert transition.intervals[0][1] == pytest.approx(universal.intervals[0][1], rel=1e-8, abs=0.0)


def test_named_model() -> None:
    chosen = model("transition-moments")
    assert chosen.interactions[1] == TransitionMoments()
    expected = ["Lambda_1", "Lambda_2", "Lambda_3", "zeta_1", "zeta_2", "zeta_3"]
    assert [p.name for p in chosen.parameters] == expected
    assert [p.unit for p in chosen.parameters] == ["mu_B"] * 3 + ["rad"] * 3
    assert {p.default for p in chosen.parameters} == {0.0}
    assert len(TransitionMoments(dirac=True).parameters) == 18


@pytest.mark.parametrize("value", [-0.01, 1.01, np.nan])
@pytest.mark.parametrize("name", ["sin2_theta12", "sin2_theta23", "sin2_theta13"])
def test_refuses_angles_that_are_none(name: str, value: float) -> None:
    with pytest.raises(InputError, match=f"^{name}: got {value}; allowed: a number from 0 to 1"):
        LeptonMixing(**{name: value})


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_refuses_a_phase_that_is_not_finite(value: float) -> None:
    with pytest.raises(InputError, match=r"^delta: got"):
        LeptonMixing(delta=value)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"Lambda_1": -1e-9}, "Lambda_1"), ({"zeta_1": 7.0}, "zeta_1"), ({"Lambda_4": 1.0}, "parameter")],
)
def test_refuses_parameters_out_of_range(values: dict[str, float], field: str, csi: Experiment) -> None:
    with pytest.raises(InputError, match=f"^{field}: got"):
        csi.predict("transition-moments", **values)
    with pytest.raises(InputError, match=f"^{field}: got"):
        TransitionMoments().flavour_moments(**values)
