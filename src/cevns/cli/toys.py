"""``cevns toys``."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cevns.cli.execution import Execution, execution_options
from cevns.cli.flags import card_command
from cevns.cli.options import emit
from cevns.errors import InputError
from cevns.io.cards import ToysCard
from cevns.io.files import writable_directory

if TYPE_CHECKING:
    from cevns.inference import Work


def carry_out(card: ToysCard, *, execution: Execution, style: str, output: Path | None) -> None:
    """What pseudo-data say: the p-value of the fit, or with an option an interval, expected limits, a coverage.

    PARAMETER is the one that is fitted, or that intervals and limits are for: by default the coupling of the model,
    unless all parameters are given; then the p-value is that of this point.
    """
    if execution.resume and not card.store:
        raise InputError("resume", True, "with --store, or store: true in the card")
    if output is not None:
        writable_directory(output)
    numbers = count(1)
    with execution.carrier(f"toys: {card.model}") as run:

        def stored(work: Work) -> Mapping[str, Any]:
            with execution.store(output, f"toys-{next(numbers)}.zarr", work) as opened:
                return run(work, store=opened)

        results = card.results(stored if card.store else run)
    lines = [{"quantity": quantity, "value": text} for result in results for quantity, text in result.lines()]
    emit([result.to_dict() for result in results], style, output, "toys", summary=lines)


toys_command = card_command(ToysCard, carry_out, execution_options, parameter="[PARAMETER]")
