"""Nuclei: isotopes, materials and form factors."""

from cevns.nuclear.form_factors import FORM_FACTORS, FormFactor, form_factor
from cevns.nuclear.isotopes import Isotope, isotope, isotopes
from cevns.nuclear.materials import Material, Nucleus, material, materials, nucleus

__all__ = [
    "FORM_FACTORS",
    "FormFactor",
    "Isotope",
    "Material",
    "Nucleus",
    "form_factor",
    "isotope",
    "isotopes",
    "material",
    "materials",
    "nucleus",
]
