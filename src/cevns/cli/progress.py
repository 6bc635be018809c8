"""Progress of long work, on stderr, where a terminal is watching."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

Item = TypeVar("Item")
_PERIOD: Final = 600.0
"""Time over which a rate is an average [s]: long enough for steps of a minute."""


class _Rate(ProgressColumn):
    """How many come to their end per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.3g}/s" if task.speed else "")


@contextmanager
def _bar(*more: ProgressColumn) -> Iterator[Progress]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), *more, TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True, speed_estimate_period=_PERIOD)
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


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how many of how many are done, the rate at which that goes, and the time left."""
    with _bar(_Rate()) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, number: bar.update(task, completed=done, total=number)
