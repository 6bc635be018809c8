"""What all figures have in common, and whether they look as they did."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cevns.plot.frame import GREY
from cevns.plot.style import BLACK, COLUMN_WIDTH
from tests.plot.drawn import assert_presentable, legend_of
from tests.plot.figures import FIGURES

OKABE_ITO = {"#000000", "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"}
"""M. Okabe and K. Ito, Color Universal Design (2008)."""
PAPER = "#ffffff"
GUIDES = {to_hex(BLACK), to_hex(GREY)}
NUMBERS = {
    "$g$",
    "coupling $g$",
    "$g^2$",
    "csi_cevns",
    r"$\Delta\chi^2$",
    "ratio to SM",
    "counts",
    "b",
    "expected limit on $g$",
}
"""Labels of what has no unit."""
WITH_LEVEL = {"critical_values": 1, "exclusion": 1, "forecast": 1, "profiles": 1, "regions": 1, "reproduced": 3}
"""Figures with confidence levels, and how many of their axes have one."""


@pytest.fixture(params=sorted(FIGURES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def figure(name: str) -> Figure:
    return FIGURES[name]()


def shown(axis: Axis) -> bool:
    """Whether there are numbers along an axis."""
    return any(tick.get_visible() and tick.get_text() for tick in axis.get_ticklabels())


def drawn(axes: Axes) -> list[Artist]:
    return [*axes.lines, *axes.patches, *axes.collections]


def colours(artist: Artist) -> set[str]:
    """Colours of the visible parts, without their opacity."""
    if isinstance(artist, Line2D):
        return {to_hex(artist.get_color())}
    faces, edges = (np.atleast_2d(find()) for find in (artist.get_facecolor, artist.get_edgecolor))
    visible = [colour for colour in (*faces, *edges) if colour.size and colour[3] > 0.0]
    return {to_hex(colour) for colour in visible}


# The root mean square of all pixels, of 255, is 1.2 to 3.2 if one curve is 1 % higher, 2 to 11 without an entry of a
# legend, 2.5 to 6 if one curve has another colour, 4 if it is half a point thinner, and 0 if numbers differ by 1e-9.
@pytest.mark.mpl_image_compare(baseline_dir="baseline", tolerance=1.0, savefig_kwargs={"dpi": 80.0})
def test_image(name: str) -> Figure:
    return FIGURES[name]()


def test_figure_is_presentable(figure: Figure) -> None:
    assert_presentable(figure)


def test_every_axis_has_a_label_with_its_unit(figure: Figure) -> None:
    figure.draw_without_rendering()
    labels = [axis.get_label_text() for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) if shown(axis)]
    assert labels
    for label in labels:
        assert label in NUMBERS or re.search(r"\[\S.*\]$|^counts / \S", label), label


def test_every_curve_is_in_a_legend(name: str, figure: Figure) -> None:
    """By its colour, if several pieces belong together; guides for the eye need no words."""
    if name == "corner":
        pytest.skip("shows one distribution, described in the title")
    artists = [artist for axes in figure.axes for artist in drawn(axes)]
    named = [artist for artist in artists if artist.get_label() and not str(artist.get_label()).startswith("_")]
    known = {colour for artist in named for colour in colours(artist)} | GUIDES
    assert {colour for artist in artists for colour in colours(artist)} <= known
    entries = {entry for axes in figure.axes for entry in legend_of(axes)}
    assert {artist.get_label() for artist in named} <= entries


@pytest.mark.parametrize("name", sorted(WITH_LEVEL), indirect=True)
def test_confidence_levels_are_told_with_their_degrees_of_freedom(name: str, figure: Figure) -> None:
    legends = [axes.get_legend().get_title().get_text() for axes in figure.axes]
    told = [title for title in legends if re.search(r"\d % CL, [12] dof$", title)]
    assert len(told) == WITH_LEVEL[name]


@pytest.mark.parametrize("name", ["corner"], indirect=True)
def test_probabilities_of_a_posterior_are_told(figure: Figure) -> None:
    assert figure.axes[0].get_title("left") == "highest density: 68 %, 90 %"


def test_colours_can_be_told_apart_by_everybody(figure: Figure) -> None:
    found = {colour for axes in figure.axes for artist in drawn(axes) for colour in colours(artist)}
    assert found <= OKABE_ITO | GUIDES | {PAPER}


def test_figure_is_as_wide_as_columns_of_a_journal(name: str, figure: Figure) -> None:
    columns = figure.get_size_inches()[0] / COLUMN_WIDTH
    assert columns == {"reproduced": 2.0}.get(name, 1.0) or name == "corner"
