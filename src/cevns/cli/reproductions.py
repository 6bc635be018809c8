"""Everything that is reproduced of publications, item by item, into one directory with a report."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click

import cevns
from cevns.cli.execution import ended_by_a_signal
from cevns.cli.figures import write_figure
from cevns.cli.options import write_formats
from cevns.errors import DataError, ExecutionError, NumericalError
from cevns.inference import executor
from cevns.inference.executors import finished, result_of
from cevns.interrupts import undisturbed
from cevns.io.files import writable_directory, write_text
from cevns.io.lock import locked
from cevns.io.papers import description
from cevns.io.report import ReportedItem, agreement, report
from cevns.io.tables import FORMATS, Row, render
from cevns.publications import (
    ReproducedValue,
    figure_names,
    publication_names,
    published,
    reproduce,
    reproduce_figure,
)

REPORT: Final = "report.html"
_STATE: Final = "state.json"
"""File in the directory of an item, which says what made it."""
_FACTS: Final = "summary"
_DENSITY: Final = 2.4
"""Pixels of a picture for each one of the page."""
_DECISIVE: Final = ("cevns", "numpy", "scipy", "matplotlib")
"""Packages of which another version may change the results."""


@dataclass(frozen=True)
class Item:
    """A table or a figure of a paper."""

    paper: str
    name: str

    def __str__(self) -> str:
        """For messages."""
        return f"{self.paper} {self.name}"

    @property
    def is_figure(self) -> bool:
        """Whether it is drawn."""
        return self.name in figure_names(self.paper)

    @property
    def description(self) -> Mapping[str, Any]:
        """What the package says about it: its title, the seconds it takes, published values."""
        found: Mapping[str, Any] = published(self.paper)["items"][self.name]
        return found

    @property
    def card(self) -> dict[str, Any]:
        """What its results depend on."""
        versions = {name: metadata.version(name) for name in _DECISIVE}
        return {"paper": self.paper, "item": self.name, "versions": versions, "sources": _sources()}

    def directory(self, root: Path) -> Path:
        """Where its results are."""
        return root / self.paper / self.name

    def is_done(self, root: Path) -> bool:
        """Whether its results are there, made by the package as it is now."""
        card = self.card
        try:
            state = json.loads((self.directory(root) / _STATE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return bool(state == card)


@cache
def _sources() -> str:
    """SHA-256 of all files of the package: a version alone does not tell one state of a checkout from another."""
    package = Path(cevns.__file__).parent
    files = sorted(path for path in package.rglob("*") if path.is_file() and path.parent.name != "__pycache__")
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(package).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def all_items() -> tuple[Item, ...]:
    """Every item of every paper."""
    return tuple(Item(paper, name) for paper in publication_names() for name in published(paper)["items"])


def reproduce_all(root: Path, *, workers: int = 1, force: bool = False) -> list[Row]:
    """Compute, write and draw all items, but for those that are there, and write the report.

    Every item has a directory, which appears when it is complete.

    Parameters
    ----------
    root : Path
        Directory of the results.
    workers : int
        Number of processes.
    force : bool
        Compute also what is there.

    Returns
    -------
    list of mapping
        Counts of values that agree with the published ones, table by table.

    Raises
    ------
    InputError
        If the directory cannot be written to, or another process writes to it.
    NumericalError
        If an item failed; all others are there.
    ExecutionError
        If a worker died, or the disk is full.
    """
    items, failed = all_items(), dict[Item, str]()
    with ended_by_a_signal(), locked(writable_directory(root) / REPORT):
        for unfinished in root.glob("*/.*-unfinished"):
            shutil.rmtree(unfinished)
        todo = [item for item in items if force or not item.is_done(root)]
        click.echo(f"{len(items) - len(todo)} of {len(items)} items are there", err=True)
        try:
            for item, problem in _tracked(todo, _made(todo, root, workers)):
                if problem:
                    failed[item] = problem
        except KeyboardInterrupt:
            _write_report(root, items, failed)
            done = sum(item.is_done(root) for item in items)
            click.echo(f"{done} of {len(items)} items are in {root}; the same command goes on from there", err=True)
            raise
        reported = _write_report(root, items, failed)
    if failed:
        raise NumericalError("; ".join(f"{item}: {problem}" for item, problem in failed.items()))
    return agreement(reported)


def _made(todo: Sequence[Item], root: Path, workers: int) -> Iterator[tuple[Item, str]]:
    """Items in the order in which they come to their end, with what went wrong."""
    with executor(workers) as pool:
        if not isinstance(pool, Executor):
            yield from ((item, make(item, root, item.card)) for item in todo)
            return
        # The longest first, so that no worker is left alone with one at the end.
        left = iter(sorted(todo, key=lambda item: item.description["seconds"], reverse=True))
        running = dict[Future[str], Item]()
        try:
            while True:
                # No more than there are workers, so that none goes on to another item after Ctrl-C.
                for item in islice(left, workers - len(running)):
                    with undisturbed():
                        running[pool.submit(make, item, root, item.card)] = item
                if not running:
                    return
                for future in finished(running):
                    yield running.pop(future), result_of(future)
        except BrokenExecutor as error:
            raise ExecutionError(f"the workers are gone ({error!r})") from None


def _tracked(todo: Sequence[Item], made: Iterator[tuple[Item, str]]) -> Iterator[tuple[Item, str]]:
    """Say on stderr what is done, and how much time is left, if all go as much faster or slower than expected."""
    start, done = time.monotonic(), 0.0
    left = sum(item.description["seconds"] for item in todo)
    for number, (item, problem) in enumerate(made, 1):
        elapsed = time.monotonic() - start
        done += item.description["seconds"]
        left -= item.description["seconds"]
        times = f"{_clock(elapsed)} elapsed, about {_clock(elapsed * left / done)} left"
        click.echo(f"{number}/{len(todo)} {item}{': failed' if problem else ''}; {times}", err=True)
        yield item, problem


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def make(item: Item, root: Path, card: Mapping[str, Any]) -> str:
    """Compute, write and draw an item; what went wrong, if something did.

    The card is that of the process which hands it out: files of the package may change meanwhile.

    Raises
    ------
    ExecutionError
        If the disk is full or gone.
    """
    try:
        target = item.directory(root)
        target.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".", suffix="-unfinished") as directory:
            results = Path(directory) / item.name
            results.mkdir()
            _write_results(item, results)
            write_text(results / _STATE, json.dumps(card, indent=2) + "\n")
            with undisturbed():
                shutil.rmtree(target, ignore_errors=True)
                results.rename(target)
    except NumericalError as error:
        return str(error)
    except OSError as error:
        raise ExecutionError(f"{root} cannot be written to ({error.strerror}); what is done is safe") from None
    return ""


def _write_results(item: Item, directory: Path) -> None:
    if item.is_figure:
        figure = reproduce_figure(item.paper, item.name)
        write_figure(figure, directory)
        facts = list(figure.summary())
        for style in ("json", "csv"):
            write_text(directory / f"{_FACTS}.{style}", render(facts, style) + "\n")
    else:
        values = [value.to_dict() for value in reproduce(item.paper, item.name)]
        write_formats(dict.fromkeys(FORMATS, values), directory, f"{item.paper}-{item.name}")


def _write_report(root: Path, items: Sequence[Item], failed: Mapping[Item, str]) -> list[ReportedItem]:
    """Write the page about what is there; leave what the package does not know any more alone."""
    reported = [_reported(item, root, failed.get(item, "")) for item in items]
    references = {item.paper: description(item.paper) for item in items}
    versions = ", ".join(f"{name} {version}" for name, version in items[0].card["versions"].items())
    text = f"Made by cevns reproduce all with {versions}; SHA-256 of the package {_sources()}."
    write_text(root / REPORT, report(reported, references, text))
    return reported


def _reported(item: Item, root: Path, problem: str) -> ReportedItem:
    title = item.description["title"]
    if problem or not item.is_done(root):
        return ReportedItem(item.paper, item.name, title, problem=problem or "not yet computed")
    directory = item.directory(root)
    stem = _FACTS if item.is_figure else f"{item.paper}-{item.name}"
    path = directory / f"{stem}.json"
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        width = _width(directory / f"{item.paper}-{item.name}.png") if item.is_figure else 0
    except (OSError, ValueError):
        raise DataError(str(path), "a file that cannot be read", "what was written; --force makes it again") from None
    files = sorted(f.relative_to(root).as_posix() for f in directory.iterdir() if f.name != _STATE)
    if item.is_figure:
        return ReportedItem(item.paper, item.name, title, facts=rows, files=tuple(files), width=width)
    values = tuple(map(ReproducedValue.from_dict, rows))
    return ReportedItem(item.paper, item.name, title, values=values, files=tuple(files))


def _width(picture: Path) -> int:
    """Width on the page of a picture in the format PNG, whose header has the number of its pixels."""
    return round(int.from_bytes(picture.read_bytes()[16:20]) / _DENSITY)
