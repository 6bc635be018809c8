"""Figures as data: what goes into files and comes back, and the numbers that a reader takes from them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.errors import InputError
from cevns.publications import FigureData
from cevns.publications.figures import (
    Axis,
    Component,
    Curve,
    CurvesPanel,
    ExclusionCurve,
    ExclusionPanel,
    HistogramPanel,
    Level,
    Mark,
    Panel,
    Region,
    RegionPanel,
)

ONE, TWO = Level(0.90, 1, 2.71), Level(0.90, 2, 4.61)
CURVES = CurvesPanel(
    title="profiles",
    x=Axis("eps", unit="1e-2", span=(-1.0, 1.0), factor=1e-2),
    y=Axis("delta_chi2"),
    values=(-1.0, 0.0, 1.0),
    curves=(
        Curve("A", (9.0, 0.0, 9.0), 0.1, (((-0.5, 0.5),),)),
        Curve("B", (9.0, 1.0, 0.0), 1.0, (((-0.9, -0.8), (0.2, 1.0)),)),
    ),
    levels=(ONE,),
    marks=(Mark("SM", 0.0),),
)
REGION = RegionPanel(
    title="region",
    x=Axis("a", unit="MeV", span=(0.0, 4.0)),
    y=Axis("b", span=(0.0, 2.0)),
    regions=(
        Region("A", (((((1.5, 2.0), (1.75, 0.5), (2.5, 1.0), (2.25, 2.0), (1.5, 2.0)),),),), (2.0, 1.5)),
        Region("B", ((),)),
    ),
    levels=(TWO,),
    marks=(Mark("SM", 1.0, 1.0),),
)
RING = Region(
    "ring",
    (
        (
            (
                ((0.5, 0.25), (3.5, 0.25), (3.5, 1.75), (0.5, 1.75), (0.5, 0.25)),
                ((1.0, 0.5), (1.0, 1.5), (3.0, 1.5), (3.0, 0.5), (1.0, 0.5)),
            ),
        ),
    ),
)
EXCLUSION = ExclusionPanel(
    title="limits",
    x=Axis("M", unit="MeV", span=(1.0, 100.0), scale="log"),
    y=Axis("g2"),
    curves=(ExclusionCurve("A", (1.0, 10.0, 100.0), ((1e-9,), (1e-9, 2e-9, 3e-9), (1e-7,))),),
    level=TWO,
)
HISTOGRAM = HistogramPanel(
    title="spectrum",
    x=Axis("signal", unit="PE"),
    y=Axis("counts"),
    edges=(0.0, 2.0, 6.0),
    data=(-1.0, 5.0),
    errors=(3.0, 4.0),
    components=(Component("neutrons", (0.5, 1.0)), Component("CEvNS", (1.0, 3.0))),
    data_label="residual",
)
FIGURE = FigureData("1234.56789", "figure-1", "One of each", (CURVES, REGION, EXCLUSION, HISTOGRAM))


def facts(panel: Panel) -> dict[tuple[str, str], list[object]]:
    found: dict[tuple[str, str], list[object]] = {}
    for curve, quantity, value, _ in panel.facts():
        found.setdefault((curve, quantity), []).append(value)
    return found


def test_a_figure_survives_json() -> None:
    assert FigureData.from_json(FIGURE.to_json()) == FIGURE
    assert FigureData.from_dict(json.loads(FIGURE.to_json())) == FIGURE


@given(numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_every_digit_survives_json(numbers: list[float]) -> None:
    values = tuple(numbers)
    panel = CurvesPanel("", Axis("x"), Axis("y"), values, (Curve("A", values),))
    figure = FigureData("p", "i", "t", (panel,))
    assert FigureData.from_json(figure.to_json()) == figure


def changed(path: tuple[str | int, ...], value: object) -> dict[str, object]:
    """The record with one entry replaced or added."""
    record = json.loads(FIGURE.to_json())
    place = record
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return dict(record)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("colour",), "red", "colour"),
        (("panels", 0, "x", "colour"), "red", "panels.0.curves.x.colour"),
        (("panels", 1, "kind"), "pie", "panels.1"),
        (("panels", 2, "curves", 0, "masses", 1), "heavy", "panels.2.exclusion.curves.0.masses.1"),
        (("panels", 3, "data", 0), float("nan"), "panels.3.histogram.data.0"),
        (("panels", 0, "x", "scale"), "sqrt", "panels.0.curves.x.scale"),
    ],
)
def test_a_record_that_is_not_one_is_refused(path: tuple[str | int, ...], value: object, field: str) -> None:
    with pytest.raises(InputError) as refusal:
        FigureData.from_dict(changed(path, value))
    assert refusal.value.field == field


def test_values_of_an_axis_are_equally_distant() -> None:
    np.testing.assert_allclose(Axis("x", span=(-1.0, 1.0)).values(5), [-1.0, -0.5, 0.0, 0.5, 1.0])
    np.testing.assert_allclose(Axis("x", span=(1e-2, 1e2), scale="log").values(5), [1e-2, 1e-1, 1.0, 1e1, 1e2])
    with pytest.raises(InputError, match=r"axis x, span: got None; allowed: the two ends"):
        Axis("x").values(5)


def test_tables_have_a_row_for_each_point() -> None:
    assert list(CURVES.rows())[2] == {"eps [1e-2]": 1.0, "delta_chi2 A": 9.0, "delta_chi2 B": 0.0}
    assert [row["g2"] for row in EXCLUSION.rows()] == [1e-9, 1e-9, 2e-9, 3e-9, 1e-7]
    assert list(HISTOGRAM.rows())[1] == {
        "signal_low": 2.0, "signal_high": 6.0, "residual": 5.0, "error": 4.0, "neutrons": 1.0, "CEvNS": 3.0,
    }  # fmt: skip


def test_tables_of_regions_have_a_row_for_each_corner() -> None:
    rows = list(replace(REGION, regions=(*REGION.regions, RING)).rows())
    assert len(rows) == 15
    assert rows[1] == {"region": "A, 90 % CL, 2 dof", "piece": 1, "ring": 1, "a [MeV]": 1.75, "b": 0.5}
    assert [row["ring"] for row in rows] == [1] * 10 + [2] * 5
    assert {row["region"] for row in rows} == {"A, 90 % CL, 2 dof", "ring, 90 % CL, 2 dof"}


def test_facts_of_profiles_are_best_values_and_all_intervals() -> None:
    found = facts(CURVES)
    assert found["A", "best fit"] == [0.1]
    assert found["B", "90 % CL, 1 dof"] == [(-0.9, -0.8), (0.2, 1.0)]


def test_facts_of_a_region_are_where_it_ends() -> None:
    """Above it goes on beyond the panel."""
    found = facts(REGION)
    assert found["A", "90 % CL, 2 dof, a"] == [(1.5, 2.5)]
    assert found["A", "90 % CL, 2 dof, b"] == [(0.5, None)]
    assert found["A", "best fit a"] == [2.0]


def test_a_region_outside_the_panel_has_no_ends_and_no_best_fit() -> None:
    found = facts(REGION)
    assert found["B", "90 % CL, 2 dof, a"] == [(None, None)]
    assert not [quantity for curve, quantity in found if curve == "B" and "best" in quantity]


CORNER = Region("C", (((((0.0, 0.0), (4.0, 0.0), (4.0, 0.5), (4.0, 1.25), (2.5, 2.0), (0.0, 2.0), (0.0, 0.0)),),),))
HOLE = (RING.pieces[0][0][1],)
EVERYTHING = ((0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (0.0, 2.0), (0.0, 0.0))


@pytest.mark.parametrize(
    ("region", "along_x", "along_y"),
    [(CORNER, (2.5, None), (1.25, None)), (Region("C", (((EVERYTHING, *HOLE),),)), (1.0, 3.0), (0.5, 1.5))],
)
def test_of_a_region_without_ends_what_it_excludes_is_given(region: Region, along_x: object, along_y: object) -> None:
    """The upper right corner, or a hole."""
    found = facts(replace(REGION, regions=(region,)))
    assert found == {
        ("C", "excluded at 90 % CL, 2 dof, a"): [along_x],
        ("C", "excluded at 90 % CL, 2 dof, b"): [along_y],
    }


def test_a_region_that_fills_the_panel_has_no_ends() -> None:
    found = facts(replace(REGION, regions=(Region("D", (((EVERYTHING,),),)),)))
    assert set(map(tuple, found.values())) == {((None, None),)}
    assert not [quantity for _, quantity in found if "excluded" in quantity]


def test_facts_of_limits_and_of_counts() -> None:
    assert list(facts(EXCLUSION).values()) == [[(1e-9,)], [(1e-7,)]]
    found = facts(HISTOGRAM)
    assert found["residual", "error of the sum"] == [pytest.approx(5.0)]
    assert found["CEvNS", "sum"] == [4.0]


def test_a_figure_prints_its_facts() -> None:
    lines = str(FIGURE).splitlines()
    assert lines[0].split() == ["paper", "1234.56789"]
    (best,) = (line for line in lines if line.startswith("A, best fit a"))
    (nowhere,) = (line for line in lines if line.startswith("B, 90 % CL, 2 dof, a"))
    assert best.endswith("  2 MeV")
    assert nowhere.endswith("  -, - MeV")
    assert len(lines) == 3 + len(list(FIGURE.summary()))
