from __future__ import annotations

import os
import pickle
import platform
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from subprocess import DEVNULL, Popen, check_output
from typing import Any

import numpy as np
import pytest

import cevns
from cevns import ExecutionError, InputError, Likelihood, NumericalError
from cevns.experiments import Experiment
from cevns.inference import GridScan, Line, ToyScan, Work, axis, executor, run
from cevns.inference.work import Memory
from tests.inference.works import Deadly, Failing, Squares


@pytest.fixture(scope="module")
def dask() -> Any:
    return pytest.importorskip("dask", reason="needs the extra dask")


@pytest.fixture(scope="module")
def distributed() -> Any:
    return pytest.importorskip("distributed", reason="needs the extra dask")


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor | None]:
    with executor(workers=2) as opened:
        yield opened


@pytest.fixture(scope="module")
def cluster(distributed: Any) -> Iterator[Executor | None]:
    assert distributed
    with executor(workers=2, scheduler="local") as opened:
        yield opened


@pytest.fixture(scope="module")
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(3) as opened:
        yield opened


@pytest.fixture(
    params=["threads", pytest.param("pool", marks=pytest.mark.slow), pytest.param("cluster", marks=pytest.mark.slow)]
)
def anyone(request: pytest.FixtureRequest) -> Executor:
    found: Executor = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def scan(csi: Experiment, lar: Experiment) -> GridScan:
    """Joint, with pulls: every bit has gone through profiling."""
    likelihood = Likelihood("b-l", [csi, lar], shared=["sns_flux"])
    grid = {"g": axis(1e-6, 1e-2, 10, "log"), "mass": axis(0.1, 1e4, 8, "log")}
    return GridScan(likelihood, grid, {}, pulls=True, points_per_chunk=13)


@pytest.fixture(scope="module")
def toys(csi: Experiment, lar: Experiment) -> ToyScan:
    """Joint, with two truths whose last chunks are shorter: every bit follows from seeds, throws and profiling."""
    likelihood = Likelihood("b-l", [csi, lar], shared=["sns_flux"])
    line = Line(likelihood, "g", np.linspace(0.0, 6e-5, 4), {"mass": 10.0})
    return ToyScan(line, (0, 2), line.true_pulls("profiled", (0, 2)), toys=26, seed=11, chunk=8)


@pytest.fixture(params=["scan", "toys"])
def work(request: pytest.FixtureRequest) -> Work:
    found: Work = request.getfixturevalue(request.param)
    return found


def assert_same_bits(found: object, expected: object) -> None:
    assert isinstance(found, dict)
    assert isinstance(expected, dict)
    assert set(found) == set(expected)
    for name in expected:
        assert np.asarray(found[name]).tobytes() == np.asarray(expected[name]).tobytes()


def test_the_same_bits_from_everyone(work: Work, anyone: Executor) -> None:
    assert work.chunks > 5
    assert_same_bits(run(work, anyone), run(work))


def test_everyone_carries_out_a_work(anyone: Executor) -> None:
    assert_same_bits(run(Squares(), anyone), Squares().expected())


def test_one_worker_is_this_process() -> None:
    with executor() as opened:
        assert opened is None


class Few(Memory):
    """Remembers what was written into it."""

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self.written: list[int] = []

    def write(self, chunk: int, arrays: cevns.inference.work.Arrays) -> None:
        self.written.append(chunk)
        super().write(chunk, arrays)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_only_what_is_missing_is_computed(threads: Executor, elsewhere: bool) -> None:
    work, reports = Squares(), list[tuple[int, int]]()
    store = Few(work)
    for chunk in (1, 3):
        store.write(chunk, work.compute(chunk))
    store.written.clear()
    run(work, threads if elsewhere else None, store=store, progress=lambda *numbers: reports.append(numbers))
    assert sorted(store.written) == [0, 2, 4]
    assert reports == [(2, 5), (3, 5), (4, 5), (5, 5)]
    assert_same_bits(store.arrays, work.expected())


def test_results_are_not_piled_up(threads: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more chunks are handed out than may wait to be stored."""
    handed_out: list[int] = []
    submit = threads.submit
    monkeypatch.setattr("cevns.inference.executors._AHEAD", 2)
    monkeypatch.setattr(threads, "submit", lambda *given: (handed_out.append(given[-1]), submit(*given))[1])
    work = Squares(size=20, step=2)
    run(work, threads, progress=lambda *numbers: handed_out.append(-numbers[0]) if numbers[0] else None)
    for number, entry in enumerate(handed_out):
        stored = -min((e for e in handed_out[:number] if e < 0), default=0)
        assert entry < 0 or sum(e >= 0 for e in handed_out[:number]) - stored < 2


def test_failure_of_a_chunk_is_told_as_it_is(anyone: Executor) -> None:
    store = Memory(Failing())
    with pytest.raises(NumericalError, match="no convergence in chunk 3"):
        run(Failing(), anyone, store=store)
    assert 3 not in store.done


def test_what_was_done_before_a_failure_is_kept() -> None:
    store = Memory(Failing())
    with pytest.raises(NumericalError, match="no convergence in chunk 3"):
        run(Failing(), store=store)
    assert store.done == {0, 1, 2}


@pytest.mark.slow
def test_a_worker_of_a_pool_dies(tmp_path: Path) -> None:
    """The run ends; what was done is kept, and another run does the rest."""
    work = Deadly(size=60, step=2, chunk=25, once=tmp_path / "died")
    store = Few(work)
    with executor(workers=2) as opened, pytest.raises(ExecutionError, match="workers are gone"):
        run(work, opened, store=store)
    assert (tmp_path / "died").exists()
    assert 0 < len(store.done) < work.chunks
    store.written.clear()
    run(work, store=store)
    assert 25 in store.written
    assert len(store.written) < work.chunks
    assert_same_bits(store.arrays, Squares(60, 2).expected())


@pytest.fixture
def nodes(tmp_path: Path, dask: Any, distributed: Any) -> Iterator[tuple[str, list[Popen[bytes]]]]:
    """Address of a dask scheduler, and two workers that were started as on the nodes of a cluster."""
    with ExitStack() as stack:
        # A worker that is gone is asked for its results until this time is over.
        stack.enter_context(dask.config.set({"distributed.comm.timeouts.connect": "1s"}))
        cluster = stack.enter_context(distributed.LocalCluster(n_workers=0, dashboard_address=":0"))
        address = cluster.scheduler_address
        start = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny", "--nthreads", "1"]
        workers = [stack.enter_context(Popen([*start, "--no-dashboard"], cwd=tmp_path, stderr=DEVNULL)) for _ in "12"]
        for worker in workers:
            stack.callback(worker.kill)
        while len(cluster.scheduler_info["workers"]) < len(workers):
            assert all(worker.poll() is None for worker in workers)
            time.sleep(0.05)
        yield address, workers


@pytest.mark.slow
def test_a_node_dies_in_mid_run(toys: ToyScan, nodes: tuple[str, list[Popen[bytes]]]) -> None:
    """Its chunks go to another one, and no bit is different."""
    address, workers = nodes

    def kill_one(done: int, _chunks: int) -> None:
        if done == 2:
            workers[0].kill()
            workers[0].wait()

    with executor(scheduler=address) as opened:
        found = run(toys, opened, progress=kill_one)
    assert [worker.poll() for worker in workers] == [-signal.SIGKILL, None]
    assert_same_bits(found, run(toys))


@pytest.mark.slow
def test_a_chunk_that_kills_every_worker_is_given_up(dask: Any) -> None:
    once = dask.config.set({"distributed.scheduler.allowed-failures": 0})
    with (
        once,
        pytest.raises(ExecutionError, match="workers are gone"),
        executor(workers=1, scheduler="local") as opened,
    ):
        run(Deadly(), opened)


@pytest.mark.parametrize("workers", [0, -1])
def test_workers_are_counted(workers: int) -> None:
    with pytest.raises(InputError, match="workers: got"):
        executor(workers)


@pytest.mark.parametrize("address", ["nonsense://host:1", "tcp://127.0.0.1:1", "tcp://127.0.0.1"])
@pytest.mark.usefixtures("distributed")
def test_no_scheduler_answers(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cevns.inference.executors._PATIENCE", 0.5)
    with pytest.raises(InputError, match="address of a dask scheduler") as caught, executor(scheduler=address):
        pass
    assert caught.value.value == address


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"cevns\[dask\]"), executor(scheduler="local"):
        pass


def test_what_cannot_travel_is_refused(threads: Executor) -> None:
    class Local(Squares):
        pass

    with pytest.raises(InputError, match="what other processes can import"):
        run(Local(), threads)


@pytest.mark.parametrize("model", cevns.MODEL_NAMES)
def test_every_model_travels(csi: Experiment, model: str) -> None:
    from cevns.inference.executors import _pickled

    likelihood = Likelihood(model, csi)
    _ = likelihood.groups
    again = pickle.loads(_pickled(partial(tuple, [likelihood])))
    assert repr(again()[0].model) == repr(likelihood.model)


def test_environment_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    before = dict(os.environ)
    with executor(workers=2):
        assert os.environ["OMP_NUM_THREADS"] == "1"
        assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
    assert dict(os.environ) == before


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators keep memory as they like")
def test_a_worker_keeps_the_memory_of_arrays_that_are_gone() -> None:
    """In a new process, arrays of a megabyte that come and go are not asked of the system page by page each time."""
    script = """
import resource, sys
import numpy as np
from cevns.inference.executors import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        some = [np.ones(2**17) for _ in range(4)]
        del some
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

before = faults()
keep_freed_memory()
faults()
print(before, faults())
"""
    # Dask turns the learning off for the processes that it starts, and leaves that in the environment.
    learning = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    before, after = map(int, check_output([sys.executable, "-c", script], text=True, env=learning).split())
    assert after < before / 100
