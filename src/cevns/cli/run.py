"""``cevns run``."""

from __future__ import annotations

from pathlib import Path

import click

from cevns.cli.options import emit, execution_options, output_options
from cevns.cli.scan import carry_out
from cevns.errors import InputError


@click.command("run")
@click.argument("card", type=click.Path(path_type=Path))
@execution_options()
@click.option("--csv", is_flag=True, help="Write all points of a scan as CSV, too.")
@output_options()
def run_command(
    card: Path, workers: int, scheduler: str | None, resume: bool, csv: bool, style: str, output: Path | None
) -> None:
    """Do what CARD says, a YAML file: scan, limits or intervals, with the settings of the command of that name.

    Paths in it are relative to the working directory. The options on how to carry it out are for scans.
    """
    from cevns.io.cards import ScanCard, read_card

    wanted = read_card(card)
    directory = output or (None if wanted.output is None else Path(wanted.output))
    if isinstance(wanted, ScanCard):
        if directory is None:
            raise InputError("output", None, "a directory, in the card or with -o")
        carry_out(wanted, directory, workers=workers, scheduler=scheduler, resume=resume, csv=csv, style=style)
        return
    for name, value, unused in (("workers", workers, 1), ("scheduler", scheduler, None), ("resume", resume, False)):
        if value != unused:
            raise InputError(name, value, f"no value: {wanted.command} are not computed in chunks")
    results = wanted.results()
    lines = [{"quantity": name, "value": value} for result in results for name, value in result.lines()]
    emit([result.to_dict() for result in results], style, directory, wanted.command, summary=lines)
