"""Options that commands share, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cevns.errors import InputError
from cevns.io.files import writable_directory, write_text
from cevns.io.tables import FORMATS, Row, render

if TYPE_CHECKING:
    from cevns.experiments import Experiment
    from cevns.statistics import Likelihood

Command = TypeVar("Command", bound=Callable[..., Any])
DEFAULT_EXPERIMENTS = ("coherent-lar-2020", "coherent-csi-2021")
"""Used where no experiment is named."""
SUFFIXES = {"table": "txt", "json": "json", "csv": "csv", "latex": "tex"}
"""File name suffix of each format."""


def combined(*decorators: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Apply several options, the first on top."""

    def apply(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return apply


def output_options() -> Callable[[Command], Command]:
    """--format and -o."""
    return combined(
        click.option("--format", "style", type=click.Choice(FORMATS), default="table", show_default=True),
        click.option("-o", "--output", type=click.Path(path_type=Path), help="Directory for the results."),
    )


def load_experiments(names: Sequence[str], *, with_es: bool) -> list[Experiment]:
    """The experiments named, or the default ones."""
    from cevns.experiments import experiment

    return [experiment(name, electron_scattering=with_es) for name in names or DEFAULT_EXPERIMENTS]


def names_of(likelihood: Likelihood) -> str:
    """Names of the experiments of a likelihood."""
    return " + ".join(one.name for one in likelihood.experiments)


def alone_and_together(
    experiments: Sequence[Experiment], shared: Sequence[str], *, each: bool
) -> list[tuple[Sequence[Experiment], Sequence[str]]]:
    """All experiments with what they share, and before them each alone if asked for and there are several."""
    alone = experiments if each and len(experiments) > 1 else ()
    return [*(([one], ()) for one in alone), (experiments, shared)]


def read_parameters(assignments: Sequence[str], mass: float | None) -> dict[str, Any]:
    """Values from NAME=VALUE and --mass.

    Raises
    ------
    InputError
        If an assignment is not of that form.
    """
    values: dict[str, Any] = {} if mass is None else {"mass": mass}
    for assignment in assignments:
        name, _, text = assignment.partition("=")
        try:
            values[name] = float(text)
        except ValueError:
            raise InputError("parameter", assignment, "NAME=NUMBER, such as g=5e-5") from None
    return values


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
