from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D
from matplotlib.patches import StepPatch

from cevns.plot import reproduced
from cevns.publications import FigureData
from cevns.publications.figures import ExclusionPanel, Panel, Region
from tests.plot.drawn import assert_presentable, legend_of, vertices
from tests.publications.test_figures import CURVES, EXCLUSION, FIGURE, HISTOGRAM, REGION, RING

PANELS = (CURVES, REGION, EXCLUSION, HISTOGRAM)


def figure_of(*panels: Panel) -> FigureData:
    return FigureData("1234.56789", "figure-1", "Some panels", panels)


@pytest.mark.parametrize(
    "panels", [(panel,) for panel in PANELS] + [PANELS[:2], PANELS[:3], PANELS, PANELS + PANELS[:1]]
)
def test_every_panel_is_drawn_and_can_be_read(panels: tuple[Panel, ...]) -> None:
    figure = reproduced(figure_of(*panels))
    assert len(figure.axes) == len(panels)
    assert_presentable(figure)
    assert figure.get_size_inches()[0] == (3.5 if len(panels) < 4 else 7.0)


def test_axes_have_symbols_and_units() -> None:
    curves, region, exclusion, histogram = reproduced(FIGURE).axes
    assert (curves.get_xlabel(), curves.get_ylabel()) == ("eps [$10^{-2}$]", r"$\Delta\chi^2$")
    assert (region.get_xlabel(), region.get_ylabel()) == ("a [MeV]", "b")
    assert (exclusion.get_xlabel(), exclusion.get_ylabel()) == ("$M$ [MeV]", "$g^2$")
    assert histogram.get_xlabel() == "signal [PE]"
    labelled = replace(CURVES, x=replace(CURVES.x, label=r"$\varepsilon$ of e"))
    assert reproduced(figure_of(labelled)).axes[0].get_xlabel() == r"$\varepsilon$ of e [$10^{-2}$]"


def test_curves_and_levels_are_where_the_numbers_are() -> None:
    (axes,) = reproduced(figure_of(CURVES)).axes
    first, second, level, mark = axes.lines
    np.testing.assert_array_equal(first.get_xydata(), np.column_stack([CURVES.values, CURVES.curves[0].values]))
    np.testing.assert_array_equal(second.get_ydata(), CURVES.curves[1].values)
    assert list(level.get_ydata()) == [2.71, 2.71]
    assert list(mark.get_xdata()) == [0.0, 0.0]
    assert axes.get_xlim() == (-1.0, 1.0)
    assert axes.get_ylim() == (0.0, pytest.approx(2.5 * 2.71))
    assert [text.get_text() for text in axes.texts] == ["90 %"]
    assert legend_of(axes) == ["A", "B", "SM"]
    assert axes.get_legend().get_title().get_text() == "profiles; 90 % CL, 1 dof"


def test_curves_without_levels_keep_their_range() -> None:
    (axes,) = reproduced(figure_of(replace(CURVES, levels=(), title=""))).axes
    assert axes.get_ylim()[1] > 9.0
    assert axes.get_legend().get_title().get_text() == ""


def test_regions_are_polygons_with_their_holes() -> None:
    (axes,) = reproduced(figure_of(replace(REGION, regions=(*REGION.regions, RING)))).axes
    first, ring = axes.patches
    assert first.get_path().contains_point((2.0, 1.5))
    np.testing.assert_array_equal(first.get_path().vertices[:5], REGION.regions[0].pieces[0][0][0])
    assert len(ring.get_path().vertices) == 10
    assert (axes.get_xlim(), axes.get_ylim()) == ((0.0, 4.0), (0.0, 2.0))


def test_region_marks_the_best_fit_and_the_standard_model() -> None:
    (axes,) = reproduced(figure_of(REGION)).axes
    np.testing.assert_array_equal(vertices(axes), [(2.0, 1.5), (1.0, 1.0)])
    assert legend_of(axes) == ["A", "best fit", "SM"]
    assert axes.get_legend().get_title().get_text() == "region; allowed at 90 % CL, 2 dof"


def test_regions_have_their_own_colours_and_one_entry_for_the_best_fits() -> None:
    first = REGION.regions[0]
    panel = replace(REGION, regions=(first, Region("C", first.pieces, (3.0, 1.5))))
    (axes,) = reproduced(figure_of(panel)).axes
    assert len({to_hex(patch.get_facecolor()) for patch in axes.patches}) == 2
    assert legend_of(axes).count("best fit") == 1
    assert len([line for line in axes.lines if line.get_marker() == "+"]) == 2


def test_limits_are_drawn_over_all_masses_with_all_crossings() -> None:
    (axes,) = reproduced(figure_of(EXCLUSION)).axes
    drawn = {tuple(point) for point in np.log(vertices(axes)).round(9).tolist()}
    (curve,) = EXCLUSION.curves
    for mass, crossings in zip(curve.masses, curve.crossings, strict=True):
        for crossing in crossings:
            assert tuple(np.log([mass, crossing]).round(9)) in drawn
    assert axes.get_xlim() == (1.0, 100.0)
    assert axes.get_legend().get_title().get_text() == "limits; excluded at 90 % CL, 2 dof"


def test_limits_without_a_title_name_the_level() -> None:
    untitled: ExclusionPanel = replace(EXCLUSION, title="")
    assert reproduced(figure_of(untitled)).axes[0].get_legend().get_title().get_text() == "excluded at 90 % CL, 2 dof"


def circles(axes: Axes) -> list[Line2D]:
    """What is published, without the entry in the legend."""
    return [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata())]


def test_published_intervals_are_circles_at_their_level() -> None:
    first, *others = CURVES.curves
    named = replace(CURVES, curves=(replace(first, published=(((-0.5, -0.2), (0.0, 0.4)),)), *others))
    (axes,) = reproduced(figure_of(named)).axes
    (drawn,) = circles(axes)
    np.testing.assert_array_equal(drawn.get_xydata(), [(-0.5, 2.71), (-0.2, 2.71), (0.4, 2.71)])
    assert to_hex(drawn.get_color()) == to_hex(axes.lines[0].get_color())
    assert legend_of(axes) == ["A", "B", "published", "SM"]
    assert not circles(reproduced(figure_of(CURVES)).axes[0])


def test_published_limits_are_circles_within_the_axes() -> None:
    (curve,) = EXCLUSION.curves
    far = 1e3 * max(g for crossings in curve.crossings for g in crossings)
    named = replace(EXCLUSION, curves=(replace(curve, published=((50.0, far),)),))
    (axes,) = reproduced(figure_of(named)).axes
    (drawn,) = circles(axes)
    np.testing.assert_array_equal(drawn.get_xydata(), [(50.0, far)])
    assert axes.get_ylim()[1] > far
    assert legend_of(axes)[-1] == "published"
    assert_presentable(axes.get_figure())


def test_components_are_stacked_below_the_data() -> None:
    (axes,) = reproduced(figure_of(HISTOGRAM)).axes
    lower, upper, _ = [patch for patch in axes.patches if isinstance(patch, StepPatch)]
    np.testing.assert_array_equal(lower.get_data().values, [0.5, 1.0])
    np.testing.assert_array_equal(upper.get_data().values, [1.5, 4.0])
    np.testing.assert_array_equal(upper.get_data().baseline, [0.5, 1.0])
    (points,) = (line for line in axes.lines if line.get_marker() == ".")
    np.testing.assert_array_equal(points.get_xydata(), [(1.0, -1.0), (4.0, 5.0)])
    (bars,) = (drawn for drawn in axes.collections if isinstance(drawn, LineCollection))
    np.testing.assert_array_equal([segment[:, 1] for segment in bars.get_segments()], [(-4.0, 2.0), (1.0, 9.0)])
    assert legend_of(axes) == ["neutrons", "CEvNS", "residual"]
