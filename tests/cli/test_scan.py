"""Scans on the command line: what they write."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import zarr

import cevns
from cevns.inference import GridScan, axis
from tests.cli.conftest import Run

CSI = ("-m", "b-l", "-e", "coherent-csi-2021")
GRID = ("--grid", "g=1e-6:1e-2:6:log", "--grid", "mass=1:100:3:log")


def arrays(directory: Path) -> dict[str, np.ndarray]:
    group = zarr.open_group(directory / "scan.zarr", mode="r")
    return {name: np.asarray(group[name]) for name in ("chi2", "pulls") if name in group}


def test_scan_writes_chi2_at_every_point(run: Run, tmp_path: Path, csi: cevns.Experiment) -> None:
    code, out, err = run("scan", *CSI, *GRID, "-o", str(tmp_path), "--csv", "--keep-pulls", "--format", "json")
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
        (("--grid", "g=0:1:10", "--grid", "g=1:2:3"), "each name once"),
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
    code, _, err = run(*arguments, "--keep-pulls", "--resume")
    assert (code, "card.pulls" in err) == (2, True)
    code, _, err = run("scan", *CSI, "--grid", "g=0:1:9", GRID[2], GRID[3], "-o", str(tmp_path), "--resume")
    assert "card.grid.g: 1e-06, ..., 0.01 (6 values) in the store, 0.0, ..., 1.0 (9 values) now" in err
    assert len(err) < 500
