from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cevns import InputError, plot
from cevns.results import ForecastResult

ONE = ForecastResult(
    "b-l", ("x",), "g", 10.0, 0.9, 2, 4.6, 1e-5, 1e-5, (1e-5,), 0.0, 0.0, 1, "1", varied={"exposure": 1}
)


def results(key: str, values: list[object]) -> list[ForecastResult]:
    return [replace(ONE, varied={key: value}, upper_limit=1e-5 * (n + 1)) for n, value in enumerate(values)]


def test_numbers_with_a_unit_are_an_axis() -> None:
    (axes,) = plot.forecast(results("target.mass", ["10 kg", "100 kg", "700 kg"])).axes
    (line,) = axes.get_lines()
    assert line.get_xdata().tolist() == [10.0, 100.0, 700.0]
    assert np.asarray(line.get_ydata()) == pytest.approx([1e-5, 2e-5, 3e-5])
    assert (axes.get_xscale(), axes.get_xlabel()) == ("log", "target.mass [kg]")


def test_words_stand_side_by_side() -> None:
    (axes,) = plot.forecast(results("target.form_factor", ["helm", "klein-nystrand"])).axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["helm", "klein-nystrand"]
    assert axes.get_xscale() == "linear"


def test_a_line_for_each_experiment_and_mass() -> None:
    found = results("exposure", [1, 2])
    found += [replace(one, mass_MeV=100.0) for one in found] + [replace(one, experiments=("x", "y")) for one in found]
    (axes,) = plot.forecast(found).axes
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["x, M = 10 MeV", "x, M = 100 MeV", "x + y, M = 10 MeV"]


def test_bands_are_drawn() -> None:
    expected = {"median": 1e-5, "bands": ((9e-6, 2e-5), (8e-6, 3e-5))}
    (axes,) = plot.forecast([replace(one, expected=expected) for one in results("exposure", [1, 2])]).axes
    assert len(axes.collections) == 2


@pytest.mark.parametrize("found", [[], [replace(ONE, varied={})]])
def test_nothing_varied(found: list[ForecastResult]) -> None:
    with pytest.raises(InputError, match=r"found: got .*; allowed: forecasts with a key"):
        plot.forecast(found)
