"""Records as text: table, JSON, CSV, LaTeX."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from cevns.errors import InputError
from cevns.io.symbols import typeset

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
        The format. JSON and CSV keep every digit; the others four significant ones. LaTeX has symbols and powers of
        ten, and needs the package booktabs. In CSV, what a record has by name has columns ``fixed.mass``; numbers of a
        list are separated by spaces, and lists in a list, or texts, by semicolons.

    Raises
    ------
    InputError
        If the format is unknown.
    """
    if style == "json":
        return json.dumps([dict(row) for row in rows], indent=2, allow_nan=False)
    columns = list(rows[0]) if rows else []
    if style == "csv":
        return _csv(rows)
    cells = [[shown(row[column]) for column in columns] for row in rows]
    if style == "latex":
        return _latex(columns, cells)
    if style == "table":
        return _aligned(columns, cells)
    raise InputError("format", style, FORMATS)


def shown(value: object) -> str:
    """A value for the eye, with four digits."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (tuple, list)):
        return ", ".join(f"[{shown(item)}]" if isinstance(item, (tuple, list)) else shown(item) for item in value)
    return str(value)


def _csv(rows: Sequence[Row]) -> str:
    flat = [dict(_flat(row)) for row in rows]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(dict.fromkeys(name for row in flat for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return buffer.getvalue().rstrip("\n")


def _flat(row: Row) -> Iterator[tuple[str, object]]:
    """Name and value of each column of a record."""
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{key}", _joined(inner)) for key, inner in value.items())
        else:
            yield name, _joined(value)


def _joined(value: object) -> object:
    if not isinstance(value, (tuple, list)):
        return value
    separator = " " if all(isinstance(item, (int, float)) for item in value) else "; "
    return separator.join(str(_joined(item)) for item in value)


_FORMULA: Final = re.compile(r"(\$[^$]+\$)")
_NUMBER: Final = re.compile(r"(?<![\w.^-])(-?\d+(?:\.\d+)?|(?<=\)))(?:e([+-]?\d+))?(?![\w.])")
_SPECIAL: Final = str.maketrans(
    {c: "\\" + c for c in "_%&#${}"}
    | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": "$<$", ">": "$>$"}
)


def _latex_text(text: str) -> str:
    """A text with formulas for numbers and for names that have a symbol, unless it holds formulas already."""
    if "$" not in text:
        text = typeset(_NUMBER.sub(_latex_number, text).replace("+-", r"$\pm$"))
    return "".join(piece if _FORMULA.fullmatch(piece) else piece.translate(_SPECIAL) for piece in _FORMULA.split(text))


def _latex_number(found: re.Match[str]) -> str:
    mantissa, exponent = found.groups()
    if exponent is None:
        return f"${mantissa}$" if mantissa.startswith("-") else mantissa
    power = f"10^{{{int(exponent)}}}"
    return f"${power}$" if mantissa == "1" else rf"${mantissa}\times {power}$"


def _latex(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    lines = [" & ".join(map(_latex_text, row)) + r" \\" for row in [columns, *cells]]
    body = [lines[0], r"\midrule", *lines[1:]] if lines else []
    spec = "l" * len(columns)
    return "\n".join([rf"\begin{{tabular}}{{{spec}}}", r"\toprule", *body, r"\bottomrule", r"\end{tabular}"])


def _aligned(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """Columns padded to their widest cell; the last one, often a note, is not padded."""
    widths = [max(len(row[i]) for row in [columns, *cells]) for i in range(len(columns))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    header = "  ".join(name.ljust(width) for name, width in zip(columns, widths, strict=True)).rstrip()
    return "\n".join([header, "-" * len(header), *lines])
