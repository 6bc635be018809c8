from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import cevns
from cevns import DataError, InputError
from cevns.experiments import ANALYSES, CONFIG_FILE, analysis_names, experiment_directory
from cevns.io.releases import RELEASES, compare_with_release, import_release, release_hashes, verify_release
from tests.releases import release_directory

CSI_2017, CSI, LAR = "coherent-csi-2017", "coherent-csi-2021", "coherent-lar-2020"
LZ, LZ_2024, XENONNT = "lz-er", "lz-er-2024", "xenonnt-er-2022"


@pytest.fixture
def release(shared: Path) -> Callable[[str], Path]:
    """Directory of the official release of an experiment."""
    return lambda name: shared / "data" / release_directory(name)


def test_every_experiment_with_hashes_of_a_release_has_a_converter() -> None:
    listed = [name for name in cevns.experiment_names() if (experiment_directory(name) / "release.yaml").exists()]
    assert sorted(RELEASES) == listed


@pytest.mark.parametrize("name", RELEASES)
def test_shipped_tables_are_those_of_the_release(name: str, release: Callable[[str], Path], tmp_path: Path) -> None:
    """Byte for byte, and the configuration with its hashes too."""
    made = import_release(name, release(name), tmp_path / "made")
    shipped = experiment_directory(name)
    tables = sorted(path.name for path in shipped.glob("*.csv"))
    analyses = [f"{ANALYSES}/{path.name}" for path in (shipped / ANALYSES).glob("*")]
    files = [*tables, CONFIG_FILE, *analyses]
    assert sorted(path for path in made.rglob("*") if path.is_file()) == sorted(made / file for file in files)
    for file in files:
        assert (made / file).read_bytes() == (shipped / file).read_bytes(), file
    assert compare_with_release(name, release(name)) == len(tables)


def test_comparison_notices_a_table_that_differs(
    release: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = Path(shutil.copytree(experiment_directory(CSI), tmp_path / "mine"))
    (mine / "bins.csv").write_bytes((mine / "bins.csv").read_bytes().replace(b"11", b"12", 1))
    monkeypatch.setattr("cevns.io.releases.importing.experiment_directory", lambda _: mine)
    with pytest.raises(DataError, match=r"bins\.csv: got .*; allowed: the table that the release gives"):
        compare_with_release(CSI, release(CSI))


MERGED = {
    CSI_2017: ([6, 10, 20, 30], [0, 1, 2.5, 6]),
    CSI: ([0, 12, 24, 60], [0, 0.5, 1, 6]),
    LAR: ([0, 20, 60, 120], [-0.1, 0.9, 4.9]),
}
"""Edges among those of the analysis, energy and time."""


def merge(counts: np.ndarray, fine: tuple[np.ndarray, np.ndarray], coarse: tuple[list, list]) -> np.ndarray:
    """Sum fine bins into coarse ones, by their centres."""
    result = counts
    for axis, (edges, borders) in enumerate(zip(fine, coarse, strict=True)):
        centres = (edges[1:] + edges[:-1]) / 2
        masks = [(centres > low) & (centres < high) for low, high in pairwise(borders)]
        result = np.stack([result.compress(mask, axis=axis).sum(axis=axis) for mask in masks], axis=axis)
    return result


@pytest.mark.parametrize("name", MERGED)
def test_merged_bins_hold_the_same_events(name: str, release: Callable[[str], Path], tmp_path: Path) -> None:
    energies, times = MERGED[name]
    fine = cevns.experiment(name)
    made = import_release(name, release(name), tmp_path / "merged", energy_edges=energies, time_edges=times)
    coarse = cevns.experiment(made)
    edges = (fine.energy_edges, fine.time_edges)
    assert coarse.observed.shape == (len(energies) - 1, len(times) - 1)
    assert np.array_equal(coarse.observed, merge(fine.observed, edges, (energies, times)))
    for background, counts in fine.backgrounds.items():
        expected = merge(counts, edges, (energies, times))
        # Ten digits of each fine bin; a bin of almost nothing is 1e-10 of the whole.
        assert coarse.backgrounds[background] == pytest.approx(expected, rel=1e-8, abs=1e-8), background
    # The signal integrals converge to better than 1e-6 in either binning.
    expected = merge(fine.predict("sm").cevns, edges, (energies, times))
    assert coarse.predict("sm").cevns == pytest.approx(expected, rel=1e-6)


def test_merged_shapes_are_weighted_means(release: Callable[[str], Path], tmp_path: Path) -> None:
    """The varied counts add up, not the relative changes."""
    fine = cevns.experiment(LAR)
    energies, times = MERGED[LAR]
    coarse = cevns.experiment(
        import_release(LAR, release(LAR), tmp_path / "merged", energy_edges=energies, time_edges=times)
    )
    for shape in (name for name in fine.shapes if name.startswith("prompt")):
        changes = [e.backgrounds["prompt_neutrons"] * e.shapes[shape] for e in (fine, coarse)]
        expected = merge(changes[0], (fine.energy_edges, fine.time_edges), (energies, times))
        assert changes[1] == pytest.approx(expected, rel=1e-7, abs=1e-6), shape


def test_part_of_the_window(release: Callable[[str], Path], tmp_path: Path, csi: cevns.Experiment) -> None:
    """A narrower window keeps the bins inside it."""
    made = import_release(
        CSI, release(CSI), tmp_path / "part", energy_edges=csi.energy_edges[1:5], time_edges=csi.time_edges[2:]
    )
    part = cevns.experiment(made)
    assert np.array_equal(part.observed, csi.observed[1:4, 2:])
    for name, counts in csi.backgrounds.items():
        assert part.backgrounds[name] == pytest.approx(counts[1:4, 2:], rel=1e-8)


@pytest.mark.parametrize("name", MERGED)
def test_analyses_go_along_in_other_bins(name: str, release: Callable[[str], Path], tmp_path: Path) -> None:
    """With wider bins the same analysis, and nearly the same fit of the Standard Model per bin."""
    energies, times = MERGED[name]
    made = import_release(name, release(name), tmp_path / "merged", energy_edges=energies, time_edges=times)
    assert [Path(each).name for each in analysis_names(made)] == [Path(each).name for each in analysis_names(name)]
    for ours, shipped in zip(analysis_names(made), analysis_names(name), strict=True):
        likelihood = cevns.Likelihood("sm", cevns.experiment(ours))
        assert likelihood.pulls == cevns.Likelihood("sm", cevns.experiment(shipped)).pulls
        assert likelihood() < likelihood.ndata + 3.0 * np.sqrt(2.0 * likelihood.ndata)


def test_finer_bins_of_the_event_list(release: Callable[[str], Path], tmp_path: Path, csi: cevns.Experiment) -> None:
    """The CsI release lists events, so that any edges will do."""
    edges = np.arange(0, 61, 1.0)
    made = import_release(CSI, release(CSI), tmp_path / "fine", energy_edges=edges)
    fine = cevns.experiment(made)
    merged = merge(fine.observed, (edges, fine.time_edges), (csi.energy_edges.tolist(), csi.time_edges.tolist()))
    assert np.array_equal(merged, csi.observed)


@pytest.mark.parametrize(
    ("name", "edges", "field", "allowed"),
    [
        (LAR, {"energy_edges": [0, 15, 120]}, "energy_edges", "edges among those of the release: [0.0, 10.0"),
        (LAR, {"energy_edges": [0, 60, 130]}, "energy_edges", "edges among those of the release"),
        (LAR, {"time_edges": [-0.1, 1.0, 4.9]}, "time_edges", "edges among those of the release: [-0.1, 0.4"),
        (CSI_2017, {"energy_edges": [6, 9, 30]}, "energy_edges", "edges among those of the release: [0.0, 2.0"),
        (CSI_2017, {"time_edges": [0, 12, 13]}, "time_edges", "edges among those of the release: [0.0, 0.5"),
        (LZ, {"energy_edges": [1, 2.5, 16]}, "energy_edges", "edges among those of the release: [0.0, 1.0"),
        (LZ, {"time_edges": [0, 1]}, "time_edges", "none: these data have no times"),
        (XENONNT, {"energy_edges": [0, 2, 30]}, "energy_edges", "edges from 1.0 to 30.0, where the events are listed"),
        (XENONNT, {"energy_edges": [1, 31]}, "energy_edges", "edges from 1.0 to 30.0"),
        (CSI, {"energy_edges": [0, 20, 10]}, "energy_edges", "increasing numbers"),
        (CSI, {"energy_edges": [0, 20, 20]}, "energy_edges", "increasing numbers"),
        (CSI, {"energy_edges": [0]}, "energy_edges", "at least two"),
        (CSI, {"time_edges": []}, "time_edges", "at least two"),
        (CSI, {"time_edges": [0, float("nan")]}, "time_edges", "increasing numbers"),
        (CSI, {"time_edges": [0, float("inf")]}, "time_edges", "increasing numbers"),
    ],
)
def test_wrong_edges(
    name: str, edges: dict[str, list[float]], field: str, allowed: str, release: Callable[[str], Path], tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        import_release(name, release(name), tmp_path / "made", **edges)
    assert caught.value.field == field
    assert caught.value.value == pytest.approx(edges[field], nan_ok=True)
    assert allowed in caught.value.allowed
    assert not (tmp_path / "made").exists()


def test_experiment_without_converter(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"experiment: got 'conus'; allowed: one of: {', '.join(RELEASES)}"):
        import_release("conus", tmp_path, tmp_path / "made")


@pytest.fixture
def copied_release(release: Callable[[str], Path], tmp_path: Path) -> Path:
    copy = tmp_path / "release"
    copy.mkdir()
    for file in release_hashes(CSI):
        shutil.copyfile(release(CSI) / file, copy / file)
    return copy


def test_released_files_are_verified(copied_release: Path) -> None:
    verify_release(CSI, copied_release)
    assert len(release_hashes(CSI_2017)) == 7
    assert len(release_hashes(CSI)) == 7
    assert len(release_hashes(LAR)) == 14


@pytest.mark.parametrize("file", ["dataBeamOnC.txt", "ninTrec.txt"])
def test_altered_release_is_refused(copied_release: Path, tmp_path: Path, file: str) -> None:
    with (copied_release / file).open("a", encoding="utf-8") as stream:
        stream.write("9 0.3\n")
    with pytest.raises(DataError, match=rf"{file}: got '[0-9a-f]{{64}}'; allowed: the released file, SHA-256"):
        import_release(CSI, copied_release, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_incomplete_release_is_refused(copied_release: Path, tmp_path: Path) -> None:
    (copied_release / "brnPE.txt").unlink()
    with pytest.raises(DataError, match=r"brnPE\.txt: got .*; allowed: an existing file of the release"):
        import_release(CSI, copied_release, tmp_path / "made")


def test_output_that_is_a_file(copied_release: Path, tmp_path: Path) -> None:
    (tmp_path / "made").write_text("in the way", encoding="utf-8")
    with pytest.raises(InputError, match="output: got"):
        import_release(CSI, copied_release, tmp_path / "made")
    assert (tmp_path / "made").read_text(encoding="utf-8") == "in the way"
