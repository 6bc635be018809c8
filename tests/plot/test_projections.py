from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import StepPatch

import cevns
from cevns import Experiment, Likelihood
from cevns.errors import InputError
from cevns.io.symbols import typeset
from cevns.plot import projections
from cevns.plot.projections import expected_components
from cevns.statistics import measurement
from cevns.typing import FloatArray
from tests.plot.drawn import assert_presentable, legend_of

NEW_PHYSICS = {"g": 1e-4, "mass": 10.0}
NAMES = ["csi", "lar"]


@pytest.fixture(params=NAMES)
def experiment(request: pytest.FixtureRequest) -> Experiment:
    found: Experiment = request.getfixturevalue(request.param)
    return found


def counts(density: FloatArray, edges: FloatArray) -> FloatArray:
    return density * np.diff(edges)


def steps(axes: Axes, *, filled: bool) -> list[StepPatch]:
    return [patch for patch in axes.patches if isinstance(patch, StepPatch) and patch.get_fill() == filled]


def axes_sums(experiment: Experiment) -> list[tuple[FloatArray, int]]:
    """Edges of each panel, and the axis that is summed over."""
    return [(experiment.energy_edges, 1), (experiment.time_edges, 0)]


@pytest.mark.parametrize("pulls", ["prior", "best"])
def test_panels_labels_and_legend(experiment: Experiment, pulls: str) -> None:
    figure = projections(experiment, overlay="b-l", overlay_parameters=NEW_PHYSICS, pulls=pulls)
    energy, time = figure.axes
    assert_presentable(figure)
    unit = {"PE": "PE", "keVee": r"keV$_\mathrm{ee}$"}[experiment.config.detector.signal_unit]
    assert energy.get_xlabel() == f"reconstructed energy [{unit}]"
    assert energy.get_ylabel() == f"counts / {unit}"
    assert time.get_xlabel() == "arrival time [µs]"
    assert time.get_ylabel() == "counts / µs"
    backgrounds = [text for name, text in experiment.config.backgrounds.items() if name != "steady_state"]
    assert len(backgrounds) == 2
    overlay = "$B-L$\n$g$ = $10^{-4}$, mass = 10 MeV"
    assert legend_of(time) == ["data $-$ steady-state background", overlay, "CEvNS, SM", *backgrounds[::-1]]


def test_data_are_counts_less_the_steady_state_over_the_bin_width(experiment: Experiment) -> None:
    subtracted = experiment.observed - experiment.backgrounds["steady_state"]
    for axes, (edges, axis) in zip(projections(experiment).axes, axes_sums(experiment), strict=True):
        points = axes.containers[0][0]
        np.testing.assert_allclose(points.get_xdata(), (edges[1:] + edges[:-1]) / 2.0)
        np.testing.assert_allclose(counts(points.get_ydata(), edges), subtracted.sum(axis=axis), rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "per_event"),
    # LAr: window five times longer, as its statistic says. CsI 2021: 2.1 % of 1295 events. CsI 2017: counts.
    [("coherent-lar-2020", 0.2), ("coherent-csi-2021", 0.021**2 * 1295.0), ("coherent-csi-2017", 1.0)],
)
def test_errors_include_the_variance_of_what_is_subtracted(name: str, per_event: float) -> None:
    experiment = cevns.experiment(name)
    variance = experiment.observed + per_event * experiment.backgrounds["steady_state"]
    for axes, (edges, axis) in zip(projections(experiment).axes, axes_sums(experiment), strict=True):
        segments = np.array(axes.containers[0][2][0].get_segments())
        error = (segments[:, 1, 1] - segments[:, 0, 1]) / 2.0
        np.testing.assert_allclose(counts(error, edges), np.sqrt(variance.sum(axis=axis)), rtol=1e-9)


def test_one_time_bin_has_no_panel_and_electron_recoils_are_the_signal() -> None:
    experiment = cevns.experiment("xenonnt-er-2022")
    figure = projections(experiment, overlay="magnetic-moment", overlay_parameters={"mu_nue": 1e-11}, subtract=None)
    assert_presentable(figure)
    (energy,) = figure.axes
    assert energy.get_xlabel() == "reconstructed energy [keV]"
    overlay = f"magnetic-moment\n{typeset('mu_nue')} = $10^{{-11}}$ {typeset('mu_B')}"
    assert legend_of(energy) == ["data", overlay, "ES, SM", "other backgrounds"]
    *_, signal = expected_components(experiment, "sm", {}, "prior").values()
    np.testing.assert_allclose(signal, experiment.predict("sm").electron_scattering)


def test_nothing_subtracted(experiment: Experiment) -> None:
    figure = projections(experiment, subtract=None)
    assert_presentable(figure)
    for axes, (edges, axis) in zip(figure.axes, axes_sums(experiment), strict=True):
        points, _, (bars,) = axes.containers[0]
        observed = experiment.observed.sum(axis=axis)
        np.testing.assert_allclose(counts(points.get_ydata(), edges), observed)
        segments = np.array(bars.get_segments())
        np.testing.assert_allclose(
            counts(segments[:, 1, 1] - segments[:, 0, 1], edges), 2.0 * np.sqrt(observed), rtol=1e-9, atol=1e-9
        )
        assert len(steps(axes, filled=True)) == 1 + len(experiment.backgrounds)
    assert "data" in legend_of(figure.axes[1])


def test_stack_adds_up_to_the_prediction(experiment: Experiment) -> None:
    prediction = experiment.predict("sm")
    for axes, (edges, axis) in zip(projections(experiment).axes, axes_sums(experiment), strict=True):
        *backgrounds, signal = [patch.get_data() for patch in steps(axes, filled=True)]
        floor = np.zeros(len(edges) - 1)
        names = [name for name in experiment.backgrounds if name != "steady_state"]
        for name, (top, drawn_edges, baseline) in zip(names, backgrounds, strict=True):
            np.testing.assert_allclose(drawn_edges, edges)
            np.testing.assert_allclose(baseline, floor)
            np.testing.assert_allclose(counts(top - baseline, edges), experiment.backgrounds[name].sum(axis=axis))
            floor = top
        np.testing.assert_allclose(signal.baseline, floor)
        np.testing.assert_allclose(counts(signal.values - floor, edges), prediction.cevns.sum(axis=axis), atol=1e-9)


def test_overlay_is_the_total_of_the_other_model(experiment: Experiment) -> None:
    total = experiment.predict("b-l", **NEW_PHYSICS).total - experiment.backgrounds["steady_state"]
    figure = projections(experiment, overlay="b-l", overlay_parameters=NEW_PHYSICS)
    for axes, (edges, axis) in zip(figure.axes, axes_sums(experiment), strict=True):
        (line,) = [patch for patch in steps(axes, filled=False) if patch.get_linestyle() == "--"]
        np.testing.assert_allclose(counts(line.get_data().values, edges), total.sum(axis=axis))


def test_without_overlay_no_line_is_dashed(experiment: Experiment) -> None:
    for axes in projections(experiment).axes:
        assert [patch.get_linestyle() for patch in steps(axes, filled=False)] == ["solid"]


def test_best_pulls_that_vary_the_signal_draw_its_expectation() -> None:
    """Neutrinos and the neutrons that move with the beam, all at their best pulls, are chi^2's expectation."""
    experiment = cevns.experiment("coherent-csi-2021/de-romeri-2023")
    likelihood = Likelihood("b-l", experiment)
    best = likelihood.profiled(**NEW_PHYSICS)
    drawn = expected_components(experiment, "b-l", NEW_PHYSICS, "best")
    assert list(drawn) == [*experiment.backgrounds, "cevns"]
    ((_, data),) = likelihood.groups
    pulls = np.array([float(best.pulls[name]) for name in data.pulls])
    constraint = np.square(pulls / data.sigmas).sum()
    chi2 = data.statistic.value(sum(drawn.values()).ravel()) + constraint
    assert float(chi2) == pytest.approx(float(best.chi2), abs=1e-9)
    prior = expected_components(experiment, "b-l", NEW_PHYSICS, "prior")
    for name in ("beam_neutrons", "neutrino_induced_neutrons", "cevns"):
        earlier = drawn[name].sum(axis=0)[:4].sum() / drawn[name].sum()
        assert earlier != pytest.approx(prior[name].sum(axis=0)[:4].sum() / prior[name].sum(), rel=0.01), name


def test_best_pulls_draw_the_expectation_of_the_fit(experiment: Experiment) -> None:
    data = measurement(experiment)
    best = Likelihood("b-l", experiment).profiled(**NEW_PHYSICS).pulls
    pulls = np.array([float(best[name]) for name in data.pulls])
    signal = experiment.predict("b-l", **NEW_PHYSICS).cevns.ravel()
    expected = data.expected(signal, pulls).reshape(experiment.observed.shape)
    steady = experiment.backgrounds["steady_state"]
    (pull,) = [best[p.name] for p in experiment.config.nuisances if p.component == "steady_state"]
    figure = projections(experiment, "b-l", NEW_PHYSICS, pulls="best")
    for axes, (edges, axis) in zip(figure.axes, axes_sums(experiment), strict=True):
        top = steps(axes, filled=True)[-1].get_data().values
        np.testing.assert_allclose(counts(top, edges), (expected - (1.0 + pull) * steady).sum(axis=axis))
        points = axes.containers[0][0].get_ydata()
        np.testing.assert_allclose(
            counts(points, edges), (experiment.observed - (1.0 + pull) * steady).sum(axis=axis), atol=1e-9
        )


def test_overlay_with_best_pulls_has_pulls_of_its_own(lar: Experiment) -> None:
    """Drawn against data from which the steady state of the first model was subtracted."""
    figure = projections(lar, overlay="b-l", overlay_parameters=NEW_PHYSICS, pulls="best")
    first = projections(lar, pulls="best", subtract=None).axes[1]
    other = projections(lar, "b-l", NEW_PHYSICS, pulls="best", subtract=None).axes[1]
    totals = [steps(axes, filled=True)[-1].get_data().values for axes in (first, other)]
    (dashed,) = [patch for patch in steps(figure.axes[1], filled=False) if patch.get_linestyle() == "--"]
    stacked = steps(figure.axes[1], filled=True)[-1].get_data().values
    np.testing.assert_allclose(dashed.get_data().values - stacked, totals[1] - totals[0], atol=1e-9)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"subtract": "muons"}, "subtract"),
        ({"pulls": "posterior"}, "pulls"),
        ({"model": "b-l", "parameters": {"g": [1e-4, 1e-5], "mass": 1.0}}, "parameters"),
        ({"model": "b-l", "parameters": {"mass": 1.0}}, "g"),
        ({"overlay": "b-l", "overlay_parameters": {"g": 1e-4, "mass": -1.0}}, "mass"),
        ({"overlay": "b-m"}, "model"),
    ],
)
def test_wrong_arguments_are_refused(csi: Experiment, options: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as refusal:
        projections(csi, **options)
    assert refusal.value.field == field
