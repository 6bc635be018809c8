from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import cevns
from cevns import Experiment, Throws
from cevns.errors import InputError
from cevns.inference import ToyIntervalResult
from cevns.plot import critical_values
from tests.plot.drawn import assert_presentable, legend_of

GRID = np.linspace(0.0, 9e-5, 7)


@pytest.fixture(scope="module")
def result(lar: Experiment) -> ToyIntervalResult:
    (found,) = cevns.feldman_cousins("b-l", lar, "g", throws=Throws(toys=40), grid=GRID, mass=10.0)
    return found


def test_data_and_critical_values_are_those_of_the_result(result: ToyIntervalResult) -> None:
    figure = critical_values([result])
    assert_presentable(figure)
    (axes,) = figure.axes
    data, critical, wilks, edge = axes.lines
    np.testing.assert_array_equal(data.get_xydata(), np.column_stack([GRID, result.q]))
    np.testing.assert_array_equal(critical.get_ydata(), result.critical)
    # The 90 % quantile of chi^2 with one degree of freedom.
    assert wilks.get_ydata()[0] == pytest.approx(2.705543, rel=1e-6)
    assert edge.get_xdata()[0] == result.upper_limit
    assert legend_of(axes) == ["data", "critical value, toys", "Wilks"]
    assert axes.get_legend().get_title().get_text() == "$B-L$; coherent-lar-2020\n90 % CL, 1 dof"


def test_band_is_one_error_of_the_critical_values(result: ToyIntervalResult) -> None:
    (band,) = critical_values([result]).axes[0].collections
    drawn = {tuple(point) for point in band.get_paths()[0].vertices.tolist()}
    for value, (low, high) in zip(GRID, result.errors, strict=True):
        assert {(value, low), (value, high)} <= drawn


def test_every_result_has_its_panel(result: ToyIntervalResult) -> None:
    figure = critical_values([result, replace(result, model="another")])
    assert_presentable(figure)
    titles = [axes.get_legend().get_title().get_text() for axes in figure.axes]
    assert [title.partition(";")[0] for title in titles] == ["$B-L$", "another"]


def test_what_has_no_critical_values_is_refused(result: ToyIntervalResult) -> None:
    for found in ([], [replace(result, method="cls")]):
        with pytest.raises(InputError, match=r"^found: .*feldman-cousins"):
            critical_values(found)
