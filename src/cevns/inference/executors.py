"""Carrying out a work: in this process, in a pool of processes, on a dask cluster, or with any executor."""

from __future__ import annotations

import io
import logging
import os
import pickle
import signal
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from functools import lru_cache
from itertools import islice
from multiprocessing import get_context
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import numpy as np

from cevns.errors import ExecutionError, InputError
from cevns.extras import optional
from cevns.inference.work import Arrays, Memory, Store, Work
from cevns.interrupts import undisturbed

if TYPE_CHECKING:
    from distributed import Client

Progress: TypeAlias = Callable[[int, int], object]
"""``progress(done, chunks)``: called at the start and after every chunk."""

Result = TypeVar("Result")

LOCAL: Final = "local"
"""The scheduler that stands for a dask cluster of processes on this machine."""
_AHEAD: Final = 256
"""Chunks that are handed out before the first of them has come back; bounds the memory that results take."""
_LARGEST_LEARNT_FROM: Final = 31 * 2**20
"""Size of a block [bytes] just below that of which the allocator does not learn."""
_MOMENT: Final = 0.1
"""Longest time for which Ctrl-C waits [s]."""
_PATIENCE: Final = 10.0
"""Time to wait for a scheduler to answer [s]."""
_THREADS: Final = ("MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def run(
    work: Work,
    executor: Executor | Client | None = None,
    *,
    store: Store | None = None,
    progress: Progress | None = None,
) -> Mapping[str, Any]:
    """Carry out what is not yet done of a work.

    The numbers are the same to the last bit, however it is carried out.

    Parameters
    ----------
    work : Work
        What is computed.
    executor : Executor or Client, optional
        Who computes: what `executor` opens, any executor of ``concurrent.futures``, or a client of
        ``dask.distributed``; this process if absent.
    store : Store, optional
        Where results go, chunk by chunk; memory if absent. Chunks that it has are not computed again.
    progress : callable, optional
        ``progress(done, chunks)``, called at the start and after every chunk.

    Returns
    -------
    mapping of str to array
        The whole arrays, as the store gives them.

    Raises
    ------
    ExecutionError
        If the workers are gone: one of a pool died, or of a cluster one after another. What was done is in the store.
    """
    kept = Memory(work) if store is None else store
    missing = sorted(set(range(work.chunks)) - kept.done)
    if executor is None:
        results = _here(work, missing)
    elif isinstance(executor, Executor):
        results = _by(executor, work, missing)
    else:
        results = _on_cluster(executor, work, missing)
    report, before = progress or _silent, work.chunks - len(missing)
    report(before, work.chunks)
    with closing(results):
        for done, (chunk, arrays) in enumerate(results, before + 1):
            kept.write(chunk, arrays)
            report(done, work.chunks)
    return kept.arrays


def _silent(_done: int, _chunks: int) -> None:
    """Report nothing."""


def _here(work: Work, chunks: Iterable[int]) -> Generator[tuple[int, Arrays]]:
    for chunk in chunks:
        yield chunk, work.compute(chunk)


def _by(executor: Executor, work: Work, chunks: Iterable[int]) -> Generator[tuple[int, Arrays]]:
    """Results in the order in which they arrive."""
    pickled, left, waiting = _pickled(work), iter(chunks), dict[Future[Arrays], int]()
    try:
        while True:
            for chunk in islice(left, _AHEAD - len(waiting)):
                with undisturbed():
                    waiting[executor.submit(_compute, pickled, chunk)] = chunk
            if not waiting:
                return
            for future in finished(waiting):
                yield waiting.pop(future), result_of(future)
    except (BrokenExecutor, CancelledError) as error:
        raise ExecutionError(f"the workers are gone ({error!r})") from None
    finally:
        with undisturbed():
            for future in waiting:
                future.cancel()


def finished(waiting: Collection[Future[Result]]) -> Collection[Future[Result]]:
    """Those of some futures that are done, after a moment if there is none yet.

    Ctrl-C comes between such moments: an exception amid a step of a future would leave its lock behind for ever.
    """
    with undisturbed():
        return wait(waiting, timeout=_MOMENT, return_when=FIRST_COMPLETED).done


def result_of(future: Future[Result]) -> Result:
    """Result of a future that is done; see `finished`."""
    with undisturbed():
        return future.result()


def _on_cluster(client: Client, work: Work, chunks: Iterable[int]) -> Generator[tuple[int, Arrays]]:
    # Not by the executor that dask has: it waits for ever if a result is lost on the way and cannot be computed again.
    distributed = optional("distributed", "dask")
    pickled, left, waiting = _pickled(work), iter(chunks), dict[Any, int]()
    finished = distributed.as_completed(loop=client.loop)

    def hand_out(number: int) -> None:
        for chunk in islice(left, number):
            future = client.submit(_compute, pickled, chunk, pure=False)
            waiting[future] = chunk
            finished.add(future)

    hand_out(_AHEAD)
    try:
        for future in finished:
            yield waiting.pop(future), future.result()
            hand_out(1)
    except (CancelledError, distributed.KilledWorker) as error:
        raise ExecutionError(f"the workers are gone ({error!r})") from None


def _compute(pickled: bytes, chunk: int) -> Arrays:
    return _unpickled(pickled).compute(chunk)


@lru_cache(maxsize=1)
def _unpickled(pickled: bytes) -> Work:
    """The work, kept from one chunk to the next with what it has worked out for itself."""
    keep_freed_memory()
    work: Work = pickle.loads(pickled)
    return work


def keep_freed_memory() -> None:
    """Let this process keep the memory of arrays that are gone for the next ones.

    The allocator of glibc learns from the largest block that was freed what to give back to the system. In a new
    process these are the arrays of a chunk: all would be given back and asked for anew, at every step, page by page.
    """
    np.empty(_LARGEST_LEARNT_FROM, dtype=np.uint8)


def _read_only(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(values)


class _Pickler(pickle.Pickler):
    """Knows read-only mappings as well, which models and experiments are full of."""

    def reducer_override(self, value: object) -> Any:
        return (_read_only, (dict(value),)) if isinstance(value, MappingProxyType) else NotImplemented


def _pickled(work: Work) -> bytes:
    buffer = io.BytesIO()
    try:
        _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(work)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        allowed = f"what other processes can import: no functions or classes made on the way ({error})"
        raise InputError("work", type(work).__name__, allowed) from None
    return buffer.getvalue()


def executor(workers: int = 1, scheduler: str | None = None) -> AbstractContextManager[Executor | Client | None]:
    """Open who computes, as a context that closes it at the end; `run` takes what it gives.

    Parameters
    ----------
    workers : int
        Number of processes; with one, and no scheduler, this process alone computes.
    scheduler : str, optional
        Address of a dask scheduler, whose workers then compute, or ``"local"`` for a dask cluster of this number of
        processes on this machine. Needs the extra ``dask``.

    Raises
    ------
    InputError
        If there are no workers, no scheduler answers, or dask is not installed.
    """
    if workers < 1:
        raise InputError("workers", workers, "a positive integer")
    if scheduler is not None:
        return _dask(scheduler, workers)
    return _pool(workers) if workers > 1 else nullcontext()


@contextmanager
def _pool(workers: int) -> Iterator[Executor]:
    # New processes rather than copies of this one, which may have threads and open files. They inherit the environment:
    # one thread of linear algebra in each, or they would get in each other's way.
    absent = {name: "1" for name in _THREADS if name not in os.environ}
    os.environ.update(absent)
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_ignore_interrupts)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        for name in absent:
            del os.environ[name]


def _ignore_interrupts() -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the one that keeps the results."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _dask(scheduler: str, workers: int) -> Iterator[Client]:
    distributed = optional("distributed", "dask")
    with ExitStack() as opened:
        address = scheduler
        if scheduler == LOCAL:
            # Any free port, and no word of what a Ctrl-C cancels: a chunk that fails raises here.
            silent = {"dashboard_address": ":0", "silence_logs": logging.CRITICAL}
            cluster = distributed.LocalCluster(n_workers=workers, threads_per_worker=1, **silent)
            address = opened.enter_context(cluster).scheduler_address
        try:
            client = opened.enter_context(distributed.Client(address, timeout=_PATIENCE, set_as_default=False))
        except (OSError, ValueError) as error:
            allowed = f"the address of a dask scheduler that answers, such as tcp://host:8786, or {LOCAL!r} ({error})"
            raise InputError("scheduler", scheduler, allowed) from None
        if scheduler == LOCAL:
            client.run(_ignore_interrupts)
        yield client
