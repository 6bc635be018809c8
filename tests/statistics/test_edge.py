"""Minima where the expectation of a bin without counts vanishes: LZ from 0 keV on, where nothing was seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cevns
from cevns.statistics import Likelihood
from tests.experiments.editing import copy_experiment, edit_table
from tests.statistics.test_profiling import ACCURACY, cancelled_minimum

CHARGES = np.concatenate([-np.geomspace(1e-7, 1e-13, 60), np.geomspace(1e-13, 1e-7, 60)])
PULL = {"name": "flux_pp", "varies": {"kind": "source", "uncertainty": "flux_pp"}, "sigma": 1.0}


@pytest.fixture(scope="module")
def from_zero(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LZ with a bin from 0 to 1 keV that has neither counts nor background."""
    directory = copy_experiment("lz-er", tmp_path_factory.mktemp("edge"))
    edit_table(directory, "bins.csv", lambda rows: [rows[0], ["0", "1", *["0"] * (len(rows[0]) - 2)], *rows[1:]])
    return directory


def test_signals_that_an_empty_bin_sees_most_of_are_cancelled(from_zero: Path) -> None:
    """However large the charge; MINUIT finds the same with the events that are left as the variable."""
    likelihood = Likelihood("millicharge", cevns.experiment(from_zero))
    ((_, data),) = likelihood.groups
    assert np.all(np.isfinite(likelihood(q_nue=CHARGES)))
    for charge in (-9.5e-11, 1e-9, 1e-7):
        expected = cancelled_minimum(data, likelihood.signals(q_nue=charge)[0])
        assert float(likelihood(q_nue=charge)) == pytest.approx(expected, rel=0.0, abs=ACCURACY)


def test_with_pulls_that_vary_the_signal(from_zero: Path) -> None:
    """One more pull can only lower chi^2, and hardly does: it changes what is cancelled."""
    pulls = cevns.experiment(from_zero).config.nuisances
    linear = [pull.model_dump(exclude_none=True) for pull in pulls]
    varied = cevns.experiment(from_zero, overrides={"nuisances": [*linear, PULL]})
    fewer, more = (Likelihood("millicharge", one)(q_nue=CHARGES) for one in (cevns.experiment(from_zero), varied))
    assert np.all(more <= fewer + ACCURACY)
    assert more[np.abs(CHARGES) > 1e-10] == pytest.approx(fewer[np.abs(CHARGES) > 1e-10], rel=0.0, abs=1e-3)
