"""Scans and toys that are cut short, and carried out by others: the same bits in the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import zarr
from click.testing import CliRunner

from cevns.cli.main import cli
from cevns.inference import GridScan, ToyScan
from tests.cli.conftest import Run
from tests.disks import largest_file

ROOT = Path(__file__).resolve().parents[2]
CSI = ("-m", "b-l", "-e", "coherent-csi-2021")


@dataclass(frozen=True)
class Long:
    """A command that takes a second, in chunks."""

    arguments: tuple[str, ...]
    store: str
    work: type[GridScan | ToyScan]
    chunks: int

    def bits(self, directory: Path) -> dict[str, bytes]:
        """What is in the store."""
        group = zarr.open_group(directory / self.store, mode="r")
        return {name: np.asarray(array).tobytes() for name, array in group.arrays()}

    def done(self, directory: Path) -> int:
        """Chunks in the store."""
        return int(np.asarray(zarr.open_array(directory / self.store / "done", mode="r")).sum())

    def cut(
        self, directory: Path, chunk: int, number: signal.Signals, *options: str, seconds: float = 0.0
    ) -> tuple[int, str]:
        """Exit code and stderr of the command in a process of its own, which a signal reaches in a chunk."""
        command = [sys.executable, "-m", "tests.cli.cut", *self.arguments, "-o", str(directory), "--resume", *options]
        environment = {**os.environ, "CUT": f"{chunk} {number.value} {seconds}"}
        ended = subprocess.run(
            command,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env=environment,
            cwd=ROOT,
            start_new_session=True,
            check=False,
            timeout=300,
        )
        return ended.returncode, ended.stderr


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
        *("toys", *CSI, "--mass", "10", "--feldman-cousins", "--grid", "0", "1e-4", "5"),
        *("--toys", "160", "--chunk", "20", "--seed", "7", "--store"),
    ),
    "toys-1.zarr",
    ToyScan,
    40,
)


@pytest.fixture(params=[SCAN, TOYS], ids=["scan", "toys"], scope="module")
def long(request: pytest.FixtureRequest) -> Long:
    found: Long = request.param
    return found


@pytest.fixture(scope="module")
def uninterrupted(long: Long, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The bits of a run from beginning to end in this process."""
    directory = tmp_path_factory.mktemp("uninterrupted")
    result = CliRunner().invoke(cli, [*long.arguments, "-o", str(directory)])
    assert (result.exit_code, result.stderr) == (0, "")
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
def test_killed_at_random_moments_and_resumed_to_the_same_bits(
    run: Run, tmp_path: Path, long: Long, uninterrupted: dict[str, bytes]
) -> None:
    """In the order of the run, each at a random time after a random chunk began."""
    random, before = np.random.default_rng(20210), 0
    for chunk in np.sort(random.choice(np.arange(1, long.chunks // 2), 3, replace=False)).tolist():
        code, _ = long.cut(tmp_path, max(chunk, before + 1), signal.SIGKILL, seconds=random.uniform(0.0, 0.03))
        assert code == -signal.SIGKILL
        assert before < long.done(tmp_path) < long.chunks
        before = long.done(tmp_path)
    assert run(*long.arguments, "-o", str(tmp_path), "--resume")[0] == 0
    assert long.bits(tmp_path) == uninterrupted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("long", "ending", "options"),
    [
        pytest.param(TOYS, signal.SIGINT, ("--workers", "2"), id="toys-ctrl-c"),
        pytest.param(SCAN, signal.SIGTERM, ("--workers", "2"), id="scan-terminate-all"),
        pytest.param(TOYS, signal.SIGTERM, (), id="toys-terminate"),
    ],
    indirect=["long"],
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
    code, err = long.cut(tmp_path, long.chunks // 2, ending, *options)
    assert code == 130
    assert err.startswith(f"{long.done(tmp_path)} of {long.chunks} chunks are in {tmp_path / long.store}; ")
    assert err.splitlines()[-1] == "interrupted"
    assert "Traceback" not in err
    assert long.done(tmp_path) < long.chunks
    assert run(*long.arguments, "-o", str(tmp_path), "--resume")[0] == 0
    assert long.bits(tmp_path) == uninterrupted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("long", "options"),
    [
        pytest.param(SCAN, ("--workers", "2"), id="scan-pool"),
        pytest.param(TOYS, ("--scheduler", "local"), id="toys-dask"),
    ],
    indirect=["long"],
)
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
