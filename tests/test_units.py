from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.errors import InputError
from cevns.units import parse_quantity


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("1 MeV", "energy", 1.0),
        ("2.5 keV", "energy", 2.5e-3),
        ("3 eV", "energy", 3e-6),
        ("1e-2 GeV", "energy", 10.0),
        ("19.3 m", "length", 1930.0),
        ("1 km", "length", 1e5),
        ("7 cm", "length", 7.0),
        ("5 fm", "length", 5e-13),
        ("440 ns", "time", 0.44),
        ("0.52 us", "time", 0.52),
        ("2 ms", "time", 2e3),
        ("1 s", "time", 1e6),
        ("14.6 kg", "mass", 14.6),
        ("7 g", "mass", 7e-3),
        ("1.16 t", "mass", 1160.0),
    ],
)
def test_converts_to_mev_cm_us_and_kg(text: str, dimension: str, value: float) -> None:
    assert parse_quantity(text, dimension, "field") == pytest.approx(value, rel=1e-15)


@given(number=st.floats(1e-300, 1e300))
def test_keeps_every_digit_of_a_quantity_in_the_internal_unit(number: float) -> None:
    assert parse_quantity(f"{number!r} MeV", "energy", "field") == number


@pytest.mark.parametrize(
    "text",
    [
        "14.6",
        "14.6kg",
        "kg",
        "",
        "fourteen kg",
        "nan kg",
        "inf kg",
        "0 kg",
        "-1 kg",
        "14.6 m",
        "1 2 kg",
        "14.6 KG",
        14.6,
    ],
)
def test_refuses_what_is_not_a_positive_mass(text: object) -> None:
    with pytest.raises(InputError) as caught:
        parse_quantity(text, "mass", "target.mass")
    assert caught.value.field == "target.mass"
    assert caught.value.value == text
    assert all(unit in caught.value.allowed for unit in ("a unit of mass", "kg", "g", "t"))
