from __future__ import annotations

import csv
from collections.abc import MutableMapping
from itertools import groupby
from pathlib import Path

import pytest

from cevns.errors import InputError
from cevns.nuclear import isotope, isotopes

MASS_UNIT_KEV = 931494.10372


def test_table_is_that_of_the_nuclide_list(shared: Path) -> None:
    lines = (shared / "data/nuclear/nuclides.csv").read_text().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert len(isotopes()) == len(rows)
    for row in rows:
        found = isotope(f"{int(row['z']) + int(row['n'])}{row['element']}")
        assert (found.element, found.protons, found.neutrons) == (row["element"], int(row["z"]), int(row["n"]))
        assert found.atomic_mass == pytest.approx(float(row["atomic_mass"]) * 1e-6, rel=1e-13)
        assert found.charge_radius == float(row["radius"])
        assert found.abundance == pytest.approx(float(row["abundance"]), rel=1e-5)


def test_masses_agree_with_the_mass_excess(shared: Path) -> None:
    """The excess is given apart from the mass, so this finds a wrong unit or a slip of digits; 1 keV is 1e-8."""
    lines = (shared / "data/nuclear/nuclides.csv").read_text().splitlines()
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        found = isotope(f"{int(row['z']) + int(row['n'])}{row['element']}")
        excess = (found.atomic_mass - found.mass_number) * MASS_UNIT_KEV
        assert excess == pytest.approx(float(row["mass_excess"]), abs=1.0)


# 133Cs: 132.905451958 u x 931.49410372 MeV - 55 x 0.51099895 MeV, and so on, by hand.
@pytest.mark.parametrize(
    ("name", "mass"),
    [("133Cs", 123772.539), ("127I", 118183.688), ("40Ar", 37215.526), ("23Na", 21409.213)],
)
def test_nuclear_mass_is_the_atomic_mass_less_the_electrons(name: str, mass: float) -> None:
    assert isotope(name).mass == pytest.approx(mass, abs=5e-3)


def test_abundances_of_each_element_sum_to_one() -> None:
    table = sorted(isotopes().values(), key=lambda iso: iso.element)
    for element, members in groupby(table, key=lambda iso: iso.element):
        assert sum(iso.abundance for iso in members) == pytest.approx(1.0, abs=2e-3), element


def test_names_say_what_the_numbers_say() -> None:
    for name, iso in isotopes().items():
        assert name == iso.name == f"{iso.protons + iso.neutrons}{iso.element}"
        assert iso.mass_number == iso.protons + iso.neutrons


def test_table_cannot_be_changed() -> None:
    assert not isinstance(isotopes(), MutableMapping)


@pytest.mark.parametrize("name", ["132Cs", "Cs133", "cs", ""])
def test_refuses_an_unknown_isotope(name: str) -> None:
    with pytest.raises(InputError, match=r"isotope: got .*; allowed: one of: .*133Cs"):
        isotope(name)
