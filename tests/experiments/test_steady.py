"""Experiments at sources that shine all the time: own fluxes, data with errors, electron recoils alone."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml

import cevns
from cevns.experiments import Experiment
from tests.experiments.test_wrong_input import refusal

EDGES = np.linspace(0.2, 1.2, 6)
SECONDS = 10.0 * 86400.0
DETECTOR: dict[str, object] = {
    "signal_unit": "keVee",
    "electron_recoils": "selectable",
    "quenching": {"kind": "linear", "constant": 0.2},
    "resolution": {"kind": "gaussian", "constant": 0.07},
    "efficiency": {"kind": "sigmoid", "scale": 1.0, "slope": 100.0, "midpoint": 0.0},
}


def document(**changes: object) -> dict[str, object]:
    """A germanium detector in a flux of reactor-like antineutrinos."""
    return {
        "schema_version": 1,
        "name": "germanium",
        "title": "germanium in a steady flux",
        "source": {"kind": "table", "file": "flux.csv", "live_time": "10 d", "distance": "10 m"},
        "target": {"mass": "3 kg", "material": "Ge"},
        "detector": DETECTOR,
        "data": "bins.csv",
        "backgrounds": {"flat": "a flat background"},
        "statistic": {"kind": "gaussian", "errors": "error"},
        "nuisances": [{"name": "flux", "component": "neutrinos", "sigma": 0.03}],
        **changes,
    }


def make(directory: Path, *, header: str = "energy_MeV,nubar_e", **changes: object) -> Experiment:
    content = document(**changes)
    (directory / "experiment.yaml").write_text(yaml.safe_dump(content))
    components = header.count(",")
    flux = [f"{energy},{','.join(['1e12'] * components)}" for energy in (0.1, 4.0, 9.0)]
    (directory / "flux.csv").write_text("\n".join([header, *flux]) + "\n")
    rows = [f"{low},{high},{-2.0 + k},3.0,5.0" for k, (low, high) in enumerate(pairwise(EDGES))]
    (directory / "bins.csv").write_text("energy_low,energy_high,observed,error,flat\n" + "\n".join(rows) + "\n")
    return cevns.experiment(directory)


def test_counts_are_rate_times_live_time(tmp_path: Path) -> None:
    one = make(tmp_path)
    assert one.flavours == ("nubar_e",)
    assert one.rates.source.fluence == pytest.approx([8.9e12 * SECONDS])
    np.testing.assert_array_equal(one.time_edges, [0.0, SECONDS * 1e6])
    np.testing.assert_array_equal(one.arrival, [[1.0]])
    shorter = cevns.experiment(tmp_path, {"source.live_time": "1 d"})
    assert one.predict("sm").cevns == pytest.approx(10.0 * shorter.predict("sm").cevns)


def test_errors_of_the_data_are_those_of_chi2(tmp_path: Path) -> None:
    one = make(tmp_path, nuisances=[])
    assert one.observed.min() < 0.0
    expected = one.predict("sm").total
    chi2 = cevns.Likelihood("sm", one).profiled().chi2
    assert chi2 == pytest.approx(np.sum(((expected - one.observed) / 3.0) ** 2))
    assert one.observed_hist().variances() == pytest.approx(np.full((5, 1), 9.0))


def test_only_electron_recoils(tmp_path: Path) -> None:
    detector = {key: value for key, value in DETECTOR.items() if key != "quenching"}
    alone = make(tmp_path, detector={**detector, "nuclear_recoils": "rejected", "electron_recoils": "counted"})
    assert (alone.parts, alone.nuclei) == (("electron_scattering",), ())
    predicted = alone.predict("sm")
    assert predicted.cevns.sum() == 0.0
    assert predicted.electron_scattering.sum() > 0.0
    assert set(predicted.components) == {"nubar_e/electrons", "flat"}
    assert make(tmp_path, detector=DETECTOR).parts == ("cevns",)
    alone = make(tmp_path, detector={**detector, "nuclear_recoils": "rejected", "electron_recoils": "counted"})
    limits = cevns.limits("b-l", alone, mass=[1.0, 100.0])
    assert np.all(np.isfinite([record.upper_limit for record in limits]))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": {"kind": "table", "file": "flux.csv", "live_time": "10 kg"}}, "source.live_time"),
        ({"source": {"kind": "table", "file": "flux.csv"}}, "source.live_time"),
        ({"statistic": {"kind": "gaussian", "errors": "sigma"}}, "columns"),
        ({"nuisances": [{"name": "shape", "varies": {"kind": "source", "uncertainty": "band"}, "sigma": 1}]}, "uncert"),
        ({"detector": {**DETECTOR, "nuclear_recoils": "rejected"}}, "detector.electron_recoils"),
        ({"header": "energy_MeV,nubar_x"}, "flux.csv, columns"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changes: dict[str, object], field: str) -> None:
    error = refusal(lambda: cevns.Likelihood("sm", make(tmp_path, **changes)).profiled())
    assert field in error.field
