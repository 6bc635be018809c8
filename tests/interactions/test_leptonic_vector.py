from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.constants import FERMI_CONSTANT, FINE_STRUCTURE, LEPTON_MASS
from cevns.errors import InputError
from cevns.interactions import LeptonicVector, Model, model
from cevns.interactions.leptonic_vector import loop_mixing, vacuum_polarisation
from tests import textbook
from tests.probe import NEUTRON, NUCLEI, PROTON, cross_section, standard_model_and

FAMILIES = ("e", "mu", "tau")
PAIRS = list(permutations(FAMILIES, 2))
MODELS = {"le-lmu": ("e", "mu"), "le-ltau": ("e", "tau"), "lmu-ltau": ("mu", "tau")}
# The loop shifts the proton coupling up for the lighter family; the weak charge is negative.
INTERFERENCE = {"le-lmu": (-1, 1, 0), "le-ltau": (-1, 0, 1), "lmu-ltau": (0, -1, 1)}
# q^2 in MeV^2 up to (2 x 52.8 MeV)^2, all that pions at rest give; on both sides of the end of the series, 0.01 m^2.
MOMENTA = [
    0.0,
    1e-8,
    1e-4,
    *(0.01 * LEPTON_MASS[f] ** 2 * s for f in ("e", "mu") for s in (0.999, 1.001)),
    1.0,
    30.0,
    1e3,
    1.12e4,
]


def integral(function: Callable[[mp.mpf], mp.mpf]) -> float:
    """Integral from zero to one of x (1-x) f(x (1-x)), by parts that resolve the logarithm of a light lepton."""
    ends = [mp.mpf(10) ** -k for k in range(7, 0, -1)]
    points = [0, *ends, mp.mpf("0.5")]
    return 2 * mp.quad(lambda x: x * (1 - x) * function(x * (1 - x)), points)


def exact_mixing(q2: float, light: str, heavy: str) -> float:
    with mp.workdps(30):
        a, b, q = mp.mpf(LEPTON_MASS[light]) ** 2, mp.mpf(LEPTON_MASS[heavy]) ** 2, mp.mpf(q2)
        return float(integral(lambda y: mp.log((b + y * q) / (a + y * q))))


@pytest.mark.parametrize("t", [1e-6, 1e-3, 9.99e-3, 0.01, 0.01001, 0.02, 0.1, 1.0, 10.0, 1e3, 4.3e4])
def test_vacuum_polarisation_equals_arbitrary_precision_quadrature(t: float) -> None:
    with mp.workdps(30):
        exact = float(integral(lambda y: mp.log(1 + y * mp.mpf(t))))
    assert vacuum_polarisation(np.array([t]))[0] == pytest.approx(exact, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize(("light", "heavy"), PAIRS)
def test_loop_equals_arbitrary_precision_quadrature(light: str, heavy: str) -> None:
    expected = [exact_mixing(q2, light, heavy) for q2 in MOMENTA]
    np.testing.assert_allclose(loop_mixing(np.array(MOMENTA), light, heavy), expected, rtol=1e-12)


@given(q2=st.floats(0.0, 1e6), pair=st.sampled_from(PAIRS))
def test_loop_is_antisymmetric(q2: float, pair: tuple[str, str]) -> None:
    light, heavy = pair
    forward, backward = (loop_mixing(np.array([q2]), *order)[0] for order in ((light, heavy), (heavy, light)))
    assert forward == pytest.approx(-backward, rel=1e-12, abs=0.0)


def test_loop_at_zero_momentum_transfer_is_a_logarithm() -> None:
    """int x (1-x) dx = 1/6."""
    expected = np.log((LEPTON_MASS["tau"] / LEPTON_MASS["mu"]) ** 2) / 6.0
    assert loop_mixing(np.zeros(1), "mu", "tau")[0] == pytest.approx(expected, rel=1e-15, abs=0.0)


@given(
    name=st.sampled_from(sorted(MODELS)),
    fraction=st.floats(0.01, 0.95),
    g=st.floats(-6.0, -1.0).map(lambda x: 10.0**x),
    mass=st.floats(-3.0, 4.0).map(lambda x: 10.0**x),
)
def test_cross_section_equals_the_formula(name: str, fraction: float, g: float, mass: float) -> None:
    target, ours = NUCLEI["133Cs"]
    energy = 45.0
    recoil = fraction * 2.0 * energy**2 / (target.mass + 2.0 * energy)
    q2 = 2.0 * target.mass * recoil
    plus, minus = MODELS[name]
    z, n = textbook.nucleons(target, recoil)
    shift = np.sqrt(2.0) * FINE_STRUCTURE * g**2 * exact_mixing(q2, plus, minus)
    shift /= np.pi * FERMI_CONSTANT * (q2 + mass**2)
    found = cross_section(standard_model_and(LeptonicVector(plus, minus)), ours, recoil, energy, g=g, mass=mass)[:, 0]
    for value, family in zip(found, FAMILIES, strict=True):
        sign = (family == plus) - (family == minus)
        weak, new = PROTON[family] * z + NEUTRON * n, sign * shift * z
        expected, scale = (
            textbook.vector_cross_section(charge, target, recoil, energy)
            for charge in (weak + new, abs(weak) + abs(new))
        )
        assert value == pytest.approx(expected, rel=1e-10, abs=1e-11 * scale)


@pytest.mark.parametrize("name", MODELS)
def test_named_models_and_the_sign_of_their_interference(name: str) -> None:
    vector = model(name).interactions[1]
    assert isinstance(vector, LeptonicVector)
    assert (vector.plus, vector.minus) == MODELS[name]
    for _, ours in NUCLEI.values():
        with_vector = cross_section(standard_model_and(vector), ours, 5e-3, 40.0, g=1e-5, mass=1.0)[:, 0]
        standard_model = cross_section(standard_model_and(), ours, 5e-3, 40.0)[:, 0]
        assert tuple(np.sign(with_vector - standard_model).astype(int)) == INTERFERENCE[name]


def test_opposite_gauge_bosons_have_opposite_charges() -> None:
    """L_a - L_b and L_b - L_a differ by the sign of both vertices, so nothing can."""
    _, ours = NUCLEI["40Ar"]
    found, swapped = (
        cross_section(standard_model_and(LeptonicVector(*pair)), ours, 1e-2, 40.0, g=1e-3, mass=10.0)
        for pair in (("mu", "tau"), ("tau", "mu"))
    )
    np.testing.assert_allclose(found, swapped, rtol=1e-13)


def test_neutrons_do_not_feel_it() -> None:
    target, ours = NUCLEI["133Cs"]
    alone = Model("alone", (LeptonicVector("e", "tau"),))
    found = cross_section(alone, ours, 5e-3, 40.0, g=1e-3, mass=10.0)[:, 0]
    protons, _ = textbook.nucleons(target, 5e-3)
    q2 = 2.0 * target.mass * 5e-3
    per_proton = (
        np.sqrt(2.0) * FINE_STRUCTURE * 1e-6 * exact_mixing(q2, "e", "tau") / (np.pi * FERMI_CONSTANT * (q2 + 100.0))
    )
    expected = textbook.vector_cross_section(per_proton * protons, target, 5e-3, 40.0)
    np.testing.assert_allclose(found, [expected, 0.0, expected], rtol=1e-11)


@pytest.mark.parametrize(
    ("plus", "minus", "field"), [("e", "e", "minus"), ("l", "mu", "plus"), ("e", "tauon", "minus")]
)
def test_refuses_families_that_make_no_model(plus: str, minus: str, field: str) -> None:
    with pytest.raises(InputError, match=f"^{field}: got .*; allowed: one of: "):
        LeptonicVector(plus, minus)


@pytest.mark.parametrize(("plus", "minus"), PAIRS)
def test_electrons_are_charged_where_the_group_contains_them(plus: str, minus: str) -> None:
    assert LeptonicVector(plus, minus).electron_charge == {plus: 1.0, minus: -1.0}.get("e", 0.0)
