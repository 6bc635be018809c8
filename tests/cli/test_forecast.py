from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import cevns
from tests.cli.conftest import Run

BASE = ("forecast", "-e", "xe-ess", "-m", "lmu-ltau")


def test_records(run: Run) -> None:
    code, out, _ = run(*BASE, "--mass", "100", "--vary", "exposure=1,4", "--format", "json")
    records = json.loads(out)
    assert code == 0
    assert [one["varied"] for one in records] == [{"exposure": 1}, {"exposure": 4}]
    (first,) = cevns.forecast("lmu-ltau", "xe-ess", mass=100.0)
    assert records[0]["upper_limit"] == first.upper_limit
    assert {"model", "experiments", "cl", "dof", "crossings", "asimov", "version"} <= set(records[0])


@pytest.mark.parametrize("style", ["table", "csv", "latex"])
def test_other_formats(run: Run, style: str) -> None:
    code, out, _ = run(*BASE, "--mass", "100", "--vary", "target.mass=20 kg,700 kg", "--format", style)
    assert code == 0
    assert "20 kg" in out
    assert "700 kg" in out
    if style == "csv":
        assert [row["varied.target.mass"] for row in csv.DictReader(io.StringIO(out))] == ["20 kg", "700 kg"]


def test_files_and_figure(run: Run, tmp_path: Path) -> None:
    code, _, _ = run(*BASE, "--mass", "100", "--vary", "bins.energy.low=0.18,0.5", "-o", str(tmp_path / "out"))
    assert code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        f"forecast.{suffix}" for suffix in ("txt", "json", "csv", "tex", "pdf", "png")
    }


def test_muon_band(run: Run, tmp_path: Path) -> None:
    bands = (
        "--muon-band",
        "2021",
        "--masses",
        "10",
        "200",
        "5",
        "--sigmas",
        "1",
        "-o",
        str(tmp_path),
        "--format",
        "json",
    )
    code, out, _ = run(*BASE, *bands)
    (record,) = json.loads(out)
    assert code == 0
    assert (record["band"], record["sigmas"], len(record["fractions"])) == ("2021", 1.0, 5)
    assert 0.0 < record["fraction"] < 1.0
    assert (tmp_path / "forecast.png").exists()
    code, out, _ = run(*BASE, *bands[:-4])
    assert code == 0
    assert "lower edge excluded" in out


def test_run_card(run: Run, tmp_path: Path) -> None:
    card = tmp_path / "card.yaml"
    card.write_text(
        "schema_version: 1\ncommand: forecast\nmodel: lmu-ltau\nexperiments: [xe-ess]\n"
        "parameters: {mass: 100}\nvary: {exposure: [1, 4]}\n",
        encoding="utf-8",
    )
    code, out, _ = run("run", str(card))
    assert (code, out) == run(*BASE, "--mass", "100", "--vary", "exposure=1,4")[:2]


def test_asimov_data_of_measured_experiments(run: Run) -> None:
    arguments = ("forecast", "-e", "coherent-csi-2021", "-m", "b-l", "--mass", "100", "--vary", "exposure=1,9")
    assert run(*arguments)[0] == 2
    code, out, _ = run(*arguments, "--asimov", "--format", "json")
    assert code == 0
    first, second = (one["upper_limit"] for one in json.loads(out))
    assert second < first


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--vary", "exposure"), "vary: got 'exposure'; allowed: KEY=V1,V2,..."),
        (("--vary", "=1"), "vary: got '=1'"),
        (("--vary", "exposure=[1"), "vary: got 'exposure=[1'"),
        (("--vary", "exposure=-1"), "exposure: got -1"),
        (("--vary", "no.such=1"), "overrides: got 'no.such'"),
        (("--muon-band", "2019"), "band: got '2019'"),
        (("--toys", "-1"), "toys: got -1"),
    ],
)
def test_wrong_input(run: Run, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = run(*BASE, "--mass", "100", *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_forecasts_are_told_from_measurements(run: Run) -> None:
    rows = dict(line.split()[:2] for line in run("list", "experiments")[1].splitlines()[2:])
    assert (rows["xe-ess"], rows["coherent-csi-2021"]) == ("forecast", "measured")
    facts = json.loads(run("show", "nugen-like", "--format", "json")[1])
    assert facts[0]["data"] == "forecast"
