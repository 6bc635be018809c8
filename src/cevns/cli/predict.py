"""``cevns predict``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cevns.cli.flags import card_of, field_options
from cevns.cli.options import emit, output_options
from cevns.errors import InputError
from cevns.io.cards import FitCard

if TYPE_CHECKING:
    from cevns.experiments import Experiment
    from cevns.interactions import Model
    from cevns.statistics.expectation import Pulls

_FIRST: Final = ("experiment", "energy_low", "energy_high", "time_low", "time_high", "observed", "error")
"""Columns of a table of bins before those of the components."""


@click.command("predict")
@field_options(FitCard, "experiments", "model", "couplings", "parameters")
@click.option("--flavour", "flavours", multiple=True, help="Only neutrinos of this flavour: nu_e, nu_mu, nubar_mu.")
@click.option("--bins", is_flag=True, help="A row for each bin, with the data beside the expectation.")
@click.option(
    "--pulls",
    type=click.Choice(("prior", "best")),
    default="prior",
    show_default=True,
    help="With --bins: pulls at zero, or where each experiment fits best.",
)
@output_options
def predict_command(
    flavours: Sequence[str], bins: bool, pulls: Pulls, style: str, output: Path | None, **flags: Any
) -> None:
    """Expected counts of a model, by component; with --bins in every bin, beside the data.

    With an output directory the projections on energy and time are drawn as well.
    """
    card = card_of(FitCard, **flags)
    values, tested = card.fixed, card.tested
    chosen, loaded = tested["model"], tested["experiments"]
    for flavour in flavours:
        for experiment in loaded:
            if flavour not in experiment.flavours:
                raise InputError("flavour", flavour, experiment.flavours)
    if bins and flavours:
        raise InputError("flavour", list(flavours), "no flavour with --bins, where the data are those of all")
    if bins:
        emit(_rows_of_bins(loaded, chosen, values, pulls), style, output, "bins")
    else:
        _emit_components(loaded, chosen, values, flavours, style, output)
    if output is not None:
        from cevns.cli.figures import draw_projections

        draw_projections(loaded, chosen, values, output)


def _rows_of_bins(
    experiments: Sequence[Experiment], model: Model, values: Mapping[str, float], pulls: Pulls
) -> list[dict[str, object]]:
    """The bins of all experiments; what one of them does not have is left empty."""
    from cevns.statistics import table_of_bins

    rows: list[dict[str, object]] = [
        {"experiment": experiment.name, **row}
        for experiment in experiments
        for row in table_of_bins(experiment, model, pulls=pulls, **values)
    ]
    found = dict.fromkeys(name for row in rows for name in row)
    columns = [
        *(name for name in _FIRST if name in found),
        *(name for name in found if name not in (*_FIRST, "expected")),
        "expected",
    ]
    return [{name: row.get(name) for name in columns} for row in rows]


def _emit_components(
    experiments: Sequence[Experiment],
    model: Model,
    values: Mapping[str, float],
    flavours: Sequence[str],
    style: str,
    output: Path | None,
) -> None:
    records: list[dict[str, object]] = []
    for experiment in experiments:
        prediction = experiment.predict(model, **values)
        unwanted = set(experiment.flavours).difference(flavours or experiment.flavours)
        parts = {n: counts for n, counts in prediction.components.items() if n.split("/")[0] not in unwanted}
        if not unwanted:
            parts["all neutrinos"] = prediction.cevns + prediction.electron_scattering
        for component, counts in parts.items():
            events = float(counts.sum())
            place = {"model": model.name, "experiment": experiment.name, "component": component}
            records.append({**place, "events": events, "counts": counts.tolist()})
    summary = [{**{k: v for k, v in r.items() if k != "counts"}, "events": f"{r['events']:.2f}"} for r in records]
    emit(records, style, output, "prediction", summary=summary)
