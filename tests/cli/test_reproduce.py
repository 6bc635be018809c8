"""``cevns reproduce`` of figures; that of tables is tested with the papers."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from types import MappingProxyType

import pytest

from cevns.publications import FigureData, papoulias_kosmas_2018, reproduce_figure
from tests.cli.conftest import Run

KEYS = ["item", "panel", "curve", "quantity", "value", "unit"]


def test_a_figure_prints_its_best_values_and_intervals(run: Run) -> None:
    code, out, err = run("reproduce", "1711.09773", "figure-2")
    header, _, *lines = out.splitlines()
    assert (code, err) == (0, "")
    assert header.split() == KEYS
    assert lines[0].split()[-3:] == ["best", "fit", "0.1978"]
    assert lines[2].endswith("90 % CL, 1 dof     0.12, 0.3208")


def test_a_figure_as_json_is_the_record(run: Run) -> None:
    _, out, _ = run("reproduce", "1711.09773", "figure-9", "--format", "json")
    (record,) = json.loads(out)
    assert FigureData.from_dict(record) == reproduce_figure("1711.09773", "figure-9")


def test_a_figure_as_csv_is_its_summary_with_all_digits(run: Run) -> None:
    _, out, _ = run("reproduce", "1711.09773", "figure-2", "--format", "csv")
    rows = list(csv.DictReader(out.splitlines()))
    assert list(rows[0]) == KEYS
    (curve,) = reproduce_figure("1711.09773", "figure-2").panels[0].curves
    assert float(rows[0]["value"]) == curve.best_fit


def test_figures_are_written_with_a_table_for_each_panel(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("reproduce", "1711.09773", "figure-6", "-o", str(tmp_path / "new"))
    stem = "1711.09773-figure-6"
    written = {path.name for path in (tmp_path / "new").iterdir()}
    assert code == 0
    assert "mu_nue" in out
    assert written == {f"{stem}{end}" for end in (".json", ".pdf", ".png", "a.csv", "b.csv")}
    figure = FigureData.from_json((tmp_path / "new" / f"{stem}.json").read_text())
    assert figure == reproduce_figure("1711.09773", "figure-6")
    rows = list(csv.DictReader((tmp_path / "new" / f"{stem}b.csv").read_text().splitlines()))
    ((outline, hole),) = figure.panels[1].regions[0].pieces[0]
    assert [row["ring"] for row in rows] == ["1"] * len(outline) + ["2"] * len(hole)
    assert float(rows[1]["r2_nue [1e-32 cm^2]"]) == outline[1][0]


def test_a_whole_paper_is_its_tables_on_stdout_and_everything_in_the_directory(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = {name: papoulias_kosmas_2018.FIGURES[name] for name in ("figure-1", "figure-2")}
    monkeypatch.setattr(papoulias_kosmas_2018, "FIGURES", MappingProxyType(two))
    code, out, _ = run("reproduce", "1711.09773", "--format", "json", "-o", str(tmp_path))
    assert code == 0
    assert {record["item"] for record in json.loads(out)} == {"table-1"}
    written = {path.name for path in tmp_path.iterdir()}
    ends = (".json", ".csv", ".pdf", ".png")
    assert written == {f"1711.09773-{name}{end}" for name in two for end in ends} | {
        f"reproduced.{suffix}" for suffix in ("txt", "json", "csv", "tex")
    }


@pytest.fixture
def no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures that must not be computed."""

    def fail() -> None:
        raise AssertionError

    monkeypatch.setattr(papoulias_kosmas_2018, "FIGURES", MappingProxyType({"figure-1": fail}))


@pytest.mark.usefixtures("no_figure")
def test_without_a_directory_a_whole_paper_computes_no_figures(run: Run) -> None:
    code, out, _ = run("reproduce", "1711.09773", "--format", "json")
    assert (code, len(json.loads(out))) == (0, 15)


@pytest.mark.parametrize("item", ["figure-10", "figure2", "2", ""])
def test_a_wrong_item_is_refused_with_the_list_of_items(run: Run, item: str) -> None:
    code, out, err = run("reproduce", "1711.09773", item)
    assert (code, out) == (2, "")
    assert f"item: got '{item}'; allowed: one of: table-1, figure-1, " in err
    assert "figure-8, figure-9" in err


@pytest.mark.usefixtures("no_figure")
def test_a_directory_that_cannot_be_written_to_is_refused_before_the_work(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, out, err = run("reproduce", "1711.09773", "figure-1", "-o", str(tmp_path / "file"))
    assert (code, out) == (2, "")
    assert "output" in err


def test_items_are_listed(run: Run) -> None:
    """How many a paper has, and what they are."""
    assert re.search(r"^1711\.09773 +10 +D\. K\. Papoulias", run("list", "papers")[1], re.MULTILINE)
    _, out, _ = run("show", "1711.09773")
    assert all(f"figure-{number}" in out for number in range(1, 10))
    assert "Profile of the weak mixing angle" in out
