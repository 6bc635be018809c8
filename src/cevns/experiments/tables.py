"""Reading the CSV tables of an experiment, with every check that a table can fail."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cevns.errors import DataError
from cevns.typing import FloatArray


def table_hash(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_columns(path: Path, sha256: str | None = None) -> dict[str, FloatArray]:
    """Read a CSV table of numbers; lines that start with ``#`` are comments.

    Raises
    ------
    DataError
        If the file is missing, its hash differs from the one given, a row is of the wrong length, or an entry is not a
        finite number.
    """
    content = read_text(path, sha256)
    rows = list(csv.reader(line for line in content.splitlines() if line and not line.startswith("#")))
    if len(rows) < 2:
        raise DataError(path.name, f"{len(rows)} rows", "a header and at least one row")
    header, body = [name.strip() for name in rows[0]], rows[1:]
    if len(header) == 1:
        raise DataError(f"{path.name}, columns", header[0], "columns separated by commas")
    if len(set(header)) < len(header):
        raise DataError(f"{path.name}, columns", ", ".join(header), "distinct names")
    return dict(zip(header, read_numbers(body, header, path.name).T, strict=True))


def read_text(path: Path, sha256: str | None = None) -> str:
    """Text of a file.

    Raises
    ------
    DataError
        If the file is missing, its hash differs from the one given, or it is not text in UTF-8.
    """
    if not path.is_file():
        raise DataError(path.name, str(path), "an existing file")
    if sha256 is not None and (found := table_hash(path)) != sha256:
        raise DataError(
            path.name,
            found,
            f"the file with SHA-256 {sha256} (it is altered or truncated; a table of your own needs no sha256)",
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(path.name, str(error), "a text file in UTF-8") from None


def read_numbers(rows: Sequence[Sequence[str]], header: Sequence[str], file: str) -> FloatArray:
    """Numbers of the rows of a table, shape (row, column).

    Raises
    ------
    DataError
        If a row is not as long as the header, or an entry is not a finite number.
    """
    values = np.empty((len(rows), len(header)))
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise DataError(
                f"{file}, row {number + 1}",
                f"{len(row)} entries",
                f"{len(header)} entries: {', '.join(header)}",
            )
        for position, entry in enumerate(row):
            try:
                values[number, position] = float(entry)
            except ValueError:
                raise DataError(f"{file}, row {number + 1}, {header[position]}", entry, "a number") from None
    for number, position in np.argwhere(~np.isfinite(values)).tolist():
        raise DataError(f"{file}, row {number + 1}, {header[position]}", rows[number][position], "a finite number")
    return values


@dataclass(frozen=True)
class Tables:
    """The tables of an experiment, each read once.

    Attributes
    ----------
    directory : Path
        Where they are.
    expected : mapping of str to str
        SHA-256 of those that have to be as they were.
    hashes : dict of str to str
        SHA-256 of those that were read, by file.
    """

    directory: Path
    expected: Mapping[str, str]
    hashes: dict[str, str] = field(default_factory=dict, init=False)
    _read: dict[str, dict[str, FloatArray]] = field(default_factory=dict, init=False, repr=False)

    def __call__(self, file: str, *names: str) -> dict[str, FloatArray]:
        """Columns of a table, those named among them."""
        if file not in self._read:
            self._read[file] = read_columns(self.directory / file, self.expected.get(file))
            self.hashes[file] = table_hash(self.directory / file)
        require_columns(self._read[file], names, file)
        return self._read[file]


def require_columns(columns: Mapping[str, FloatArray], names: tuple[str, ...], file: str) -> None:
    """Raise `DataError` if a column is absent."""
    for name in names:
        if name not in columns:
            raise DataError(f"{file}, columns", ", ".join(columns), f"a column {name!r}")


@dataclass(frozen=True)
class BinTable:
    """Counts in energy x time bins.

    Attributes
    ----------
    energy_edges, time_edges : array
        Bin edges; signal unit of the experiment, and us.
    columns : mapping of str to array, shape (energy bin, time bin)
        Observed counts, backgrounds and shapes by name.
    """

    energy_edges: FloatArray
    time_edges: FloatArray
    columns: Mapping[str, FloatArray]


_EDGE_COLUMNS = ("energy_low", "energy_high", "time_low", "time_high")


def bin_table(columns: Mapping[str, FloatArray], file: str, live_time: float | None = None) -> BinTable:
    """Arrange the columns of a data table on its grid of bins.

    With a live time [us] there may be no times in the table: then there is one bin from its beginning to its end.

    Raises
    ------
    DataError
        If the rows are not a complete grid of adjoining bins, energy by energy.
    """
    if live_time is not None and not {"time_low", "time_high"} & set(columns):
        whole = np.full(len(next(iter(columns.values()))), live_time)
        columns = {**columns, "time_low": 0.0 * whole, "time_high": whole}
    require_columns(columns, _EDGE_COLUMNS, file)
    e_low, e_high, t_low, t_high = (columns[name] for name in _EDGE_COLUMNS)
    energy_edges = np.append(np.unique(e_low), e_high.max())
    time_edges = np.append(np.unique(t_low), t_high.max())
    shape = (len(energy_edges) - 1, len(time_edges) - 1)
    expected = np.stack(
        [
            *(np.repeat(edges, shape[1]) for edges in (energy_edges[:-1], energy_edges[1:])),
            *(np.tile(edges, shape[0]) for edges in (time_edges[:-1], time_edges[1:])),
        ]
    )
    found = np.stack([e_low, e_high, t_low, t_high])
    rows = min(found.shape[1], expected.shape[1])
    wrong = np.flatnonzero(np.any(found[:, :rows] != expected[:, :rows], axis=0))
    if found.shape != expected.shape or wrong.size:
        first = int(wrong[0]) if wrong.size else rows
        grid = f"the complete grid of {shape[0]} x {shape[1]} adjoining bins, energy by energy, time within"
        raise DataError(f"{file}, row {first + 1}", _bin(found, first), f"{_bin(expected, first)}: {grid}")
    grids = {name: values.reshape(shape) for name, values in columns.items() if name not in _EDGE_COLUMNS}
    return BinTable(energy_edges, time_edges, grids)


def _bin(edges: FloatArray, row: int) -> str:
    """The bin in a row of a table, in words."""
    if row >= edges.shape[1]:
        return "no bin"
    e_low, e_high, t_low, t_high = edges[:, row]
    time = f", time {t_low:g} to {t_high:g}" if np.ptp(edges[2]) else ""
    return f"energy {e_low:g} to {e_high:g}{time}"


def require_non_negative(table: BinTable, names: tuple[str, ...], file: str) -> None:
    """Raise `DataError` if a column of counts has a negative entry."""
    for name in names:
        counts = table.columns[name].ravel()
        if counts.min() < 0:
            row = int(counts.argmin())
            raise DataError(f"{file}, row {row + 1}, {name}", float(counts[row]), "counts that are not negative")
