"""``cevns reproduce``."""

from __future__ import annotations

from pathlib import Path

import click

from cevns.cli.options import emit, output_options
from cevns.cli.progress import announcing
from cevns.errors import InputError
from cevns.io.files import writable_directory
from cevns.io.tables import render


@click.command("reproduce")
@click.argument("paper", required=False)
@click.argument("item", required=False)
@output_options()
def reproduce_command(paper: str | None, item: str | None, style: str, output: Path | None) -> None:
    """Tables and figures of PAPER (an arXiv number), or one ITEM of it; all papers by default.

    Tables have ours beside the published values; the last column but one is ours at a rise of chi2 by 4 in place of
    6.18. Figures are computed if one is named as ITEM: its best values and intervals are printed, every point with
    --format json. With an output directory, figures are drawn there and written as JSON and CSV, all of them if no ITEM
    is named.
    """
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
