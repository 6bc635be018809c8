"""The table of bins: data, components, and their sum, before and after the fit."""

from __future__ import annotations

import numpy as np
import pytest

import cevns
from cevns import InputError
from cevns.statistics import Likelihood, measurement, table_of_bins

G = {"g": 5e-5, "mass": 10.0}


def column(rows: list[dict[str, float]], name: str) -> np.ndarray:
    return np.array([row[name] for row in rows])


@pytest.mark.parametrize("name", ["coherent-csi-2021", "dresden-ii", "xenonnt-er-2022", "conus-like"])
def test_rows_are_the_bins(name: str) -> None:
    experiment = cevns.experiment(name)
    rows = table_of_bins(experiment, "b-l", **G)
    predicted = experiment.predict("b-l", **G)
    assert column(rows, "expected") == pytest.approx(predicted.total.ravel(), rel=1e-12)
    assert (column(rows, "observed") == experiment.observed.ravel()).all()
    for part in experiment.parts:
        assert column(rows, part) == pytest.approx(getattr(predicted, part).ravel(), rel=1e-12)
    assert ("error" in rows[0]) == (experiment.errors is not None)
    times = experiment.observed.shape[1]
    assert ("time_low" in rows[0]) == (times > 1)
    assert (column(rows, "energy_low")[::times] == experiment.energy_edges[:-1]).all()
    assert (column(rows, "energy_high")[::times] == experiment.energy_edges[1:]).all()
    if times > 1:
        assert (column(rows, "time_high")[:times] == experiment.time_edges[1:]).all()


def test_best_pulls_are_those_of_chi2() -> None:
    """By hand: chi^2 of the column of expected counts and the constraints is the one that the likelihood profiles."""
    experiment = cevns.experiment("xenonnt-er-2022")
    expected, observed = (
        column(table_of_bins(experiment, "b-l", pulls="best", **G), name) for name in ("expected", "observed")
    )
    profiled = Likelihood("b-l", experiment).profiled(**G)
    sigmas = dict(zip(measurement(experiment).pulls, measurement(experiment).sigmas, strict=True))
    constraint = sum((float(profiled.pulls[name]) / sigma) ** 2 for name, sigma in sigmas.items())
    logarithm = np.log(np.where(observed > 0, observed, 1.0) / expected)
    assert 2.0 * np.sum(expected - observed + observed * logarithm) + constraint == pytest.approx(
        float(profiled.chi2), abs=1e-8
    )


@pytest.mark.parametrize(
    ("arguments", "field"),
    [({"pulls": "worst"}, "pulls"), ({"g": np.array([1e-5, 2e-5]), "mass": 10.0}, "parameters")],
)
def test_what_is_no_single_table_is_refused(arguments: dict, field: str) -> None:
    with pytest.raises(InputError, match=f"^{field}: got"):
        table_of_bins(cevns.experiment("conus-like"), "b-l", **{**G, **arguments})
