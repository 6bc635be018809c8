"""Nuclei, nucleons and electrons: isotopes, materials, form factors, spins, quarks, atomic shells."""

from cevns.nuclear.electrons import Electrons, electrons
from cevns.nuclear.form_factors import FORM_FACTORS, FormFactor, form_factor
from cevns.nuclear.isotopes import Isotope, isotope, isotopes
from cevns.nuclear.materials import Material, Nucleus, material, materials, nucleus
from cevns.nuclear.nucleons import DOWN_SPIN, QUARK_MASSES, TENSOR_CHARGES, UP_SPIN, scalar_charges
from cevns.nuclear.spins import NuclearSpin, nuclear_spin

__all__ = [
    "DOWN_SPIN",
    "FORM_FACTORS",
    "QUARK_MASSES",
    "TENSOR_CHARGES",
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
    "scalar_charges",
]
