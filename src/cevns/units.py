"""Quantities written as text, ``"14.6 kg"``, and the package's internal units: MeV, cm, us, kg, MW."""

from __future__ import annotations

import math
from typing import Final

from cevns.errors import InputError

_UNITS: Final[dict[str, dict[str, float]]] = {
    "energy": {"MeV": 1.0, "keV": 1e-3, "eV": 1e-6, "GeV": 1e3},
    "length": {"m": 1e2, "cm": 1.0, "km": 1e5, "fm": 1e-13},
    "time": {"us": 1.0, "ns": 1e-3, "ms": 1e3, "s": 1e6, "h": 3.6e9, "d": 8.64e10, "yr": 365.25 * 8.64e10},
    "mass": {"kg": 1.0, "g": 1e-3, "t": 1e3},
    "power": {"GW": 1e3, "MW": 1.0, "kW": 1e-3, "W": 1e-6},
}

SECOND: Final = _UNITS["time"]["s"]
"""One second in us."""
DAY: Final = _UNITS["time"]["d"]
"""One day in us."""


def parse_quantity(text: object, dimension: str, field: str) -> float:
    """Read a positive quantity such as ``"19.3 m"`` and return it in internal units.

    Parameters
    ----------
    text : object
        Number and unit separated by a space.
    dimension : {"energy", "length", "time", "mass", "power"}
        The dimension the unit must have.
    field : str
        Name used in the error message.

    Raises
    ------
    InputError
        If the text is not a positive finite number followed by a unit of that dimension.
    """
    units = _UNITS[dimension]
    allowed = f"a positive number and a unit of {dimension} ({', '.join(units)}), such as '1.5 {next(iter(units))}'"
    parts = text.split() if isinstance(text, str) else []
    if len(parts) != 2 or parts[1] not in units:
        raise InputError(field, text, allowed)
    try:
        number = float(parts[0])
    except ValueError:
        raise InputError(field, text, allowed) from None
    if not (math.isfinite(number) and number > 0.0):
        raise InputError(field, text, allowed)
    return number * units[parts[1]]
