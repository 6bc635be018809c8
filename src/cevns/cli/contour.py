"""``cevns contour``."""

from __future__ import annotations

from pathlib import Path

from cevns.cli.flags import card_command
from cevns.cli.options import emit, names_of
from cevns.cli.progress import tracked
from cevns.io.cards import ContourCard


def carry_out(card: ContourCard, *, style: str, output: Path | None) -> None:
    """Region of the parameters X and Y, pulls profiled: every disjoint piece.

    The other parameters are profiled where --profile names them, and otherwise as given or at their defaults.
    """
    from cevns.results.base import level_words

    found = [card.result(one) for one in tracked(card.likelihoods, "regions", names_of)]
    summary = [
        {
            "experiments": ", ".join(one.experiments),
            "piece": number,
            **{column: f"[{low:.4g}, {high:.4g}]" for column, (low, high) in zip(one.columns, extent, strict=True)},
            "best fit": ", ".join(f"{value:.4g}" for value in one.best_fit),
            "chi2/bins": f"{one.chi2_min:.2f}/{one.ndata}",
        }
        for one in found
        for number, extent in enumerate(one.extents(), start=1)
    ]
    rows = [{"experiments": " + ".join(one.experiments), **row} for one in found for row in one.rows()]
    notes = [level_words([card.cl], card.dof)]
    emit([one.to_dict() for one in found], style, output, "contour", summary=summary, rows=rows, notes=notes)
    if output is not None and card.plots:
        from cevns.plot import regions, save

        save(regions(found), output / "contour")


contour_command = card_command(ContourCard, carry_out, x="X", y="Y")
