"""How a published value and ours are compared."""

from __future__ import annotations

import pytest

from cevns.publications import ReproducedValue
from cevns.publications.figures import Intervals


@pytest.mark.parametrize(
    ("published", "ours", "ratio"),
    [(2.0, 3.0, 1.5), (None, 3.0, None), (0.0, 3.0, None), (((1.0, 2.0),), ((1.0, 2.0),), None)],
)
def test_the_ratio_is_that_of_single_values(
    published: float | Intervals | None, ours: float | Intervals, ratio: float | None
) -> None:
    value = ReproducedValue("1", "table-1", "row", "column", "", published, ours)
    assert value.ratio == ratio
    assert ReproducedValue.from_json(value.to_json()) == value


@pytest.mark.parametrize(
    ("published", "ours", "ratios"),
    [
        (None, 1.0, ()),
        (2.0, 3.0, (1.5,)),
        (((0.0, 2.0),), ((0.0, 1.0),), (0.5,)),
        (((-2.0, 2.0),), ((-1.0, 3.0),), (0.5, 1.5)),
        (((-4.0, -3.0), (1.0, 2.0)), ((-4.0, 2.0),), (1.0, -2.0 / 3.0, -4.0, 1.0)),
        (((1.0, 2.0),), ((-5.0, -4.0), (1.1, 2.0)), (1.1, 1.0)),
        (((0.0, 4.0),), ((0.0, 40.0),), (10.0,)),
    ],
)
def test_edges_are_compared_with_the_nearest_one_on_their_side(
    published: float | Intervals | None, ours: float | Intervals, ratios: tuple[float, ...]
) -> None:
    value = ReproducedValue("1", "table-1", "row", "column", "", published, ours, None, None, "")
    assert value.ratios == pytest.approx(ratios)
    assert value.difference == (pytest.approx(max(abs(ratio - 1.0) for ratio in ratios)) if ratios else None)
