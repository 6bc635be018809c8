"""Scans and toys that are cut short, and carried out by others: the same bits in the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import zarr

from cevns.inference import GridScan, ToyScan
from tests.cli.conftest import Run
from tests.disks import largest_file

CSI = ("-m", "b-l", "-e", "coherent-csi-2021")


@dataclass(frozen=True)
class Long:
    """A command that takes a second or two, in chunks."""

    arguments: tuple[str, ...]
    store: str
    work: type[GridScan | ToyScan]
    chunks: int

    def bits(self, directory: Path) -> dict[str, bytes]:
        """What is in the store."""
        group = zarr.open_group(directory / self.store, mode="r")
        return {name: np.asarray(array).tobytes() for name, array in group.arrays()}

    def done(self, directory: Path) -> int:
        """Chunks in a store that somebody may be writing to."""
        marks = directory / self.store / "done"
        return int(np.asarray(zarr.open_array(marks, mode="r")).sum()) if marks.is_dir() else 0

    @contextmanager
    def started(self, directory: Path, chunks: int, *options: str) -> Iterator[subprocess.Popen[str]]:
        """The command in a process of its own, from the moment when so many chunks are there."""
        command = [sys.executable, "-m", "cevns.cli.main", *self.arguments, "-o", str(directory), "--resume", *options]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
            while self.done(directory) < chunks:
                assert process.poll() is None
                time.sleep(0.01)
            yield process


SCAN = Long(
    (
        *("scan", *CSI, "--keep-pulls", "--points-per-chunk", "8"),
        *("--grid", "g=1e-6:1e-2:40:log", "--grid", "mass=1:100:15:log"),
    ),
    "scan.zarr",
    GridScan,
    75,
)
TOYS = Long(
    (
        *("toys", *CSI, "--mass", "10", "--feldman-cousins", "--grid", "0", "1e-4", "9"),
        *("--toys", "240", "--chunk", "30", "--seed", "7", "--store"),
    ),
    "toys-1.zarr",
    ToyScan,
    72,
)


@pytest.fixture(params=[SCAN, TOYS], ids=["scan", "toys"], scope="module")
def long(request: pytest.FixtureRequest) -> Long:
    found: Long = request.param
    return found


@pytest.fixture(scope="module")
def uninterrupted(long: Long, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The bits of a run from beginning to end in one process."""
    directory = tmp_path_factory.mktemp("uninterrupted")
    with long.started(directory, long.chunks) as process:
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    return long.bits(directory)


def after(chunks: int, end: Callable[[], object], monkeypatch: pytest.MonkeyPatch, work: type) -> None:
    """Let something happen in place of the computation of the chunk after so many."""
    compute, computed = work.compute, list[int]()

    def counted(self: object, chunk: int) -> object:
        if len(computed) == chunks:
            end()
        computed.append(chunk)
        return compute(self, chunk)

    monkeypatch.setattr(work, "compute", counted)


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.slow
def test_killed_at_five_random_moments_and_resumed_to_the_same_bits(
    run: Run, tmp_path: Path, long: Long, uninterrupted: dict[str, bytes]
) -> None:
    """In the order of the run, each at a random time after a random chunk."""
    random, before = np.random.default_rng(20210), 0
    for chunk in np.sort(random.choice(int(0.8 * long.chunks), 5, replace=False)).tolist():
        with long.started(tmp_path, max(chunk, before + 1)) as process:
            time.sleep(random.uniform(0.0, 0.03))
            process.kill()
        assert process.returncode == -signal.SIGKILL
        assert before < long.done(tmp_path) < long.chunks
        before = long.done(tmp_path)
    assert run(*long.arguments, "-o", str(tmp_path), "--resume")[0] == 0
    assert long.bits(tmp_path) == uninterrupted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ending", "options"),
    [(signal.SIGINT, ("--workers", "2")), (signal.SIGTERM, ("--workers", "2")), (signal.SIGTERM, ())],
    ids=["ctrl-c", "terminate-all", "terminate"],
)
def test_an_interrupted_run_says_how_to_go_on(
    run: Run,
    tmp_path: Path,
    long: Long,
    uninterrupted: dict[str, bytes],
    ending: signal.Signals,
    options: tuple[str, ...],
) -> None:
    """Ctrl-C reaches every process of the terminal."""
    with long.started(tmp_path, 2, *options) as process:
        os.killpg(process.pid, ending)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.startswith(f"{long.done(tmp_path)} of {long.chunks} chunks are in {tmp_path / long.store}; ")
    assert err.splitlines()[-1] == "interrupted"
    assert "Traceback" not in err
    assert 2 <= long.done(tmp_path) < long.chunks
    assert run(*long.arguments, "-o", str(tmp_path), "--resume")[0] == 0
    assert long.bits(tmp_path) == uninterrupted


@pytest.mark.slow
@pytest.mark.parametrize("options", [("--workers", "2"), ("--scheduler", "local")], ids=["pool", "dask"])
def test_others_compute_the_same_bits(
    run: Run, tmp_path: Path, long: Long, uninterrupted: dict[str, bytes], options: tuple[str, ...]
) -> None:
    if "--scheduler" in options:
        pytest.importorskip("distributed", reason="needs the extra dask")
    code, _, err = run(*long.arguments, *options, "-o", str(tmp_path))
    assert (code, err) == (0, "")
    assert long.bits(tmp_path) == uninterrupted


@pytest.mark.slow
def test_a_disk_that_fills_up_and_has_room_again(
    run: Run, tmp_path: Path, long: Long, uninterrupted: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file may grow beyond 100 bytes from the chunk after the third one: that of the chunk is larger."""
    command = (*long.arguments, "-o", str(tmp_path))
    with monkeypatch.context() as patch:
        after(3, interrupt, patch, long.work)
        assert run(*command)[0] == 130
    with largest_file(100):
        code, out, err = run(*command, "--resume")
    assert (code, out) == (1, "")
    assert err.startswith(f"failed: {tmp_path / long.store} cannot be written to (File too large); 3 of {long.chunks} ")
    assert long.done(tmp_path) == 3
    assert run(*command, "--resume")[0] == 0
    assert long.bits(tmp_path) == uninterrupted


@pytest.mark.slow
def test_a_directory_that_is_closed_and_opened_again(
    run: Run, writable_by_us: Path, long: Long, uninterrupted: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed while the run is on, it is a failure; before, it is wrong input."""
    command = (*long.arguments, "-o", str(writable_by_us), "--resume")

    def mode(directories: int) -> None:
        for each in (writable_by_us / long.store).glob("*/c/**"):
            each.chmod(directories)

    with monkeypatch.context() as patch:
        after(3, partial(mode, 0o555), patch, long.work)
        code, out, err = run(*command)
    assert (code, out) == (1, "")
    assert "cannot be written to (Permission denied); 3 of" in err
    assert long.done(writable_by_us) == 3
    mode(0o755)
    writable_by_us.chmod(0o555)
    code, out, err = run(*command)
    writable_by_us.chmod(0o755)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: output: got '{writable_by_us}'; allowed: a directory that can be written to")
    assert run(*command)[0] == 0
    assert long.bits(writable_by_us) == uninterrupted
