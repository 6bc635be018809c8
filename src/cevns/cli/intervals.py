"""``cevns intervals``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from cevns.cli.options import (
    emit,
    experiments_option,
    level_options,
    load_experiments,
    model_option,
    output_options,
    parameter_options,
    profile_option,
    read_parameters,
    read_profiled,
)


@click.command("intervals")
@click.argument("parameter_names", nargs=-1, required=True, metavar="PARAMETER...")
@experiments_option()
@model_option(required=True)
@parameter_options()
@profile_option()
@level_options(cl=0.90, dof=1)
@output_options()
def intervals_command(
    parameter_names: Sequence[str],
    names: Sequence[str],
    with_es: bool,
    model: str,
    couplings: str,
    assignments: Sequence[str],
    mass: float | None,
    profile_names: Sequence[str],
    cl: float,
    dof: int,
    shared: Sequence[str],
    style: str,
    output: Path | None,
) -> None:
    """All disjoint intervals of each PARAMETER, pulls profiled.

    The other parameters are profiled where --profile names them, and otherwise as given or at their defaults.
    """
    from cevns.inference import intervals
    from cevns.interactions import model as named_model

    chosen = named_model(model, couplings=couplings)
    experiments = load_experiments(names, with_es=with_es)
    values, profiled = read_parameters(assignments, mass), read_profiled(profile_names)
    results = [
        result
        for parameter in parameter_names
        for result in intervals(
            chosen, experiments, parameter, cl=cl, dof=dof, shared=shared, profiled=profiled, **values
        )
    ]
    summary = [
        {
            "parameter": result.parameter,
            "unit": result.unit or "-",
            "intervals": result.in_words(),
            "best fit": result.shown_best_fit,
            **result.profiled,
            "chi2/bins": f"{result.chi2_min:.2f}/{result.ndata}",
        }
        for result in results
    ]
    emit([result.to_dict() for result in results], style, output, "intervals", summary=summary)
