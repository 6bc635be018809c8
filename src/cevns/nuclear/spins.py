"""Spins of nuclei: what an axial current sees of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from cevns.shipped import shipped_rows


@dataclass(frozen=True)
class NuclearSpin:
    """Spin of a nucleus and the part of it that protons and neutrons carry.

    Attributes
    ----------
    spin : float
        J.
    protons, neutrons : float
        Expectation values <S_p> and <S_n>.
    """

    spin: float
    protons: float
    neutrons: float

    @property
    def weight(self) -> float:
        """2 sqrt((J+1)/(3J)), by which a spin <S> becomes an axial charge; one for a free nucleon of <S> = 1/2."""
        return 2.0 * float(np.sqrt((self.spin + 1.0) / (3.0 * self.spin))) if self.spin > 0.0 else 0.0


@cache
def nuclear_spins() -> Mapping[str, NuclearSpin]:
    """Spins by isotope, from the table ``spins.csv``, which names its sources."""
    rows = shipped_rows("cevns.nuclear", "spins.csv")
    return MappingProxyType(
        {row["isotope"]: NuclearSpin(float(row["J"]), float(row["S_p"]), float(row["S_n"])) for row in rows}
    )


def nuclear_spin(isotope: str) -> NuclearSpin:
    """Spin of an isotope; zero if it is not in the table.

    >>> nuclear_spin("40Ar").weight
    0.0
    """
    return nuclear_spins().get(isotope, NuclearSpin(0.0, 0.0, 0.0))
