from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy.special import expit

import cevns
from cevns import Experiment, InputError
from cevns.constants import MEV_JOULE
from cevns.experiments import CONFIG_FILE, experiment_directory
from cevns.statistics import Likelihood
from tests.experiments.editing import copy_experiment

CRYO = "coh-cryo-csi-1"
FORECASTS = ("coh-cryo-csi-1", "coh-cryo-csi-2", "conus-like", "ge-sns", "nugen-like", "xe-ess")
HOURS = 15000.0
"""Of beam, in each of the forecasts at an accelerator."""


@pytest.fixture(scope="module")
def cryo() -> Experiment:
    return cevns.experiment(CRYO)


def test_which_are_forecasts() -> None:
    assert tuple(name for name in cevns.experiment_names() if cevns.experiment(name).is_forecast) == FORECASTS


@pytest.mark.parametrize("name", FORECASTS)
def test_data_are_what_is_expected(name: str) -> None:
    experiment = cevns.experiment(name)
    assert np.array_equal(experiment.observed, experiment.predict("sm").total)
    assert Likelihood("sm", experiment).profiled().chi2 == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("overrides", "factors"),
    [
        ({"exposure": 2}, {"cevns": 2, "steady_state": 2, "beam_neutrons": 2}),
        ({"target.mass": "30 kg"}, {"cevns": 3, "steady_state": 3, "beam_neutrons": 3}),
        ({"source.distance": "38.6 m"}, {"cevns": 0.25, "steady_state": 1, "beam_neutrons": 1}),
        ({"source.beam.operation.1.power": "4 MW"}, {"cevns": 4 / 3, "steady_state": 1, "beam_neutrons": 4 / 3}),
        ({"source.beam.operation.1.time": "10000 h"}, {"cevns": 4 / 3, "steady_state": 4 / 3, "beam_neutrons": 4 / 3}),
        ({"source.beam.pulse_rate": 30}, {"cevns": 1, "steady_state": 0.5, "beam_neutrons": 1}),
        ({"source.beam.proton_energy": "2.6 GeV"}, {"cevns": 0.5, "steady_state": 1, "beam_neutrons": 1}),
        ({"rates.steady_state.rate": 450}, {"cevns": 1, "steady_state": 3, "beam_neutrons": 1}),
        ({"detector.efficiency.value": 0.45}, {"cevns": 0.5, "steady_state": 0.5, "beam_neutrons": 0.5}),
    ],
    ids=lambda value: str(next(iter(value))) if "cevns" not in value else "",
)
def test_data_follow_what_is_changed(cryo: Experiment, overrides: dict, factors: dict[str, float]) -> None:
    changed = cevns.experiment(CRYO, overrides)
    for name, factor in factors.items():
        assert _counts(changed, name) == pytest.approx(factor * _counts(cryo, name), rel=1e-9)
    assert changed.observed.sum() == pytest.approx(sum(_counts(changed, name) for name in factors), rel=1e-12)


def _counts(experiment: Experiment, name: str) -> float:
    return float((experiment.predict("sm").cevns if name == "cevns" else experiment.backgrounds[name]).sum())


def test_threshold_is_the_lowest_edge(cryo: Experiment) -> None:
    """Above 0.71 keVee nothing changes but the bins: three of the steady-state bins fewer, and of the signal."""
    higher = cevns.experiment(CRYO, {"bins.energy": {"low": 0.71, "high": 7.21, "number": 26}})
    assert higher.observed == pytest.approx(cryo.observed[2:], rel=1e-6)


def test_protons_of_a_plan(cryo: Experiment) -> None:
    """15000 h at 2 MW are 1.08e14 J; a proton of 1.3 GeV has 2.08e-10 J."""
    beam = cryo.config.source.beam
    assert beam.energy == pytest.approx(2e6 * HOURS * 3600.0)
    assert beam.protons == pytest.approx(2e6 * HOURS * 3600.0 / (1300.0 * MEV_JOULE))
    assert beam.protons == pytest.approx(5.19e23, rel=1e-3)
    assert beam.pulses == pytest.approx(60.0 * HOURS * 3600.0)


def test_protons_of_the_proposal_at_the_ess() -> None:
    """Baxter et al., arXiv:1911.00762: 8.5e22 neutrinos of each flavour in a year; more than 7000 events in 20 kg."""
    xenon = cevns.experiment("xe-ess")
    neutrinos = xenon.config.source.neutrinos_per_proton * xenon.config.source.protons / 3.0
    assert neutrinos == pytest.approx(8.5e22, rel=0.02)
    assert 7000.0 < xenon.predict("sm").cevns.sum() / 3.0 < 8500.0


def test_conus_plus_expects_as_many() -> None:
    """CONUS+, arXiv:2501.05206: 347 +- 59 events in 327 kg d."""
    germanium = cevns.experiment("conus-like", {"detector.efficiency.value": 1})
    assert germanium.predict("sm").cevns.sum() * 327.0 / (3.73 * 300.0) == pytest.approx(347.0, abs=59.0)


def test_flat_background_by_hand(cryo: Experiment) -> None:
    """150 per keVee, kg and day; the time is that of the beam windows."""
    days = 60.0 * HOURS * 3600.0 * np.diff(cryo.time_edges) * 1e-6 / 86400.0
    expected = np.outer(150.0 * 10.0 * 0.9 * np.diff(cryo.energy_edges), days)
    assert cryo.backgrounds["steady_state"] == pytest.approx(expected)


def test_beam_background_by_hand(cryo: Experiment) -> None:
    """0.003 exp(-E/2 keVee) per keVee, kg and MW d, with the times of prompt neutrinos."""
    spectrum = -2.0 * np.diff(np.exp(-cryo.energy_edges / 2.0))
    energy = 2.0 * HOURS / 24.0
    expected = 0.003 * 10.0 * 0.9 * energy * np.outer(spectrum, cryo.arrival[1])
    assert cryo.backgrounds["beam_neutrons"] == pytest.approx(expected)


def test_background_at_a_steady_source_by_hand() -> None:
    germanium = cevns.experiment("conus-like")
    assert germanium.time_edges.tolist() == [0.0, 300.0 * 8.64e10]
    assert germanium.backgrounds["continuum"] == pytest.approx(np.full((16, 1), 20.0 * 3.73 * 0.95 * 0.05 * 300.0))


def test_background_from_a_table_in_another_unit(tmp_path: Path) -> None:
    """A triangle between 1 and 3 keVee in bins of photoelectrons, 10 per keVee, seen with a sigmoid efficiency."""
    mine = copy_experiment("conus-like", tmp_path)
    (mine / "peak.csv").write_text("energy_keVee,rate\n1,0\n2,6\n3,0\n", encoding="utf-8")
    overrides = {
        "detector.light_yield": 10.0,
        "detector.signal_unit": "PE",
        "detector.efficiency": {"kind": "sigmoid", "scale": 1.0, "slope": 0.3, "midpoint": 18.0},
        "bins.energy": [5, 15, 25, 40],
        "rates.continuum": {"kind": "table", "file": "peak.csv", "rate": 2.0},
    }
    experiment = cevns.experiment(mine, overrides)
    fine = np.linspace(5.0, 40.0, 350_001)
    middle = (fine[1:] + fine[:-1]) / 2.0
    rate = 2.0 * np.interp(middle / 10.0, [1.0, 2.0, 3.0], [0.0, 6.0, 0.0]) / 10.0 * expit(0.3 * (middle - 18.0)) * 1e-4
    expected = (
        3.73 * 300.0 * np.array([rate[(middle > a) & (middle < b)].sum() for a, b in ((5, 15), (15, 25), (25, 40))])
    )
    assert experiment.backgrounds["continuum"][:, 0] == pytest.approx(expected, rel=1e-6)


def test_time_efficiency_acts_on_backgrounds_too(cryo: Experiment) -> None:
    decaying = cevns.experiment(
        CRYO, {"detector.time_efficiency": {"kind": "exponential", "start": "1 us", "rate": 0.1}}
    )
    late = np.exp(0.1) * -np.diff(np.exp(-0.1 * cryo.time_edges[4:])) / 0.1 / np.diff(cryo.time_edges[4:])
    ratio = decaying.backgrounds["steady_state"] / cryo.backgrounds["steady_state"]
    assert ratio == pytest.approx(np.tile([1.0] * 4 + late.tolist(), (28, 1)))


def test_long_pulse_is_uniform() -> None:
    halves = cevns.experiment("xe-ess", {"bins.time": [0, 1400, 2800, 5000]})
    assert halves.arrival == pytest.approx(np.tile([0.5, 0.5, 0.0], (3, 1)))


def test_edges_of_equal_width_are_edges(cryo: Experiment) -> None:
    written = yaml.safe_load((experiment_directory(CRYO) / CONFIG_FILE).read_text(encoding="utf-8"))["bins"]["energy"]
    edges = np.linspace(written["low"], written["high"], written["number"] + 1).tolist()
    assert np.array_equal(cevns.experiment(CRYO, {"bins.energy": edges}).observed, cryo.observed)


def test_asimov_data_of_measured_experiments(csi: Experiment) -> None:
    expected = csi.predict("b-l", g=5e-5, mass=10.0).total
    asimov = csi.asimov("b-l", g=5e-5, mass=10.0)
    assert np.array_equal(asimov.observed, expected)
    assert asimov.identity["counts"] != csi.identity["counts"]
    assert np.array_equal(cevns.experiment("coherent-csi-2021", asimov=True).observed, csi.predict("sm").total)
    assert cevns.limits("b-l", asimov, mass=10.0)[0].best_fit == pytest.approx(5e-5, rel=1e-3)


def test_exposure_of_a_measured_experiment(csi: Experiment) -> None:
    longer = cevns.experiment("coherent-csi-2021", {"exposure": 4}, asimov=True)
    assert longer.observed == pytest.approx(4.0 * csi.predict("sm").total)
    with pytest.raises(InputError, match=r"exposure: got 4\.0; allowed: 1: data were taken once"):
        cevns.experiment("coherent-csi-2021", {"exposure": 4})


def test_asimov_data_refused(csi: Experiment) -> None:
    with pytest.raises(InputError, match=r"parameters: got .*; allowed: one value each"):
        csi.asimov("b-l", g=[1e-5, 2e-5], mass=10.0)
    marginalised = cevns.experiment("coherent-csi-2017", {"statistic.treatment": "marginalised"})
    with pytest.raises(InputError, match=r"statistic\.treatment: got 'marginalised'; allowed: 'profiled'"):
        marginalised.asimov()


def test_flux_is_shared_as_it_is_known_best(csi: Experiment, cryo: Experiment) -> None:
    """10 % in the data becomes the 4.7 % of the forecast; what CsI has besides stays."""
    together = Likelihood("sm", [csi, cryo], shared=["sns_flux"])
    ((_, joint),) = together.groups
    widths = dict(zip(joint.pulls, joint.sigmas.tolist(), strict=True))
    assert widths["sns_flux"] == 0.047
    assert widths["csi_cevns"] == pytest.approx(np.sqrt(0.12**2 - 0.10**2))
    assert "coh_cryo_csi_1_flux" not in widths


def test_items_of_lists_by_name_and_number() -> None:
    overrides = {"nuisances.cryo_csi_quenching.sigma": 0.01, "nuisances.0.sigma": 0.02}
    first, second, *_ = cevns.experiment(CRYO, overrides).config.nuisances
    assert (first.sigma, second.sigma) == (0.02, 0.01)


WRONG = [
    ({"bins": None}, "data: got None; allowed: a table of data or, in its place, 'bins', and not both"),
    ({"data": "bins.csv"}, "data: got 'bins.csv'; allowed: a table of data or"),
    ({"bins.energy.high": 0.1}, "bins.energy.high: got 0.1; allowed: a number above low = 0.21"),
    ({"bins.energy.width": 0.1}, "bins.energy.width: got 0.1; allowed: one of: low, high, number"),
    ({"bins.energy": [1, 3, 2]}, r"bins.energy: got \(1.0, 3.0, 2.0\); allowed: increasing edges"),
    ({"bins.time": [1]}, r"bins.time: got \(1.0,\); allowed: increasing edges"),
    ({"bins.time": []}, "bins.time: got .*; allowed: edges .us.: the source is pulsed"),
    ({"rates": {}}, "rates: got .*; allowed: a rate of steady_state, beam_neutrons too: there is no table"),
    ({"rates.radon": {"kind": "flat", "rate": 1}}, "rates: got 'radon'; allowed: one of: steady_state, beam_neutrons"),
    (
        {"rates.steady_state.kind": "linear"},
        "rates.steady_state.kind: got 'linear'; allowed: 'flat', 'exponential', 'table'",
    ),
    ({"rates.steady_state.rate": -1}, "rates.steady_state.rate: got -1; allowed: .*greater than 0"),
    ({"source.beam": None}, "source.protons_on_target: got None; allowed: protons_on_target or beam, not both"),
    ({"source.protons_on_target": 1e23}, "source.protons_on_target: got 1e.23; allowed: protons_on_target or beam"),
    (
        {"source.beam": None, "source.protons_on_target": 1e23},
        "source.beam: got None; allowed: the plan of the beam, for the rate of steady_state",
    ),
    ({"source.beam.operation": []}, "source.beam.operation: got .*; allowed: .*at least 1"),
    ({"source.beam.operation.7.power": "1 MW"}, "overrides: .*no block 'source.beam.operation.7'"),
    ({"source.beam.operation.1": "1 MW"}, "overrides: .*the key of an item of source.beam.operation"),
    ({"exposure": 0}, "exposure: got 0; allowed: .*greater than 0"),
    (
        {"statistic": {"kind": "gaussian", "errors": "error"}},
        "statistic.errors: got 'a column'; allowed: nothing from a table",
    ),
    (
        {"nuisances.cryo_csi_quenching.shape": "shape"},
        "nuisances.cryo_csi_quenching.shape: got 'a column'; allowed: nothing from a table",
    ),
]


@pytest.mark.parametrize(("overrides", "message"), WRONG, ids=[next(iter(overrides)) for overrides, _ in WRONG])
def test_wrong_input(overrides: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cevns.experiment(CRYO, overrides)


def test_no_beam_at_a_steady_source() -> None:
    with pytest.raises(InputError, match=r"rates\.continuum\.time: got 'beam'; allowed: 'uniform' at a steady source"):
        cevns.experiment("conus-like", {"rates.continuum.time": "beam"})
