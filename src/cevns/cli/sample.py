"""``cevns sample``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

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
from cevns.cli.progress import announcing
from cevns.errors import InputError
from cevns.io.files import writable_directory, write_atomically
from cevns.io.tables import Row

if TYPE_CHECKING:
    from cevns.inference.bayes import PosteriorResult


@click.command("sample")
@experiments_option()
@model_option(required=True)
@parameter_options()
@click.option(
    "--prior",
    "priors",
    multiple=True,
    required=True,
    metavar="NAME=PRIOR",
    help="Of a free parameter: uniform:LOW:HIGH, log:LOW:HIGH or normal:MEAN:SIGMA[:LOW:HIGH]; repeat for several.",
)
@click.option("--sampler", default="ensemble", show_default=True, help="ensemble, or nested (gives the evidence, too).")
@click.option("--pulls", default="sampled", show_default=True, help="sampled, or profiled (then it is no posterior).")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same draws.")
@click.option("--evaluations", type=int, default=1_000_000, show_default=True, help="Most evaluations of chi2.")
@click.option("--walkers", type=int, help="Walkers of the ensemble.")
@click.option("--live", type=int, default=500, show_default=True, help="Live points of nested sampling.")
@click.option("--shared", multiple=True, help="A nuisance that the experiments have in common, such as sns_flux.")
@click.option("--plots/--no-plots", default=True, show_default=True, help="Draw the distributions into the output.")
@output_options()
def sample_command(
    names: Sequence[str],
    with_es: bool,
    model: str,
    couplings: str,
    assignments: Sequence[str],
    mass: float | None,
    priors: Sequence[str],
    sampler: str,
    pulls: str,
    seed: int,
    evaluations: int,
    walkers: int | None,
    live: int,
    shared: Sequence[str],
    plots: bool,
    style: str,
    output: Path | None,
) -> None:
    """Sample the posterior of parameters with a --prior and of all pulls, the other parameters as given.

    Into the output go, besides the summary, the draws as samples.npz and a figure. Needs the extra `bayes`.
    """
    from cevns.inference.bayes import posterior
    from cevns.interactions import model as named_model

    chosen = named_model(model, couplings=couplings)
    experiments = load_experiments(names, with_es=with_es)
    if output is not None:
        writable_directory(output)
    with announcing() as report:
        result = posterior(
            chosen,
            experiments,
            priors=dict(_assigned(text) for text in priors),
            sampler=sampler,
            seed=seed,
            pulls=pulls,
            evaluations=evaluations,
            walkers=walkers,
            live=live,
            shared=shared,
            report=report,
            **read_parameters(assignments, mass),
        )
    emit([result.to_dict()], style, output, "sample", summary=_rows(result))
    if style == "table":
        click.echo("\n".join(f"{name}: {text}" for name, text in result.provenance()))
    if not result.converged:
        click.echo(f"not converged: {result.unconverged}", err=True)
    if output is not None:
        write_draws(result, output)
        if plots:
            from cevns.plot import corner, save

            save(corner(result), output / "sample")


def _assigned(text: str) -> tuple[str, str]:
    name, separator, prior = text.partition("=")
    if not separator:
        raise InputError("prior", text, "NAME=PRIOR, such as g=log:1e-6:1e-3")
    return name, prior


def _rows(result: PosteriorResult) -> list[Row]:
    """A row for each parameter and pull."""
    from cevns.inference.bayes.result import union

    return [
        {
            "name": one.name,
            "unit": one.unit or "-",
            "mean": one.mean,
            "deviation": one.deviation,
            "median": one.median,
            **{
                f"{100 * level:g} %": union(pieces)
                for level, pieces in zip(result.credibility, one.highest_density, strict=True)
            },
            "R-hat": "-" if one.r_hat is None else f"{one.r_hat:.4f}",
            "draws": f"{one.effective_size:.0f}",
        }
        for one in result.marginals
    ]


def write_draws(result: PosteriorResult, output: Path) -> None:
    """The draws as ``samples.npz``: names, samples (draw, name), weights (draw)."""
    import numpy as np

    names, columns = list(result.samples), list(result.samples.values())
    write_atomically(
        output / "samples.npz",
        lambda path: np.savez_compressed(path, names=names, samples=np.stack(columns, axis=1), weights=result.weights),
    )
