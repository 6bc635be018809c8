"""``cevns sample``."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import fields
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import cevns
from cevns import PosteriorResult
from tests.cli.conftest import Run

pytest.importorskip("dynesty", reason="needs the extra cevns[bayes]")

OPTIONS = (
    *("-e", "coherent-csi-2017-counting", "-m", "b-l", "--prior", "g=log:1e-6:1e-3", "--mass", "10"),
    *("--sampler", "nested", "--live", "50", "--seed", "5"),
)


@pytest.fixture
def sample(run: Run) -> Run:
    return partial(run, "sample")


def test_files_and_numbers_are_those_of_the_library(sample: Run, tmp_path: Path) -> None:
    code, out, err = sample(*OPTIONS, "--format", "json", "-o", str(tmp_path))
    (record,) = json.loads(out)
    counting = cevns.experiment("coherent-csi-2017-counting")
    expected = cevns.posterior(
        "b-l", counting, priors={"g": "log:1e-6:1e-3"}, sampler="nested", live=50, seed=5, mass=10.0
    )
    assert code == 0
    assert err == f"not converged: {expected.unconverged}\n"
    assert set(record) == {f.name for f in fields(PosteriorResult)} - {"weights", "samples"}
    assert PosteriorResult.from_dict(record) == expected
    names = {f"sample.{suffix}" for suffix in ("csv", "json", "tex", "txt", "pdf", "png")}
    assert {path.name for path in tmp_path.iterdir()} == names | {"samples.npz"}
    rows = list(csv.DictReader((tmp_path / "sample.csv").read_text().splitlines()))
    assert [row["name"] for row in rows] == [one.name for one in expected.marginals]
    assert float(rows[0]["mean"]) == expected["g"].mean
    assert rows[0]["equal_tailed.0.9"] == " ".join(map(str, expected["g"].equal_tailed[1]))
    with np.load(tmp_path / "samples.npz") as draws:
        assert draws["names"].tolist() == list(expected.samples)
        np.testing.assert_array_equal(draws["samples"].T, list(expected.samples.values()))
        np.testing.assert_array_equal(draws["weights"], expected.weights)


def test_table(sample: Run, tmp_path: Path) -> None:
    code, out, _ = sample(*OPTIONS, "--no-plots", "-o", str(tmp_path))
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split()[:5] == ["name", "unit", "mean", "deviation", "median"]
    assert [line.split()[0] for line in lines[2:5]] == ["g", "csi_2017_cevns", "csi_2017_beam_neutrons"]
    assert lines[5].startswith("ln evidence: -")
    assert lines[-1].startswith("converged: no: ")
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--prior", "mass"), "error: prior: got 'mass'; allowed: NAME=PRIOR, such as g=log:1e-6:1e-3\n"),
        (("--prior", "g=log:1e-5:1"), "error: prior: got 'g=log:1e-5:1'; allowed: each name once\n"),
        (("--prior", "mass=log:0:1"), "error: priors.mass.low: got 0.0; allowed: a finite number above 0\n"),
        (("--sampler", "gibbs"), "error: sampler: got 'gibbs'; allowed: one of: ensemble, nested\n"),
        (("--pulls", "laplace"), "error: pulls: got 'laplace'; allowed: one of: sampled, profiled\n"),
    ],
)
def test_wrong_input(options: tuple[str, str], message: str, sample: Run) -> None:
    assert sample(*OPTIONS, *options) == (2, "", message)


def test_a_missing_library_is_named(sample: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dynesty", None)
    code, out, err = sample(*OPTIONS)
    assert (code, out) == (2, "")
    assert "pip install 'cevns[bayes]'" in err
