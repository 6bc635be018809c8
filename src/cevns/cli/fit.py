"""``cevns fit``."""

from __future__ import annotations

from pathlib import Path

from cevns.cli.flags import card_command
from cevns.cli.options import emit
from cevns.io.cards import FitCard


def carry_out(card: FitCard, *, style: str, output: Path | None) -> None:
    """Fit the free parameters of a model and all pulls; parameters given with -p or --mass are held."""
    (result,) = card.results()
    lines = [{"quantity": name, "value": text} for name, text in result.lines()]
    emit([result.to_dict()], style, output, "fit", summary=lines)


fit_command = card_command(FitCard, carry_out)
