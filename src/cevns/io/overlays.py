"""Limits of others, read from plain files, to be drawn beside those of the package."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from cevns.errors import DataError, InputError
from cevns.experiments.tables import read_numbers, read_text
from cevns.typing import FloatArray
from cevns.units import parse_quantity

COLUMNS: Final = ("mass", "coupling", "upper coupling")
_KEYS: Final = ("label", "source", "mass_unit")
_KEY: Final = re.compile(r"#\s*([a-z_]+):(?:\s+(.*\S))?\s*")
"""A comment that begins with one word in lower case and a colon."""


@dataclass(frozen=True, eq=False)
class Overlay:
    """A limit on a coupling against a mass, as somebody else has published it.

    Attributes
    ----------
    label : str
        What it is.
    source : str
        Where it is from; empty if the file does not say so.
    masses : array, shape (row,)
        Masses [MeV]: of a band increasing, of a line in the order in which its points are joined.
    couplings : array, shape (1 or 2, row)
        Couplings of a line, or those between which a band is excluded.
    """

    label: str
    source: str
    masses: FloatArray
    couplings: FloatArray

    @property
    def is_band(self) -> bool:
        """Whether what lies between two couplings is excluded."""
        return len(self.couplings) == 2

    def __str__(self) -> str:
        """Label and source."""
        return f"{self.label} ({self.source})" if self.source else self.label


def read_limits(path: str | Path) -> Overlay:
    """Read a limit from a file with two or three columns: mass, coupling, and the upper coupling of a band.

    Columns are separated by spaces, tabs or commas. Lines that begin with ``#`` are comments, of which
    ``# label: text``, ``# source: text`` and ``# mass_unit: GeV`` are understood; masses are in MeV and the label is
    the name of the file if nothing else is said.

    Parameters
    ----------
    path : str or Path
        The file.

    Raises
    ------
    DataError
        If the file cannot be read, a key is unknown, empty or there twice, there are less than two rows, an entry is
        not a positive finite number, the masses of a band do not increase, or its couplings are in the wrong order.
    """
    path = Path(path)
    lines = [line.strip() for line in read_text(path).splitlines()]
    keys = _keys([line for line in lines if line.startswith("#")], path.name)
    rows = [re.split(r"\s*,\s*|\s+", line) for line in lines if line and not line.startswith("#")]
    if len(rows) < 2:
        raise DataError(path.name, f"{len(rows)} rows", "at least two rows of numbers")
    if len(rows[0]) not in (2, 3):
        raise DataError(f"{path.name}, row 1", f"{len(rows[0])} entries", "two or three: " + ", ".join(COLUMNS))
    columns = COLUMNS[: len(rows[0])]
    values = read_numbers(rows, columns, path.name)
    for row, column in np.argwhere(values <= 0.0).tolist():
        raise DataError(f"{path.name}, row {row + 1}, {columns[column]}", rows[row][column], "a positive number")
    overlay = Overlay(
        label=keys.get("label", path.stem),
        source=keys.get("source", ""),
        masses=values[:, 0] * _mass_unit(keys.get("mass_unit", "MeV"), path.name),
        couplings=values[:, 1:].T,
    )
    if overlay.is_band:
        _require_band(rows, values, path.name)
    return overlay


def _keys(comments: Sequence[str], file: str) -> dict[str, str]:
    keys: dict[str, str] = {}
    for name, value in (found.groups() for line in comments if (found := _KEY.fullmatch(line))):
        if name not in _KEYS:
            raise DataError(f"{file}, key", name, f"one of: {', '.join(_KEYS)}; or a comment without a colon")
        if not value or name in keys:
            raise DataError(f"{file}, {name}", value or "", "one text")
        keys[name] = value
    return keys


def _mass_unit(unit: str, file: str) -> float:
    """In MeV."""
    try:
        return parse_quantity(f"1 {unit}", "energy", "mass_unit")
    except InputError:
        raise DataError(f"{file}, mass_unit", unit, "a unit of energy: MeV, keV, eV, GeV") from None


def _require_band(rows: Sequence[Sequence[str]], values: FloatArray, file: str) -> None:
    masses, low, high = values.T
    for row in np.flatnonzero(high <= low).tolist():
        field = f"{file}, row {row + 1}, {COLUMNS[2]}"
        raise DataError(field, rows[row][2], f"more than the lower one, {rows[row][1]}")
    for row in np.flatnonzero(np.diff(masses) <= 0.0).tolist():
        field = f"{file}, row {row + 2}, {COLUMNS[0]}"
        raise DataError(field, rows[row + 1][0], f"more than in the row before, {rows[row][0]}")
