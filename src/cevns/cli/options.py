"""Options that all commands share, and how results are printed and written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from cevns.io.files import writable_directory, write_text
from cevns.io.tables import FORMATS, Row, render

if TYPE_CHECKING:
    from cevns.statistics import Likelihood

Option: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]
"""What puts a flag, or several, on the function of a command."""
DEFAULT_EXPERIMENTS = ("coherent-lar-2020", "coherent-csi-2021")
"""Used where no experiment is named."""
SUFFIXES = {"table": "txt", "json": "json", "csv": "csv", "latex": "tex"}
"""File name suffix of each format."""


def combined(*options: Option) -> Option:
    """Several options, the first on top."""
    return lambda command: reduce(lambda inner, option: option(inner), reversed(options), command)


format_option = click.option("--format", "style", type=click.Choice(FORMATS), default="table", show_default=True)
output_options = combined(
    format_option,
    click.option("-o", "--output", type=click.Path(path_type=Path), help="Directory for the results."),
)


def names_of(likelihood: Likelihood) -> str:
    """Names of the experiments of a likelihood."""
    return " + ".join(one.name for one in likelihood.experiments)


def emit(
    records: Sequence[Row],
    style: str,
    output: Path | None,
    stem: str,
    *,
    summary: Sequence[Row] | None = None,
    rows: Sequence[Row] | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Print records in one format; with an output directory, also write them there in every format.

    Parameters
    ----------
    records : sequence of mapping
        The results, complete.
    style : str
        Format of what is printed.
    output : Path or None
        Directory to write to.
    stem : str
        File name without suffix.
    summary : sequence of mapping, optional
        What table and LaTeX show in place of the records.
    rows : sequence of mapping, optional
        What CSV has in place of them.
    notes : sequence of str
        Lines below a table, in LaTeX as comments: what its numbers mean.
    """
    for_the_eye = records if summary is None else summary
    contents = {"table": for_the_eye, "latex": for_the_eye, "json": records, "csv": records if rows is None else rows}

    if output is not None:
        write_formats(contents, writable_directory(output), stem, notes)
    click.echo(_with_notes(contents[style], style, notes))


def write_formats(contents: Mapping[str, Sequence[Row]], directory: Path, stem: str, notes: Sequence[str] = ()) -> None:
    """Write records as files, one for each format."""
    for style, records in contents.items():
        write_text(directory / f"{stem}.{SUFFIXES[style]}", _with_notes(records, style, notes) + "\n")


def _with_notes(records: Sequence[Row], style: str, notes: Sequence[str]) -> str:
    before = {"table": "", "latex": "% "}
    return "\n".join([render(records, style), *(before[style] + note for note in notes if style in before)])
