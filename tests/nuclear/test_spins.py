from __future__ import annotations

import math

import pytest

from cevns.nuclear import isotope
from cevns.nuclear.spins import NuclearSpin, nuclear_spin, nuclear_spins


@pytest.mark.parametrize(("spin", "squared"), [(0.5, 4.0), (1.5, 20.0 / 9.0), (2.5, 28.0 / 15.0), (3.5, 12.0 / 7.0)])
def test_weight_of_a_spin(spin: float, squared: float) -> None:
    """4 (J+1)/(3J), in fractions."""
    assert NuclearSpin(spin, 0.0, 0.0).weight == pytest.approx(math.sqrt(squared), rel=1e-15)


def test_no_spin_has_no_weight() -> None:
    assert nuclear_spin("40Ar") == NuclearSpin(0.0, 0.0, 0.0)
    assert NuclearSpin(0.0, 0.0, 0.0).weight == 0.0


@pytest.mark.parametrize("name", nuclear_spins())
def test_the_odd_nucleon_carries_the_spin(name: str) -> None:
    """More of it than the paired ones, but not more than its own 1/2."""
    spin, found = nuclear_spin(name), isotope(name)
    odd, even = (spin.protons, spin.neutrons) if found.protons % 2 else (spin.neutrons, spin.protons)
    assert spin.spin % 1.0 == 0.5
    assert abs(even) < abs(odd) <= 0.5
