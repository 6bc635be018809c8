"""Isotopes: nuclear masses, natural abundances and charge radii, from a dated table shipped with the package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from cevns.constants import ATOMIC_MASS_UNIT, ELECTRON_MASS
from cevns.errors import InputError
from cevns.shipped import shipped_rows


@dataclass(frozen=True)
class Isotope:
    """One nuclide.

    Attributes
    ----------
    name : str
        Mass number and element symbol, ``"133Cs"``.
    element : str
        Element symbol.
    protons, neutrons : int
        Z and N.
    atomic_mass : float
        Mass of the neutral atom [u].
    abundance : float
        Natural abundance, mole fraction in 0..1.
    charge_radius : float
        Root-mean-square charge radius [fm].
    """

    name: str
    element: str
    protons: int
    neutrons: int
    atomic_mass: float
    abundance: float
    charge_radius: float

    @property
    def mass_number(self) -> int:
        """Mass number A = Z + N."""
        return self.protons + self.neutrons

    @property
    def mass(self) -> float:
        """Nuclear mass [MeV]: the atomic mass less Z electrons (their binding, below 1e-6 of it, is neglected)."""
        return self.atomic_mass * ATOMIC_MASS_UNIT - self.protons * ELECTRON_MASS


@cache
def isotopes() -> Mapping[str, Isotope]:
    """All isotopes of the shipped table, by name.

    The table, ``isotopes.csv``, names its source and date in its header.
    """
    table = {
        row["isotope"]: Isotope(
            name=row["isotope"],
            element=row["element"],
            protons=int(row["protons"]),
            neutrons=int(row["neutrons"]),
            atomic_mass=float(row["atomic_mass_u"]),
            abundance=float(row["abundance"]),
            charge_radius=float(row["charge_radius_fm"]),
        )
        for row in shipped_rows("cevns.nuclear", "isotopes.csv")
    }
    return MappingProxyType(table)


def isotope(name: str) -> Isotope:
    """Look up one isotope.

    Raises
    ------
    InputError
        If the table has no such isotope.

    >>> isotope("40Ar").neutrons
    22
    """
    table = isotopes()
    if name not in table:
        raise InputError("isotope", name, table)
    return table[name]
