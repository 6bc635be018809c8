"""Generalised interactions against traces of Dirac matrices."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cevns.constants import FERMI_CONSTANT, MEV2_CM2
from cevns.errors import InputError
from cevns.interactions import (
    AXIAL,
    DIPOLE,
    PSEUDOSCALAR,
    SCALAR,
    TENSOR,
    VECTOR,
    ElectronRecoil,
    GeneralisedInteractions,
    Model,
    NonStandardInteractions,
    Recoil,
)
from cevns.interactions.channels import interference
from tests import textbook
from tests.probe import NUCLEI, cross_section, standard_model_and
from tests.textbook import Target

ALONE = Model("ngi", (GeneralisedInteractions(),))


def contact(target: Target) -> float:
    """G_F^2 M/(4 pi) [cm^2/MeV]."""
    return float(FERMI_CONSTANT**2 * target.mass / (4.0 * np.pi) * MEV2_CM2)


_PAULI = [np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.array([[1, 0], [0, -1]])]
_ZERO, _ONE = np.zeros((2, 2)), np.eye(2)
GAMMA = [np.block([[_ZERO, _ONE], [_ONE, _ZERO]])] + [np.block([[_ZERO, s], [-s, _ZERO]]) for s in _PAULI]
GAMMA5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
UNIT = np.eye(4)


def slash(momentum: np.ndarray) -> np.ndarray:
    return sum(METRIC[m, m] * momentum[m] * GAMMA[m] for m in range(4))


def barred(matrix: np.ndarray) -> np.ndarray:
    return GAMMA[0] @ matrix.conj().T @ GAMMA[0]


def vertices(structure: str, coupling: complex) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of matrices between the neutrinos and between the target fermions."""
    target = coupling.real * UNIT + 1j * coupling.imag * GAMMA5
    if structure == "S":
        return [(UNIT, target)]
    if structure == "P":
        return [(1j * GAMMA5, 1j * GAMMA5 @ target)]
    if structure == "V":
        return [(GAMMA[m], METRIC[m, m] * GAMMA[m] @ target) for m in range(4)]
    if structure == "A":
        return [(GAMMA[m] @ GAMMA5, METRIC[m, m] * GAMMA[m] @ GAMMA5 @ target) for m in range(4)]
    sigma = [[0.5j * (GAMMA[m] @ GAMMA[n] - GAMMA[n] @ GAMMA[m]) for n in range(4)] for m in range(4)]
    pairs = itertools.product(range(4), repeat=2)
    return [(sigma[m][n], METRIC[m, m] * METRIC[n, n] * sigma[m][n] @ target) for m, n in pairs]


def contracted(couplings: dict[str, complex], energy: float, recoil: float, mass: float, antineutrino: bool) -> float:
    """dsigma/dT [cm^2/MeV] on a Dirac particle at rest, for G_F/sqrt2 sum_X (nubar X nu)(fbar X (C + i gamma5 D) f)."""
    out = energy - recoil
    cosine = 1.0 - mass * recoil / (energy * out)
    before, at_rest = np.array([energy, 0.0, 0.0, energy]), np.array([mass, 0.0, 0.0, 0.0])
    after = out * np.array([1.0, np.sqrt(1.0 - cosine**2), 0.0, cosine])
    left = (UNIT - GAMMA5) / 2.0
    pairs = [pair for structure, coupling in couplings.items() for pair in vertices(structure, coupling)]
    hadron_out, hadron_in = slash(at_rest + before - after) + mass * UNIT, slash(at_rest) + mass * UNIT
    total = 0.0
    for (lepton, target), (lepton_too, target_too) in itertools.product(pairs, repeat=2):
        if antineutrino:
            leptons = np.trace(slash(before) @ left @ lepton @ slash(after) @ barred(lepton_too))
        else:
            leptons = np.trace(slash(after) @ lepton @ left @ slash(before) @ barred(lepton_too))
        total += (leptons * np.trace(hadron_out @ target @ hadron_in @ barred(target_too))).real
    return float(FERMI_CONSTANT**2 / 2.0 * total / 2.0 / (32.0 * np.pi * mass * energy**2) * MEV2_CM2)


CHANNELS = {"S": SCALAR, "P": PSEUDOSCALAR, "V": VECTOR, "A": AXIAL, "T": TENSOR}
UNITS = {
    "S": FERMI_CONSTANT / np.sqrt(2.0), "P": FERMI_CONSTANT / np.sqrt(2.0), "V": 0.5, "A": 0.5, "T": np.sqrt(0.5),
}  # fmt: skip
"""Charge of an electron per unit coupling."""


@pytest.mark.parametrize("antineutrino", [False, True])
@pytest.mark.parametrize("pair", [*itertools.combinations_with_replacement("SPVAT", 2)])
@pytest.mark.parametrize(("energy", "recoil"), [(3.0, 0.8), (30.0, 2e-3)])
def test_channels_and_their_interference_are_the_traces(
    pair: tuple[str, str], energy: float, recoil: float, antineutrino: bool
) -> None:
    point = ElectronRecoil(np.array([recoil]))
    powers = energy ** -np.arange(3.0)
    total = 0.0
    for a, b in itertools.product(sorted(set(pair)), repeat=2):
        product = interference(CHANNELS[a], CHANNELS[b])
        if product is not None:
            sign = -1.0 if product.odd and antineutrino else 1.0
            total += sign * UNITS[a] * UNITS[b] * float(powers @ product.coefficients(point, True, 0.0)[:, 0])
    expected = contracted(dict.fromkeys(pair, 1.0 + 0j), energy, recoil, point.mass, antineutrino)
    scale = sum(contracted({one: 1.0 + 0j}, energy, recoil, point.mass, antineutrino) for one in set(pair))
    assert total == pytest.approx(expected, abs=1e-9 * scale)


@pytest.mark.parametrize("names", [("S", "T"), ("P", "T")])
def test_imaginary_parts_interfere_like_the_traces(names: tuple[str, str]) -> None:
    """D of the pseudoscalar is an imaginary scalar, and interferes with the imaginary tensor."""
    first, second = names
    energy, recoil, mass = 3.0, 0.8, ElectronRecoil(np.array([0.8])).mass
    both, one, other = (
        contracted(parts, energy, recoil, mass, antineutrino=False)
        for parts in ({first: 1j, second: 1j}, {first: 1j}, {second: 1j})
    )
    model = Model("ngi", (GeneralisedInteractions(),))
    given = {"S": "D_eS", "P": "D_eP", "T": "D_eT"}
    terms = dict(zip((q.name for q in model.parameters), model.terms, strict=True))
    a, b = terms[given[first]], terms[given[second]]
    product = a.product(b)
    assert product is not None
    point = ElectronRecoil(np.array([recoil]))
    charges = float(a.unit_charge(point, {})[0, 0] * b.unit_charge(point, {})[0, 0])
    found = 2.0 * charges * float(energy ** -np.arange(3.0) @ product.coefficients(point, True, 0.0)[:, 0])
    assert found == pytest.approx(both - one - other, rel=1e-9, abs=0.0)


@pytest.mark.parametrize("quark", ["u", "d"])
def test_a_vector_coupling_is_half_of_it_as_nsi(quark: str) -> None:
    _, ours = NUCLEI["133Cs"]
    contact = cross_section(standard_model_and(GeneralisedInteractions()), ours, 6e-3, 42.0, **{f"C_{quark}V": 0.3})
    eps = {f"eps_{family}_{quark}V": 0.15 for family in ("ee", "mumu", "tautau")}
    nsi = cross_section(standard_model_and(NonStandardInteractions()), ours, 6e-3, 42.0, **eps)
    np.testing.assert_allclose(contact, nsi, rtol=1e-12)


def test_scalar_and_tensor_interfere_in_nuclei_with_the_printed_sign() -> None:
    """G_F^2 M/(4 pi) (-2 C_S C_T) T/E for neutrinos, in terms of the sums over nucleons."""
    _, ours = NUCLEI["40Ar"]
    recoil, energy = 6e-3, 42.0
    model = Model("ngi", (GeneralisedInteractions(common=True),))
    both, scalar, tensor = (
        float(cross_section(model, ours, recoil, energy, **values)[0, 0])
        for values in ({"C_qS": 0.01, "C_qT": 0.2}, {"C_qS": 0.01}, {"C_qT": 0.2})
    )
    point = Recoil(ours, np.array([recoil]))
    shape = FERMI_CONSTANT**2 * point.mass / (4.0 * np.pi) * MEV2_CM2
    c_s = np.sqrt(scalar / (shape * point.mass * recoil / (2.0 * energy**2)))
    c_t = np.sqrt(tensor / (8.0 * shape * (1.0 - recoil / energy - point.mass * recoil / (4.0 * energy**2))))
    assert both - scalar - tensor == pytest.approx(-2.0 * shape * c_s * c_t * recoil / energy, rel=1e-6, abs=0.0)


@pytest.mark.parametrize(("quark", "factors"), [("u", (0.0208, 0.0189, 2.2)), ("d", (0.0411, 0.0451, 4.7))])
def test_scalar_charges_of_nuclei(quark: str, factors: tuple[float, float, float]) -> None:
    """C_S = C_q (Z F_Z m_p f_q^p + N F_N m_n f_q^n)/m_q, and C_S^2 M T/(2 E^2)."""
    target, ours = NUCLEI["133Cs"]
    recoil, energy = 6e-3, 42.0
    of_proton, of_neutron, mass = factors
    z, n = textbook.nucleons(target, recoil)
    charge = 0.02 * (z * 938.272 * of_proton + n * 939.565 * of_neutron) / mass
    found = cross_section(ALONE, ours, recoil, energy, **{f"C_{quark}S": 0.02})[:, 0]
    expected = contact(target) * charge**2 * target.mass * recoil / (2.0 * energy**2)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize(("quark", "charges"), [("u", (0.54, -0.23)), ("d", (-0.23, 0.54))])
def test_tensor_charges_of_nuclei(quark: str, charges: tuple[float, float]) -> None:
    """C_T = C_q (Z F_Z delta_q^p + N F_N delta_q^n), and 8 C_T^2 (1 - T/E - M T/(4 E^2))."""
    target, ours = NUCLEI["127I"]
    recoil, energy = 6e-3, 42.0
    charge = 0.3 * float(np.dot(charges, textbook.nucleons(target, recoil)))
    shape = 1.0 - recoil / energy - target.mass * recoil / (4.0 * energy**2)
    found = cross_section(ALONE, ours, recoil, energy, **{f"C_{quark}T": 0.3})[:, 0]
    np.testing.assert_allclose(found, contact(target) * 8.0 * charge**2 * shape, rtol=1e-9)


def test_axial_and_pseudoscalar_charges_of_a_spin() -> None:
    """Iodine, J = 5/2, <S_p> = 0.342 and <S_n> = 0.031: 2 sqrt((J+1)/(3J)) takes the place of the number of nucleons.

    The axial current sees C_q times the quarks' shares of the spin. The pseudoscalar one is that of a Dirac particle,
    C_P^2 M T/(2 E^2) T/(2 M), whose charge is the divergence of the axial one, with the pole of the pion.
    """
    target, ours = NUCLEI["127I"]
    recoil, energy = 6e-3, 42.0
    z, _ = textbook.nucleons(target, recoil)
    weight = 2.0 * np.sqrt(3.5 / 7.5) * z / target.protons
    axial = 0.3 * weight * (0.842 * 0.342 - 0.427 * 0.031)
    shape = 1.0 - recoil / energy + target.mass * recoil / (2.0 * energy**2)
    found = cross_section(ALONE, ours, recoil, energy, C_uA=0.3)[:, 0]
    np.testing.assert_allclose(found, contact(target) * axial**2 * shape, rtol=1e-9)
    pole = 139.57**2 / (139.57**2 + 2.0 * target.mass * recoil)
    pseudoscalar = 0.3 * weight * (0.842 + 0.427) * target.mass / 6.9 * pole * (0.342 - 0.031)
    found = cross_section(ALONE, ours, recoil, energy, C_dP=0.3)[:, 0]
    np.testing.assert_allclose(found, contact(target) * pseudoscalar**2 * recoil**2 / (4.0 * energy**2), rtol=1e-5)


def test_argon_has_no_spin() -> None:
    _, ours = NUCLEI["40Ar"]
    plain = cross_section(standard_model_and(), ours, 6e-3, 42.0)
    spin = cross_section(standard_model_and(GeneralisedInteractions()), ours, 6e-3, 42.0, C_uA=1.0, C_uP=1.0, D_dS=1.0)
    np.testing.assert_array_equal(spin, plain)


def test_channels_that_do_not_interfere() -> None:
    assert interference(VECTOR, SCALAR) is None
    assert interference(DIPOLE, VECTOR) is None


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(InputError, match=r"families: got 'x'; allowed: one of: e, mu, tau"):
        GeneralisedInteractions(families=("x",))
