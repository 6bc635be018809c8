"""The figures of arXiv:2202.11002 against its table, the experiments and each other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

import cevns
from cevns.plot import muon_charge, reproduced
from cevns.publications import FigureData, figure_names, panels, published, reproduce_figure
from cevns.publications.figures import CurvesPanel, ExclusionPanel, HistogramPanel
from tests.plot.drawn import assert_presentable, legend_of

PAPER = "2202.11002"
MODELS = tuple(published(PAPER)["items"]["table-2"]["rows"])
COUPLINGS = "atzori-corona-2022"


@pytest.fixture(autouse=True)
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "MASSES", 7)


def crossings(panel: ExclusionPanel) -> Mapping[str, tuple[tuple[float, ...], ...]]:
    return {curve.label: curve.crossings for curve in panel.curves}


@pytest.fixture(scope="module")
def spectra() -> FigureData:
    return reproduce_figure(PAPER, "figure-recoil-spectra")


@pytest.fixture(scope="module")
def rates() -> FigureData:
    return reproduce_figure(PAPER, "figure-event-rates")


def test_every_model_has_its_figure() -> None:
    assert figure_names(PAPER)[3:] == tuple(f"figure-{name}" for name in MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_limits_on_a_model_are_those_of_the_package_with_the_band_of_the_muon(name: str) -> None:
    figure = reproduce_figure(PAPER, f"figure-{name}")
    (panel,) = figure.panels
    assert isinstance(panel, ExclusionPanel)
    assert FigureData.from_json(figure.to_json()) == figure
    model = cevns.model(name, couplings=COUPLINGS)
    masses = panel.curves[0].masses
    found = cevns.limits(model, cevns.experiment("coherent-lar-2020"), mass=masses, cl=0.9545, dof=2)
    assert list(crossings(panel)) == ["Ar", "CsI", "CsI+Ar"]
    theirs = [[pytest.approx(point) for point in curve.published] for curve in panel.curves]
    table = np.reshape(published(PAPER)["items"]["table-2"]["rows"][name], (3, 2))
    assert theirs == [[(0.03, 1e-5 * low), (3e3, 3e-3 * high)] if low else [] for low, high in table]
    assert crossings(panel)["Ar"] == tuple(limit.crossings for limit in found)
    assert (panel.muon, panel.bands) == (muon_charge(name), ("2021",) if muon_charge(name) else ())
    drawn = reproduced(figure)
    assert_presentable(drawn)
    assert legend_of(drawn.axes[0])[:1] == ([r"$(g-2)_\mu$ 2021, 2$\sigma$ band"] if muon_charge(name) else ["Ar"])


def test_both_ends_of_a_curve_are_the_entries_of_the_table() -> None:
    """At 0.01 MeV and at 10 GeV the momentum transfer has no part in the propagator, or all of it, to 1e-4."""
    (panel,) = reproduce_figure(PAPER, "figure-b-l").panels
    assert isinstance(panel, ExclusionPanel)
    csi = cevns.experiment("coherent-csi-2021")
    low, high = cevns.limits(cevns.model("b-l", couplings=COUPLINGS), csi, mass=[1e-3, 1e6], cl=0.9545, dof=2)
    first, *_, last = crossings(panel)["CsI"]
    assert first[0] == pytest.approx(low.upper_limit, rel=1e-4)
    assert last[0] == pytest.approx(1e-2 * high.upper_limit, rel=1e-4)


def test_the_data_of_2021_exclude_more_than_those_of_2017() -> None:
    figure = reproduce_figure(PAPER, "figure-csi-2017-2021")
    assert [panel.title for panel in figure.panels] == ["universal", "b-l", "lmu-ltau", "scalar"]
    for panel in figure.panels:
        assert isinstance(panel, ExclusionPanel)
        first, last = ([point[0] for point in curve] for curve in crossings(panel).values())
        assert list(crossings(panel)) == ["CsI 2017", "CsI 2021"]
        assert all(new < old for new, old in zip(last, first, strict=True))
    assert_presentable(reproduced(figure))


@pytest.mark.parametrize(("number", "name", "variance"), [(0, "coherent-csi-2021", 1.0), (1, "coherent-lar-2020", 0.2)])
def test_rates_are_data_without_steady_state_and_all_that_is_expected(
    rates: FigureData, number: int, name: str, variance: float
) -> None:
    panel = rates.panels[number]
    assert isinstance(panel, HistogramPanel)
    measured = cevns.experiment(name)
    steady = measured.backgrounds["steady_state"].sum(axis=1)
    counts = measured.observed.sum(axis=1)
    np.testing.assert_allclose(panel.data, counts - steady)
    np.testing.assert_allclose(panel.errors, np.sqrt(counts + variance * steady))
    bound = published(PAPER)["items"]["table-2"]["rows"]["b-l"][2] * 1e-5
    expected = measured.predict(cevns.model("b-l", couplings=COUPLINGS), g=bound, mass=10.0).total.sum(axis=1)
    (total,) = (total for total in panel.totals if total.label == "b-l")
    np.testing.assert_allclose(total.counts, expected - steady)
    standard = measured.predict(cevns.model("sm", couplings=COUPLINGS)).total.sum(axis=1)
    np.testing.assert_allclose(np.sum([part.counts for part in panel.components], axis=0), standard - steady)


def test_rates_survive_json_and_are_drawn(rates: FigureData) -> None:
    assert FigureData.from_json(rates.to_json()) == rates
    figure = reproduced(rates)
    names = {"universal", "$B-L$", r"$B-3L_{\mu }$", r"$L_{\mu }-L_{\tau }$", "scalar"}
    assert names <= set(legend_of(figure.axes[0]))
    rows = list(rates.panels[0].rows())
    assert rows[1]["b-l"] > rows[1]["universal"] > 0.0
    assert ("b-l", "sum") in {(curve, quantity) for curve, quantity, _, _ in rates.panels[0].facts()}


def test_spectra_interfere_as_the_charges_say(spectra: FigureData) -> None:
    """Constructive for B-L, destructive for the universal vector, incoherent for the scalar."""
    for panel in spectra.panels:
        assert isinstance(panel, CurvesPanel)
        curves = {curve.label: np.array(curve.values) for curve in panel.curves}
        assert np.all(curves["b-l"] > curves["SM"])
        assert np.all(curves["scalar"] > curves["SM"])
        above = np.array(panel.values) > 10.0
        assert np.all(curves["universal"][above] < curves["SM"][above])


def test_a_spectrum_is_that_of_the_experiment(spectra: FigureData) -> None:
    panel = spectra.panels[1]
    assert isinstance(panel, CurvesPanel)
    lar = cevns.experiment("coherent-lar-2020")
    expected = lar.recoil_spectrum(cevns.model("sm", couplings=COUPLINGS), np.array(panel.values)).sum(axis=(-3, -2))
    np.testing.assert_allclose(panel.curves[0].values, expected)
    assert_presentable(reproduced(spectra))
