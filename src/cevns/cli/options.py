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


def experiments_option() -> Callable[[Command], Command]:
    """-e, several times; a name or a directory; and whether electron recoils count."""
    return combined(
        click.option("-e", "--experiment", "names", multiple=True, help="Name or directory; repeat for a joint fit."),
        click.option(
            "--with-es", is_flag=True, help="Count electron scattering too, in experiments that cannot tell it apart."
        ),
    )


def model_option(**settings: Any) -> Callable[[Command], Command]:
    """-m, and the Standard Model couplings underneath."""
    return combined(
        click.option("-m", "--model", help="Name of a model; see `cevns list models`.", **settings),
        click.option(
            "--couplings", default="radiative", show_default=True, help="Weak couplings of the Standard Model part."
        ),
    )


def level_options(*, cl: float, dof: int) -> Callable[[Command], Command]:
    """--cl, --dof and --shared."""
    return combined(
        click.option("--cl", type=float, default=cl, show_default=True, help="Confidence level."),
        click.option("--dof", type=int, default=dof, show_default=True, help="Degrees of freedom of the level."),
        click.option(
            "--shared", multiple=True, help="A nuisance that the experiments have in common, such as sns_flux."
        ),
    )


def output_options() -> Callable[[Command], Command]:
    """--format and -o."""
    return combined(
        click.option("--format", "style", type=click.Choice(FORMATS), default="table", show_default=True),
        click.option("-o", "--output", type=click.Path(path_type=Path), help="Directory for the results."),
    )


def execution_options() -> Callable[[Command], Command]:
    """--workers, --scheduler and --resume."""
    return combined(
        click.option("--workers", type=int, default=1, show_default=True, help="Number of processes."),
        click.option(
            "--scheduler", metavar="ADDRESS", help="Of a dask scheduler, or 'local'; needs the extra cevns[dask]."
        ),
        click.option("--resume", is_flag=True, help="Continue what is in the output directory."),
    )


def parameter_options() -> Callable[[Command], Command]:
    """-p NAME=VALUE, and --mass."""
    return combined(
        click.option("-p", "--parameter", "assignments", multiple=True, metavar="NAME=VALUE", help="A parameter."),
        click.option("--mass", type=float, help="Mass of the mediator [MeV]: short for -p mass=..."),
    )


def profile_option() -> Callable[[Command], Command]:
    """--profile NAME[=LOW:HIGH], several times."""
    return click.option(
        "--profile",
        "profile_names",
        multiple=True,
        metavar="NAME[=LOW:HIGH]",
        help="A parameter to minimise over, in a range; repeat for several.",
    )


def range_option() -> Callable[[Command], Command]:
    """--range NAME=LOW:HIGH[:log], several times."""
    return click.option(
        "--range",
        "range_texts",
        multiple=True,
        metavar="NAME=LOW:HIGH[:log]",
        help="Where a parameter is looked at, in equal steps of it or of its logarithm.",
    )


def load_experiments(names: Sequence[str], *, with_es: bool) -> list[Experiment]:
    """The experiments named, or the default ones."""
    from cevns.experiments import experiment

    return [experiment(name, electron_scattering=with_es) for name in names or DEFAULT_EXPERIMENTS]


def each_option() -> Callable[[Command], Command]:
    """--each."""
    return click.option("--each", is_flag=True, help="Also each experiment alone.")


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


def read_profiled(names: Sequence[str]) -> dict[str, tuple[float, float] | None]:
    """Parameters to be profiled, with their ranges, from NAME and NAME=LOW:HIGH.

    Raises
    ------
    InputError
        If a range is not of that form.
    """
    profiled: dict[str, tuple[float, float] | None] = {}
    for given in names:
        name, equals, text = given.partition("=")
        low, _, high = text.partition(":")
        try:
            profiled[name] = (float(low), float(high)) if equals else None
        except ValueError:
            raise InputError("profile", given, "NAME or NAME=LOW:HIGH, such as dm2=0.1:10") from None
    return profiled


def read_ranges(texts: Sequence[str]) -> dict[str, Any]:
    """Ranges by name, with "log" behind them if they end on it, from NAME=LOW:HIGH[:log].

    Raises
    ------
    InputError
        If one is not of that form.
    """
    ranges = {}
    for text in texts:
        name, _, given = text.partition("=")
        low, _, rest = given.partition(":")
        high, *scale = rest.split(":")
        try:
            ranges[name] = (float(low), float(high), *scale)
        except ValueError:
            raise InputError("range", text, "NAME=LOW:HIGH or NAME=LOW:HIGH:log, such as mass=1:1000:log") from None
    return ranges


def emit(
    records: Sequence[Row],
    style: str,
    output: Path | None,
    stem: str,
    *,
    summary: Sequence[Row] | None = None,
    rows: Sequence[Row] | None = None,
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
    """
    for_the_eye = records if summary is None else summary
    contents = {"table": for_the_eye, "latex": for_the_eye, "json": records, "csv": records if rows is None else rows}

    if output is not None:
        write_formats(contents, writable_directory(output), stem)
    click.echo(render(contents[style], style))


def write_formats(contents: Mapping[str, Sequence[Row]], directory: Path, stem: str) -> None:
    """Write records as files, one for each format."""
    for style, records in contents.items():
        write_text(directory / f"{stem}.{SUFFIXES[style]}", render(records, style) + "\n")
