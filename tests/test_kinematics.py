from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.kinematics import maximum_recoil, minimum_energy, momentum_transfer_squared, recoil_range

masses = st.floats(0.5, 2.5e5)


@given(energy=st.floats(1e-3, 1e3), mass=masses)
def test_minimum_energy_inverts_maximum_recoil(energy: float, mass: float) -> None:
    recoil = maximum_recoil(energy, mass)
    assert float(minimum_energy(recoil, mass)) == pytest.approx(energy, rel=1e-14)


@given(recoil=st.floats(1e-12, 1e2), mass=masses)
def test_maximum_recoil_inverts_minimum_energy(recoil: float, mass: float) -> None:
    energy = minimum_energy(recoil, mass)
    assert float(maximum_recoil(energy, mass)) == pytest.approx(recoil, rel=1e-14)


@given(energy=st.floats(1e-3, 1e3), mass=masses, cosine=st.floats(-1.0, 1.0))
def test_no_scattering_angle_gives_more_than_the_maximum(energy: float, mass: float, cosine: float) -> None:
    """T = E^2 (1 - cos)/(M + E (1 - cos)) of two-body kinematics, largest for backward scattering."""
    recoil = energy**2 * (1.0 - cosine) / (mass + energy * (1.0 - cosine))
    assert recoil <= maximum_recoil(energy, mass) * (1.0 + 1e-14)


def test_backward_scattering_of_the_end_point_energy() -> None:
    """Caesium, E = 52.83 MeV: 2 x 52.83^2/(123772.5 + 105.66) MeV = 45.0605 keV."""
    assert float(maximum_recoil(52.83, 123772.5)) == pytest.approx(45.0605e-3, rel=2e-6)


@given(energy=st.floats(1.0, 1e3), mass=st.floats(1e4, 2.5e5), share=st.floats(0.01, 0.99))
def test_a_massive_lepton_has_the_recoils_for_which_the_energy_suffices(
    energy: float, mass: float, share: float
) -> None:
    """At both ends it is just enough; a lepton above sqrt(M^2 + 2 M E) - M cannot be made."""
    heaviest = 2.0 * mass * energy / (math.sqrt(mass**2 + 2.0 * mass * energy) + mass)
    low, high = recoil_range(energy, mass, share * heaviest)
    assert 0.0 < low < high < maximum_recoil(energy, mass)
    assert minimum_energy([low, high], mass, share * heaviest) == pytest.approx([energy, energy], rel=1e-9)
    assert recoil_range(energy, mass, 1.001 * heaviest) == (0.0, 0.0)


@given(recoil=st.floats(1e-9, 1.0), mass=st.floats(1e4, 2.5e5))
def test_momentum_transfer_is_minus_the_squared_four_momentum(recoil: float, mass: float) -> None:
    """The recoil has energy T and three-momentum^2 T^2 + 2 M T."""
    with mp.workdps(40):
        t, m = mp.mpf(recoil), mp.mpf(mass)
        exact = (t**2 + 2 * m * t) - t**2
    assert float(momentum_transfer_squared(recoil, mass)) == pytest.approx(float(exact), rel=1e-15)


def test_arrays_broadcast() -> None:
    recoil, mass = np.array([1e-3, 1e-2]), np.array([[1e4], [2e4], [3e4]])
    assert minimum_energy(recoil, mass).shape == (3, 2)
    assert maximum_recoil(recoil, mass).shape == (3, 2)
    assert momentum_transfer_squared(recoil, mass).shape == (3, 2)
