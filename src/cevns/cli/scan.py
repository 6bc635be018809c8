"""``cevns scan``."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from cevns.cli.options import (
    DEFAULT_EXPERIMENTS,
    execution_options,
    experiments_option,
    model_option,
    parameter_options,
    read_parameters,
)
from cevns.cli.progress import counting
from cevns.errors import InputError
from cevns.io.files import write_atomically
from cevns.io.tables import FORMATS, Row, render
from cevns.results import version

if TYPE_CHECKING:
    from cevns.inference import GridScan
    from cevns.io.cards import AxisBlock, ScanCard
    from cevns.io.store import ZarrStore

STORE = "scan.zarr"
"""Name of the store in the output directory."""


@click.command("scan")
@experiments_option()
@model_option(required=True)
@click.option(
    "--grid",
    "axes",
    multiple=True,
    required=True,
    metavar="NAME=LOW:HIGH:POINTS[:log]",
    help="A scanned parameter; repeat for more axes.",
)
@parameter_options()
@click.option("--shared", multiple=True, help="A nuisance that the experiments have in common, such as sns_flux.")
@click.option("--pulls", is_flag=True, help="Keep the best pulls as well.")
@click.option("--points-per-chunk", type=int, help="Points that are computed, stored and resumed together, at most.")
@execution_options()
@click.option("--csv", is_flag=True, help="Write all points as CSV, too.")
@click.option("--format", "style", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Directory for the results.")
def scan_command(
    names: Sequence[str],
    with_es: bool,
    model: str,
    couplings: str,
    axes: Sequence[str],
    assignments: Sequence[str],
    mass: float | None,
    shared: Sequence[str],
    pulls: bool,
    points_per_chunk: int | None,
    workers: int,
    scheduler: str | None,
    resume: bool,
    csv: bool,
    style: str,
    output: Path,
) -> None:
    """chi^2 at every point of a grid, pulls profiled, into a store that a run which was cut short can continue.

    The store, scan.zarr in the output directory, is in the format zarr 3, with an axis for each --grid in their order.
    """
    from cevns.io.cards import MeasurementBlock, ScanCard

    several, single = read_axes(axes), read_parameters(assignments, mass)
    for name in single:
        if name in several:
            raise InputError("grid", name, "a parameter without -p or --mass")
    more: dict[str, Any] = {} if points_per_chunk is None else {"points_per_chunk": points_per_chunk}
    card = ScanCard(
        schema_version=1,
        command="scan",
        model=model,
        couplings=couplings,
        experiments=tuple(MeasurementBlock(name=e, electron_scattering=with_es) for e in names or DEFAULT_EXPERIMENTS),
        shared=tuple(shared),
        parameters={**several, **single},
        pulls=pulls,
        **more,
    )
    carry_out(card, output, workers=workers, scheduler=scheduler, resume=resume, csv=csv, style=style)


def read_axes(texts: Sequence[str]) -> dict[str, AxisBlock]:
    """Axes of a grid from ``NAME=LOW:HIGH:POINTS[:SCALE]``.

    Raises
    ------
    InputError
        If a text is not of that form, or names a parameter that another one has named.
    """
    from cevns.io.cards import AxisBlock

    axes: dict[str, AxisBlock] = {}
    for text in texts:
        name, _, values = text.partition("=")
        allowed = "NAME=LOW:HIGH:POINTS or NAME=LOW:HIGH:POINTS:log, such as g=1e-6:1e-2:100:log"
        if name in axes:
            raise InputError("grid", text, "each parameter once")
        try:
            low, high, points, *scale = values.split(":")
            given = {"low": low, "high": high, "points": points, "scale": ":".join(scale) or "linear"}
            axes[name] = AxisBlock.model_validate(given)
        except ValueError:
            raise InputError("grid", text, allowed) from None
    return axes


def carry_out(
    card: ScanCard, output: Path, *, workers: int, scheduler: str | None, resume: bool, csv: bool, style: str
) -> None:
    """Scan, and print where chi^2 is smallest."""
    from cevns.inference import executor, run
    from cevns.io.store import store

    scan = card.scan()
    with ended_by_a_signal(), store(output / STORE, scan, resume=resume) as opened:
        try:
            with executor(workers, scheduler) as who, counting("chunks") as progress:
                run(scan, who, store=opened, progress=progress)
        except KeyboardInterrupt:
            done = f"{len(opened.done)} of {scan.chunks} chunks are in {opened.path}"
            click.echo(f"{done}; the same command with --resume goes on from there", err=True)
            raise
        if csv:
            write_atomically(output / "scan.csv", lambda path: _write_points(path, scan, opened))
        record = _summary(scan, opened)
    click.echo(render([record] if style == "json" else _for_the_eye(record), style))


@contextmanager
def ended_by_a_signal() -> Iterator[None]:
    """Take the request to end that batch systems and ``kill`` send for a Ctrl-C."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _summary(scan: GridScan, opened: ZarrStore) -> dict[str, Any]:
    """Where on the grid chi^2 is smallest; chunk by chunk, since the whole may not fit into memory."""
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
        "version": version(),
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
    points = np.meshgrid(*scan.axes.values(), indexing="ij")
    columns = [*points, np.asarray(opened.arrays["chi2"])]
    pulls = scan.card["pulls"]
    if pulls:
        columns.extend(np.moveaxis(np.asarray(opened.arrays["pulls"]), -1, 0))
    table = np.stack([np.ravel(column) for column in columns], axis=1)
    header = ",".join([*scan.axes, "chi2", *pulls])
    np.savetxt(path, table, fmt="%.17g", delimiter=",", header=header, comments="", encoding="utf-8")
