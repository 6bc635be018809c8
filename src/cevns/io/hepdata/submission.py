"""Writing a submission to HEPData with hepdata_lib."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from cevns.errors import InputError
from cevns.extras import optional
from cevns.inference import ToyIntervalResult
from cevns.io.citations import reference
from cevns.io.files import writable_directory, write_text
from cevns.io.hepdata.figures import figure_tables
from cevns.io.hepdata.results import SINGLE, common_to_points, points_table
from cevns.io.hepdata.tables import Table
from cevns.publications import FigureData
from cevns.results import IntervalResult, LimitResult, Record, version


def write_submission(records: Sequence[Record], directory: Path) -> Path:
    """Write limits, intervals, fits, posteriors and figures as tables that HEPData accepts.

    Results that differ only in the point at which they were computed, such as limits at several masses, are the rows of
    one table; each panel of a figure is a table.

    Parameters
    ----------
    records : sequence of Record
        Results of any of these kinds.
    directory : Path
        Where ``submission.yaml`` and ``table_1.yaml``, ... are written; tables of an earlier submission go.

    Raises
    ------
    InputError
        If there is no record or one has no tables, the directory cannot be written, or hepdata_lib is not installed.
    """
    library = optional("hepdata_lib", "hepdata")
    if not records:
        raise InputError("results", "none", "one or more")
    made = list(tables(records))
    target = writable_directory(directory)
    with tempfile.TemporaryDirectory() as scratch:
        comment = f"Coherent elastic neutrino-nucleus scattering. Computed with cevns {version()}."
        (Path(scratch) / "submission.yaml").write_text(yaml.safe_dump({"comment": comment}, explicit_start=True))
        for number, table in enumerate(made, start=1):
            _of_library(library, table, f"Table {number}").write_yaml(scratch)
        for old in target.glob("table_*.yaml"):
            old.unlink()
        for file in sorted(Path(scratch).iterdir()):
            write_text(target / file.name, file.read_text(encoding="utf-8"))
    return target


def tables(records: Sequence[Record]) -> Iterator[Table]:
    """Tables of results and of figures; results that differ in the point only are one table."""
    groups: dict[str, list[Record]] = {}
    for number, record in enumerate(records):
        key = (
            common_to_points(record)
            if isinstance(record, LimitResult | IntervalResult | ToyIntervalResult)
            else str(number)
        )
        groups.setdefault(key, []).append(record)
    for members in groups.values():
        first = members[0]
        if isinstance(first, FigureData):
            yield from figure_tables(first)
        elif type(first) in SINGLE:
            yield SINGLE[type(first)](first)
        else:
            yield points_table([member.to_dict() for member in members])


def _of_library(library: Any, table: Table, name: str) -> Any:
    """The table as an object of hepdata_lib."""
    made = library.Table(name)
    sources = "; ".join(reference(key) for key in table.citations)
    made.description = f"{table.title}. " + (f"References: {sources}." if sources else "")
    made.location = table.location
    made.keywords["phrases"] = ["coherent elastic neutrino-nucleus scattering"]
    for column in table.columns:
        variable = library.Variable(
            column.header,
            is_independent=column.given,
            is_binned=any(isinstance(value, tuple) for value in column.values),
            units=column.unit,
            values=column.values,
            zero_uncertainties_warning=False,
        )
        if column.errors:
            uncertainty = library.Uncertainty("total")
            uncertainty.values = column.errors
            variable.add_uncertainty(uncertainty)
        for setting, value in {} if column.given else table.settings.items():
            variable.add_qualifier(setting, value)
        made.add_variable(variable)
    return made
