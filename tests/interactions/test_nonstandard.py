from __future__ import annotations

import math
import re
from itertools import product
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns import Experiment
from cevns.errors import InputError
from cevns.interactions import LightVector, Model, NonStandardInteractions, StandardModel, nsi_parameters
from cevns.kinematics import maximum_recoil
from tests import textbook
from tests.probe import NEUTRON, NUCLEI, PRINTED, PROTON, cross_section, standard_model_and
from tests.textbook import Target

FAMILIES = ("e", "mu", "tau")
PAIRS = (("e", "mu"), ("e", "tau"), ("mu", "tau"))
Structure = Literal["vector", "tensor"]

VECTOR = standard_model_and(NonStandardInteractions())
TENSOR = Model("tensor alone", (NonStandardInteractions("tensor"),))

real = st.floats(-2.0, 2.0)


def hermitian(elements: list[float]) -> np.ndarray:
    """A Hermitian matrix from three diagonal elements, then real and imaginary parts of e-mu, e-tau, mu-tau."""
    matrix = np.diag(elements[:3]).astype(complex)
    for (a, b), re_part, im_part in zip(((0, 1), (0, 2), (1, 2)), elements[3::2], elements[4::2], strict=True):
        matrix[a, b], matrix[b, a] = complex(re_part, im_part), complex(re_part, -im_part)
    return matrix


matrices = st.lists(real, min_size=9, max_size=9).map(hermitian)


def by_name(up: np.ndarray, down: np.ndarray, structure: str = "vector") -> dict[str, float]:
    """The parameters that stand for two Hermitian matrices, written out from their names."""
    letter = structure[0].upper()
    values: dict[str, float] = {}
    for quark, matrix in (("u", up), ("d", down)):
        for i, family in enumerate(FAMILIES):
            values[f"eps_{family}{family}_{quark}{letter}"] = matrix[i, i].real
        for a, b in PAIRS:
            element = matrix[FAMILIES.index(a), FAMILIES.index(b)]
            values[f"eps_{a}{b}_{quark}{letter}"] = element.real
            values[f"eps_{a}{b}_{quark}{letter}_im"] = element.imag
    return values


def new_charges(up: np.ndarray, down: np.ndarray, target: Target, recoil: float) -> np.ndarray:
    """(2 eps^u + eps^d) Z F_Z + (eps^u + 2 eps^d) N F_N, a matrix in flavour space."""
    z, n = textbook.nucleons(target, recoil)
    return (2.0 * up + down) * z + (up + 2.0 * down) * n


def tensor_cross_section(charge_squared: float, target: Target, recoil: float, energy: float) -> float:
    shape = 1.0 - recoil / energy - target.mass * recoil / (4.0 * energy**2)
    return 4.0 * textbook.FERMI**2 * target.mass / math.pi * charge_squared * shape * textbook.MEV.cm2


anywhere = given(
    up=matrices,
    down=matrices,
    nucleus=st.sampled_from(sorted(NUCLEI)),
    energy=st.floats(5.0, 60.0),
    fraction=st.floats(1e-4, 0.99),
)


@anywhere
def test_vector_cross_section_equals_the_formula(
    up: np.ndarray, down: np.ndarray, nucleus: str, energy: float, fraction: float
) -> None:
    target, ours = NUCLEI[nucleus]
    recoil = fraction * float(maximum_recoil(energy, target.mass))
    found = cross_section(VECTOR, ours, recoil, energy, **by_name(up, down))[:, 0]
    z, n = textbook.nucleons(target, recoil)
    new = new_charges(up, down, target, recoil)
    for i, (family, value) in enumerate(zip(FAMILIES, found, strict=True)):
        weak = PROTON[family] * z + NEUTRON * n
        others = sum(abs(new[i, j]) ** 2 for j in range(3) if j != i)
        squared = (weak + new[i, i].real) ** 2 + others
        expected, scale = (
            textbook.vector_cross_section(math.sqrt(s), target, recoil, energy)
            for s in (squared, (abs(weak) + abs(new[i, i])) ** 2 + others)
        )
        # The Standard Model and the new charge may cancel: what is left is as exact as they are.
        assert value == pytest.approx(expected, rel=1e-10, abs=1e-11 * scale)


@anywhere
def test_tensor_cross_section_equals_the_formula(
    up: np.ndarray, down: np.ndarray, nucleus: str, energy: float, fraction: float
) -> None:
    target, ours = NUCLEI[nucleus]
    recoil = fraction * float(maximum_recoil(energy, target.mass))
    found = cross_section(TENSOR, ours, recoil, energy, **by_name(up, down, "tensor"))[:, 0]
    z, n = textbook.nucleons(target, recoil)
    new = new_charges(up, down, target, recoil)
    scale = tensor_cross_section((8.0 * (z + n)) ** 2, target, recoil, energy)
    for i, value in enumerate(found):
        expected = tensor_cross_section(float(np.sum(np.abs(new[i]) ** 2)), target, recoil, energy)
        assert value == pytest.approx(expected, rel=1e-10, abs=1e-13 * scale)


@given(up=matrices, down=matrices)
def test_tensor_adds_to_the_standard_model_without_interference(up: np.ndarray, down: np.ndarray) -> None:
    _, ours = NUCLEI["127I"]
    values = by_name(up, down, "tensor")
    together = cross_section(standard_model_and(NonStandardInteractions("tensor")), ours, 6e-3, 42.0, **values)
    alone = cross_section(TENSOR, ours, 6e-3, 42.0, **values)
    np.testing.assert_allclose(together, alone + cross_section(standard_model_and(), ours, 6e-3, 42.0), rtol=1e-13)


@given(vector=matrices, tensor=matrices)
def test_vector_and_tensor_add_incoherently(vector: np.ndarray, tensor: np.ndarray) -> None:
    _, ours = NUCLEI["133Cs"]
    both = standard_model_and(NonStandardInteractions(), NonStandardInteractions("tensor"))
    vectors, tensors = by_name(vector, vector), by_name(tensor, tensor, "tensor")
    np.testing.assert_allclose(
        cross_section(both, ours, 6e-3, 42.0, **vectors, **tensors),
        cross_section(VECTOR, ours, 6e-3, 42.0, **vectors) + cross_section(TENSOR, ours, 6e-3, 42.0, **tensors),
        rtol=1e-13,
    )


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("quark", ["u", "d"])
def test_a_weak_positive_coupling_lowers_the_rate_of_its_flavour_alone(family: str, quark: str) -> None:
    """The weak charge of a nucleus is negative."""
    _, ours = NUCLEI["40Ar"]
    standard = cross_section(standard_model_and(), ours, 1e-2, 40.0)[:, 0]
    name = f"eps_{family}{family}_{quark}V"
    change = cross_section(VECTOR, ours, 1e-2, 40.0, **{name: [0.01, -0.01]})[:, :, 0] - standard
    mine = FAMILIES.index(family)
    assert change[0, mine] < 0.0 < change[1, mine]
    np.testing.assert_array_equal(np.delete(change, mine, axis=1), 0.0)


@pytest.mark.parametrize("structure", ["vector", "tensor"])
@pytest.mark.parametrize("name", ["csi", "lar"])
def test_no_couplings_are_the_standard_model_exactly(
    structure: Structure, name: str, request: pytest.FixtureRequest
) -> None:
    experiment: Experiment = request.getfixturevalue(name)
    np.testing.assert_array_equal(
        experiment.predict(NonStandardInteractions(structure)).cevns, experiment.predict("sm").cevns
    )


@given(element=st.tuples(real, real), pair=st.sampled_from(PAIRS), quark=st.sampled_from("ud"))
def test_only_the_modulus_of_one_flavour_changing_coupling_counts(
    element: tuple[float, float], pair: tuple[str, str], quark: str
) -> None:
    _, ours = NUCLEI["133Cs"]
    stem = f"eps_{''.join(pair)}_{quark}V"
    found = [
        cross_section(VECTOR, ours, 5e-3, 40.0, **{stem: a, f"{stem}_im": b})[:, 0]
        for a, b in (element, element[::-1], (np.hypot(*element), 0.0), (0.0, -np.hypot(*element)))
    ]
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], rtol=1e-13)


def test_a_flavour_changing_coupling_adds_to_both_of_its_flavours() -> None:
    _, ours = NUCLEI["133Cs"]
    standard = cross_section(standard_model_and(), ours, 5e-3, 40.0)[:, 0]
    added = cross_section(VECTOR, ours, 5e-3, 40.0, eps_etau_dV=[0.3, -0.3])[:, :, 0] - standard
    np.testing.assert_allclose(added[0], added[1], rtol=1e-12)
    assert np.all(added[:, [0, 2]] > 0.0)
    np.testing.assert_array_equal(added[:, 1], 0.0)


def test_real_and_imaginary_couplings_of_u_and_d_do_not_interfere() -> None:
    _, ours = NUCLEI["40Ar"]
    standard = cross_section(standard_model_and(), ours, 1e-2, 40.0)[0, 0]
    couplings = ({"eps_emu_uV": 0.2}, {"eps_emu_dV_im": 0.3}, {"eps_emu_dV": 0.3})
    u_real, d_imaginary, d_real = (cross_section(VECTOR, ours, 1e-2, 40.0, **c)[0, 0] - standard for c in couplings)
    mixed = cross_section(VECTOR, ours, 1e-2, 40.0, eps_emu_uV=0.2, eps_emu_dV_im=0.3)[0, 0] - standard
    aligned = cross_section(VECTOR, ours, 1e-2, 40.0, eps_emu_uV=0.2, eps_emu_dV=0.3)[0, 0] - standard
    assert mixed == pytest.approx(u_real + d_imaginary, rel=1e-12, abs=0.0)
    assert aligned == pytest.approx((math.sqrt(u_real) + math.sqrt(d_real)) ** 2, rel=1e-12, abs=0.0)


@given(
    g=st.floats(1e-2, 1.0),
    quarks=st.tuples(st.floats(0.1, 2.0), st.floats(-2.0, -0.1)),
    leptons=st.tuples(*[st.floats(0.1, 2.0)] * 3),
    nucleus=st.sampled_from(sorted(NUCLEI)),
)
def test_heavy_vector_is_a_non_standard_interaction(
    g: float, quarks: tuple[float, float], leptons: tuple[float, float, float], nucleus: str
) -> None:
    """Exchange of a heavy Z' is -(g^2/M^2) Q'_l Q'_q (nubar gamma P_L nu)(qbar gamma q).

    NSI are defined by -2 sqrt2 G_F eps^{qP} (nubar gamma P_L nu)(qbar gamma P q); a vector current has
    eps^{qL} = eps^{qR} = eps^{qV}/2, so that eps^{qV} = g^2 Q'_l Q'_q/(sqrt2 G_F M^2).
    """
    mass = 1e5
    target, ours = NUCLEI[nucleus]
    vector = LightVector(dict(zip(FAMILIES, (-q for q in leptons), strict=True)), quark_charges=quarks)
    heavy = cross_section(standard_model_and(vector), ours, 5e-3, 40.0, g=g, mass=mass)
    up, down = (
        np.diag([g**2 * ql * qq / (math.sqrt(2.0) * textbook.FERMI * mass**2) for ql in leptons]) for qq in quarks
    )
    contact = cross_section(VECTOR, ours, 5e-3, 40.0, **nsi_parameters(up, down))
    # The propagator differs from that of a contact by q^2/M^2 <= 2e-7; the charges may cancel.
    z, n = textbook.nucleons(target, 5e-3)
    nucleons = (2.0 * up.max() + abs(down).max()) * z + (up.max() + 2.0 * abs(down).max()) * n
    scale = textbook.vector_cross_section(abs(NEUTRON * n) + nucleons, target, 5e-3, 40.0)
    np.testing.assert_allclose(heavy, contact, rtol=1e-6, atol=1e-6 * scale)


@pytest.mark.parametrize(("name", "g_over_m"), [("csi", 3e-6), ("lar", 3e-6)])
def test_heavy_vector_gives_the_counts_of_a_non_standard_interaction(
    name: str, g_over_m: float, request: pytest.FixtureRequest
) -> None:
    experiment: Experiment = request.getfixturevalue(name)
    eps = -(g_over_m**2) / (3.0 * math.sqrt(2.0) * textbook.FERMI)
    assert -1.0 < eps < -0.01
    heavy = experiment.predict("b-l", g=g_over_m * 1e5, mass=1e5).cevns
    up = down = np.diag([eps] * 3)
    contact = experiment.predict("nsi", **nsi_parameters(up, down)).cevns
    np.testing.assert_allclose(heavy, contact, rtol=1e-5)
    assert heavy.sum() > 1.02 * experiment.predict("sm").cevns.sum()


@pytest.mark.parametrize("structure", ["vector", "tensor"])
@given(up=matrices, down=matrices)
def test_parameters_of_matrices(structure: Structure, up: np.ndarray, down: np.ndarray) -> None:
    values = nsi_parameters(up, down, structure)
    assert dict(values) == by_name(up, down, structure)
    assert list(values) == [p.name for p in NonStandardInteractions(structure).parameters]


def test_parameters_of_matrices_describe_the_same_physics() -> None:
    """A phase of a neutrino field changes the matrices and no rate."""
    _, ours = NUCLEI["40Ar"]
    up = hermitian([0.1, -0.2, 0.05, 0.3, 0.1, -0.2, 0.4, 0.1, -0.1])
    down = hermitian([-0.1, 0.3, 0.2, 0.1, -0.3, 0.2, 0.1, 0.0, 0.2])
    phase = np.diag(np.exp(1j * np.array([0.0, 0.7, -1.9])))
    rotated = [(phase @ m @ phase.conj().T) for m in (up, down)]
    rotated = [0.5 * (m + m.conj().T) for m in rotated]
    np.testing.assert_allclose(
        cross_section(VECTOR, ours, 1e-2, 40.0, **nsi_parameters(*rotated)),
        cross_section(VECTOR, ours, 1e-2, 40.0, **nsi_parameters(up, down)),
        rtol=1e-12,
    )


NOT_HERMITIAN = [
    [[0.0, 0.1, 0.0], [0.2, 0.0, 0.0], [0.0, 0.0, 0.0]],
    [[0.0, 0.1j, 0.0], [0.1j, 0.0, 0.0], [0.0, 0.0, 0.0]],
    [[0.1j, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
    [[math.nan, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
    [[0.0, 0.0], [0.0, 0.0]],
    [0.0, 0.0, 0.0],
    0.0,
]


@pytest.mark.parametrize("wrong", NOT_HERMITIAN)
@pytest.mark.parametrize("quark", ["u", "d"])
def test_refuses_what_is_not_a_hermitian_matrix(wrong: object, quark: str) -> None:
    right = np.zeros((3, 3))
    up, down = (wrong, right) if quark == "u" else (right, wrong)
    with pytest.raises(InputError) as caught:
        nsi_parameters(np.asarray(up), np.asarray(down))
    assert caught.value.field == f"eps_{quark}"
    assert repr(caught.value.value) == repr(np.asarray(wrong).tolist())
    assert caught.value.allowed == "a Hermitian 3 x 3 matrix"


@pytest.mark.parametrize("structure", ["scalar", "V", ""])
def test_refuses_another_structure(structure: Structure) -> None:
    expected = f"structure: got {structure!r}; allowed: one of: vector, tensor"
    with pytest.raises(InputError, match=re.escape(expected)):
        NonStandardInteractions(structure)
    with pytest.raises(InputError, match=re.escape(expected)):
        nsi_parameters(np.zeros((3, 3)), np.zeros((3, 3)), structure)


@pytest.mark.parametrize(("structure", "letter"), [("vector", "V"), ("tensor", "T")])
def test_names_say_flavour_quark_structure_and_part(structure: Structure, letter: str) -> None:
    diagonal = {f"eps_{f}{f}_{q}{letter}" for f, q in product(FAMILIES, "ud")}
    changing = {f"eps_{a}{b}_{q}{letter}{part}" for (a, b), q, part in product(PAIRS, "ud", ("", "_im"))}
    parameters = NonStandardInteractions(structure).parameters
    assert {p.name for p in parameters} == diagonal | changing
    assert len(parameters) == 18
    assert {p.default for p in parameters} == {0.0}
    if structure == "vector":
        assert {"eps_ee_uV", "eps_emu_uV", "eps_emu_uV_im"} <= diagonal | changing
    else:
        assert "eps_mumu_dT" in diagonal


def test_a_name_of_the_other_structure_is_unknown(csi: Experiment) -> None:
    with pytest.raises(InputError, match=r"^parameter: got 'eps_ee_uT'; allowed: one of: eps_ee_uV, eps_mumu_uV"):
        csi.predict("nsi", eps_ee_uT=0.1)


def test_couplings_may_be_given_as_arrays(csi: Experiment) -> None:
    eps = np.array([[0.1], [-0.2]])
    other = np.array([0.0, 0.3, 0.6])
    grid = csi.predict(Model("x", (StandardModel(PRINTED), NonStandardInteractions())), eps_ee_uV=eps, eps_emu_dV=other)
    assert grid.cevns.shape == (2, 3, 9, 11)
    one = csi.predict(standard_model_and(NonStandardInteractions()), eps_ee_uV=-0.2, eps_emu_dV=0.3).cevns
    np.testing.assert_allclose(grid.cevns[1, 1], one, rtol=1e-13)
