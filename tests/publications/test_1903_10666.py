"""Mediators of 1 to 1000 MeV from the energies and times of CsI 2017."""

from __future__ import annotations

import numpy as np
import pytest

import cevns
from cevns.cli.reproductions import all_items
from cevns.plot import reproduced
from cevns.publications import FigureData, dutta_2019, figure_names, reproduce, reproduce_figure
from cevns.publications.figures import CurvesPanel, RegionPanel
from tests.plot.drawn import assert_presentable

PAPER = "1903.10666"


@pytest.fixture(scope="module")
def gains() -> CurvesPanel:
    (panel,) = reproduce_figure(PAPER, "figure-preference").panels
    assert isinstance(panel, CurvesPanel)
    return panel


def test_it_has_figures_and_no_tables() -> None:
    assert reproduce(PAPER) == ()
    assert tuple(item.name for item in all_items() if item.paper == PAPER) == figure_names(PAPER)


def test_nothing_is_lost_by_a_coupling_that_may_vanish(gains: CurvesPanel) -> None:
    for curve in gains.curves:
        assert min(curve.values) > -1e-9


def test_data_prefer_a_mediator_of_muon_neutrinos_by_less_than_two_sigma(gains: CurvesPanel) -> None:
    largest = {curve.label: max(curve.values) for curve in gains.curves}
    assert largest["nu_e"] < 0.2
    assert largest["nu_e"] < largest["all flavours"] < largest["nu_mu"]
    assert largest["nu_mu"] == pytest.approx(1.98, abs=0.02)


def test_a_gain_is_that_of_the_best_coupling(gains: CurvesPanel) -> None:
    """chi^2 on a fine grid of couplings is nowhere lower than at the minimum, and comes close to it."""
    likelihood = cevns.Likelihood(dutta_2019.MEDIATORS["nu_mu"], [cevns.experiment("coherent-csi-2017")])
    number = 15
    mass = gains.values[number]
    chi2 = likelihood(g=np.append(0.0, np.geomspace(1e-6, 1e-3, 400)), mass=mass)
    (curve,) = (curve for curve in gains.curves if curve.label == "nu_mu")
    assert chi2[0] - chi2.min() == pytest.approx(curve.values[number], abs=1e-3)
    assert chi2[0] - chi2.min() <= curve.values[number] + 1e-9


def test_regions_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dutta_2019, "MEDIATORS", {"nu_mu": dutta_2019.MEDIATORS["nu_mu"]})
    figure = reproduce_figure(PAPER, "figure-regions")
    assert FigureData.from_json(figure.to_json()) == figure
    (panel,) = figure.panels
    assert isinstance(panel, RegionPanel)
    assert panel.title == "quarks and nu_mu"
    assert [level.cl for level in panel.levels] == [0.6827, 0.9545]
    assert_presentable(reproduced(figure))
