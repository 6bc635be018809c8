"""``cevns profile``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from cevns.cli.options import (
    alone_and_together,
    each_option,
    emit,
    experiments_option,
    load_experiments,
    model_option,
    output_options,
    parameter_options,
    profile_option,
    range_option,
    read_parameters,
    read_profiled,
    read_ranges,
)
from cevns.cli.progress import tracked
from cevns.errors import InputError


@click.command("profile")
@click.argument("parameter")
@experiments_option()
@model_option(required=True)
@parameter_options()
@range_option()
@click.option("--points", type=click.IntRange(min=2), default=201, show_default=True, help="Values in the range.")
@profile_option()
@click.option("--cl", "levels", type=float, multiple=True, default=(0.6827, 0.90), show_default=True, help="Levels.")
@click.option("--shared", multiple=True, help="A nuisance that the experiments have in common, such as sns_flux.")
@each_option()
@click.option("--plots/--no-plots", default=True, show_default=True, help="Draw the profiles into the output.")
@output_options()
def profile_command(
    parameter: str,
    names: Sequence[str],
    with_es: bool,
    model: str,
    couplings: str,
    assignments: Sequence[str],
    mass: float | None,
    range_texts: Sequence[str],
    points: int,
    profile_names: Sequence[str],
    levels: Sequence[float],
    shared: Sequence[str],
    each: bool,
    plots: bool,
    style: str,
    output: Path | None,
) -> None:
    """chi^2 as a function of one PARAMETER, pulls profiled, and its intervals at each level (1 degree of freedom).

    The other parameters are profiled where --profile names them, and otherwise as given or at their defaults.
    """
    from cevns.inference import intervals, profile
    from cevns.inference.span import Span
    from cevns.interactions import model as named_model

    chosen = named_model(model, couplings=couplings)
    groups = alone_and_together(load_experiments(names, with_es=with_es), shared, each=each)
    fixed, profiled = read_parameters(assignments, mass), read_profiled(profile_names)
    ranges, values = read_ranges(range_texts), None
    for name, given in ranges.items():
        if name != parameter:
            raise InputError("range", name, f"the parameter {parameter}")
        values = Span.of(chosen.parameter(name), given).value(np.linspace(0.0, 1.0, points))
    curves, found = [], []
    for group, common in tracked(groups, "profiles", lambda group: " + ".join(one.name for one in group[0])):
        settings = {"shared": common, "profiled": profiled, **fixed}
        curves.append(profile(chosen, group, parameter, values, **settings))
        found += [one for cl in levels for one in intervals(chosen, group, parameter, cl=cl, **settings)]
    summary = [
        {
            "experiments": ", ".join(one.experiments),
            "CL": one.cl,
            f"{parameter} [{one.unit}]" if one.unit else parameter: one.in_words(),
            "best fit": one.shown_best_fit,
            "chi2/bins": f"{one.chi2_min:.2f}/{one.ndata}",
        }
        for one in found
    ]
    rows = [{"experiments": " + ".join(one.experiments), **row} for one in curves for row in one.rows()]
    emit([one.to_dict() for one in curves], style, output, "profile", summary=summary, rows=rows)
    if output is not None and plots:
        from cevns.plot import profiles, save

        save(profiles(curves, found), output / "profile")
