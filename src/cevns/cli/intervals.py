"""``cevns intervals``."""

from __future__ import annotations

from pathlib import Path

from cevns.cli.flags import card_command
from cevns.cli.options import emit
from cevns.io.cards import IntervalsCard


def carry_out(card: IntervalsCard, *, style: str, output: Path | None) -> None:
    """All disjoint intervals of each PARAMETER, pulls profiled.

    The other parameters are profiled where --profile names them, and otherwise as given or at their defaults.
    """
    from cevns.results.base import level_words

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
    notes = [level_words([card.cl], card.dof)]
    emit([result.to_dict() for result in results], style, output, "intervals", summary=summary, notes=notes)


intervals_command = card_command(IntervalsCard, carry_out, intervals_of="PARAMETER...")
