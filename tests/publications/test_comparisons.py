"""Results of several experiments beside each other, against the package and each other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

import cevns
from cevns.cli.reproductions import all_items
from cevns.experiments import Experiment
from cevns.inference import regions
from cevns.interactions.muon_moment import muon_moment_couplings
from cevns.plot import muon_charge, reproduced
from cevns.publications import FigureData, comparisons, figure_names, panels, reproduce, reproduce_figure
from cevns.publications.figures import CurvesPanel, ExclusionPanel, Intervals, RegionPanel
from tests.plot.drawn import assert_presentable

SET = "comparisons"
BOTH = "CsI 2021 + LAr"
STEPS = ("CsI", "CsI, reactors")
"""Fewest of the fits of the radius that show what others add."""


@pytest.fixture(scope="module")
def drawn() -> Mapping[str, FigureData]:
    """All figures, with few points and fits: what is tested does not depend on how many there are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panels, "MASSES", 4)
        patch.setattr(panels, "PROFILE_POINTS", 14)
        patch.setattr(regions, "_NODES", 17)
        patch.setattr(regions, "_HALVINGS", 1)
        patch.setattr(comparisons, "_STEPS", {step: comparisons._STEPS[step] for step in STEPS})
        return {name: reproduce_figure(SET, name) for name in figure_names(SET)}


def limits_of(panel: object) -> dict[str, list[float]]:
    """Lowest crossing at each mass, by curve."""
    assert isinstance(panel, ExclusionPanel)
    return {curve.label: [crossings[0] for crossings in curve.crossings] for curve in panel.curves}


def intervals_of(panel: object) -> dict[str, Intervals]:
    assert isinstance(panel, CurvesPanel)
    return {curve.label: curve.intervals[0] for curve in panel.curves}


def coherent() -> list[Experiment]:
    csi = cevns.experiment("coherent-csi-2021", electron_scattering=True)
    return [csi, cevns.experiment("coherent-lar-2020")]


def test_everything_knows_the_table_and_the_figures() -> None:
    assert {item.name for item in all_items() if item.paper == SET} == {*figure_names(SET), "table-counts"}
    assert {value.item for value in reproduce(SET)} == {"table-counts"}


@pytest.mark.parametrize("name", comparisons.FIGURES)
def test_figures_survive_json_and_are_drawn(name: str, drawn: Mapping[str, FigureData]) -> None:
    figure = drawn[name]
    assert FigureData.from_json(figure.to_json()) == figure
    assert_presentable(reproduced(figure))


def test_the_sun_excludes_most_at_low_mass_and_nuclei_do_at_high_mass(drawn: Mapping[str, FigureData]) -> None:
    for panel in drawn["figure-direct-detection"].panels:
        found = limits_of(panel)
        first, last = ({label: limits[end] for label, limits in found.items()} for end in (0, -1))
        assert sorted(first, key=first.__getitem__) == [
            label for label in ("XENONnT", "LZ", "Dresden-II", BOTH) if label in found
        ]
        assert min(last, key=last.__getitem__) == BOTH


def test_electrons_do_not_see_charges_of_quarks(drawn: Mapping[str, FigureData]) -> None:
    """The product of the charges of neutrino and electron is one for the universal vector and for B - L."""
    universal, b_l, _ = map(limits_of, drawn["figure-direct-detection"].panels)
    for label in ("XENONnT", "LZ"):
        np.testing.assert_allclose(universal[label], b_l[label], rtol=1e-6)
    assert universal[BOTH][-1] < 0.6 * b_l[BOTH][-1]


@pytest.mark.parametrize(("number", "name"), [(0, "universal"), (1, "b-l"), (2, "lmu-ltau")])
def test_limits_are_those_of_the_package_with_electrons(
    number: int, name: str, drawn: Mapping[str, FigureData]
) -> None:
    panel = drawn["figure-direct-detection"].panels[number]
    assert isinstance(panel, ExclusionPanel)
    (curve,) = (curve for curve in panel.curves if curve.label == BOTH)
    found = cevns.limits(name, coherent(), mass=curve.masses, cl=0.90, dof=2)
    assert curve.crossings == tuple(limit.crossings for limit in found)


@pytest.mark.parametrize("name", ["dresden-ii", "conus-plus"])
def test_reactors_are_left_out_where_nothing_changes_them(name: str, drawn: Mapping[str, FigureData]) -> None:
    """Electron antineutrinos have no charge under L_mu - L_tau."""
    reactor = cevns.experiment(name)
    mediated, standard = reactor.predict("lmu-ltau", g=1.0, mass=1.0), reactor.predict("sm")
    np.testing.assert_array_equal(mediated.total, standard.total)
    labels = {curve for panel in drawn["figure-direct-detection"].panels[2:] for curve in limits_of(panel)}
    assert labels == {BOTH, "XENONnT", "LZ"}


def test_expected_limits_are_those_of_the_forecast_and_reach_the_band(drawn: Mapping[str, FigureData]) -> None:
    (panel,) = drawn["figure-cryo-csi"].panels
    assert isinstance(panel, ExclusionPanel)
    assert (panel.muon, panel.bands) == (muon_charge("lmu-ltau"), ("2021", "2025"))
    found = limits_of(panel)
    mass = panel.curves[0].masses[1]
    assert mass == pytest.approx(10.0)
    for label, name in {"Cryo-CsI-I": "coh-cryo-csi-1", "Cryo-CsI-II": "coh-cryo-csi-2"}.items():
        (expected,) = cevns.forecast("lmu-ltau", name, mass=mass, cl=0.90, dof=2)
        assert found[label][1] == pytest.approx(expected.crossings[0], rel=1e-6)
    low, high = (float(end) for end in muon_moment_couplings(np.array(mass), "2021", "vector"))
    assert found["Cryo-CsI-II"][1] < low < high < found[BOTH][1]
    assert found["Cryo-CsI-I"][1] < high


@pytest.mark.parametrize(
    ("figure", "model", "names"),
    [
        ("figure-magnetic-moments", "magnetic-moment", ("mu_nue", "mu_numu")),
        ("figure-charge-radii", "charge-radius", ("r2_nue", "r2_numu")),
    ],
)
def test_intervals_are_those_of_the_package(
    figure: str, model: str, names: tuple[str, str], drawn: Mapping[str, FigureData]
) -> None:
    found = drawn[figure].panels
    for panel, name in zip(found, (names[0], names[0], names[1], names[1]), strict=True):
        assert panel.x.name == name
    for panel in found[::2]:
        (expected,) = cevns.intervals(model, coherent(), panel.x.name, cl=0.90)
        ours = np.array(intervals_of(panel)[BOTH]) * panel.x.factor
        np.testing.assert_allclose(ours, expected.intervals, rtol=1e-12)
    assert list(intervals_of(found[1])) == ["XENONnT", "LZ", "Dresden-II", "CONUS+"]
    assert list(intervals_of(found[3])) == ["XENONnT", "LZ"]


# Regression, at 90 %: upper limits in mu_B, and the ends of all intervals in 1e-32 cm^2.
MOMENTS = {
    "CsI 2017": (6.162e-9, 4.160e-9),
    "CsI 2021": (4.093e-9, 1.690e-9),
    "LAr": (5.841e-9, 3.801e-9),
    BOTH: (3.987e-9, 1.776e-9),
    "XENONnT": (1.019e-11, 1.676e-11),
    "LZ": (2.035e-11, 3.348e-11),
    "Dresden-II": (3.217e-10,),
    "CONUS+": (1.233e-10,),
}
RADII = {
    "CsI 2017": ((-74.44, 17.13), (-67.52, -39.42, -18.58, 9.524)),
    "CsI 2021": ((-65.18, -47.58, -8.462, 11.65), (-58.44, -51.29, -5.718, 3.905)),
    "LAr": ((-77.65, 28.56), (-63.87, -42.07, -7.584, 14.06)),
    BOTH: ((-65.36, -48.29, -6.352, 12.21), (-58.50, -50.88, -4.717, 4.471)),
    "XENONnT": ((-104.2, 21.71), (-76.99, 79.48)),
    "LZ": ((-120.0, 36.20), (-106.8, 110.5)),
    "Dresden-II": ((-61.24, -43.21, -8.173, 9.818),),
    "CONUS+": ((-60.54, -45.57, -5.705, 9.294),),
}


@pytest.mark.parametrize("label", MOMENTS)
def test_limits_of_each_experiment(label: str, drawn: Mapping[str, FigureData]) -> None:
    moments, radii = (
        [intervals_of(panel)[label] for panel in drawn[figure].panels if label in intervals_of(panel)]
        for figure in ("figure-magnetic-moments", "figure-charge-radii")
    )
    np.testing.assert_allclose([pieces[-1][-1] for pieces in moments], MOMENTS[label], rtol=1e-3)
    assert [pieces[0][0] for pieces in moments] == [0.0] * len(moments)
    for pieces, expected in zip(radii, RADII[label], strict=True):
        np.testing.assert_allclose(np.ravel(pieces), expected, rtol=1e-3)


def test_profiles_rise_above_the_level_outside_the_intervals_alone(drawn: Mapping[str, FigureData]) -> None:
    for figure in ("figure-magnetic-moments", "figure-charge-radii"):
        for panel in drawn[figure].panels:
            assert isinstance(panel, CurvesPanel)
            for curve in panel.curves:
                inside = [any(low <= x <= high for low, high in curve.intervals[0]) for x in panel.values]
                assert [rise <= panel.levels[0].delta_chi2 for rise in curve.values] == inside


def test_reactors_tell_a_radius_from_a_coupling(drawn: Mapping[str, FigureData]) -> None:
    """They exclude couplings that CsI makes up for with a radius, and all steps leave the Standard Model."""
    for panel in drawn["figure-rn-nsi"].panels:
        assert isinstance(panel, RegionPanel)
        found = {curve: value for curve, quantity, value, _ in panel.facts() if panel.y.name in quantity}
        assert list(found) == list(STEPS)
        alone, together = (np.array(found[step]) for step in STEPS)
        assert alone[0] < -0.2
        assert -0.1 < together[0] < 0.0
        assert 0.3 < together[1] < alone[1]


def test_fits_share_what_experiments_have_in_common() -> None:
    assert comparisons.fitted("nsi", ["coherent-csi-2021"]).shared == ("sns_flux",)
    every = comparisons.fitted("nsi", ["coherent-csi-2021", "ge-sns", "dresden-ii", "conus-plus"])
    assert every.shared == ("sns_flux", "reactor_spectrum")
    assert (
        every.pulls.count("sns_flux")
        == every.pulls.count("reactor_spectrum")
        == every.pulls.count("ge-sns_radius")
        == 1
    )
