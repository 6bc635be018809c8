"""What pulls vary, against experiments with the same change written into their files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cevns
from cevns import DataError, Experiment, InputError
from cevns.detector import ExponentialDecay, Sigmoid, TabulatedEfficiency, between
from cevns.experiments.schema.fit import NuisanceBlock
from cevns.experiments.variations import ArrivalTimes, BeamTime, EfficiencyCurve, NuclearRadius
from cevns.sources import BeamPulse, TabulatedTimes
from tests.experiments.editing import Rows, copy_experiment, edit_table

CSI, ANALYSIS = "coherent-csi-2021", "coherent-csi-2021/de-romeri-2023"


@pytest.fixture(scope="module")
def analysis() -> Experiment:
    return cevns.experiment(ANALYSIS)


def spectrum(experiment: Experiment, pulls: dict[str, float]) -> np.ndarray:
    return experiment.varied_rates(pulls).form(cevns.model("sm"), {}).counts({})[0]


def test_undelayed_times_are_those_of_the_prediction(analysis: Experiment) -> None:
    (variation,) = analysis.time_variations.values()
    assert np.array_equal(variation.neutrinos.fractions(), analysis.arrival)
    assert list(variation.spectra) == ["beam_neutrons", "neutrino_induced_neutrons"]
    for (name, energies), times in zip(variation.spectra.items(), variation.backgrounds.fractions(), strict=True):
        assert np.outer(energies, times) == pytest.approx(analysis.backgrounds[name], rel=1e-8, abs=1e-9)


def test_a_delayed_pulse_is_a_pulse_of_another_mean() -> None:
    edges = np.array([-0.1, 0.4, 0.9, 1.4, 4.9])
    early, late = (ArrivalTimes(BeamPulse(mean, 0.15), edges) for mean in (0.44, 0.64))
    assert early.fractions(0.2) == pytest.approx(late.fractions(), rel=1e-12)
    assert late.fractions(-0.2) == pytest.approx(early.fractions(), rel=1e-12)


@pytest.mark.parametrize("delay", [-0.2, 0.0, 0.3])
def test_the_efficiency_in_time_stays_where_it_is(delay: float) -> None:
    """A single moment of arrival, before and after the plateau ends."""
    moment = TabulatedTimes(np.array([0.599, 0.601]), np.ones((1, 1)))
    times = ArrivalTimes(moment, np.array([0.0, 2.0]), ExponentialDecay(0.52, 0.5))
    expected = np.exp(-0.5 * max(0.6 + delay - 0.52, 0.0))
    assert times.fractions(delay)[0, 0] == pytest.approx(expected, rel=1e-6)


def test_neutrinos_that_are_all_in_the_window_stay_there() -> None:
    edges = np.linspace(0.0, 3.0, 7)
    times = ArrivalTimes(BeamPulse(0.5, 0.15), edges, None, all_in_window=True)
    for delay in (-0.1, 0.0, 0.4):
        assert times.fractions(delay).sum(axis=1) == pytest.approx(np.ones(3), rel=1e-12)


def test_radii_scale_together(analysis: Experiment) -> None:
    radii = {
        name: {"proton": 1.1 * each.proton, "neutron": 1.1 * each.neutron}
        for name, each in analysis.config.target.radii.items()
    }
    larger = cevns.experiment(CSI, {"target.radii": radii})
    assert spectrum(analysis, {"csi_nuclear_radius": 0.1}) == pytest.approx(spectrum(larger, {}), rel=1e-12)
    assert spectrum(analysis, {"csi_nuclear_radius": 0.1}).sum() < 0.95 * spectrum(analysis, {}).sum()


@pytest.mark.parametrize("position", [-1.0, 1.0])
def test_variants_of_the_efficiency_are_at_the_ends(analysis: Experiment, position: float) -> None:
    (pull,) = (pull for pull in analysis.config.nuisances if pull.name == "csi_efficiency")
    block = (pull.varies.up if position > 0 else pull.varies.down).model_dump()
    changed = cevns.experiment(CSI, {"detector.efficiency": block})
    assert spectrum(analysis, {"csi_efficiency": position}) == pytest.approx(spectrum(changed, {}), rel=1e-10)


def test_rates_do_not_share_what_they_keep(analysis: Experiment) -> None:
    """Response and nuclei are kept by nucleus: other rates must not find them, in whatever order they are used."""
    fresh = cevns.experiment(ANALYSIS)
    first = spectrum(fresh, {"csi_efficiency": 1.0})
    nominal = spectrum(fresh, {})
    both = spectrum(fresh, {"csi_nuclear_radius": 0.05, "csi_efficiency": 1.0})
    assert first == pytest.approx(spectrum(analysis, {"csi_efficiency": 1.0}), rel=1e-14)
    assert nominal == pytest.approx(spectrum(cevns.experiment(CSI), {}), rel=1e-14)
    assert not np.allclose(first, nominal, rtol=1e-3)
    assert not np.allclose(first, both, rtol=1e-3)


def test_rates_are_kept_but_not_by_a_changed_experiment(analysis: Experiment) -> None:
    assert analysis.varied_rates({}) is analysis.rates
    assert analysis.varied_rates({"csi_efficiency": 0.5}) is analysis.varied_rates({"csi_efficiency": 0.5})
    heavier = replace(analysis, rates=cevns.experiment(CSI, {"target.mass": "29.2 kg"}).rates)
    assert spectrum(heavier, {"csi_nuclear_radius": 0.1}) == pytest.approx(
        2.0 * spectrum(analysis, {"csi_nuclear_radius": 0.1}), rel=1e-12
    )


def test_number_of_nodes_grows_with_the_range() -> None:
    assert NuclearRadius().nodes(-0.25, 0.25) == 7
    assert NuclearRadius().nodes(-0.5, 0.5) == 9
    curve = Sigmoid(1.0, 0.3, 10.0)
    assert EfficiencyCurve(curve, curve, curve).nodes(-1.0, 1.0) == 7


TABLE = TabulatedEfficiency(np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.5, 0.9]))
CURVE = Sigmoid(1.3, 0.3, 10.0, -0.3)


def test_between_sigmoids_parameters_follow_a_parabola() -> None:
    up, down = replace(CURVE, midpoint=9.0), replace(CURVE, midpoint=10.5, scale=1.2)
    assert between(CURVE, up, down, 0.0) == CURVE
    assert between(CURVE, up, down, 1.0).midpoint == pytest.approx(9.0)
    assert between(CURVE, up, down, -1.0).scale == pytest.approx(1.2)
    # 10 + p (9 - 10.5)/2 + p^2 ((9 + 10.5)/2 - 10) at p = 0.5.
    assert between(CURVE, up, down, 0.5).midpoint == pytest.approx(10.0 - 0.375 - 0.0625)


def test_between_tables_values_do_and_remain_efficiencies() -> None:
    up, down = (
        replace(TABLE, efficiency=np.array([0.0, 0.7, 1.0])),
        replace(TABLE, efficiency=np.array([0.2, 0.3, 0.8])),
    )
    middle = between(TABLE, up, down, 0.5)
    assert isinstance(middle, TabulatedEfficiency)
    assert middle.efficiency == pytest.approx([0.05, 0.6, 0.95])
    steep = replace(TABLE, efficiency=np.array([0.0, 0.5, 1.0]))
    assert between(steep, up, steep, -0.5).efficiency.min() >= 0.0
    assert between(steep, up, steep, -0.5).efficiency.max() <= 1.0


@pytest.mark.parametrize(
    "others",
    [
        (CURVE, TABLE),
        (TABLE, TABLE),
        (replace(CURVE, steps=((5.0, 0.0),)), CURVE),
    ],
)
def test_variants_are_of_the_kind_of_the_nominal_sigmoid(others: tuple[Sigmoid, Sigmoid]) -> None:
    with pytest.raises(InputError, match="variants of the kind of the nominal curve"):
        EfficiencyCurve(CURVE, *others)


@pytest.mark.parametrize("other", [CURVE, replace(TABLE, signal=np.array([1.0, 2.0, 4.0]))])
def test_variants_are_of_the_signals_of_the_nominal_table(other: TabulatedEfficiency) -> None:
    with pytest.raises(InputError, match="the same signals"):
        EfficiencyCurve(TABLE, TABLE, other)


def test_background_that_is_no_product_does_not_move(tmp_path: Path) -> None:
    def disturb(rows: Rows) -> Rows:
        rows[40][5] = "3.0"
        return rows

    directory = copy_experiment(CSI, tmp_path)
    edit_table(directory, "bins.csv", disturb)
    cevns.experiment(directory)
    with pytest.raises(DataError, match=r"beam_neutrons: got .*; allowed: the product of a spectrum and the arrival"):
        cevns.experiment(f"{directory}/de-romeri-2023")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda rows: [[*row[:3], "muons" if i == 0 else row[3]] for i, row in enumerate(rows)], "got 'muons'"),
        (lambda rows: rows[:7] + rows[8:], "adjoining bins"),
        (lambda rows: [row[1:] for row in rows], "a column 'time_low'"),
    ],
)
def test_wrong_table_of_times(tmp_path: Path, edit: object, words: str) -> None:
    directory = copy_experiment(CSI, tmp_path)
    edit_table(directory, "neutron_times.csv", edit)
    with pytest.raises(DataError, match=words):
        cevns.experiment(f"{directory}/de-romeri-2023")


def test_only_neutrinos_move_without_a_table() -> None:
    nuisances = [{"name": "delay", "varies": {"kind": "beam-time"}, "sigma": 0.01}]
    experiment = cevns.experiment("coherent-lar-2020", {"nuisances": nuisances})
    (variation,) = experiment.time_variations.values()
    assert isinstance(variation, BeamTime)
    assert variation.backgrounds is None
    assert variation.fractions(0.0) == pytest.approx(experiment.arrival)


EFFICIENCIES = {
    "kind": "efficiency",
    "up": {"kind": "constant", "value": 0.9},
    "down": {"kind": "constant", "value": 0.8},
}


@pytest.mark.parametrize(
    ("keys", "end"),
    [
        ({"component": "cevns", "sigma": 0.1}, np.inf),
        ({"varies": {"kind": "nuclear-radius"}, "sigma": 0.05}, 0.25),
        ({"varies": {"kind": "nuclear-radius"}, "sigma": 0.05, "range": [-0.1, 0.1]}, 0.1),
        ({"varies": EFFICIENCIES, "sigma": 0.15}, 0.75),
        ({"varies": EFFICIENCIES, "sigma": 1.0}, 1.0),
    ],
)
def test_range_of_a_pull(keys: dict[str, object], end: float) -> None:
    """Five sigma of what is varied, and no further than the variants."""
    assert NuisanceBlock.model_validate({"name": "x", **keys}).bounds == pytest.approx((-end, end))


def test_pulls_that_are_held() -> None:
    csi = cevns.experiment("coherent-csi-2021/de-romeri-2023")
    names = [pull.name for pull in csi.config.nuisances]
    varied = next(pull.name for pull in csi.config.nuisances if pull.varies)
    fixed = csi.without(names[0], varied)
    assert cevns.Likelihood("sm", fixed).pulls == tuple(name for name in names if name not in (names[0], varied))
    assert cevns.Likelihood("sm", fixed)() > cevns.Likelihood("sm", csi)()
    assert cevns.Likelihood("sm", csi.without())() == cevns.Likelihood("sm", csi)()
    with pytest.raises(InputError, match=r"pulls: got 'weather'; allowed: one of: "):
        csi.without("weather")
