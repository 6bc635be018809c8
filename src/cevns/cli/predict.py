"""``cevns predict``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cevns.cli.flags import card_of, field_options
from cevns.cli.options import emit, output_options
from cevns.errors import InputError
from cevns.io.cards import FitCard


@click.command("predict")
@field_options(FitCard, "experiments", "model", "couplings", "parameters")
@click.option("--flavour", "flavours", multiple=True, help="Only neutrinos of this flavour: nu_e, nu_mu, nubar_mu.")
@output_options
def predict_command(flavours: Sequence[str], style: str, output: Path | None, **flags: Any) -> None:
    """Expected counts of a model, by component; JSON has them in every bin.

    With an output directory the projections on energy and time are drawn as well.
    """
    card = card_of(FitCard, **flags)
    values, tested = card.fixed, card.tested
    chosen, loaded = tested["model"], tested["experiments"]
    for flavour in flavours:
        for experiment in loaded:
            if flavour not in experiment.flavours:
                raise InputError("flavour", flavour, experiment.flavours)
    records: list[dict[str, object]] = []
    for experiment in loaded:
        prediction = experiment.predict(chosen, **values)
        unwanted = set(experiment.flavours).difference(flavours or experiment.flavours)
        parts = {n: counts for n, counts in prediction.components.items() if n.split("/")[0] not in unwanted}
        if not unwanted:
            parts["all neutrinos"] = prediction.cevns + prediction.electron_scattering
        for component, counts in parts.items():
            events = float(counts.sum())
            place = {"model": chosen.name, "experiment": experiment.name, "component": component}
            records.append({**place, "events": events, "counts": counts.tolist()})
    summary = [{**{k: v for k, v in r.items() if k != "counts"}, "events": f"{r['events']:.2f}"} for r in records]
    emit(records, style, output, "prediction", summary=summary)
    if output is not None:
        from cevns.cli.figures import draw_projections

        draw_projections(loaded, chosen, values, output)
