"""Records as text: table, JSON, CSV, LaTeX."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Final

from cevns.errors import InputError

FORMATS: Final = ("table", "json", "csv", "latex")
"""The formats."""

Row = Mapping[str, object]
"""One record: values by column name."""


def render(rows: Sequence[Row], style: str) -> str:
    """Write records as text.

    Parameters
    ----------
    rows : sequence of mapping
        Records with the same keys, in the order of the columns.
    style : {"table", "json", "csv", "latex"}
        The format. JSON and CSV keep every digit; the others four significant ones.

    Raises
    ------
    InputError
        If the format is unknown.
    """
    if style == "json":
        return json.dumps([dict(row) for row in rows], indent=2, allow_nan=False)
    columns = list(rows[0]) if rows else []
    if style == "csv":
        return _csv(rows, columns)
    cells = [[_cell(row[column]) for column in columns] for row in rows]
    if style == "latex":
        return _latex(columns, cells)
    if style == "table":
        return _aligned(columns, cells)
    raise InputError("format", style, FORMATS)


def _cell(value: object) -> str:
    """A value for the eye."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (tuple, list)):
        return ", ".join(_cell(item) for item in value)
    return str(value)


def _csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        values = (row[column] for column in columns)
        writer.writerow([" ".join(map(repr, v)) if isinstance(v, (tuple, list)) else v for v in values])
    return buffer.getvalue().rstrip("\n")


def _latex(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    special = str.maketrans({c: "\\" + c for c in "_%&#$"})
    lines = [" & ".join(cell.translate(special) for cell in row) + r" \\" for row in [columns, *cells]]
    body = [lines[0], r"\midrule", *lines[1:]] if lines else []
    spec = "l" * len(columns)
    return "\n".join([rf"\begin{{tabular}}{{{spec}}}", r"\toprule", *body, r"\bottomrule", r"\end{tabular}"])


def _aligned(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """Columns padded to their widest cell; the last one, often a note, is not padded."""
    widths = [max(len(row[i]) for row in [columns, *cells]) for i in range(len(columns))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    header = "  ".join(name.ljust(width) for name, width in zip(columns, widths, strict=True)).rstrip()
    return "\n".join([header, "-" * len(header), *lines])
