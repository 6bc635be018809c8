"""``cevns reproduce all``: complete or absent item by item, resumed, reported."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cevns.cli import reproductions
from cevns.cli.reproductions import REPORT, Item, all_items
from cevns.errors import NumericalError
from cevns.io.lock import locked
from cevns.publications import FigureData, figure_names, publication_names
from tests.cli.conftest import Run
from tests.io.test_report import Page

PAPER = "1711.09773"
TABLE, FIGURE, LAST = (Item(PAPER, name) for name in ("table-1", "figure-1", "figure-2"))
ITEMS = (TABLE, FIGURE, LAST)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reproductions, "all_items", lambda: ITEMS)


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of the few items, to be copied."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reproductions, "all_items", lambda: ITEMS)
        root = tmp_path_factory.mktemp("complete")
        reproductions.reproduce_all(root)
    return root


@pytest.fixture
def there(complete: Path, tmp_path: Path) -> Path:
    """A directory with the results of an earlier run."""
    return shutil.copytree(complete, tmp_path / "there")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Item]:
    """Items that are computed in this process."""
    found: list[Item] = []
    make = reproductions.make

    def record(item: Item, *arguments: Any) -> str:
        found.append(item)
        return make(item, *arguments)

    monkeypatch.setattr(reproductions, "make", record)
    return found


def results(root: Path) -> dict[str, bytes]:
    """Everything that is there, by path."""
    files = (path for path in root.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def failing_at(item: Item, error: BaseException) -> Callable[[str, str], FigureData]:
    def compute(paper: str, name: str) -> FigureData:
        if Item(paper, name) == item:
            raise error
        return reproduce_figure(paper, name)

    reproduce_figure = reproductions.reproduce_figure
    return compute


def test_every_item_of_every_paper_is_there_and_says_how_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    items = all_items()
    assert {item.paper for item in items} == set(publication_names())
    assert [item.name for item in items if item.paper == PAPER] == ["table-1", *figure_names(PAPER)]
    assert all(item.description["seconds"] > 0 for item in items)
    assert len({item.directory(Path()) for item in items}) == len(items)


def test_every_item_has_a_directory_and_a_place_in_the_report(run: Run, tmp_path: Path) -> None:
    code, out, err = run("reproduce", "all", "-o", str(tmp_path))
    assert code == 0
    assert out.splitlines()[0].split("  ")[0] == "paper"
    assert [line.split()[:2] for line in out.splitlines()[2:]] == [[PAPER, "table-1"], ["all", "12"]]
    lines = err.splitlines()
    assert lines[0] == "0 of 3 items are there"
    assert [line.split(";")[0] for line in lines[1:4]] == [f"{k}/3 {item}" for k, item in enumerate(ITEMS, 1)]
    assert lines[3].endswith("about 0:00:00 left")
    stem = f"{PAPER}/figure-1/{PAPER}-figure-1"
    figure = {f"{stem}{end}" for end in (".json", ".csv", ".pdf", ".png")}
    more = {f"{PAPER}/figure-1/{name}" for name in ("summary.json", "summary.csv", "state.json")}
    table = {f"{PAPER}/table-1/{PAPER}-table-1.{end}" for end in ("json", "csv", "txt", "tex")}
    written = results(tmp_path)
    assert figure | more | table | {REPORT} <= set(written)
    page = Page(written[REPORT].decode())
    linked = [*page.attributes("a", "href"), *page.attributes("img", "src")]
    assert {str(path) for path in linked if not str(path).startswith("#")} == {
        name for name in written if name != REPORT and not name.endswith("state.json")
    }
    assert "Profile of the weak mixing angle" in page.attributes("img", "alt")
    assert page.attributes("img", "width") == ["438", "438"]
    notes = {row["row"]: row["note"] for row in json.loads(written[f"{PAPER}/table-1/{PAPER}-table-1.json"])}
    assert any(row[-1] == notes["eps_ee_uT"] for row in page.rows)


def test_all_differences_have_a_reason() -> None:
    for value in reproductions.reproduce(PAPER, "table-1"):
        assert value.note or value.difference is None


def test_what_is_there_is_not_computed_again_unless_forced(run: Run, there: Path, made: list[Item]) -> None:
    before = results(there)
    code, out, err = run("reproduce", "all", "-o", str(there), "--format", "json")
    assert code == 0
    assert json.loads(out)[-1]["published"] == 12
    assert err.splitlines()[0] == "3 of 3 items are there"
    assert made == []
    assert results(there) == before
    assert run("reproduce", "all", "-o", str(there), "--force")[0] == 0
    assert made == list(ITEMS)
    assert results(there) == before


@pytest.mark.parametrize("damage", ["older", "other sources", "no state", "no directory"])
def test_what_another_version_made_or_is_incomplete_is_computed_again(
    run: Run, there: Path, made: list[Item], damage: str
) -> None:
    path = LAST.directory(there) / "state.json"
    state = json.loads(path.read_text())
    if damage == "older":
        path.write_text(json.dumps({**state, "versions": {**state["versions"], "numpy": "1.0"}}))
    elif damage == "other sources":
        path.write_text(json.dumps({**state, "sources": "0" * 64}))
    elif damage == "no state":
        path.write_text("{")
    else:
        LAST.directory(there).rename(there / PAPER / ".abc-unfinished")
    assert run("reproduce", "all", "-o", str(there))[0] == 0
    assert made == [LAST]
    assert {path.name for path in (there / PAPER).iterdir()} == {item.name for item in ITEMS}


def test_an_interrupted_run_keeps_what_is_done_and_goes_on(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(reproductions, "reproduce_figure", failing_at(FIGURE, KeyboardInterrupt()))
        code, out, err = run("reproduce", "all", "-o", str(tmp_path))
    assert (code, out) == (130, "")
    assert f"1 of 3 items are in {tmp_path}; the same command goes on from there" in err
    assert [path.name for path in (tmp_path / PAPER).iterdir()] == ["table-1"]
    assert (tmp_path / REPORT).read_text().count("No results: not yet computed") == 2
    code, _, err = run("reproduce", "all", "-o", str(tmp_path))
    assert code == 0
    assert err.splitlines()[:2] == ["1 of 3 items are there", f"1/2 {FIGURE}; {err.splitlines()[1].partition('; ')[2]}"]
    assert "No results" not in (tmp_path / REPORT).read_text()


def test_an_item_that_fails_is_reported_and_the_others_are_computed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reproductions, "reproduce_figure", failing_at(FIGURE, NumericalError("no minimum at <g>")))
    code, out, err = run("reproduce", "all", "-o", str(tmp_path))
    assert (code, out) == (1, "")
    assert f"failed: {FIGURE}: no minimum at <g>" in err
    assert {path.name for path in (tmp_path / PAPER).iterdir()} == {"table-1", "figure-2"}
    assert "No results: no minimum at &lt;g&gt;" in (tmp_path / REPORT).read_text()


def test_several_processes_give_the_same_files(run: Run, tmp_path: Path, complete: Path) -> None:
    code, _, err = run("reproduce", "all", "-o", str(tmp_path), "--jobs", "2")
    assert (code, len(err.splitlines())) == (0, 5)
    assert results(tmp_path) == results(complete)


def test_a_damaged_result_is_named(run: Run, there: Path) -> None:
    path = FIGURE.directory(there) / "summary.json"
    path.write_text("[")
    code, _, err = run("reproduce", "all", "-o", str(there))
    assert code == 2
    assert str(path) in err
    assert "--force" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("all",), ("output", "None", "-o DIR")),
        (("all", "table-1", "-o", "out"), ("item", "'table-1'", "none with all")),
        (("all", "-o", "out", "--jobs", "0"), ("workers", "0", "positive")),
        ((PAPER, "--force"), ("paper", f"'{PAPER}'", "all, with --force or --workers")),
        (("--workers", "2"), ("paper", "None", "all, with")),
        (("all", "-o", "file"), ("output", "'file'", "a directory")),
    ],
)
def test_wrong_input_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    code, out, err = run("reproduce", *arguments)
    assert (code, out) == (2, "")
    assert all(word in err for word in words), err


def test_two_runs_do_not_write_to_the_same_directory(run: Run, tmp_path: Path) -> None:
    with locked(tmp_path / REPORT):
        code, _, err = run("reproduce", "all", "-o", str(tmp_path))
    assert code == 2
    assert "a path that nobody writes to" in err
