"""``cevns fit``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cevns.cli.flags import card_of, card_options
from cevns.cli.options import emit, output_options
from cevns.io.cards import FitCard


@click.command("fit")
@card_options(FitCard)
@output_options()
def fit_command(style: str, output: Path | None, **flags: Any) -> None:
    """Fit the free parameters of a model and all pulls; parameters given with -p or --mass are held."""
    carry_out(card_of(FitCard, **flags), style=style, output=output)


def carry_out(card: FitCard, *, style: str, output: Path | None) -> None:
    """Fit, and print the result."""
    (result,) = card.results()
    lines = [{"quantity": name, "value": text} for name, text in result.lines()]
    emit([result.to_dict()], style, output, "fit", summary=lines)
