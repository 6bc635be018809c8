from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import PathCollection

import cevns
from cevns import PosteriorResult
from cevns.errors import InputError
from cevns.plot import corner
from tests.plot.drawn import assert_presentable

pytest.importorskip("dynesty", reason="needs the extra cevns[bayes]")


@pytest.fixture(scope="module")
def result() -> PosteriorResult:
    counting = cevns.experiment("coherent-csi-2017-counting")
    return cevns.posterior("b-l", counting, priors={"g": "log:1e-6:1e-3"}, sampler="nested", live=60, mass=10.0)


def test_a_panel_for_each_parameter_and_pair(result: PosteriorResult) -> None:
    names = ["g", "csi_2017_cevns", "csi_2017_beam_neutrons"]
    figure = corner(result, names)
    assert_presentable(figure)
    panels = np.array(figure.axes).reshape(3, 3)
    assert [axes.get_xlabel() for axes in panels[-1]] == ["$g$", "csi_2017_cevns", "csi_2017_beam_neutrons"]
    assert [axes.get_ylabel() for axes in panels[1:, 0]] == ["csi_2017_cevns", "csi_2017_beam_neutrons"]
    assert [axes.get_xscale() for axes in panels[-1]] == ["log", "linear", "linear"]
    assert [axes.get_yscale() for axes in panels[1:, 0]] == ["linear", "linear"]
    for row in range(3):
        for column in range(3):
            assert bool(panels[row, column].collections) == (column <= row)
    assert not any(isinstance(c, PathCollection) for axes in figure.axes for c in axes.collections)


def test_curve_and_shade_are_density_and_interval(result: PosteriorResult) -> None:
    (axes,) = corner(result).axes
    (curve,) = axes.patches
    edges, density = result.density("g")
    np.testing.assert_allclose(curve.get_data().edges, edges)
    np.testing.assert_allclose(curve.get_data().values, density)
    shaded = np.concatenate([path.vertices[:, 0] for c in axes.collections for path in c.get_paths()])
    pieces = result["g"].highest_density[1]
    assert (shaded.min(), shaded.max()) == pytest.approx((pieces[0][0], pieces[-1][1]), rel=0.02)
    assert axes.get_xlabel() == "$g$"


@pytest.mark.parametrize(
    ("options", "field"),
    [({"names": ["mass"]}, "name"), ({"credibility": 0.8}, "credibility")],
)
def test_wrong_arguments_are_refused(result: PosteriorResult, options: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as refusal:
        corner(result, **options)
    assert refusal.value.field == field


def test_draws_are_needed(result: PosteriorResult) -> None:
    with pytest.raises(InputError, match=r"^result: got 'no draws'; "):
        corner(PosteriorResult.from_json(result.to_json()))


def test_a_missing_library_is_named(result: PosteriorResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "corner", None)
    with pytest.raises(InputError, match=r"^corner: got .*; allowed: pip install 'cevns\[bayes\]'"):
        corner(result)
