"""Materials and the nuclei they are made of, with the radii and the form factor that describe them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from cevns.constants import AVOGADRO
from cevns.errors import InputError
from cevns.nuclear.form_factors import FormFactor, form_factor
from cevns.nuclear.isotopes import Isotope, isotope, isotopes
from cevns.typing import FloatArray


@dataclass(frozen=True)
class Nucleus:
    """An isotope with its form factor and its two radii.

    Attributes
    ----------
    isotope : Isotope
        Masses and nucleon numbers.
    form_factor : FormFactor
        The distribution of protons and of neutrons.
    proton_radius, neutron_radius : float
        Root-mean-square radii [fm].
    """

    isotope: Isotope
    form_factor: FormFactor
    proton_radius: float
    neutron_radius: float

    def protons(self, momentum_transfer: FloatArray) -> FloatArray:
        """Z F_Z(q), the protons seen at momentum transfer q [MeV]."""
        form = self.form_factor(momentum_transfer, self.proton_radius, self.isotope.mass_number)
        return self.isotope.protons * form

    def neutrons(self, momentum_transfer: FloatArray, radius: FloatArray | None = None) -> FloatArray:
        """N F_N(q), the neutrons seen at momentum transfer q [MeV], with their own radius or another [fm]."""
        chosen = self.neutron_radius if radius is None else radius
        form = self.form_factor(momentum_transfer, chosen, self.isotope.mass_number)
        return self.isotope.neutrons * form


@dataclass(frozen=True)
class Material:
    """A chemical compound of natural or enriched elements.

    Attributes
    ----------
    name : str
        Name or formula.
    atoms : mapping of Isotope to float
        Mean number of atoms of each isotope in one formula unit.
    """

    name: str
    atoms: Mapping[Isotope, float]

    def nuclei_per_kg(self) -> Mapping[Isotope, float]:
        """Number of nuclei of each isotope in one kilogram."""
        molar_mass_kg = sum(n * iso.atomic_mass for iso, n in self.atoms.items()) * 1e-3
        return MappingProxyType({iso: n * AVOGADRO / molar_mass_kg for iso, n in self.atoms.items()})


_FORMULAE: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "CsI": {"Cs": 1, "I": 1},
        "NaI": {"Na": 1, "I": 1},
        "Ar": {"Ar": 1},
        "40Ar": {"40Ar": 1},
        "Ge": {"Ge": 1},
        "Xe": {"Xe": 1},
        "Si": {"Si": 1},
        "CaWO4": {"Ca": 1, "W": 1, "O": 4},
    }
)


def materials() -> tuple[str, ...]:
    """Names of the known materials."""
    return tuple(_FORMULAE)


def material(choice: str | Mapping[str, float]) -> Material:
    """A known material by name, or one from its composition.

    Parameters
    ----------
    choice : str or mapping
        A name from `materials`, or the number of atoms in one formula unit by isotope (``{"40Ar": 1}``) or by element
        of natural isotopic composition (``{"Na": 1, "I": 1}``).

    Raises
    ------
    InputError
        If the name, an isotope or an element is unknown, or a number of atoms is not positive.

    >>> sorted(iso.name for iso in material("CsI").atoms)
    ['127I', '133Cs']
    """
    if isinstance(choice, str):
        if choice not in _FORMULAE:
            raise InputError("material", choice, _FORMULAE)
        return _compound(choice, _FORMULAE[choice])
    return _compound("".join(f"{key}{number:g}" for key, number in choice.items()), choice)


def _compound(name: str, formula: Mapping[str, float]) -> Material:
    atoms: dict[Isotope, float] = {}
    elements = {iso.element for iso in isotopes().values()}
    for key, number in formula.items():
        if not (np.isfinite(number) and number > 0):
            raise InputError(f"material.{key}", number, "a positive number of atoms")
        if key in elements:
            natural = [iso for iso in isotopes().values() if iso.element == key and iso.abundance > 0]
            total = sum(iso.abundance for iso in natural)
            parts = {iso: number * iso.abundance / total for iso in natural}
        else:
            parts = {isotope(key): float(number)}
        for iso, n in parts.items():
            atoms[iso] = atoms.get(iso, 0.0) + n
    return Material(name, MappingProxyType(atoms))


def nucleus(
    iso: Isotope,
    *,
    form: str | FormFactor = "helm",
    proton_radius: float | None = None,
    neutron_radius: float | None = None,
) -> Nucleus:
    """A nucleus with its form factor; a radius that is not given is the charge radius of the isotope table.

    Raises
    ------
    InputError
        If a radius is not positive and finite, or the form factor is unknown.
    """
    for field, value in (("proton_radius", proton_radius), ("neutron_radius", neutron_radius)):
        if value is not None and not (np.isfinite(value) and value > 0):
            raise InputError(field, value, "a positive rms radius [fm]")
    return Nucleus(
        isotope=iso,
        form_factor=form_factor(form),
        proton_radius=iso.charge_radius if proton_radius is None else proton_radius,
        neutron_radius=iso.charge_radius if neutron_radius is None else neutron_radius,
    )
