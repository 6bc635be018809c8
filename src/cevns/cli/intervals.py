"""``cevns intervals``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cevns.cli.flags import card_of, card_options
from cevns.cli.options import emit, output_options
from cevns.io.cards import IntervalsCard
from cevns.results.base import level_in_words


@click.command("intervals")
@card_options(IntervalsCard, intervals_of="PARAMETER...")
@output_options()
def intervals_command(style: str, output: Path | None, **flags: Any) -> None:
    """All disjoint intervals of each PARAMETER, pulls profiled.

    The other parameters are profiled where --profile names them, and otherwise as given or at their defaults.
    """
    carry_out(card_of(IntervalsCard, **flags), style=style, output=output)


def carry_out(card: IntervalsCard, *, style: str, output: Path | None) -> None:
    """Find the intervals and print them."""
    results = card.results()
    summary = [
        {
            "parameter": result.parameter,
            "unit": result.unit or "-",
            "intervals": result.in_words(),
            "best fit": result.shown_best_fit,
            **result.profiled,
            "chi2/bins": f"{result.chi2_min:.2f}/{result.ndata}",
        }
        for result in results
    ]
    notes = [level_in_words(card.cl, card.dof)]
    emit([result.to_dict() for result in results], style, output, "intervals", summary=summary, notes=notes)
