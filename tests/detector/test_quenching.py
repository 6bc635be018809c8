from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.detector import (
    LindhardQuenching,
    LinearQuenching,
    PolynomialQuenching,
    TabulatedQuenching,
)
from cevns.errors import InputError

CSI = PolynomialQuenching((0.0554628, 4.30681, -111.707, 840.384))
TABLE = TabulatedQuenching(np.array([1.0, 5.0, 10.0]), np.array([0.1, 0.2, 0.15]))


def test_csi_light_of_10_kev() -> None:
    """.0554628 x .01 + 4.30681 x 1e-4 - 111.707 x 1e-6 + 840.384 x 1e-8 MeV = 0.8820 keVee, by hand."""
    assert CSI(np.array([0.01]))[0] == pytest.approx(0.88200584, rel=1e-9)


@given(recoil=st.floats(1e-6, 0.05))
def test_polynomial_takes_mev_and_gives_kev(recoil: float) -> None:
    expected = 1e3 * (0.0554628 * recoil + 4.30681 * recoil**2 - 111.707 * recoil**3 + 840.384 * recoil**4)
    assert CSI(np.array([recoil]))[0] == pytest.approx(expected, rel=1e-12)


def test_argon_quenching_factor_rises_with_the_recoil() -> None:
    """(0.246 + 7.8e-4 x 50) x 50 keV = 14.25 keVee."""
    assert LinearQuenching(0.246, 7.8e-4)(np.array([0.05]))[0] == pytest.approx(14.25, rel=1e-14)


def test_constant_quenching_factor() -> None:
    np.testing.assert_allclose(LinearQuenching(0.2)(np.array([0.0, 0.01, 0.1])), [0.0, 2.0, 20.0], rtol=1e-14)


def test_table_is_interpolated_and_constant_beyond_its_ends() -> None:
    recoil_kev = np.array([0.5, 1.0, 3.0, 7.5, 10.0, 40.0])
    factors = np.array([0.1, 0.1, 0.15, 0.175, 0.15, 0.15])
    np.testing.assert_allclose(TABLE(1e-3 * recoil_kev), factors * recoil_kev, rtol=1e-14)


@pytest.mark.parametrize(
    ("energies", "factors", "field"),
    [
        ([1.0, 2.0], [0.1], r"quenching\.factor"),
        ([[1.0, 2.0]], [[0.1, 0.1]], r"quenching\.factor"),
        ([1.0, 1.0], [0.1, 0.1], r"quenching\.recoil_energy"),
        ([2.0, 1.0], [0.1, 0.1], r"quenching\.recoil_energy"),
        ([1.0, np.nan], [0.1, 0.1], r"quenching\.recoil_energy"),
        ([1.0, 2.0], [0.1, 1.1], r"quenching\.factor"),
        ([1.0, 2.0], [-0.1, 0.1], r"quenching\.factor"),
        ([1.0, 2.0], [np.nan, 0.1], r"quenching\.factor"),
    ],
)
def test_table_refuses_impossible_values(energies: list[float], factors: list[float], field: str) -> None:
    with pytest.raises(InputError, match=f"^{field}: got"):
        TabulatedQuenching(np.array(energies), np.array(factors))


GERMANIUM = LindhardQuenching(0.162, 32)


def test_lindhard_at_1_kev_in_germanium() -> None:
    """eps = 11.5/32^(7/3) = 0.003537, g = 1.2865 + 0.0237 + 0.0035 = 1.3137, k g/(1 + k g) = 0.1755, by hand."""
    assert GERMANIUM(np.array([1e-3]))[0] == pytest.approx(0.1755, abs=5e-5)


def test_lindhard_at_the_ends_of_the_scale() -> None:
    """Everything is ionisation at the highest energies, 3 k eps^0.15 of it at the lowest; more with more stopping."""
    assert GERMANIUM(np.array([1e9]))[0] == pytest.approx(1e12, rel=1e-4)
    recoil = np.array([1e-15])
    reduced = 11.5 * 32 ** (-7 / 3) * 1e-12
    assert GERMANIUM(recoil)[0] == pytest.approx(1e-12 * 3 * 0.162 * reduced**0.15, rel=0.01)
    assert np.all(LindhardQuenching(0.166, 32)(np.geomspace(1e-6, 1.0)) > GERMANIUM(np.geomspace(1e-6, 1.0)))


@given(first=st.floats(1e-8, 1.0), ratio=st.floats(1.001, 10.0))
def test_lindhard_factor_rises_with_the_energy(first: float, ratio: float) -> None:
    low, high = GERMANIUM(np.array([first, first * ratio])) / np.array([first, first * ratio])
    assert 0.0 < low < high < 1e3


@pytest.mark.parametrize("strength", [0.0, -0.1, np.nan, np.inf])
def test_lindhard_needs_a_stopping_power(strength: float) -> None:
    with pytest.raises(InputError, match=r"^quenching\.k: got"):
        LindhardQuenching(strength, 32)
