"""``cevns data``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from cevns.errors import InputError


@click.group("data")
def data_command() -> None:
    """Check the data that experiments use, or make them from an official release."""


@data_command.command("verify", short_help="Check tables against their hashes or a release.")
@click.argument("names", nargs=-1)
@click.option("--release", type=click.Path(path_type=Path), help="Directory of the official release of the experiment.")
def verify_command(names: Sequence[str], release: Path | None) -> None:
    """Check tables against their hashes: of the experiments NAMES (or directories), or of all that are shipped.

    With --release, for one experiment, check the released files as well, make the tables again and compare.
    """
    from cevns.experiments import experiment, experiment_names
    from cevns.io.releases import compare_with_release

    chosen = names or experiment_names()
    if release is not None and len(chosen) != 1:
        raise InputError("names", ", ".join(chosen), "one experiment, if --release is given")
    for name in chosen:
        loaded = experiment(name)
        click.echo(f"{loaded.name}: {len(loaded.config.sha256)} tables agree with their hashes")
        if release is not None:
            click.echo(f"{loaded.name}: {compare_with_release(name, release)} tables agree with the release")


@data_command.command("import", short_help="Make an experiment from a release, in any binning.")
@click.argument("name")
@click.argument("release", type=click.Path(path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.option("--energy-edges", help="Another binning: edges separated by commas, in the unit of the signal.")
@click.option("--time-edges", help="Another binning: edges separated by commas [us].")
def import_command(name: str, release: Path, output: Path, energy_edges: str | None, time_edges: str | None) -> None:
    """Make the experiment directory OUTPUT of experiment NAME from RELEASE, the directory of its official release."""
    from cevns.io.releases import import_release

    directory = import_release(
        name,
        release,
        output,
        energy_edges=_numbers("energy-edges", energy_edges),
        time_edges=_numbers("time-edges", time_edges),
    )
    click.echo(f"{directory}: an experiment, usable wherever a name is")


def _numbers(field: str, text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(field, text, "numbers separated by commas") from None
