"""COHERENT CsI of 2017 in energy and time: its tables against the release, its prediction against a sum by hand."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import cevns
from cevns import Experiment, InputError, Likelihood
from cevns.interactions import StandardModel, tree_couplings
from cevns.io.releases import import_release
from cevns.statistics import measurement, profile
from tests import textbook
from tests.experiments.editing import copy_experiment, edit_table
from tests.probe import NEUTRON, PRINTED, PROTON

NAME = "coherent-csi-2017"


@pytest.fixture(scope="module")
def csi_2017() -> Experiment:
    return cevns.experiment(NAME)


@pytest.fixture(scope="module")
def release(shared: Path) -> Path:
    return shared / "data/coherent_csi_2017"


def released(path: Path) -> Mapping[tuple[float, ...], float]:
    """Content of a released table by its bin centres."""
    rows = (line.split(",") for line in path.read_text(encoding="utf-8").splitlines() if line[:1].isdigit())
    return {tuple(float(entry) for entry in row[:-1]): float(row[-1]) for row in rows}


def acceptance(count: int) -> float:
    """Efficiency at the centre of the bin of one photoelectron."""
    x = count + 0.5
    return float((0.0 if x < 5 else 0.5 if x < 6 else 1.0) * 0.6655 / (1.0 + np.exp(-0.4942 * (x - 10.8507))))


@pytest.mark.parametrize(
    ("file", "column", "total"),
    [("data_coincidence_beamOn", "observed", 547), ("data_anticoincidence_beamOn", "steady_state", 405)],
)
def test_counts_are_those_of_the_release(
    csi_2017: Experiment, release: Path, file: str, column: str, total: int
) -> None:
    counts = released(release / f"{file}.txt")
    shipped = csi_2017.observed if column == "observed" else csi_2017.backgrounds[column]
    expected = [[counts[pe, 0.25 + 0.5 * i] for i in range(12)] for pe in range(7, 31, 2)]
    assert np.array_equal(shipped, expected)
    assert shipped.sum() == total


def test_neutrons_are_those_of_the_release(csi_2017: Experiment, release: Path) -> None:
    """Per GWh and photoelectron, before acceptance; half of the bins of time have none."""
    spectrum = released(release / "promptPDF.txt")
    times = released(release / "arrivalTimePDF_promptNeutrons.txt")
    for i, low in enumerate(range(6, 30, 2)):
        events = 7.47594 * sum(spectrum[pe + 0.5,] * acceptance(pe) for pe in (low, low + 1))
        expected = [events * times[0.25 + 0.5 * j,] for j in range(12)]
        assert csi_2017.backgrounds["prompt_neutrons"][i] == pytest.approx(expected, rel=1e-9)
    assert csi_2017.backgrounds["prompt_neutrons"].sum() == pytest.approx(5.42, abs=0.005)


def test_arrival_times_are_those_of_the_release(csi_2017: Experiment, release: Path) -> None:
    prompt, delayed = (released(release / f"arrivalTimePDF_{kind}Neutrinos.txt") for kind in ("prompt", "delayed"))
    assert csi_2017.flavours == ("nu_e", "nu_mu", "nubar_mu")
    for found, times in zip(csi_2017.arrival, (delayed, prompt, delayed), strict=True):
        assert found == pytest.approx([times[0.25 + 0.5 * j,] for j in range(12)], rel=1e-9, abs=1e-12)
    assert csi_2017.arrival.sum(axis=1) == pytest.approx([0.915, 1.0, 0.915], abs=0.0005)


def test_the_number_of_events_follows_from_the_release(csi_2017: Experiment) -> None:
    """In two bins of energy, component by component, by integration over the recoil and summation over the counts."""
    per_cm2 = 0.08 * 1.76e23 / (4.0 * np.pi * 1930.0**2)
    molecules = 14.57e3 * textbook.AVOGADRO / (132.905451958 + 126.904472592)
    cross_section = textbook.vector(textbook.weak_charge(PROTON, NEUTRON))
    found = csi_2017.predict(StandardModel(PRINTED)).signal.sum(axis=0)
    nodes, weights = np.polynomial.legendre.leggauss(16)
    for index, counts in ((1, (8, 9)), (6, (18, 19))):
        expected = np.zeros(3)
        for target in (textbook.CAESIUM, textbook.IODINE):
            line, end = (2.0 * e**2 / (target.mass + 2.0 * e) for e in (textbook.LINE, textbook.END_POINT))
            for low, high in pairwise(sorted([1e-5, 1e-3, 3e-3, line / 2.0, line, line + (end - line) / 2.0, end])):
                for node, weight in zip((low + high + (high - low) * nodes) / 2.0, weights, strict=True):
                    mean = 13.348 * 0.0878 * 1e3 * node
                    seen = sum(acceptance(k) * float(stats.poisson.pmf(k, mean)) for k in counts)
                    rates = np.array(textbook.recoil_rates(cross_section, target, float(node)))
                    expected += (high - low) / 2.0 * weight * seen * rates * molecules * per_cm2
        in_time = expected[:, None] * csi_2017.arrival
        np.testing.assert_allclose(found[:, index], in_time, rtol=1e-6)


def test_the_standard_model_is_within_the_prediction_of_the_collaboration(csi_2017: Experiment) -> None:
    """173 +- 48, from couplings and form factor of their own; and it is what the counting recipe finds, to 10 %."""
    tree = StandardModel(tree_couplings(0.2312))
    events = csi_2017.predict(tree).cevns.sum()
    counted = cevns.experiment("coherent-csi-2017-counting").predict(tree).cevns.sum()
    assert events == pytest.approx(173.0, abs=48.0)
    assert events == pytest.approx(counted, rel=0.1)


def strength(experiment: Experiment) -> tuple[float, float]:
    """Best number of events of the shape of the Standard Model, and how much chi^2 rises without any."""
    counts = experiment.predict("sm").cevns.ravel()
    multiples = np.linspace(0.0, 2.0, 401)
    chi2 = profile(measurement(experiment), multiples[:, None] * counts).chi2
    return float(multiples[chi2.argmin()] * counts.sum()), float(chi2[0] - chi2.min())


def test_the_signal_is_there(csi_2017: Experiment) -> None:
    """COHERENT finds 134 +- 22 events. Nothing is assumed of the background, so that its absence costs less than 45."""
    events, excess = strength(csi_2017)
    assert events == pytest.approx(134.0, abs=22.0)
    assert 16.0 < excess < 45.0


def test_the_flat_prior_takes_some_of_it(csi_2017: Experiment) -> None:
    """One count of background more in each bin than were counted: fewer events, and weaker evidence."""
    profiled = strength(csi_2017)
    marginalised = strength(cevns.experiment(NAME, {"statistic.treatment": "marginalised"}))
    assert marginalised[0] < profiled[0] - 10.0
    assert 10.0 < marginalised[1] < profiled[1]


def test_the_whole_release(csi_2017: Experiment, release: Path, tmp_path: Path) -> None:
    """25 x 24 bins; the shipped ones are among them, and below 4 photoelectrons nothing can be seen."""
    made = import_release(
        NAME, release, tmp_path / "made", energy_edges=np.arange(0, 51, 2), time_edges=0.5 * np.arange(25)
    )
    whole = cevns.experiment(made)
    assert (whole.observed.sum(), whole.backgrounds["steady_state"].sum()) == (1207, 1032)
    assert np.array_equal(whole.observed[3:15, :12], csi_2017.observed)
    assert whole.arrival.sum(axis=1) == pytest.approx([1.0, 1.0, 1.0], rel=1e-9)
    signal = whole.predict("sm").cevns
    assert signal[3:15, :12] == pytest.approx(csi_2017.predict("sm").cevns, rel=1e-6)
    assert not signal[:2].any()
    assert Likelihood("sm", whole)() > Likelihood("sm", csi_2017)()


def test_marginalised_counts_must_be_whole(tmp_path: Path) -> None:
    mine = copy_experiment(NAME, tmp_path)
    edit_table(mine, "bins.csv", lambda rows: [rows[0], [*rows[1][:-1], "0.5"], *rows[2:]])
    assert np.isfinite(Likelihood("sm", cevns.experiment(mine))())
    with pytest.raises(InputError, match=r"off: got 0\.5; allowed: whole numbers"):
        Likelihood("sm", cevns.experiment(mine, {"statistic.treatment": "marginalised"}))()


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("statistic.off_counts", "muons", r"off_counts: got 'muons'; allowed: .*prompt_neutrons, steady_state"),
        ("statistic.treatment", "ignored", r"treatment: got 'ignored'; allowed: .*'profiled' or 'marginalised'"),
        (
            "nuisances",
            [{"name": "n", "component": "steady_state", "sigma": 0.1}],
            r"nuisances\.n\.component: got 'steady_state'; allowed: one of: cevns, neutrinos, prompt_neutrons$",
        ),
    ],
)
def test_wrong_input(path: str, value: object, message: str) -> None:
    """A background that is counted in each bin has no normalisation to pull."""
    with pytest.raises(InputError, match=message):
        cevns.experiment(NAME, {path: value})
