"""``cevns export``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cevns.cli.flags import card_of, field_options
from cevns.io.cards import FitCard
from cevns.io.files import writable_directory, write_text


@click.group("export")
def export_command() -> None:
    """Write likelihoods and results in the formats of other tools."""


@export_command.command("pyhf", short_help="A likelihood as a workspace of pyhf.")
@field_options(FitCard, "experiments", "model", "couplings", "parameters", "shared")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; the standard output by default.")
def pyhf_command(output: Path | None, **flags: Any) -> None:
    """The likelihood at one point of a model, as a JSON workspace of pyhf.

    Its parameter of interest, signal_strength, multiplies all neutrino events.
    """
    import json

    from cevns.io.pyhf import workspace

    card = card_of(FitCard, **flags)
    text = json.dumps(workspace(card.likelihood(), **card.fixed), indent=1)
    if output is None:
        click.echo(text)
    else:
        write_text(writable_directory(output.parent) / output.name, text + "\n")


@export_command.command("hepdata", short_help="Results as a submission to HEPData.")
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Directory of the submission.")
def hepdata_command(results: Sequence[Path], output: Path) -> None:
    """RESULTS, files that commands wrote with --format json, as a submission to HEPData.

    Limits, intervals (from pseudo-data, too), profiles, regions, fits, posteriors and figures become tables; what was
    computed at several points is one table.
    """
    from cevns.io.hepdata import write_submission
    from cevns.io.records import read_records

    click.echo(write_submission([record for path in results for record in read_records(path)], output))
