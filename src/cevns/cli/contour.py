"""``cevns contour``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cevns.cli.flags import card_of, card_options
from cevns.cli.options import emit, names_of, output_options
from cevns.cli.progress import tracked
from cevns.io.cards import ContourCard
from cevns.results.base import level_in_words


@click.command("contour")
@card_options(ContourCard, x="X", y="Y")
@output_options()
def contour_command(style: str, output: Path | None, **flags: Any) -> None:
    """Region of the parameters X and Y, pulls profiled: every disjoint piece.

    The other parameters are profiled where --profile names them, and otherwise as given or at their defaults.
    """
    carry_out(card_of(ContourCard, **flags), style=style, output=output)


def carry_out(card: ContourCard, *, style: str, output: Path | None) -> None:
    """Find the regions, print and draw them."""
    found = [card.result(one) for one in tracked(card.likelihoods, "regions", names_of)]
    summary = [
        {
            "experiments": ", ".join(one.experiments),
            "piece": number,
            **{
                f"{name} [{unit}]" if unit else name: f"[{low:.4g}, {high:.4g}]"
                for name, unit, (low, high) in zip(one.parameters, one.units, extent, strict=True)
            },
            "best fit": ", ".join(f"{value:.4g}" for value in one.best_fit),
            "chi2/bins": f"{one.chi2_min:.2f}/{one.ndata}",
        }
        for one in found
        for number, extent in enumerate(one.extents(), start=1)
    ]
    rows = [{"experiments": " + ".join(one.experiments), **row} for one in found for row in one.rows()]
    notes = [level_in_words(card.cl, card.dof)]
    emit([one.to_dict() for one in found], style, output, "contour", summary=summary, rows=rows, notes=notes)
    if output is not None and card.plots:
        from cevns.plot import regions, save

        save(regions(found), output / "contour")
