"""``cevns forecast``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cevns.cli.flags import card_command
from cevns.cli.options import emit
from cevns.io.files import writable_directory
from cevns.io.forecast_card import ForecastCard

if TYPE_CHECKING:
    from cevns.io.tables import Row
    from cevns.results import ForecastResult, MuonBandResult


def carry_out(card: ForecastCard, *, style: str, output: Path | None) -> None:
    """Expected limits from Asimov data, at every value of the keys of the experiments that --vary names.

    With --muon-band, how much of the couplings is excluded that the magnetic moment of the muon prefers.
    """
    from cevns.results.base import level_words

    if output is not None:
        writable_directory(output)
    found = card.results()
    bands = card.bands(found)
    records = [one.to_dict() for one in bands or found]
    summary, notes = _of_bands(bands) if bands else _of_limits(found), [level_words([card.cl], card.dof)]
    emit(records, style, output, "forecast", summary=summary, notes=notes)
    if output is not None and card.plots and (bands or card.vary):
        from cevns.cli.figures import draw_forecasts

        draw_forecasts(found, output, model=card.model, bands=card.muon_band, sigmas=card.sigmas)


forecast_command = card_command(ForecastCard, carry_out)


def _of_limits(found: Sequence[ForecastResult]) -> list[Row]:
    return [
        {
            "model": one.model,
            "experiments": " + ".join(one.experiments),
            **({} if one.mass_MeV is None else {"M [MeV]": f"{one.mass_MeV:g}"}),
            **one.varied,
            f"{one.parameter} <": one.upper_limit,
            **one.expected,
        }
        for one in found
    ]


def _of_bands(bands: Sequence[MuonBandResult]) -> list[Row]:
    from cevns.results.forecasts import in_words

    return [
        {
            "model": one.model,
            "experiments": " + ".join(one.experiments),
            **one.varied,
            "(g-2)_mu": one.band,
            "excluded": f"{100 * one.fraction:.3g} %",
            "lower edge excluded": in_words(one.lower_edge),
            "all excluded": in_words(one.whole_band),
        }
        for one in bands
    ]
