"""The figures of arXiv:1711.09773 against the closed form of their chi^2."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from matplotlib.path import Path as Outline

import cevns
from cevns.constants import FERMI_CONSTANT
from cevns.errors import InputError
from cevns.experiments.tables import read_columns
from cevns.interactions import (
    ChargeRadius,
    FreeMixingAngle,
    Interaction,
    MagneticMoment,
    Model,
    NonStandardInteractions,
    StandardModel,
    SterileOscillation,
    tree_couplings,
)
from cevns.plot import reproduced
from cevns.publications import (
    FigureData,
    ReproducedValue,
    figure_names,
    publication_names,
    published,
    reproduce,
    reproduce_figure,
)
from cevns.publications import papoulias_kosmas_2018 as paper
from cevns.publications.figures import CurvesPanel, ExclusionPanel, HistogramPanel, RegionPanel
from cevns.typing import FloatArray
from tests.plot.drawn import assert_presentable

ROOT = Path(__file__).resolve().parents[2]
STANDARD = StandardModel(tree_couplings(0.2312))
TENSOR, RADIUS = NonStandardInteractions("tensor"), ChargeRadius("papoulias-kosmas")
KINDS = {
    "figure-1": [HistogramPanel],
    "figure-2": [CurvesPanel],
    "figure-3": [CurvesPanel] * 2,
    "figure-4": [RegionPanel] * 6,
    "figure-5": [CurvesPanel] * 2,
    "figure-6": [RegionPanel] * 2,
    "figure-7": [RegionPanel] * 2,
    "figure-8": [RegionPanel] * 3,
    "figure-9": [ExclusionPanel] * 2,
}


@pytest.fixture(scope="module")
def figures() -> dict[str, FigureData]:
    return {name: reproduce_figure("1711.09773", name) for name in figure_names("1711.09773")}


@pytest.fixture(scope="module")
def table() -> dict[str, ReproducedValue]:
    return {value.row: value for value in reproduce("1711.09773", "table-1")}


def events(interactions: tuple[Interaction, ...], **values: object) -> FloatArray:
    """Neutrino events in the one bin."""
    prediction = cevns.experiment("coherent-csi-2017-counting").predict(Model("x", interactions), **values)
    return np.asarray(prediction.cevns.sum(axis=(-2, -1)))


def chi2(neutrinos: FloatArray) -> FloatArray:
    """What is left of chi^2 once both pulls are profiled: 142 events of which 6 are neutrons."""
    return np.asarray((136.0 - neutrinos) ** 2 / (958.0 + (0.28 * neutrinos) ** 2 + 1.5**2))


def test_all_figures_are_there(figures: dict[str, FigureData]) -> None:
    assert {name: [type(panel) for panel in figure.panels] for name, figure in figures.items()} == KINDS
    for name, figure in figures.items():
        assert (figure.paper, figure.item) == ("1711.09773", name)
        assert figure.title == published("1711.09773")["items"][name]["title"]


@pytest.mark.parametrize("number", publication_names())
def test_items_listed_are_those_that_can_be_computed(number: str) -> None:
    items = published(number)["items"]
    figure = tuple(name for name in items if name.startswith("figure"))
    assert figure_names(number) == figure
    for name in set(items) - set(figure):
        assert name.startswith("table")


def test_figures_survive_json(figures: dict[str, FigureData]) -> None:
    for figure in figures.values():
        assert FigureData.from_json(figure.to_json()) == figure


@pytest.mark.parametrize(
    ("item", "panel", "label", "row"),
    [
        ("figure-2", 0, "CsI 2017", "sin2_theta_w"),
        ("figure-3", 0, "eps_ee_uV", "eps_ee_uV"),
        ("figure-3", 1, "eps_mumu_dT", "eps_mumu_dT"),
        ("figure-5", 0, "mu_nue", "mu_nue_1e-10_muB"),
        ("figure-5", 1, "r2_nu", "r2_nu_1e-32cm2"),
    ],
)
def test_profiles_cross_the_level_at_the_edges_of_the_table(
    item: str, panel: int, label: str, row: str, figures: dict[str, FigureData], table: dict[str, ReproducedValue]
) -> None:
    drawn = figures[item].panels[panel]
    assert isinstance(drawn, CurvesPanel)
    (curve,) = (curve for curve in drawn.curves if curve.label == label)
    pieces = np.array(table[row].ours)
    np.testing.assert_allclose(curve.intervals[-1], pieces)
    edges = np.interp(pieces.ravel(), drawn.values, curve.values)
    inner = pieces.ravel() > drawn.values[0]
    np.testing.assert_allclose(edges[inner], drawn.levels[-1].delta_chi2, rtol=2e-3)


PROFILES = [
    ("figure-2", 0, "CsI 2017", (FreeMixingAngle("tree"),), "sin2_theta_w", 1.0),
    ("figure-3", 0, "eps_mumu_dV", (STANDARD, NonStandardInteractions()), "eps_mumu_dV", 1.0),
    ("figure-3", 1, "eps_ee_uT", (STANDARD, TENSOR), "eps_ee_uT", 1.0),
    ("figure-5", 0, "mu_nu", (STANDARD, MagneticMoment(universal=True)), "mu_nu", 1e-10),
    ("figure-5", 1, "r2_numu", (STANDARD, RADIUS), "r2_numu", 1e-32),
]


@pytest.mark.parametrize(("item", "panel", "label", "model", "name", "unit"), PROFILES)
def test_profiles_are_the_closed_form(
    item: str,
    panel: int,
    label: str,
    model: tuple[Interaction, ...],
    name: str,
    unit: float,
    figures: dict[str, FigureData],
) -> None:
    drawn = figures[item].panels[panel]
    assert isinstance(drawn, CurvesPanel)
    (curve,) = (curve for curve in drawn.curves if curve.label == label)
    rises = chi2(events(model, **{name: unit * np.array(drawn.values)}))
    # Couplings that only add events are best at zero; the others reach the 136 events exactly.
    lowest = float(chi2(events(model, **{name: 0.0}))) if name in ("eps_ee_uT", "mu_nu") else 0.0
    np.testing.assert_allclose(curve.values, rises - lowest, rtol=1e-9, atol=1e-9)


MOMENT, UNIVERSAL = MagneticMoment(universal=True), ChargeRadius("papoulias-kosmas", universal=True)


def rings(panel: RegionPanel) -> list[FloatArray]:
    """Outer edges and holes of the first region, at its first level."""
    return [np.array(ring) for piece in panel.regions[0].pieces[0] for ring in piece]


def corners(panel: RegionPanel) -> FloatArray:
    """Those that are not where the panel ends."""
    every, ends = np.concatenate(rings(panel)), np.array([panel.x.ends, panel.y.ends]).T
    near = 1e-9 * np.ptp(ends, axis=0)
    return every[((every > ends[0] + near) & (every < ends[1] - near)).all(axis=1)]


REGIONS = [
    ("figure-4", 0, (STANDARD, NonStandardInteractions()), 1.0, 1.0),
    ("figure-4", 5, (STANDARD, TENSOR), 1.0, 1.0),
    ("figure-6", 0, (STANDARD, MagneticMoment()), 1e-10, 1e-10),
    ("figure-6", 1, (STANDARD, RADIUS), 1e-32, 1e-32),
    ("figure-7", 0, (FreeMixingAngle("tree"), MOMENT), 1.0, 1e-10),
    ("figure-7", 1, (STANDARD, UNIVERSAL, MOMENT), 1e-32, 1e-10),
    ("figure-8", 0, (STANDARD, SterileOscillation(universal=True)), 1.0, 1.0),
]


@pytest.mark.parametrize(("item", "panel", "model", "x_unit", "y_unit"), REGIONS)
def test_regions_are_the_closed_form(
    item: str,
    panel: int,
    model: tuple[Interaction, ...],
    x_unit: float,
    y_unit: float,
    figures: dict[str, FigureData],
) -> None:
    drawn = figures[item].panels[panel]
    assert isinstance(drawn, RegionPanel)
    x, y = corners(drawn).T
    assert len(x) > 100
    rises = chi2(events(model, **{drawn.x.name: x * x_unit, drawn.y.name: y * y_unit}))
    # Couplings that only add events are best at zero; the others reach the 136 events exactly.
    lowest = float(chi2(events((STANDARD,)))) if (item, panel) in (("figure-4", 5), ("figure-6", 0)) else 0.0
    # Corners between two splittings are interpolated.
    (level,) = drawn.levels
    np.testing.assert_allclose(rises - lowest, level.delta_chi2, rtol=3e-3 if item == "figure-8" else 1.1e-4)
    assert level.delta_chi2 == pytest.approx(4.61, abs=0.005)


@pytest.mark.parametrize("item", KINDS)
def test_figures_can_be_read(item: str, figures: dict[str, FigureData]) -> None:
    assert_presentable(reproduced(figures[item]))


def test_the_standard_model_is_inside_every_region(figures: dict[str, FigureData]) -> None:
    for item in ("figure-4", "figure-6", "figure-7"):
        for panel in figures[item].panels:
            assert isinstance(panel, RegionPanel)
            (mark,) = panel.marks
            # A little off the side of the panel, where moments are zero.
            inside = [Outline(ring).contains_point((mark.x, mark.y + 1e-6)) for ring in rings(panel)]
            assert sum(inside) == 1


def test_moments_are_bounded_as_the_events_that_they_add(figures: dict[str, FigureData]) -> None:
    """Where the region meets its axes, either moment adds the same events: the ratio of the moments follows."""
    panel = figures["figure-6"].panels[0]
    assert isinstance(panel, RegionPanel)
    assert panel.regions[0].best_fit == pytest.approx((0.0, 0.0), abs=1e-3)
    extents = {quantity: value for _, quantity, value, _ in panel.facts()}
    electron, muon = (extents[f"90 % CL, 2 dof, mu_nu{flavour}"] for flavour in ("e", "mu"))
    assert electron[0] is muon[0] is None
    model = (STANDARD, MagneticMoment())
    added = [events(model, **{name: 1e-9}) - events((STANDARD,)) for name in ("mu_nue", "mu_numu")]
    assert electron[1] / muon[1] == pytest.approx(float(np.sqrt(added[1] / added[0])), rel=1e-4)


def test_what_only_adds_events_does_not_depend_on_signs(figures: dict[str, FigureData]) -> None:
    for number in (1, 3, 4, 5):
        panel = figures["figure-4"].panels[number]
        assert isinstance(panel, RegionPanel)
        every = corners(panel)
        distance = np.hypot(*np.moveaxis(every[:, None] + every, -1, 0)).min(axis=1)
        assert distance.max() < 1e-3


@pytest.mark.parametrize("number", [0, 1])
def test_mediators_far_above_the_momentum_transfer_are_bounded_in_g_over_mass(
    number: int, figures: dict[str, FigureData]
) -> None:
    panel = figures["figure-9"].panels[number]
    assert isinstance(panel, ExclusionPanel)
    (curve,) = panel.curves
    ratios = [np.array(curve.crossings[k]) / curve.masses[k] ** 2 for k in (-2, -1)]
    np.testing.assert_allclose(ratios[0], ratios[1], rtol=1e-4)
    assert {len(crossings) for crossings in curve.crossings} == {1}


def test_mediators_are_excluded_where_the_closed_form_says(figures: dict[str, FigureData]) -> None:
    for panel, mediator in zip(figures["figure-9"].panels, (paper.VECTOR_MEDIATOR, paper.SCALAR_MEDIATOR), strict=True):
        assert isinstance(panel, ExclusionPanel)
        (curve,) = panel.curves
        for k in (0, 30, 60):
            counts = events((STANDARD, mediator), g=np.sqrt(curve.crossings[k]), mass=curve.masses[k])
            np.testing.assert_allclose(chi2(counts) - float(chi2(events((STANDARD,)))), 4.605, rtol=1e-3)


def test_the_vector_mediator_has_the_factor_of_the_paper(figures: dict[str, FigureData]) -> None:
    """A heavy one multiplies the charge by 1 - 3 A g^2/(2 sqrt2 G_F Q_W M^2), the same for Cs and I to 0.2 %."""
    panel = figures["figure-9"].panels[0]
    assert isinstance(panel, ExclusionPanel)
    (curve,) = panel.curves
    protons, nucleons, standard = 54.0, 130.0, events((STANDARD,))
    weak_charge = (0.5 - 2.0 * 0.2312) * protons - 0.5 * (nucleons - protons)
    factor = 1.0 - 3.0 * nucleons * curve.crossings[-1][0] / (2.0 * np.sqrt(2.0) * FERMI_CONSTANT * 1e8 * weak_charge)
    assert chi2(standard * factor**2) - chi2(standard) == pytest.approx(4.605, rel=0.01)


def test_sterile_neutrinos_are_excluded_where_most_neutrinos_disappear(figures: dict[str, FigureData]) -> None:
    """At the first maximum, 1.267 Delta m^2 19.3/E = pi/2, and nowhere if only one flavour disappears."""
    alike, *alone = figures["figure-8"].panels
    extents = {quantity: value for _, quantity, value, _ in alike.facts()}
    mixing, splitting = (extents[f"excluded at 90 % CL, 2 dof, {name}"] for name in ("sin2_2theta", "dm2"))
    assert isinstance(alike, RegionPanel)
    inner = corners(alike)
    first = inner[inner[:, 0].argmin(), 1]
    assert 30.0 < 1.267 * first * 19.3 / (np.pi / 2.0) < 42.0
    assert mixing == (pytest.approx(0.71, abs=0.02), None)
    assert isinstance(splitting, tuple)
    assert splitting[0] < first
    for panel in alone:
        assert isinstance(panel, RegionPanel)
        (ring,) = rings(panel)
        np.testing.assert_allclose([ring.min(axis=0), ring.max(axis=0)], [(0.01, 0.1), (1.0, 10.0)])
        assert not corners(panel).size


@pytest.mark.parametrize(
    ("item", "panel", "label", "row"),
    [
        ("figure-2", 0, "CsI 2017", "sin2_theta_w"),
        ("figure-3", 0, "eps_ee_uV", "eps_ee_uV"),
        ("figure-5", 0, "mu_nue", "mu_nue_1e-10_muB"),
        ("figure-5", 1, "r2_nue", "r2_nue_1e-32cm2"),
    ],
)
def test_published_intervals_are_with_their_curves(
    item: str, panel: int, label: str, row: str, figures: dict[str, FigureData], table: dict[str, ReproducedValue]
) -> None:
    profiles = figures[item].panels[panel]
    assert isinstance(profiles, CurvesPanel)
    (curve,) = (one for one in profiles.curves if one.label == label)
    assert [level.cl for level in profiles.levels] == [0.6827, 0.9]
    assert curve.published == ((), table[row].published)
    assert np.ravel(curve.intervals[1])[-1] == pytest.approx(np.ravel(table[row].ours)[-1], rel=1e-6)


def test_the_spectrum_adds_up_to_the_counts_of_the_recipe(figures: dict[str, FigureData]) -> None:
    (panel,) = figures["figure-1"].panels
    assert isinstance(panel, HistogramPanel)
    edges = np.array(panel.edges)
    np.testing.assert_array_equal(edges, np.arange(0.0, 51.0, 2.0))
    window = (edges[:-1] >= 6.0) & (edges[1:] <= 30.0)
    parts = {part.label: np.array(part.counts) for part in panel.components}
    neutrons = parts.pop("beam-related neutrons")
    assert np.array(panel.data)[window].sum() == 142.0
    assert np.square(panel.errors)[window].sum() == pytest.approx(547.0 + 405.0)
    assert sum(counts[window].sum() for counts in parts.values()) == pytest.approx(float(events((STANDARD,))), rel=1e-6)
    assert neutrons[window].sum() == pytest.approx(6.0, rel=0.1)
    assert not any(counts[:2].any() for counts in parts.values())


def test_the_shipped_spectrum_is_that_of_the_release(shared: Path) -> None:
    script = runpy.run_path(str(ROOT / "tools" / "make_residual_spectrum.py"))
    file, digest = paper.SPECTRUM
    shipped = Path(paper.__file__).with_name(file)
    assert shipped.read_text() == script["table"](shared / "data" / "coherent_csi_2017")
    table = read_columns(shipped, digest)
    # 12 to 14 photoelectrons, added up by hand from the released files, times below 6 us.
    assert [table[name][6] for name in ("energy_low", "observed", "steady_state")] == [12.0, 74.0, 49.0]
    density = np.array([0.08857161552, 0.0814935416])
    efficiency = 0.6655 / (1.0 + np.exp(-0.4942 * (np.array([12.5, 13.5]) - 10.8507)))
    assert table["beam_neutrons"][6] == pytest.approx(float(7.47594 * density @ efficiency), rel=1e-5)


@pytest.mark.parametrize("item", ["figure-10", "table-1", ""])
def test_an_unknown_figure_is_refused(item: str) -> None:
    with pytest.raises(InputError, match=r"^item: got '.*'; allowed: one of: figure-1, figure-2, .*figure-9"):
        reproduce_figure("1711.09773", item)


def test_an_unknown_paper_is_refused() -> None:
    with pytest.raises(InputError, match=r"^paper: got '1234\.5678'"):
        figure_names("1234.5678")
