from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.constants import AVOGADRO
from cevns.errors import InputError
from cevns.nuclear import isotope, isotopes, material, materials

COMPLETE_ELEMENTS = {"Ar", "Ca", "Cs", "Ge", "I", "Na", "O", "Si", "W", "Xe"}


def test_caesium_iodide_has_2_318e24_nuclei_of_each_kind_per_kg() -> None:
    """6.02214076e23/(0.1329054520 + 0.1269044726) per kg."""
    numbers = material("CsI").nuclei_per_kg()
    assert {iso.name: n for iso, n in numbers.items()} == pytest.approx(
        {"133Cs": 2.3179025e24, "127I": 2.3179025e24}, 1e-6
    )


# IUPAC standard atomic weights (abridged), which are not an input of the table.
@pytest.mark.parametrize(
    ("element", "weight"),
    [
        ("O", 15.999),
        ("Na", 22.990),
        ("Si", 28.085),
        ("Ar", 39.95),
        ("Ca", 40.078),
        ("Ge", 72.630),
        ("I", 126.90),
        ("Xe", 131.29),
        ("Cs", 132.91),
        ("W", 183.84),
    ],
)
def test_mean_mass_of_natural_elements_is_the_standard_atomic_weight(element: str, weight: float) -> None:
    atoms = material({element: 1}).atoms
    assert sum(n * iso.atomic_mass for iso, n in atoms.items()) == pytest.approx(weight, rel=3e-4)


def test_natural_germanium_has_all_its_isotopes() -> None:
    atoms = {iso.name: n for iso, n in material("Ge").atoms.items()}
    assert atoms == pytest.approx(
        {"70Ge": 0.2052, "72Ge": 0.2745, "73Ge": 0.0776, "74Ge": 0.3652, "76Ge": 0.0775}, rel=1e-12
    )
    assert sum(atoms.values()) == pytest.approx(1.0, rel=1e-15)


@pytest.mark.parametrize("name", materials())
def test_the_nuclei_of_a_kilogram_weigh_a_kilogram(name: str) -> None:
    numbers = material(name).nuclei_per_kg()
    grams = sum(n * iso.atomic_mass for iso, n in numbers.items()) / AVOGADRO
    assert grams == pytest.approx(1e3, rel=1e-14)


def test_stoichiometry() -> None:
    by_element: dict[str, float] = {}
    for iso, number in material("CaWO4").atoms.items():
        by_element[iso.element] = by_element.get(iso.element, 0.0) + number
    assert by_element == pytest.approx({"Ca": 1.0, "W": 1.0, "O": 4.0}, rel=1e-14)


def test_pure_argon_40_differs_from_natural_argon() -> None:
    assert [iso.name for iso in material("40Ar").atoms] == ["40Ar"]
    assert sorted(iso.name for iso in material("Ar").atoms) == ["36Ar", "38Ar", "40Ar"]


@given(scale=st.floats(1e-3, 1e3), sodium=st.floats(0.1, 10.0))
def test_only_the_proportions_of_a_formula_matter(scale: float, sodium: float) -> None:
    one = material({"Na": sodium, "127I": 1.0}).nuclei_per_kg()
    other = material({"Na": scale * sodium, "127I": scale}).nuclei_per_kg()
    assert dict(one) == pytest.approx(dict(other), rel=1e-12)


def test_an_isotope_given_twice_adds_up() -> None:
    atoms = material({"Ar": 1.0, "40Ar": 1.0}).atoms
    argon = material("Ar").atoms[isotope("40Ar")]
    assert atoms[isotope("40Ar")] == pytest.approx(1.0 + argon, rel=1e-15)


def test_every_element_of_the_table_can_be_a_material() -> None:
    elements = {iso.element for iso in isotopes().values()}
    assert elements == COMPLETE_ELEMENTS
    for element in elements:
        assert material({element: 1}).nuclei_per_kg()


@pytest.mark.parametrize("number", [0.0, -1.0, np.nan, np.inf])
def test_refuses_a_number_of_atoms_that_is_not_positive(number: float) -> None:
    with pytest.raises(InputError, match=r"material\.Ar"):
        material({"Ar": number})


@pytest.mark.parametrize(("choice", "field"), [("water", "material"), ({"H": 2, "O": 1}, "isotope")])
def test_refuses_what_it_does_not_know(choice: str | dict[str, float], field: str) -> None:
    with pytest.raises(InputError, match=f"^{field}: got"):
        material(choice)
