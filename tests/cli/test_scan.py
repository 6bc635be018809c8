"""Scans on the command line: what they write, and that they survive being cut short."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import zarr

import cevns
from cevns import inference
from cevns.inference import GridScan, axis
from tests.cli.conftest import Run

CSI = ("-m", "b-l", "-e", "coherent-csi-2021")
GRID = ("--grid", "g=1e-6:1e-2:6:log", "--grid", "mass=1:100:3:log")


def arrays(directory: Path) -> dict[str, np.ndarray]:
    group = zarr.open_group(directory / "scan.zarr", mode="r")
    return {name: np.asarray(group[name]) for name in ("chi2", "pulls") if name in group}


def test_scan_writes_chi2_at_every_point(run: Run, tmp_path: Path, csi: cevns.Experiment) -> None:
    code, out, err = run("scan", *CSI, *GRID, "-o", str(tmp_path), "--csv", "--pulls", "--format", "json")
    assert (code, err) == (0, "")
    found = arrays(tmp_path)
    g, mass = axis(1e-6, 1e-2, 6, "log"), axis(1.0, 100.0, 3, "log")
    expected = cevns.Likelihood("b-l", csi).profiled(g=g[:, None], mass=mass)
    assert found["chi2"] == pytest.approx(expected.chi2, abs=1e-8)
    assert found["pulls"][..., 1] == pytest.approx(expected.pulls["csi_beam_neutrons"], abs=1e-6)

    (record,) = json.loads(out)
    best = np.unravel_index(expected.chi2.argmin(), expected.chi2.shape)
    assert record["best_fit"] == {"g": g[best[0]], "mass": mass[best[1]]}
    assert record["chi2_min"] == found["chi2"].min()
    assert (record["grid"], record["ndata"]) == ({"g": 6, "mass": 3}, 99)

    table = np.loadtxt(tmp_path / "scan.csv", delimiter=",", skiprows=1)
    header = (tmp_path / "scan.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "g,mass,chi2,csi_cevns,csi_beam_neutrons,csi_neutrino_induced_neutrons,csi_steady_state"
    assert table[:, 2].tobytes() == found["chi2"].tobytes()
    assert table[:, 3:].tobytes() == found["pulls"].tobytes()
    assert table[4, :2].tolist() == [g[1], mass[1]]


def test_summary_for_the_eye(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("scan", *CSI, *GRID, "-o", str(tmp_path))
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[2:]] == [
        "model", "experiments", "points", "best", "chi2/bins", "store",
    ]  # fmt: skip
    assert "6 g x 3 mass" in out


def test_options_reach_the_scan(run: Run, tmp_path: Path) -> None:
    options = ("--shared", "sns_flux", "--couplings", "tree", "--with-es", "--points-per-chunk", "2")
    code, _, err = run("scan", "-m", "b-l", "--grid", "g=0:1e-4:5", "--mass", "10", *options, "-o", str(tmp_path))
    assert (code, err) == (0, "")
    experiments = [
        cevns.experiment(name, electron_scattering=True) for name in ("coherent-lar-2020", "coherent-csi-2021")
    ]
    likelihood = cevns.Likelihood(cevns.model("b-l", couplings="tree"), experiments, shared=["sns_flux"])
    scan = GridScan(likelihood, {"g": np.linspace(0.0, 1e-4, 5)}, {"mass": 10.0}, points_per_chunk=2)
    assert zarr.open_group(tmp_path / "scan.zarr", mode="r").attrs["card"] == scan.card


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--grid", "g"), "NAME=LOW:HIGH:POINTS"),
        (("--grid", "g=1e-6:1e-2"), "NAME=LOW:HIGH:POINTS"),
        (("--grid", "g=1e-6:1e-2:many"), "NAME=LOW:HIGH:POINTS"),
        (("--grid", "g=1e-6:1e-2:10:cubic"), "NAME=LOW:HIGH:POINTS"),
        (("--grid", "g=1e-6:1e-2:10:log:3"), "NAME=LOW:HIGH:POINTS"),
        (("--grid", "g=1e-6:nan:10"), "NAME=LOW:HIGH:POINTS"),
        (("--grid", "g=-1:1:10:log", "--mass", "1"), "a positive number on a logarithmic scale"),
        (("--grid", "g=0:1:10", "--grid", "g=1:2:3"), "each parameter once"),
        (("--grid", "g=0:1:10", "-p", "g=3"), "a parameter without -p"),
        (("--grid", "g=0:1:10"), "mass: got None"),
        (("--grid", "g=0:1:1", "--mass", "1"), "points: got 1"),
        (("--grid", "g=0:1:10", "--mass", "1", "--points-per-chunk", "0"), "points_per_chunk: got 0"),
        (("--grid", "g=0:1:10", "--mass", "1", "--workers", "0"), "workers: got 0"),
        (("--grid", "g=0:1:10", "--mass", "1", "-e", "nowhere"), "experiment: got 'nowhere'"),
    ],
)
def test_wrong_input(run: Run, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    code, out, err = run("scan", "-m", "b-l", *arguments, "-o", str(tmp_path / "out"))
    assert (code, out) == (2, "")
    assert words in err


def test_a_store_is_continued_only_if_asked(run: Run, tmp_path: Path) -> None:
    arguments = ("scan", *CSI, *GRID, "-o", str(tmp_path))
    assert run(*arguments, "--resume")[0] == 0
    before = (tmp_path / "scan.zarr/chi2/c/0/0").stat().st_mtime_ns
    code, _, err = run(*arguments)
    assert (code, "to resume what is there" in err) == (2, True)
    assert run(*arguments, "--resume")[0] == 0
    assert (tmp_path / "scan.zarr/chi2/c/0/0").stat().st_mtime_ns == before
    code, _, err = run(*arguments, "--pulls", "--resume")
    assert (code, "card.pulls" in err) == (2, True)


# Runs that are cut short: from outside, in processes of their own

LONG = (
    "scan",
    *CSI,
    "--grid",
    "g=1e-6:1e-2:40:log",
    "--grid",
    "mass=1:100:15:log",
    "--pulls",
    "--points-per-chunk",
    "8",
)
CHUNKS = 75


@pytest.fixture(scope="module")
def uninterrupted(csi: cevns.Experiment) -> dict[str, bytes]:
    """The bits of the same scan, in one go and in memory."""
    grid = {"g": axis(1e-6, 1e-2, 40, "log"), "mass": axis(1.0, 100.0, 15, "log")}
    scan = GridScan(cevns.Likelihood("b-l", csi), grid, {}, pulls=True, points_per_chunk=8)
    assert scan.chunks == CHUNKS
    return {name: array.tobytes() for name, array in inference.run(scan).items()}


def bits(directory: Path) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in arrays(directory).items()}


def done(directory: Path) -> int:
    """Chunks in a store that somebody may be writing to."""
    if not (directory / "scan.zarr").is_dir():
        return 0
    return int(np.asarray(zarr.open_group(directory / "scan.zarr", mode="r")["done"]).sum())


def start_until(chunks: int, directory: Path, *options: str) -> subprocess.Popen[str]:
    """Start a scan, or resume it, and wait until so many chunks are there."""
    command = [sys.executable, "-m", "cevns.cli.main", *LONG, "-o", str(directory), "--resume", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while done(directory) < chunks:
        assert process.poll() is None
        time.sleep(0.01)
    return process


@pytest.mark.slow
def test_a_scan_killed_at_any_moment_is_resumed_to_the_same_bits(
    run: Run, tmp_path: Path, uninterrupted: dict[str, bytes]
) -> None:
    """Twice, at a random moment after the store has grown."""
    before = 0
    for moment in np.random.default_rng(20210).uniform(0.0, 0.1, 2):
        with start_until(before + 1, tmp_path) as process:
            time.sleep(moment)
            process.kill()
        assert process.returncode == -signal.SIGKILL
        now = done(tmp_path)
        assert before < now < CHUNKS
        before = now
    assert run(*LONG, "-o", str(tmp_path), "--resume")[0] == 0
    assert bits(tmp_path) == uninterrupted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ending", "options"), [(signal.SIGINT, ("--workers", "2")), (signal.SIGTERM, ())], ids=["ctrl-c", "terminate"]
)
def test_a_scan_that_is_interrupted_says_how_to_go_on(
    run: Run, tmp_path: Path, uninterrupted: dict[str, bytes], ending: signal.Signals, options: tuple[str, ...]
) -> None:
    """Ctrl-C reaches every process of the terminal."""
    with start_until(2, tmp_path, *options) as process:
        os.killpg(process.pid, ending)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    # The signal may come after a chunk was written and before it is counted.
    said = [f"{done(tmp_path) - late} of {CHUNKS} chunks are in {tmp_path / 'scan.zarr'}; " for late in (0, 1)]
    assert err.startswith(tuple(said))
    assert err.splitlines()[-1] == "interrupted"
    assert "Traceback" not in err
    assert 2 <= done(tmp_path) < CHUNKS
    assert run(*LONG, "-o", str(tmp_path), "--resume")[0] == 0
    assert bits(tmp_path) == uninterrupted


@pytest.mark.slow
@pytest.mark.parametrize("options", [("--workers", "2"), ("--scheduler", "local")], ids=["pool", "dask"])
def test_others_compute_the_same_bits(
    run: Run, tmp_path: Path, uninterrupted: dict[str, bytes], options: tuple[str, ...]
) -> None:
    if "--scheduler" in options:
        pytest.importorskip("distributed", reason="needs the extra dask")
    code, _, err = run(*LONG, *options, "-o", str(tmp_path))
    assert (code, err) == (0, "")
    assert bits(tmp_path) == uninterrupted
