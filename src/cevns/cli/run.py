"""``cevns run``."""

from __future__ import annotations

from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from cevns.cli.execution import Execution, execution_options
from cevns.cli.options import output_options
from cevns.errors import InputError


@click.command("run")
@click.argument("card", type=click.Path(path_type=Path))
@execution_options
@click.option("--csv", is_flag=True, help="Write all points of a scan as CSV, too.")
@output_options
def run_command(card: Path, execution: Execution, csv: bool, style: str, output: Path | None) -> None:
    """Do what CARD says, a YAML file, with the settings of the command that it names.

    Paths in it are relative to the working directory. The options on how to carry it out are for scans and toys.
    """
    from cevns.io.cards import ScanCard, ToysCard, read_card

    wanted = read_card(card)
    how: dict[str, Any] = {"style": style, "output": output or (None if wanted.output is None else Path(wanted.output))}
    if isinstance(wanted, ScanCard | ToysCard):
        how["execution"] = execution
    else:
        for name, value in asdict(execution).items():
            if value != getattr(Execution, name):
                raise InputError(name, value, f"no value: cevns {wanted.command} does not compute in chunks")
    if csv:
        if not isinstance(wanted, ScanCard):
            raise InputError("csv", csv, f"no value: cevns {wanted.command} writes no points")
        wanted = wanted.model_copy(update={"csv": True})
    import_module(f"cevns.cli.{wanted.command}").carry_out(wanted, **how)
