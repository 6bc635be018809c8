"""``cevns reproduce``."""

from __future__ import annotations

from pathlib import Path

import click

from cevns.cli.options import emit, output_options
from cevns.cli.progress import announcing
from cevns.errors import InputError
from cevns.io.files import writable_directory
from cevns.io.tables import render

ALL = "all"
"""Stands for every item of every paper."""


@click.command("reproduce")
@click.argument("paper", required=False)
@click.argument("item", required=False)
@click.option("--workers", "--jobs", type=int, default=1, show_default=True, help="Number of processes, of all.")
@click.option("--force", is_flag=True, help="Compute also what is in the output directory of all.")
@output_options
def reproduce_command(
    paper: str | None, item: str | None, workers: int, force: bool, style: str, output: Path | None
) -> None:
    """Tables and figures of PAPER (an arXiv number, or comparisons), or one ITEM of it; all papers by default.

    Tables have ours beside the published values; the last column but one is ours at a rise of chi2 by 4 in place of
    6.18. Figures are computed if one is named as ITEM: its best values and intervals are printed, every point with
    --format json. With an output directory, figures are drawn there and written as JSON and CSV, all of them if no ITEM
    is named.

    PAPER all, with -o, is everything there is: each item goes to a directory of its own, with its figure, and the
    page report.html has ours beside what is published. What is there already is not computed again.
    """
    if paper == ALL:
        _reproduce_all(item, output, workers, force, style)
        return
    if force or workers != 1:
        raise InputError("paper", paper, f"{ALL}, with --force or --workers")
    from cevns.publications import figure_names, publication_names, published, reproduce, reproduce_figure

    papers = (paper,) if paper else publication_names()
    if paper and item is not None and item not in published(paper)["items"]:
        raise InputError("item", item, published(paper)["items"])
    if output is not None:
        writable_directory(output)
    all_figures = item is None and output is not None
    wanted = [(name, each) for name in papers for each in figure_names(name) if all_figures or each == item]
    tables = item is None or not wanted
    with announcing() as progress:
        values = [v for name in papers if tables for v in reproduce(name, item, progress=progress)]
        figures = [reproduce_figure(name, each, progress=progress) for name, each in wanted]
    if output is not None and figures:
        from cevns.cli.figures import write_reproduced

        write_reproduced(figures, output)
    if tables:
        emit([value.to_dict() for value in values], style, output, "reproduced")
    elif style == "json":
        click.echo(render([figure.to_dict() for figure in figures], style))
    else:
        click.echo(render([fact for figure in figures for fact in figure.summary()], style))


def _reproduce_all(item: str | None, output: Path | None, workers: int, force: bool, style: str) -> None:
    if item is not None:
        raise InputError("item", item, f"none with {ALL}")
    if output is None:
        raise InputError("output", None, "a directory for the results: -o DIR")
    from cevns.cli.reproductions import REPORT, reproduce_all

    rows = reproduce_all(output, workers=workers, force=force)
    click.echo(render(rows, style))
    click.echo(f"see {output / REPORT}", err=True)
