from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cevns
from cevns import InputError, Likelihood
from cevns.experiments import Experiment
from cevns.inference import GridScan, axis, run
from tests.experiments.editing import copy_experiment, edit_config

G, MASS = axis(1e-6, 1e-3, 7, "log"), axis(1.0, 100.0, 5, "log")


@pytest.fixture(scope="module")
def likelihood(csi: Experiment) -> Likelihood:
    return Likelihood("b-l", csi)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_axis_has_both_ends_and_equal_steps(scale: str) -> None:
    values = axis(0.5, 8.0, 5, scale)
    steps = np.diff(values) if scale == "linear" else values[1:] / values[:-1]
    assert (values[0], values[-1], len(values)) == (0.5, 8.0, 5)
    assert steps == pytest.approx(steps[0], rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ((0.0, 1.0, 5, "log"), "low"),
        ((1.0, 1.0, 5), "low, high"),
        ((2.0, 1.0, 5), "low, high"),
        ((0.0, np.inf, 5), "low, high"),
        ((np.nan, 1.0, 5), "low, high"),
        ((0.0, 1.0, 1), "points"),
        ((0.0, 1.0, 5, "square"), "scale"),
    ],
)
def test_axis_refuses(arguments: tuple[Any, ...], field: str) -> None:
    with pytest.raises(InputError) as caught:
        axis(*arguments)
    assert caught.value.field == field


@pytest.mark.parametrize("points_per_chunk", [1, 4, 14, 1000])
@pytest.mark.parametrize("order", [("g", "mass"), ("mass", "g")])
def test_scan_is_the_likelihood_on_the_grid(
    likelihood: Likelihood, order: tuple[str, str], points_per_chunk: int
) -> None:
    values = {"g": G, "mass": MASS}
    grid = {name: values[name] for name in order}
    scan = GridScan(likelihood, grid, {}, pulls=True, points_per_chunk=points_per_chunk)
    found = run(scan)
    points = dict(zip(order, np.ix_(*grid.values()), strict=True))
    expected = likelihood.profiled(**points)
    assert scan.arrays["chi2"].axes == order
    assert found["chi2"] == pytest.approx(expected.chi2, abs=1e-8)
    for number, name in enumerate(scan.card["pulls"]):
        assert found["pulls"][..., number] == pytest.approx(expected.pulls[name], abs=1e-6)
    assert all(np.prod(spec.chunk) <= points_per_chunk for spec in scan.arrays.values())


def test_a_chunk_has_all_couplings_before_a_second_mass(likelihood: Likelihood) -> None:
    """What a mass costs is paid once for all couplings."""
    assert GridScan(likelihood, {"g": G, "mass": MASS}, {}, points_per_chunk=15).arrays["chi2"].chunk == (7, 2)


def test_three_axes_and_a_fixed_one(csi: Experiment) -> None:
    likelihood = Likelihood("nsi", csi)
    names = ("eps_ee_uV", "eps_ee_dV", "eps_mumu_uV")
    grid = {name: axis(-0.5, 0.5, points) for name, points in zip(names, (2, 3, 4), strict=True)}
    scan = GridScan(likelihood, grid, {"eps_mumu_dV": 0.1}, points_per_chunk=5)
    chi2 = run(scan)["chi2"]
    assert chi2.shape == (2, 3, 4)
    at = {name: values[index] for (name, values), index in zip(grid.items(), (1, 2, 3), strict=True)}
    assert chi2[1, 2, 3] == pytest.approx(float(likelihood(eps_mumu_dV=0.1, **at)), abs=1e-8)


@pytest.mark.parametrize(
    ("grid", "fixed", "settings", "field"),
    [
        ({"g": G}, {"mass": 1.0, "g": 1e-5}, {}, "g"),
        ({"g": G}, {}, {}, "mass"),
        ({"g": G}, {"mass": [1.0, 2.0]}, {}, "mass"),
        ({"g": 1e-5}, {"mass": 1.0}, {}, "g"),
        ({"g": [G]}, {"mass": 1.0}, {}, "g"),
        ({"g": []}, {"mass": 1.0}, {}, "g"),
        ({"g": G, "mass": [-1.0]}, {}, {}, "mass"),
        ({"g": G, "mas": MASS}, {}, {}, "parameter"),
        ({}, {"g": 1e-5, "mass": 1.0}, {}, "grid"),
        ({"g": G}, {"mass": 1.0}, {"points_per_chunk": 0}, "points_per_chunk"),
    ],
)
def test_bad_input_is_refused_before_anything_is_computed(
    likelihood: Likelihood, grid: dict[str, Any], fixed: dict[str, Any], settings: dict[str, Any], field: str
) -> None:
    with pytest.raises(InputError) as caught:
        GridScan(likelihood, grid, fixed, **settings)
    assert caught.value.field == field


def test_pulls_need_pulls(csi: Experiment) -> None:
    without = replace(csi, config=csi.config.model_copy(update={"nuisances": ()}))
    with pytest.raises(InputError, match="no pulls"):
        GridScan(Likelihood("b-l", without), {"g": G}, {"mass": 1.0}, pulls=True)


CHANGES: dict[str, Callable[[Experiment], GridScan]] = {
    "experiment": lambda csi: scan_of(Likelihood("b-l", [csi, cevns.experiment("coherent-lar-2020")])),
    "model": lambda csi: scan_of(Likelihood("universal", csi)),
    "couplings": lambda csi: scan_of(Likelihood(cevns.model("b-l", couplings="tree"), csi)),
    "override": lambda csi: scan_of(
        Likelihood("b-l", cevns.experiment(csi.name, {"target.form_factor": "klein-nystrand"}))
    ),
    "counts": lambda csi: scan_of(Likelihood("b-l", replace(csi, observed=csi.observed + 1.0))),
    "values": lambda csi: scan_of(Likelihood("b-l", csi), {"g": np.nextafter(G, 1.0)}),
    "fixed": lambda csi: scan_of(Likelihood("b-l", csi), mass=11.0),
    "chunks": lambda csi: scan_of(Likelihood("b-l", csi), points_per_chunk=3),
    "pulls": lambda csi: scan_of(Likelihood("b-l", csi), pulls=True),
}


def scan_of(
    likelihood: Likelihood, grid: dict[str, Any] | None = None, *, mass: float = 10.0, **settings: Any
) -> GridScan:
    return GridScan(likelihood, grid or {"g": G}, {"mass": mass}, **settings)


@pytest.mark.parametrize("change", CHANGES)
def test_card_changes_with_what_the_numbers_depend_on(csi: Experiment, change: str) -> None:
    card = scan_of(Likelihood("b-l", csi)).card
    assert json.loads(json.dumps(card, allow_nan=False)) == card
    assert card == scan_of(Likelihood("b-l", cevns.experiment("coherent-csi-2021"))).card
    assert card != CHANGES[change](csi).card


def test_card_knows_a_table_by_its_content(tmp_path: Path) -> None:
    """Also one whose hash the experiment does not give: a quenching factor that moved is another measurement."""
    directory = copy_experiment("coherent-csi-2021", tmp_path)
    edit_config(directory, lambda document: document.pop("sha256"))
    before = scan_of(Likelihood("b-l", cevns.experiment(directory))).card["experiments"]["coherent-csi-2021"]
    table = directory / "arrival_times.csv"
    table.write_text("# another comment\n" + table.read_text(encoding="utf-8"), encoding="utf-8")
    after = scan_of(Likelihood("b-l", cevns.experiment(directory))).card["experiments"]["coherent-csi-2021"]
    changed = {name for name in before["tables"] if before["tables"][name] != after["tables"][name]}
    assert changed == {"arrival_times.csv"}
