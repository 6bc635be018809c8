"""``cevns contour``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from cevns.cli.options import (
    alone_and_together,
    each_option,
    emit,
    experiments_option,
    level_options,
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


@click.command("contour")
@click.argument("x")
@click.argument("y")
@experiments_option()
@model_option(required=True)
@parameter_options()
@range_option()
@profile_option()
@level_options(cl=0.90, dof=2)
@each_option()
@click.option("--plots/--no-plots", default=True, show_default=True, help="Draw the regions into the output.")
@output_options()
def contour_command(
    x: str,
    y: str,
    names: Sequence[str],
    with_es: bool,
    model: str,
    couplings: str,
    assignments: Sequence[str],
    mass: float | None,
    range_texts: Sequence[str],
    profile_names: Sequence[str],
    cl: float,
    dof: int,
    shared: Sequence[str],
    each: bool,
    plots: bool,
    style: str,
    output: Path | None,
) -> None:
    """Region of the parameters X and Y, pulls profiled: every disjoint piece.

    The other parameters are profiled where --profile names them, and otherwise as given or at their defaults.
    """
    from cevns.inference import region
    from cevns.interactions import model as named_model

    chosen = named_model(model, couplings=couplings)
    groups = alone_and_together(load_experiments(names, with_es=with_es), shared, each=each)
    settings = {
        "ranges": read_ranges(range_texts),
        "cl": cl,
        "dof": dof,
        "profiled": read_profiled(profile_names),
        **read_parameters(assignments, mass),
    }
    found = [
        region(chosen, group, x, y, shared=common, **settings)
        for group, common in tracked(groups, "regions", lambda group: " + ".join(one.name for one in group[0]))
    ]
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
    emit([one.to_dict() for one in found], style, output, "contour", summary=summary, rows=rows)
    if output is not None and plots:
        from cevns.plot import regions, save

        save(regions(found), output / "contour")
