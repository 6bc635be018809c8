"""``cevns sample``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cevns.cli.flags import card_command
from cevns.cli.options import emit
from cevns.cli.progress import announcing
from cevns.io.cards import SampleCard
from cevns.io.files import writable_directory, write_atomically
from cevns.io.tables import Row

if TYPE_CHECKING:
    from cevns.inference.bayes import PosteriorResult


def carry_out(card: SampleCard, *, style: str, output: Path | None) -> None:
    """Sample the posterior of parameters with a --prior and of all pulls, the other parameters as given.

    Into the output go, besides the summary, the draws as samples.npz and a figure. Needs the extra `bayes`.
    """
    if output is not None:
        writable_directory(output)
    with announcing() as report:
        (result,) = card.results(report)
    emit([result.to_dict()], style, output, "sample", summary=_summary(result), rows=result.rows())
    if style == "table":
        click.echo("\n".join(f"{name}: {text}" for name, text in result.provenance()))
    if not result.converged:
        click.echo(f"not converged: {result.unconverged}", err=True)
    if output is not None:
        write_draws(result, output)
        if card.plots:
            from cevns.plot import corner, save

            save(corner(result), output / "sample")


sample_command = card_command(SampleCard, carry_out)


def _summary(result: PosteriorResult) -> list[Row]:
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
