"""Progress of long work, on stderr, where a terminal is watching."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TypeVar

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


class _Rate(ProgressColumn):
    """Steps per second."""

    def render(self, task: Task) -> Text:
        """The rate, once there is one."""
        return Text("" if task.speed is None else f"{task.speed:.2g}/s")


@contextmanager
def _bar(*more: ProgressColumn) -> Iterator[Progress]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), *more, TimeRemainingColumn())
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


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show the steps done of a number that is told with them, their rate and the time left."""
    with _bar(_Rate()) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, steps: bar.update(task, completed=done, total=steps)
