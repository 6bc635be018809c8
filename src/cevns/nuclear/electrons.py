"""The electrons of a material: those bound by less than the energy transferred can be knocked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from cevns.constants import ELECTRON_MASS
from cevns.errors import InputError
from cevns.shipped import shipped_rows
from cevns.typing import FloatArray


@dataclass(frozen=True)
class Electrons:
    """Electrons by binding energy, of one atom or of a whole target.

    Attributes
    ----------
    binding_energies : tuple of float
        Binding energies [MeV], increasing.
    numbers : tuple of float
        Number of electrons bound by each.
    """

    binding_energies: tuple[float, ...]
    numbers: tuple[float, ...]

    name: ClassVar[str] = "electrons"
    mass: ClassVar[float] = ELECTRON_MASS

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Recoil energies [MeV] at which the number of electrons jumps."""
        return tuple(energy for energy in self.binding_energies if energy > 0.0)

    def number(self, recoil_energy: FloatArray) -> FloatArray:
        """Z_eff(T): number of electrons bound by less than the recoil energy [MeV]."""
        cumulative = np.concatenate([[0.0], np.cumsum(self.numbers)])
        return cumulative[np.searchsorted(self.binding_energies, recoil_energy, side="right")]


@cache
def _shells() -> Mapping[str, tuple[tuple[float, float], ...]]:
    """Binding energy [MeV] and number of electrons of each shell, by element."""
    shells: dict[str, tuple[tuple[float, float], ...]] = {}
    for row in shipped_rows("cevns.nuclear", "electron_shells.csv"):
        shell = (1e-6 * float(row["binding_energy_eV"]), float(row["electrons"]))
        shells[row["element"]] = (*shells.get(row["element"], ()), shell)
    return MappingProxyType(shells)


def electrons(atoms: Mapping[str, float]) -> Electrons:
    """The electrons of a number of atoms of each element.

    Parameters
    ----------
    atoms : mapping of str to float
        Number of atoms by element symbol.

    Raises
    ------
    InputError
        If the shells of an element are not in the table ``electron_shells.csv``.

    >>> caesium = electrons({"Cs": 1.0})
    >>> caesium.number(np.array([1e-6, 1e-3, 1.0])).tolist()
    [1.0, 37.0, 55.0]
    """
    for element in atoms:
        if element not in _shells():
            known = f"elements whose electron shells are known: {', '.join(_shells())}"
            raise InputError("target.material", element, f"{known}; with others, electron_recoils: rejected")
    shells = sorted(
        (energy, number * of_atom) for element, number in atoms.items() for energy, of_atom in _shells()[element]
    )
    energies, numbers = zip(*shells, strict=True)
    return Electrons(energies, numbers)
