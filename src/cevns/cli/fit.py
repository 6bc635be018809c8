"""``cevns fit``."""

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


@click.command("fit")
@experiments_option()
@model_option(default="sm", show_default=True)
@parameter_options()
@click.option("--free", multiple=True, help="A parameter to fit although it has a default; repeat for several.")
@click.option("--shared", multiple=True, help="A nuisance that the experiments have in common, such as sns_flux.")
@output_options()
def fit_command(
    names: Sequence[str],
    with_es: bool,
    model: str,
    couplings: str,
    assignments: Sequence[str],
    mass: float | None,
    free: Sequence[str],
    shared: Sequence[str],
    style: str,
    output: Path | None,
) -> None:
    """Fit the free parameters of a model and all pulls; parameters given with -p or --mass are held."""
    from cevns.inference import fit
    from cevns.interactions import model as named_model

    chosen = named_model(model, couplings=couplings)
    experiments = load_experiments(names, with_es=with_es)
    result = fit(chosen, experiments, free=free, shared=shared, **read_parameters(assignments, mass))
    lines = [{"quantity": name, "value": text} for name, text in result.lines()]
    emit([result.to_dict()], style, output, "fit", summary=lines)
