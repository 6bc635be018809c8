"""Nuclei and electrons: isotopes, materials, form factors, atomic shells."""

from cevns.nuclear.electrons import Electrons, electrons
from cevns.nuclear.form_factors import FORM_FACTORS, FormFactor, form_factor
from cevns.nuclear.isotopes import Isotope, isotope, isotopes
from cevns.nuclear.materials import Material, Nucleus, material, materials, nucleus
from cevns.nuclear.spins import DOWN_SPIN, UP_SPIN, NuclearSpin, nuclear_spin

__all__ = [
    "DOWN_SPIN",
    "FORM_FACTORS",
    "UP_SPIN",
    "Electrons",
    "FormFactor",
    "Isotope",
    "Material",
    "NuclearSpin",
    "Nucleus",
    "electrons",
    "form_factor",
    "isotope",
    "isotopes",
    "material",
    "materials",
    "nuclear_spin",
    "nucleus",
]
