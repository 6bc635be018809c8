"""``cevns profile``."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from cevns.cli.flags import card_command
from cevns.cli.options import emit, names_of
from cevns.cli.progress import tracked
from cevns.io.cards import ProfileCard


def carry_out(card: ProfileCard, *, style: str, output: Path | None) -> None:
    """chi^2 as a function of one PARAMETER, pulls profiled, and its intervals at each level (1 degree of freedom).

    The other parameters are profiled where --profile names them, and otherwise as given or at their defaults.
    """
    from cevns.results.base import with_unit

    results = [card.result(one) for one in tracked(card.likelihoods, "profiles", names_of)]
    curves, found = [curve for curve, _ in results], list(chain.from_iterable(levels for _, levels in results))
    summary = [
        {
            "experiments": ", ".join(one.experiments),
            "CL": one.cl,
            with_unit(one.parameter, one.unit): one.in_words(),
            "best fit": one.shown_best_fit,
            "chi2/bins": f"{one.chi2_min:.2f}/{one.ndata}",
        }
        for one in found
    ]
    rows = [{"experiments": " + ".join(one.experiments), **row} for one in curves for row in one.rows()]
    emit([one.to_dict() for one in curves], style, output, "profile", summary=summary, rows=rows)
    if output is not None and card.plots:
        from cevns.plot import profiles, save

        save(profiles(curves, found), output / "profile")


profile_command = card_command(ProfileCard, carry_out, parameter="PARAMETER")
