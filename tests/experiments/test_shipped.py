from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml

import cevns
from cevns.experiments import CONFIG_FILE, experiment_directory
from cevns.experiments.schema import ExperimentBlock

SM_EVENTS = {
    "coh-cryo-csi-1": 2353.4506,
    "coh-cryo-csi-2": 230638.1562,
    "coherent-csi-2017": 164.4928,
    "coherent-csi-2017-counting": 178.9775,
    "coherent-csi-2021": 320.6524,
    "coherent-lar-2020": 134.7667,
    "conus-like": 1127.3418,
    "conus-plus": 137.1567,
    "dresden-ii": 9076.5231,
    "ge-sns": 2520.5103,
    "lz-er": 36.47603,
    "lz-er-2024": 136.6287,
    "nugen-like": 170.9837,
    "xe-ess": 23737.8063,
    "xenonnt-er-2022": 80.04844,
}
"""Standard Model events of each experiment with the default couplings: a change of any of them must be on purpose."""


@pytest.mark.parametrize("name", cevns.experiment_names())
def test_experiment_is_complete(name: str) -> None:
    directory = experiment_directory(name)
    document = yaml.safe_load((directory / CONFIG_FILE).read_text(encoding="utf-8"))
    config = ExperimentBlock.model_validate(document)
    experiment = cevns.experiment(name)

    assert config.name == name == experiment.name
    tables = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in directory.glob("*.csv")}
    assert config.sha256 == tables
    assert "arXiv" in (directory / "SOURCE.md").read_text(encoding="utf-8")
    assert experiment.citations
    assert all(re.fullmatch(r"[A-Za-z-]+:\d{4}[a-z]{2,3}", key) for key in experiment.citations)
    prediction = experiment.predict("sm")
    events = prediction.cevns.sum() + prediction.electron_scattering.sum()
    assert events == pytest.approx(SM_EVENTS[name], rel=1e-6)


@pytest.mark.parametrize("name", cevns.experiment_names())
def test_bins_and_counts_are_sound(name: str) -> None:
    experiment = cevns.experiment(name)
    shape = (len(experiment.energy_edges) - 1, len(experiment.time_edges) - 1)
    assert np.all(np.diff(experiment.energy_edges) > 0)
    assert np.all(np.diff(experiment.time_edges) > 0)
    for counts in (experiment.observed, *experiment.backgrounds.values()):
        assert counts.shape == shape
    assert all(counts.min() >= 0.0 for counts in experiment.backgrounds.values())
    if experiment.errors is None:
        assert experiment.observed.min() >= 0.0
    if experiment.errors is None and not experiment.is_forecast:
        assert np.array_equal(experiment.observed, np.round(experiment.observed))
    assert all(relative.shape == shape for relative in experiment.shapes.values())
    assert all(relative.min() >= -1.0 for relative in experiment.shapes.values())


def test_names_are_sorted_and_known() -> None:
    assert cevns.experiment_names() == tuple(sorted(SM_EVENTS))


def test_csi_counts(csi: cevns.Experiment) -> None:
    assert csi.observed.sum(axis=1).tolist() == [11, 147, 224, 177, 144, 237, 210, 231, 197]
    assert csi.observed.sum() == 1578
    totals = {name: counts.sum() for name, counts in csi.backgrounds.items()}
    # The tables have ten digits.
    assert totals == pytest.approx(
        {"beam_neutrons": 18.4, "neutrino_induced_neutrons": 5.6, "steady_state": 1295}, rel=1e-8
    )


def test_lar_counts(lar: cevns.Experiment) -> None:
    assert lar.observed.sum() == 3752
    totals = {name: round(float(counts.sum())) for name, counts in lar.backgrounds.items()}
    assert totals == {"prompt_neutrons": 497, "delayed_neutrons": 33, "steady_state": 3152}


def test_counting_is_the_sum_of_the_release(shared: Path) -> None:
    """Between 6 and 30 PE and below 6 us; the released bins are given by their centres."""
    counting = cevns.experiment("coherent-csi-2017-counting")
    release = shared / "data/coherent_csi_2017"
    sums = {}
    for window in ("coincidence", "anticoincidence"):
        lines = (release / f"data_{window}_beamOn.txt").read_text(encoding="utf-8").splitlines()
        rows = [[float(entry) for entry in line.replace(",", " ").split()] for line in lines if line[:1].isdigit()]
        sums[window] = sum(counts for pe, time, counts in rows if 6 < pe < 30 and time < 6)
    assert sums == {"coincidence": 547, "anticoincidence": 405}
    assert counting.observed.tolist() == [[547]]
    assert counting.backgrounds["steady_state"].tolist() == [[405]]
    assert counting.backgrounds["beam_neutrons"].tolist() == [[6]]


def _raw_events(path: Path) -> Iterator[tuple[float, float]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            pe, time = line.split()[:2]
            yield float(pe), float(time)


def test_csi_bins_hold_the_released_events(csi: cevns.Experiment, shared: Path) -> None:
    """Counted one event at a time, without the code that made the table."""
    counts = np.zeros(csi.observed.shape)
    for pe, time in _raw_events(shared / "data/coherent_csi_2021/dataBeamOnC.txt"):
        i = sum(pe >= edge for edge in csi.energy_edges) - 1
        j = sum(time >= edge for edge in csi.time_edges) - 1
        if 0 <= i < counts.shape[0] and 0 <= j < counts.shape[1]:
            counts[i, j] += 1
    assert np.array_equal(counts, csi.observed)


def test_csi_steady_state_is_the_anticoincidence_window(csi: cevns.Experiment, shared: Path) -> None:
    events = [e for e in _raw_events(shared / "data/coherent_csi_2021/dataBeamOnAC.txt") if 0 <= e[1] < 6]
    energies = csi.energy_edges.tolist()
    expected = [sum(low <= pe < high for pe, _ in events) for low, high in pairwise(energies)]
    assert sum(expected) == 1295
    assert csi.backgrounds["steady_state"].sum(axis=1) == pytest.approx(expected, rel=1e-8)


def test_steady_state_rate_is_the_maximum_likelihood_one(csi: cevns.Experiment, shared: Path) -> None:
    """The fall of the shipped background against a fit of exp(-k t) on 0..6 us to the times of the events."""
    window = 6.0
    events = _raw_events(shared / "data/coherent_csi_2021/dataBeamOnAC.txt")
    times = np.array([time for pe, time in events if pe < 60 and 0 <= time < window])
    rates = np.linspace(-0.1, 0.2, 30001)[1::2]  # without zero
    log_likelihood = times.size * np.log(rates / -np.expm1(-rates * window)) - rates * times.sum()
    best = rates[log_likelihood.argmax()]
    within = rates[log_likelihood > log_likelihood.max() - 0.5]

    in_time = csi.backgrounds["steady_state"].sum(axis=0)
    widths = np.diff(csi.time_edges)
    shipped = np.log((in_time[-2] / widths[-2]) / (in_time[-1] / widths[-1])) / 2.0  # two bins of 2 us
    assert times.size == 1295
    assert shipped == pytest.approx(0.0335, rel=1e-6)
    assert within[0] < shipped < within[-1]
    assert abs(shipped - best) < 0.1 * (within[-1] - within[0])


def _summed_over_f90(path: Path) -> dict[tuple[float, float], float]:
    """Counts by centre of the energy and of the time bin."""
    counts: dict[tuple[float, float], float] = {}
    with path.open(encoding="utf-8") as stream:
        for row in csv.reader((line for line in stream if not line.startswith("#")), delimiter=" "):
            energy, _, time, content = (float(entry) for entry in row if entry)
            key = (round(energy, 6), round(time, 6))
            counts[key] = counts.get(key, 0.0) + content
    return counts


LAR_FILES = {
    "observed": "datanobkgsub.txt",
    "prompt_neutrons": "brnpdf.txt",
    "delayed_neutrons": "delbrnpdf.txt",
    "steady_state": "bkgpdf.txt",
}


@pytest.mark.parametrize("component", LAR_FILES)
def test_lar_bins_hold_the_released_counts(lar: cevns.Experiment, shared: Path, component: str) -> None:
    released = _summed_over_f90(shared / "data/coherent_lar_2020" / LAR_FILES[component])
    shipped = lar.observed if component == "observed" else lar.backgrounds[component]
    energies = (lar.energy_edges[1:] + lar.energy_edges[:-1]) / 2
    times = (lar.time_edges[1:] + lar.time_edges[:-1]) / 2
    expected = [[released[round(e, 6), round(t, 6)] for t in times.tolist()] for e in energies.tolist()]
    assert len(released) == shipped.size
    assert shipped == pytest.approx(np.array(expected), rel=1e-9)


def test_late_prompt_neutrons_keep_their_released_sum(lar: cevns.Experiment, shared: Path) -> None:
    """The +1 sigma timing table holds 523.7 events, not 497, and its pull adds the difference."""
    released = sum(_summed_over_f90(shared / "data/coherent_lar_2020/brnpdf+1sigBRNTimingMean.txt").values())
    varied = lar.backgrounds["prompt_neutrons"] * (1.0 + lar.shapes["prompt_neutrons_time_late"])
    assert released == pytest.approx(523.7, abs=0.05)
    assert varied.sum() == pytest.approx(released, rel=1e-6)


SUMS_OF_VARIED = {
    "cevns_f90_up": ("cevnspdf+1sigF90.txt", "cevnspdf.txt"),
    "cevns_f90_down": ("cevnspdf-1sigF90.txt", "cevnspdf.txt"),
    "cevns_trigger_time": ("cevnspdfCEvNSTimingMeanSyst.txt", "cevnspdf.txt"),
    "prompt_neutrons_energy_up": ("brnpdf+1sigEnergy.txt", "brnpdf.txt"),
    "prompt_neutrons_energy_down": ("brnpdf-1sigEnergy.txt", "brnpdf.txt"),
    "prompt_neutrons_time_late": ("brnpdf+1sigBRNTimingMean.txt", "brnpdf.txt"),
    "prompt_neutrons_time_early": ("brnpdf-1sigBRNTimingMean.txt", "brnpdf.txt"),
    "prompt_neutrons_time_width": ("brnpdfBRNTimingWidthSyst.txt", "brnpdf.txt"),
}


@pytest.mark.parametrize("shape", SUMS_OF_VARIED)
def test_lar_shapes_are_the_released_variations(lar: cevns.Experiment, shared: Path, shape: str) -> None:
    varied, central = (_summed_over_f90(shared / "data/coherent_lar_2020" / file) for file in SUMS_OF_VARIED[shape])
    relative = {key: varied[key] / central[key] - 1.0 if central[key] else 0.0 for key in central}
    energies = (lar.energy_edges[1:] + lar.energy_edges[:-1]) / 2
    times = (lar.time_edges[1:] + lar.time_edges[:-1]) / 2
    expected = [[relative[round(e, 6), round(t, 6)] for t in times.tolist()] for e in energies.tolist()]
    assert lar.shapes[shape] == pytest.approx(np.array(expected), rel=1e-8, abs=1e-9)
    assert set(lar.shapes) == set(SUMS_OF_VARIED)
