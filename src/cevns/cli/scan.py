"""``cevns scan``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import cevns
from cevns.cli.execution import Execution, execution_options
from cevns.cli.flags import card_command, repeated
from cevns.cli.readers import block_reader
from cevns.io.card_blocks import AxisBlock
from cevns.io.cards import ScanCard
from cevns.io.files import write_atomically
from cevns.io.tables import Row, render

if TYPE_CHECKING:
    from cevns.inference import GridScan
    from cevns.io.store import ZarrStore

STORE = "scan.zarr"
"""Name of the store in the output directory."""


def carry_out(card: ScanCard, *, execution: Execution, style: str, output: Path | None) -> None:
    """chi^2 at every point of a grid, pulls profiled, into a store that a run which was cut short can continue.

    The store, scan.zarr in the output directory, is in the format zarr 3, with an axis for each --grid in their order.
    """
    scan = card.scan()
    with execution.store(output, STORE, scan) as opened:
        with execution.carrier("chunks") as run:
            run(scan, store=opened)
        if card.csv:
            write_atomically(opened.path.with_name("scan.csv"), lambda path: _write_points(path, scan, opened))
        record = _summary(scan, opened)
    click.echo(render([record] if style == "json" else _for_the_eye(record), style))


grid_option = repeated(
    *("--grid", "axes", "NAME=LOW:HIGH:POINTS[:log]", "g=1e-6:1e-2:50", block_reader(AxisBlock)),
    required=True,
    help="A scanned parameter; repeat for more axes.",
)
scan_command = card_command(ScanCard, carry_out, grid_option, execution_options)


def _summary(scan: GridScan, opened: ZarrStore) -> dict[str, Any]:
    """Where on the grid chi^2 is smallest; chunk by chunk, since the whole may not fit into memory."""
    import numpy as np

    spec, chi2 = scan.arrays["chi2"], opened.arrays["chi2"]
    smallest, place = np.inf, tuple(0 for _ in spec.shape)
    for chunk in range(scan.chunks):
        region = spec.region(chunk)
        part = np.asarray(chi2[region])
        if part.min() < smallest:
            inside = np.unravel_index(int(part.argmin()), part.shape)
            smallest, place = float(part.min()), tuple(r.start + int(i) for r, i in zip(region, inside, strict=True))
    likelihood = scan.likelihood
    return {
        "model": likelihood.model.name,
        "experiments": [e.name for e in likelihood.experiments],
        "grid": dict(zip(scan.axes, spec.shape, strict=True)),
        "best_fit": {name: float(v[i]) for (name, v), i in zip(scan.axes.items(), place, strict=True)},
        "chi2_min": smallest,
        "ndata": likelihood.ndata,
        "store": str(opened.path),
        "version": cevns.__version__,
    }


def _for_the_eye(record: Mapping[str, Any]) -> list[Row]:
    """A line for each quantity."""
    lines = {
        "model": record["model"],
        "experiments": record["experiments"],
        "points": " x ".join(f"{points} {name}" for name, points in record["grid"].items()),
        "best point": ", ".join(f"{name} = {value:.4g}" for name, value in record["best_fit"].items()),
        "chi2/bins": f"{record['chi2_min']:.2f}/{record['ndata']}",
        "store": record["store"],
    }
    return [{"quantity": name, "value": value} for name, value in lines.items()]


def _write_points(path: Path, scan: GridScan, opened: ZarrStore) -> None:
    """A line for each point, the last axis fastest; numbers with every digit."""
    import numpy as np

    points = np.meshgrid(*scan.axes.values(), indexing="ij")
    columns = [*points, np.asarray(opened.arrays["chi2"])]
    pulls = scan.card["pulls"]
    if pulls:
        columns.extend(np.moveaxis(np.asarray(opened.arrays["pulls"]), -1, 0))
    table = np.stack([np.ravel(column) for column in columns], axis=1)
    header = ",".join([*scan.axes, "chi2", *pulls])
    np.savetxt(path, table, fmt="%.17g", delimiter=",", header=header, comments="", encoding="utf-8")
