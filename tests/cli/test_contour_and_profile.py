"""``cevns contour`` and ``cevns profile``."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import cevns
from cevns import ProfileResult, RegionResult
from tests.cli.conftest import Run

COUNTING = "coherent-csi-2017-counting"
MOMENTS = ("contour", "mu_nue", "mu_numu", "-m", "magnetic-moment", "-e", COUNTING)
ANGLE = ("profile", "sin2_theta_w", "-m", "weak-mixing-angle", "-e", COUNTING)


def test_contour_is_the_region_of_the_library(run: Run) -> None:
    code, out, err = run(*MOMENTS, "--format", "json")
    (record,) = json.loads(out)
    assert (code, err) == (0, "")
    expected = cevns.region("magnetic-moment", cevns.experiment(COUNTING), "mu_nue", "mu_numu")
    assert RegionResult.from_dict(record) == expected


def test_options_reach_the_region(run: Run) -> None:
    ranges = ("--range", "mu_nue=1e-10:1e-7:log", "--range", "mu_numu=0:1e-8")
    _, out, _ = run(*MOMENTS, *ranges, "--cl", "0.6827", "--dof", "1", "-p", "mu_nutau=1e-9", "--format", "json")
    (record,) = json.loads(out)
    assert record["ranges"] == [[1e-10, 1e-7], [0.0, 1e-8]]
    assert record["logarithmic"] == [True, False]
    assert (record["cl"], record["dof"]) == (0.6827, 1)
    assert record["fixed"] == {"mu_nutau": 1e-9}


def test_contour_profiles_other_parameters(run: Run) -> None:
    _, out, _ = run(
        "contour", "mu_nue", "mu_numu", "-m", "magnetic-moment", "-e", COUNTING,
        "--profile", "mu_nutau=0:1e-8", "--range", "mu_nue=0:1e-8", "--range", "mu_numu=0:1e-8", "--format", "json",
    )  # fmt: skip
    assert out == "" or json.loads(out)[0]["profiled"] == ["mu_nutau"]


def test_contour_writes_corners_and_a_figure(run: Run, tmp_path: Path) -> None:
    code, out, _ = run(*MOMENTS, "-e", "coherent-lar-2020", "--each", "-o", str(tmp_path))
    assert code == 0
    assert "mu_nue [mu_B]" in out
    found = [RegionResult.from_dict(one) for one in json.loads((tmp_path / "contour.json").read_text())]
    assert [len(one.experiments) for one in found] == [1, 1, 2]
    rows = list(csv.DictReader((tmp_path / "contour.csv").read_text().splitlines()))
    assert len(rows) == sum(len(ring) for one in found for piece in one.pieces for ring in piece)
    assert {row["experiments"] for row in rows} == {" + ".join(one.experiments) for one in found}
    assert (tmp_path / "contour.png").stat().st_size > 10_000


def test_profile_is_that_of_the_library(run: Run, tmp_path: Path) -> None:
    code, out, _ = run(*ANGLE, "--range", "sin2_theta_w=0.1:0.4", "--points", "7", "-o", str(tmp_path))
    assert code == 0
    (record,) = json.loads((tmp_path / "profile.json").read_text())
    values = [0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4]
    assert record["values"] == pytest.approx(values)
    found = ProfileResult.from_dict(record)
    assert found == cevns.profile("weak-mixing-angle", cevns.experiment(COUNTING), "sin2_theta_w", found.values)
    (at_90,) = cevns.intervals("weak-mixing-angle", cevns.experiment(COUNTING), "sin2_theta_w")
    assert at_90.in_words() in out
    rows = list(csv.DictReader((tmp_path / "profile.csv").read_text().splitlines()))
    assert [float(row["sin2_theta_w"]) for row in rows] == list(found.values)
    assert (tmp_path / "profile.pdf").is_file()


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ((*MOMENTS, "--range", "mu_nue=1"), "range: got 'mu_nue=1'; allowed: NAME=LOW:HIGH"),
        ((*MOMENTS, "--range", "mu_nue=1e-9:1e-8:ln"), "range: got 'mu_nue=1e-9:1e-8:ln'; allowed: NAME=LOW:HIGH"),
        ((*MOMENTS, "--range", "mu_nutau=0:1"), "ranges: got 'mu_nutau'"),
        ((*MOMENTS, "--profile", "mu_nux"), "parameter: got 'mu_nux'"),
        ((*ANGLE, "--range", "R_n=1:2"), "ranges: got 'R_n'; allowed: the parameter sin2_theta_w"),
        ((*ANGLE, "--range", "sin2_theta_w=0.3:0.2"), "range of sin2_theta_w: got"),
        ((*ANGLE, "--cl", "2"), "cl: got 2.0"),
        ((*ANGLE, "--points", "1"), "points: got 1; allowed: greater"),
    ],
)
def test_wrong_input(command: tuple[str, ...], text: str, run: Run) -> None:
    code, out, err = run(*command)
    assert (code, out) == (2, "")
    assert text in err
