"""Progress of long work, on stderr, where a terminal is watching."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Item = TypeVar("Item")


@contextmanager
def _bar() -> Iterator[Progress]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True)
    with bar if console.is_terminal else nullcontext():
        yield bar


def tracked(items: Sequence[Item], what: str, name: Callable[[Item], str]) -> Iterator[Item]:
    """Go through items under a progress bar that names the present one."""
    with _bar() as bar:
        task = bar.add_task(what, total=len(items))
        for item in items:
            bar.update(task, description=f"{what}: {name(item)}")
            yield item
            bar.advance(task)


@contextmanager
def announcing() -> Iterator[Callable[[str], None]]:
    """Show one changing line."""
    with _bar() as bar:
        task = bar.add_task("", total=None)
        yield lambda line: bar.update(task, description=line)
