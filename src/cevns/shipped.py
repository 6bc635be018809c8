"""Tables that the package carries."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources


def shipped_rows(package: str, file: str) -> Iterator[dict[str, str]]:
    """Rows of a CSV table by column; lines that start with ``#``, which say where it is from, are left out.

    Parameters
    ----------
    package : str
        The package whose directory holds the table: ``"cevns.nuclear"``.
    file : str
        Its path in there.
    """
    text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
    return csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
