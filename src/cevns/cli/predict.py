"""``cevns predict``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from cevns.cli.options import (
    emit,
    experiments_option,
    load_experiments,
    model_option,
    output_options,
    parameter_options,
    read_parameters,
)
from cevns.errors import InputError


@click.command("predict")
@experiments_option()
@model_option(default="sm", show_default=True)
@parameter_options()
@click.option("--flavour", "flavours", multiple=True, help="Only neutrinos of this flavour: nu_e, nu_mu, nubar_mu.")
@output_options()
def predict_command(
    names: Sequence[str],
    model: str,
    couplings: str,
    assignments: Sequence[str],
    mass: float | None,
    flavours: Sequence[str],
    style: str,
    output: Path | None,
) -> None:
    """Expected counts of a model, by component; JSON has them in every bin.

    With an output directory the projections on energy and time are drawn as well.
    """
    from cevns.interactions import model as named_model

    values = read_parameters(assignments, mass)
    chosen = named_model(model, couplings=couplings)
    records, summary = [], []
    loaded = load_experiments(names)
    for experiment in loaded:
        for flavour in flavours:
            if flavour not in experiment.flavours:
                raise InputError("flavour", flavour, experiment.flavours)
        prediction = experiment.predict(chosen, **values)
        unwanted = [f for f in experiment.flavours if flavours and f not in flavours]
        for component, counts in prediction.components.items():
            if component.split("/")[0] in unwanted:
                continue
            row = {"model": chosen.name, "experiment": experiment.name, "component": component}
            summary.append({**row, "events": f"{counts.sum():.2f}"})
            records.append({**row, "events": float(counts.sum()), "counts": counts.tolist()})
        neutrinos = prediction.signal.sum() if not unwanted else None
        if neutrinos is not None:
            row = {"model": chosen.name, "experiment": experiment.name, "component": "all neutrinos"}
            summary.append({**row, "events": f"{neutrinos:.2f}"})
            records.append({**row, "events": float(neutrinos), "counts": prediction.cevns.tolist()})
    emit(records, style, output, "prediction", summary=summary)
    if output is not None:
        from cevns.cli.figures import draw_projections

        draw_projections(loaded, chosen, values, output)
