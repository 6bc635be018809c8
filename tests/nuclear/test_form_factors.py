from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.constants import HBAR_C
from cevns.errors import InputError
from cevns.nuclear import FORM_FACTORS, form_factor, isotope, nucleus

RADIUS, MASS_NUMBER = 4.8, 133
WITH_A_RADIUS = ("helm", "klein-nystrand", "symmetrised-fermi")


def sphere(x: mp.mpf) -> mp.mpf:
    return 3 * (mp.sin(x) - x * mp.cos(x)) / x**3


def exact_helm(q: mp.mpf, radius: mp.mpf) -> mp.mpf:
    s = mp.mpf("0.9")
    return sphere(q * mp.sqrt(mp.mpf(5) / 3 * radius**2 - 5 * s**2)) * mp.exp(-((q * s) ** 2) / 2)


def exact_engel(q: mp.mpf, _radius: mp.mpf) -> mp.mpf:
    s = mp.mpf("0.5")
    r = mp.mpf("1.2") * mp.cbrt(MASS_NUMBER)
    return sphere(q * mp.sqrt(r**2 - 5 * s**2)) * mp.exp(-((q * s) ** 2) / 2)


def exact_klein_nystrand(q: mp.mpf, radius: mp.mpf) -> mp.mpf:
    a = mp.mpf("0.7")
    return sphere(q * mp.sqrt(mp.mpf(5) / 3 * (radius**2 - 6 * a**2))) / (1 + (a * q) ** 2)


def exact_fermi(q: mp.mpf, radius: mp.mpf) -> mp.mpf:
    """The form as published, which loses all digits at small q in double precision."""
    a = mp.mpf("2.30") / (4 * mp.log(3))
    c = mp.sqrt(mp.mpf(5) / 3 * (radius**2 - mp.mpf(7) / 5 * (mp.pi * a) ** 2))
    x, y = q * c, mp.pi * q * a
    return 3 / (x * (x**2 + y**2)) * (y / mp.sinh(y)) * (y * mp.sin(x) / mp.tanh(y) - x * mp.cos(x))


EXACT = {
    "helm": exact_helm,
    "helm-engel": exact_engel,
    "klein-nystrand": exact_klein_nystrand,
    "symmetrised-fermi": exact_fermi,
}


def evaluate(name: str, momentum_transfer: float, radius: float = RADIUS) -> float:
    return float(FORM_FACTORS[name](np.array([momentum_transfer]), radius, MASS_NUMBER)[0])


@pytest.mark.parametrize("name", FORM_FACTORS)
def test_is_one_at_zero_momentum_transfer(name: str) -> None:
    assert evaluate(name, 0.0) == 1.0


@pytest.mark.parametrize("name", EXACT)
def test_equals_the_exact_expression_on_both_sides_of_the_series(name: str) -> None:
    """The series end at q R0 = 0.3 and at pi q a = 0.1, both within q R of 0.2 to 0.5."""
    q_times_radius = np.concatenate(
        [np.geomspace(1e-8, 0.2, 20), np.linspace(0.2, 0.5, 101), np.linspace(0.6, 20.0, 40)]
    )
    momentum_transfers = q_times_radius / RADIUS * HBAR_C
    with mp.workdps(50):
        exact = [float(EXACT[name](mp.mpf(q) / mp.mpf(HBAR_C), mp.mpf(RADIUS))) for q in momentum_transfers]
    found = FORM_FACTORS[name](momentum_transfers, RADIUS, MASS_NUMBER)
    np.testing.assert_allclose(found, exact, rtol=0.0, atol=5e-12)


@pytest.mark.parametrize("radius", [2.7, 3.5, 5.09, 6.0])
@pytest.mark.parametrize("name", WITH_A_RADIUS)
def test_slope_at_zero_gives_the_rms_radius(name: str, radius: float) -> None:
    """F = 1 - q^2 R^2/6 + O(q^4)."""
    q_fm = 3e-3
    slope = 6.0 * (1.0 - evaluate(name, q_fm * HBAR_C, radius)) / q_fm**2
    assert np.sqrt(slope) == pytest.approx(radius, rel=2e-5)


@pytest.mark.parametrize("mass_number", [16, 40, 133])
def test_engel_radius_follows_from_the_mass_number_alone(mass_number: int) -> None:
    """R^2 = (3/5) R0^2 + 3 s^2, and the surface term cancels: R = sqrt(3/5) 1.2 A^(1/3) fm."""
    q_fm = 3e-3
    values = [FORM_FACTORS["helm-engel"](np.array([q_fm * HBAR_C]), radius, mass_number)[0] for radius in (2.0, 5.0)]
    assert values[0] == values[1]
    slope = 6.0 * (1.0 - values[0]) / q_fm**2
    assert np.sqrt(slope) == pytest.approx(np.sqrt(0.6) * 1.2 * mass_number ** (1.0 / 3.0), rel=2e-5)


@given(
    name=st.sampled_from(sorted(FORM_FACTORS)),
    momentum_transfer=st.floats(0.0, 500.0),
    radius=st.floats(2.0, 7.0),
    mass_number=st.integers(4, 240),
)
def test_never_exceeds_one(name: str, momentum_transfer: float, radius: float, mass_number: int) -> None:
    value = FORM_FACTORS[name](np.array([momentum_transfer]), radius, mass_number)[0]
    assert abs(value) <= 1.0


@pytest.mark.parametrize("name", [*WITH_A_RADIUS, "point-like"])
def test_radii_broadcast(name: str) -> None:
    q, radii = np.linspace(0.0, 100.0, 5), np.array([3.0, 4.0, 5.0])
    grid = FORM_FACTORS[name](q, radii[:, None], MASS_NUMBER)
    assert grid.shape == (3, 5)
    for row, radius in zip(grid, radii, strict=True):
        np.testing.assert_array_equal(row, FORM_FACTORS[name](q, radius, MASS_NUMBER))


# Smallest rms radii: sqrt(3) s; sqrt(6) a; sqrt(7/5) pi a.
@pytest.mark.parametrize(
    ("name", "smallest"),
    [
        ("helm", np.sqrt(3.0) * 0.9),
        ("klein-nystrand", np.sqrt(6.0) * 0.7),
        ("symmetrised-fermi", np.sqrt(1.4) * np.pi * 2.30 / (4 * np.log(3.0))),
    ],
)
def test_refuses_a_radius_smaller_than_the_surface(name: str, smallest: float) -> None:
    assert abs(evaluate(name, 50.0, smallest * 1.001)) <= 1.0
    with pytest.raises(InputError, match="radius") as caught:
        evaluate(name, 50.0, smallest * 0.999)
    assert caught.value.value == smallest * 0.999


def test_protons_and_neutrons_have_radii_of_their_own() -> None:
    q = np.array([0.0, 30.0, 60.0])
    argon = nucleus(isotope("40Ar"), proton_radius=3.448, neutron_radius=3.55)
    np.testing.assert_array_equal(argon.protons(q), 18 * FORM_FACTORS["helm"](q, 3.448, 40))
    np.testing.assert_array_equal(argon.neutrons(q), 22 * FORM_FACTORS["helm"](q, 3.55, 40))


def test_radii_default_to_the_charge_radius() -> None:
    sodium = nucleus(isotope("23Na"))
    assert (sodium.proton_radius, sodium.neutron_radius) == (2.9936, 2.9936)


@pytest.mark.parametrize("radius", [0.0, -1.0, np.nan, np.inf])
@pytest.mark.parametrize("field", ["proton_radius", "neutron_radius"])
def test_nucleus_refuses_a_radius_that_is_not_positive(field: str, radius: float) -> None:
    with pytest.raises(InputError, match=field):
        nucleus(isotope("40Ar"), **{field: radius})


def test_accepts_a_function_of_the_user() -> None:
    def gaussian(q: np.ndarray, radius: float, _mass_number: int) -> np.ndarray:
        return np.exp(-((q * radius / HBAR_C) ** 2) / 6.0)

    assert form_factor(gaussian) is gaussian
    caesium = nucleus(isotope("133Cs"), form=gaussian, neutron_radius=5.0)
    assert caesium.neutrons(np.array([HBAR_C / 5.0]))[0] == pytest.approx(78 * np.exp(-1.0 / 6.0), rel=1e-15)


@pytest.mark.parametrize("at_zero", [0.0, 0.999999, 55.0, np.nan])
def test_refuses_a_function_that_is_not_one_at_zero(at_zero: float) -> None:
    with pytest.raises(InputError, match=r"form_factor.*F\(0\) = 1"):
        form_factor(lambda q, _radius, _mass_number: np.full_like(q, at_zero))


def test_refuses_an_unknown_name() -> None:
    with pytest.raises(InputError, match="form_factor: got 'woods-saxon'; allowed: one of: helm, helm-engel"):
        form_factor("woods-saxon")
