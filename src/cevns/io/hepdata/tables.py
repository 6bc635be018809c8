"""Tables for HEPData, before they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cevns.io.symbols import typeset
from cevns.publications.figures import Axis

ABSENT: Final = "-"
"""What HEPData shows where there is no value."""
Polygon = Sequence[tuple[float, float]]
"""Points (x, y) along a contour; the last one is the first again if it is closed."""
Value = float | str | tuple[float, float]
"""A number, a text, or the two edges of a bin."""


@dataclass(frozen=True)
class Column:
    """A variable of a table.

    Attributes
    ----------
    header, unit : str
        What it is.
    values : sequence
        One for each row.
    given : bool
        Whether it is independent: says where the others are.
    errors : sequence of float
        Symmetric errors of the values, if they have any.
    """

    header: str
    unit: str
    values: Sequence[Value]
    given: bool = False
    errors: Sequence[float] = ()


@dataclass(frozen=True)
class Table:
    """A table, before it is written.

    Attributes
    ----------
    title, location : str
        What it shows, and where else it is found.
    columns : sequence of Column
        The variables.
    settings : mapping
        What holds for the whole table: model, experiments, confidence level, degrees of freedom, version.
    citations : sequence of str
        INSPIRE keys.
    """

    title: str
    location: str
    columns: Sequence[Column]
    settings: Mapping[str, str | float]
    citations: Sequence[str] = ()


def filled_columns(rows: Sequence[Mapping[tuple[str, str], float]]) -> list[Column]:
    """A column for each header and unit that a row has a value for."""
    found = dict.fromkeys(key for row in rows for key in row)
    return [Column(*key, [row.get(key, ABSENT) for row in rows]) for key in found]


def contours(x: Axis, y: Axis, pieces: Sequence[tuple[str, Polygon]]) -> list[Column]:
    """Columns of contours, one row for each point.

    Parameters
    ----------
    x, y : Axis
        The quantities.
    pieces : sequence of (str, polygon)
        Each connected piece of a contour, with a label: the region and its level.
    """
    rows = [(label, n, *point) for n, (label, polygon) in enumerate(pieces, start=1) for point in polygon]
    labels, numbers, abscissae, ordinates = transposed(rows, 4)
    first = [Column("region", "", labels, given=True), Column("piece", "", numbers, given=True)]
    return [*first, along(x, abscissae, given=True), along(y, ordinates)]


def transposed(rows: Sequence[tuple[Any, ...]], number: int) -> list[tuple[Any, ...]]:
    """Columns of some rows, also of none."""
    return [tuple(row[column] for row in rows) for column in range(number)]


def along(axis: Axis, values: Sequence[Value], *, of: str = "", given: bool = False) -> Column:
    """The column of a quantity, or of that of something."""
    name = " of ".join(filter(None, (typeset(axis.label or axis.name), of)))
    return Column(name, typeset(axis.unit), values, given=given)
