from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

import cevns
from cevns import Experiment, LimitResult, Model
from cevns.errors import InputError
from cevns.interactions import LeptonicVector, LightScalar, LightVector
from cevns.interactions.muon_moment import MUON_MOMENT_BANDS, muon_moment
from cevns.io.overlays import Overlay
from cevns.io.symbols import typeset
from cevns.plot import exclusion, muon_charge
from tests.plot.drawn import assert_presentable, legend_of, vertices

MASSES = np.geomspace(1e-2, 1e5, 40)
MODELS = [name for name in cevns.MODEL_NAMES if "mass" in [p.name for p in cevns.model(name).parameters]]


def limit(mass: float | None, *crossings: float, cl: float = 0.9545, dof: int = 2) -> LimitResult:
    return LimitResult(
        model="b-l",
        experiments=("somewhere",),
        parameter="g",
        mass_MeV=mass,
        cl=cl,
        dof=dof,
        delta_chi2=6.18,
        upper_limit=crossings[0],
        outer_limit=crossings[-1],
        crossings=crossings,
        best_fit=0.0,
        chi2_min=0.0,
        ndata=1,
        version="1",
    )


def shade(axes: Axes, number: int = 0) -> Path:
    """The excluded region of one curve."""
    patch = [patch for patch in axes.patches if isinstance(patch, PathPatch)][number]
    return patch.get_path()


def assert_on_lines(axes: Axes, limits: Sequence[LimitResult]) -> None:
    """Every crossing of every limit is a point of a line, digit for digit."""
    drawn = {(mass, round(float(np.log(g)), 12)) for mass, g in vertices(axes).tolist()}
    wanted = {(point.mass_MeV, round(float(np.log(g)), 12)) for point in limits for g in point.crossings}
    assert wanted <= drawn


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_drawn(name: str, csi: Experiment, lar: Experiment) -> None:
    curves = {"CsI": cevns.limits(name, csi, mass=MASSES), "Ar": cevns.limits(name, lar, mass=MASSES)}
    figure = exclusion(curves, title=name, muon=muon_charge(name))
    (axes,) = figure.axes
    assert_presentable(figure)
    assert_on_lines(axes, [*curves["CsI"], *curves["Ar"]])
    assert axes.get_title() == typeset(name)
    assert axes.get_xlabel() == "mediator mass $M$ [MeV]"
    assert axes.get_ylabel() == ("mixing $\\epsilon$" if name.startswith("dark-") else "coupling $g$")
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert axes.get_legend().get_title().get_text() == "95.45 % CL, 2 dof"
    assert legend_of(axes)[-2:] == ["CsI", "Ar"]
    assert len(legend_of(axes)) == (2 if muon_charge(name) is None else 4)


def test_single_crossings_make_one_line_of_limits(csi: Experiment) -> None:
    limits = cevns.limits("b-l", csi, mass=MASSES)
    (line,) = exclusion({"CsI": limits}).axes[0].lines
    np.testing.assert_array_equal(line.get_xdata(), MASSES)
    np.testing.assert_allclose(line.get_ydata(), [point.upper_limit for point in limits], rtol=1e-14)


def test_order_of_masses_does_not_matter() -> None:
    ordered = [limit(1.0, 1e-5), limit(10.0, 2e-5), limit(100.0, 2e-4)]
    drawn = [vertices(exclusion({"A": points}).axes[0]) for points in (ordered, ordered[::-1])]
    np.testing.assert_array_equal(*drawn)


@pytest.mark.parametrize("name", ["universal", "lmu-ltau"])
def test_second_allowed_region_is_an_island(name: str, csi: Experiment) -> None:
    limits = cevns.limits(name, csi, mass=MASSES)
    assert {len(point.crossings) for point in limits} == {1, 3}
    axes = exclusion({"CsI": limits}).axes[0]
    excluded = shade(axes)
    for point in limits[1:-1]:
        assert not excluded.contains_point((point.mass_MeV, 0.8 * point.upper_limit))
        assert excluded.contains_point((point.mass_MeV, 1.2 * point.upper_limit))
        assert excluded.contains_point((point.mass_MeV, 1.2 * point.outer_limit))
        if len(point.crossings) == 3:
            middle = np.sqrt(point.crossings[1] * point.crossings[2])
            assert not excluded.contains_point((point.mass_MeV, middle))


def test_island_off_the_curve_ends_in_a_tip_of_its_own() -> None:
    axes = exclusion({"A": [limit(1.0, 1.0), limit(4.0, 1.0), limit(16.0, 1.0, 10.0, 12.0)]}).axes[0]
    low, upper, lower = axes.lines[1:]
    assert low.get_ydata()[0] == pytest.approx(1.0)
    assert upper.get_xdata()[0] == lower.get_xdata()[0] == pytest.approx(8.0)
    assert upper.get_ydata()[0] == pytest.approx(lower.get_ydata()[0])
    assert 5.0 < upper.get_ydata()[0] < 20.0


def test_excluded_gap_that_opens_inside_the_allowed_region_ends_in_a_tip_of_its_own() -> None:
    """The single crossing goes on as the outermost of three."""
    axes = exclusion({"A": [limit(1.0, 12.0), limit(4.0, 12.0), limit(16.0, 1.0, 2.0, 12.0)]}).axes[0]
    low, high, outer = axes.lines[1:]
    assert low.get_xdata()[0] == high.get_xdata()[0] == pytest.approx(8.0)
    assert low.get_ydata()[0] == pytest.approx(high.get_ydata()[0])
    assert outer.get_ydata()[0] == pytest.approx(12.0)
    assert axes.lines[0].get_ydata()[-1] == pytest.approx(12.0)


def test_slope_of_the_curve_decides_what_goes_on() -> None:
    """At g proportional to M, 4 at one mass becomes 12 at three times the mass, not the nearer 5."""
    rising = [limit(1.0, 4.0 / 3.0), limit(3.0, 4.0), limit(9.0, 5.0, 6.0, 12.0), limit(27.0, 15.0, 18.0, 36.0)]
    outer = exclusion({"A": rising}).axes[0].lines[3]
    assert outer.get_ydata()[0] == pytest.approx(np.sqrt(4.0 * 12.0))


def test_standard_model_excluded_is_shaded_down_to_the_axis() -> None:
    axes = exclusion({"A": [limit(mass, 2e-5, 5e-5) for mass in (1.0, 10.0, 100.0)]}).axes[0]
    excluded = shade(axes)
    inside = {g: bool(excluded.contains_point((10.0, g))) for g in (1.5e-5, 3e-5, 6e-5)}
    assert inside == {1.5e-5: True, 3e-5: False, 6e-5: True}


@st.composite
def curves(draw: st.DrawFn) -> list[LimitResult]:
    """Limits with any number of crossings at each of a few masses."""
    number = draw(st.integers(2, 6))
    steps = st.lists(st.floats(0.05, 2.0), min_size=1, max_size=6)
    return [limit(10.0**k, *np.exp(np.cumsum(draw(steps)) - 9.0).tolist()) for k in range(number)]


@given(limits=curves())
def test_any_sequence_of_crossings_is_drawn_and_shaded_right(limits: list[LimitResult]) -> None:
    axes = exclusion({"A": limits}).axes[0]
    assert_on_lines(axes, limits)
    excluded = shade(axes)
    bottom, top = axes.get_ylim()
    for point in limits[1:-1]:
        edges = [bottom, *point.crossings, top]
        for number, (low, high) in enumerate(pairwise(edges)):
            outside = (len(edges) - 2 - number) % 2 == 0
            assert bool(excluded.contains_point((point.mass_MeV, np.sqrt(low * high)))) == outside


def test_one_level_stands_in_the_title_of_the_legend_and_several_at_the_curves() -> None:
    masses = (1.0, 10.0)
    several = {
        "A": [limit(mass, 1e-5, cl=0.9, dof=1) for mass in masses],
        "B": [limit(mass, 2e-5, cl=0.99, dof=2) for mass in masses],
    }
    (axes,) = exclusion(several).axes
    assert legend_of(axes) == ["A, 90 % CL, 1 dof", "B, 99 % CL, 2 dof"]
    assert axes.get_legend().get_title().get_text() == ""


def test_curves_have_their_own_colour_and_dashes() -> None:
    limits = [limit(1.0, 1e-5), limit(10.0, 2e-5)]
    lines = exclusion(dict.fromkeys("ABC", limits)).axes[0].lines
    assert len({line.get_color() for line in lines}) == 3
    assert len({line.get_linestyle() for line in lines}) == 3


@pytest.mark.parametrize(
    ("points", "field"),
    [
        ({}, "curves"),
        ({"A": []}, "curves.A"),
        ({"A": [limit(1.0, 1e-5)]}, "curves.A"),
        ({"A": [limit(1.0, 1e-5), limit(1.0, 1e-5)]}, "curves.A"),
        ({"A": [limit(1.0, 1e-5), limit(0.0, 1e-5)]}, "curves.A"),
        ({"A": [limit(1.0, 1e-5), limit(None, 1e-5)]}, "curves.A"),
    ],
)
def test_what_cannot_be_drawn_is_refused(points: dict[str, list[LimitResult]], field: str) -> None:
    with pytest.raises(InputError) as refusal:
        exclusion(points)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"muon": ("vector", 1.0), "bands": ("1999",)}, "band"),
        ({"muon": ("tensor", 1.0)}, "kind"),
        ({"muon": ("vector", 0.0)}, "muon"),
    ],
)
def test_unknown_bands_and_spins_are_refused(options: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as refusal:
        exclusion({"A": [limit(1.0, 1e-5), limit(10.0, 1e-5)]}, **options)
    assert refusal.value.field == field


@pytest.mark.parametrize("kind", ["vector", "scalar"])
def test_band_of_2021_holds_couplings_whose_moment_is_within_two_sigma(kind: str) -> None:
    charge = 3.0
    axes = exclusion({"A": [limit(1.0, 1e-5), limit(1e4, 1e-2)]}, muon=(kind, charge), bands=("2021",)).axes[0]
    band = MUON_MOMENT_BANDS["2021"]
    ((path,),) = [collection.get_paths() for collection in axes.collections]
    moment = muon_moment(charge * path.vertices[:, 1], path.vertices[:, 0], kind)
    edges = [band.value - 2.0 * band.error, band.value + 2.0 * band.error]
    distance = np.abs(moment[:, None] / edges - 1.0).min(axis=1)
    assert distance.max() < 1e-9
    assert legend_of(axes) == [r"$(g-2)_\mu$ 2021, 2$\sigma$ band", "A"]


def test_band_of_2025_is_an_upper_limit_because_it_needs_no_mediator() -> None:
    axes = exclusion({"A": [limit(1.0, 1e-5), limit(1e4, 1e-2)]}, muon=("vector", 1.0), bands=("2025",)).axes[0]
    assert not axes.collections
    line = axes.lines[0]
    band = MUON_MOMENT_BANDS["2025"]
    moment = muon_moment(line.get_ydata(), line.get_xdata(), "vector")
    np.testing.assert_allclose(moment, band.value + 2.0 * band.error, rtol=1e-9)
    assert legend_of(axes) == [r"$(g-2)_\mu$ 2025, 2$\sigma$ upper limit", "A"]


@pytest.mark.parametrize(
    ("name", "charge"),
    [
        ("sm", None),
        ("universal", ("vector", 1.0)),
        ("b-l", ("vector", 1.0)),
        ("by+lmu+ltau", ("vector", 1.0)),
        ("b-3le", None),
        ("b-3lmu", ("vector", 3.0)),
        ("b-2le-lmu", ("vector", 1.0)),
        ("b-le-2lmu", ("vector", 2.0)),
        ("le-lmu", ("vector", 1.0)),
        ("le-ltau", None),
        ("lmu-ltau", ("vector", 1.0)),
        ("scalar", ("scalar", 1.0)),
    ],
)
def test_muon_charges_of_the_named_models(name: str, charge: tuple[str, float] | None) -> None:
    assert muon_charge(name) == charge


@pytest.mark.parametrize(
    ("model", "charge"),
    [
        (LightVector({"B": 1, "mu": -0.5}), ("vector", 0.5)),
        (LightVector({"B": 1, "mu": 3}, separate_couplings=True), None),
        (LightScalar(separate_couplings=True), None),
        (LeptonicVector("tau", "mu"), ("vector", 1.0)),
        (cevns.model("b-l") + LightScalar(label="s"), None),
    ],
)
def test_muon_charges_of_other_models(model: Model, charge: tuple[str, float] | None) -> None:
    assert muon_charge(model) == charge


BAND = Overlay(
    "band", "A. Body et al., arXiv:0000.00000", np.array([10.0, 100.0]), np.array([[1e-6, 2e-6], [1e-3, 2e-3]])
)
LINE = Overlay("line", "", np.array([0.1, 10.0, 1e9]), np.array([[3e-4, 4e-4, 1.0]]))


def test_overlays_are_lines_and_bands_labelled_with_their_source() -> None:
    points = [limit(1.0, 1e-5), limit(1e4, 1e-2)]
    figure = exclusion({"A": points}, muon=("vector", 1.0), overlays=[BAND, LINE])
    (axes,) = figure.axes
    assert_presentable(figure)
    assert [" ".join(label.split()) for label in legend_of(axes)][:2] == [str(BAND), "line"]
    assert "(A. Body et al., arXiv:0000.00000)" in str(BAND)
    np.testing.assert_array_equal(axes.lines[0].get_xydata(), np.column_stack([LINE.masses, LINE.couplings[0]]))
    region = axes.collections[0].get_paths()[0]
    inside = {(m, g): bool(region.contains_point((m, g))) for m in (50.0, 200.0) for g in (1e-6, 1e-4, 1e-2)}
    assert [place for place, is_in in inside.items() if is_in] == [(50.0, 1e-4)]
    assert axes.get_xlim() == (1.0, 1e4)
    assert axes.get_ylim()[0] < 1e-6


def test_an_overlay_beside_the_range_of_masses_is_refused() -> None:
    with pytest.raises(InputError, match=r"overlay band: got 'masses from 10 to 100 MeV'.* between 1000 and 10000 MeV"):
        exclusion({"A": [limit(1e3, 1e-5), limit(1e4, 1e-2)]}, overlays=[BAND])


def test_bands_of_the_muon_can_be_left_out() -> None:
    drawn = exclusion({"A": [limit(1.0, 1e-5), limit(1e4, 1e-2)]}, muon=("vector", 1.0), bands=())
    assert legend_of(drawn.axes[0]) == ["A"]
