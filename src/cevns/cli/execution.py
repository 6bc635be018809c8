"""Works in chunks on the command line: who computes, where results are kept, and what is said if it ends early."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from cevns.cli.progress import counting
from cevns.errors import InputError

if TYPE_CHECKING:
    from cevns.inference import Work
    from cevns.io.store import ZarrStore

Carrier: TypeAlias = Callable[..., Mapping[str, Any]]
"""`cevns.inference.run` with who computes and a progress bar: takes a work, and a store if there is one."""


@dataclass(frozen=True)
class Execution:
    """How a work is carried out; its numbers do not depend on it.

    Attributes
    ----------
    workers : int
        Number of processes.
    scheduler : str or None
        Address of a dask scheduler, or ``"local"``.
    resume : bool
        Whether to go on in a store that is there.
    """

    workers: int = 1
    scheduler: str | None = None
    resume: bool = False

    @contextmanager
    def carrier(self, what: str) -> Iterator[Carrier]:
        """Open who computes, until the end or a signal, under a progress bar with a name."""
        from cevns.inference import executor, run

        with ended_by_a_signal(), executor(self.workers, self.scheduler) as who, counting(what) as progress:
            yield partial(run, executor=who, progress=progress)

    @contextmanager
    def store(self, output: Path | None, name: str, work: Work) -> Iterator[ZarrStore]:
        """Open the store of a work in the output directory; if it is interrupted, say what is there and how to go on.

        Raises
        ------
        InputError
            If there is no output directory, and as `cevns.io.store.store` does.
        """
        from cevns.io.store import store

        if output is None:
            raise InputError("output", None, "a directory for the store, in the card or with -o")
        with ended_by_a_signal(), store(output / name, work, resume=self.resume) as opened:
            try:
                yield opened
            except KeyboardInterrupt:
                done = f"{len(opened.done)} of {work.chunks} chunks are in {opened.path}"
                click.echo(f"{done}; the same command with --resume goes on from there", err=True)
                raise


def execution_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--workers, --scheduler and --resume, which the command is given as an ``execution``."""

    @click.option("--workers", type=int, default=1, show_default=True, help="Number of processes.")
    @click.option(
        "--scheduler", metavar="ADDRESS", help="Of a dask scheduler, or 'local'; needs the extra cevns[dask]."
    )
    @click.option("--resume", is_flag=True, help="Continue what is in the output directory.")
    @wraps(command)
    def with_execution(workers: int, scheduler: str | None, resume: bool, **others: Any) -> Any:
        return command(execution=Execution(workers, scheduler, resume), **others)

    return with_execution


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
