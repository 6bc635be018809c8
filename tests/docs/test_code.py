"""The code of the pages and the examples run, and print what the pages show."""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import shlex
import shutil
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
from click.testing import CliRunner

from cevns.cli.main import cli
from cevns.io.releases import RELEASES
from tests.docs.pages import DOCS, PAGES, ROOT, blocks
from tests.releases import release_directory

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
EXTRAS = {"app": "marimo", "bayes": "dynesty", "dask": "distributed", "hepdata": "hepdata_lib", "pyhf": "pyhf"}
"""A module of each extra that a page may need."""
RELEASE_DIRECTORIES = tuple(dict.fromkeys(release_directory(name) for name in RELEASES))


def assert_same_output(printed: str, shown: str) -> None:
    """The same words; numbers may differ by one in the last digit shown, where rounding decides."""
    message = f"printed:\n{printed}\nthe page shows:\n{shown}"
    assert len(printed.split()) == len(shown.split()), message
    for found, expected in zip(printed.split(), shown.split(), strict=True):
        if found != expected:
            assert last_digit_apart(found, expected), f"{found} is not {expected}; {message}"


def last_digit_apart(first: str, second: str) -> bool:
    try:
        a, b = (Decimal(word.strip("[](),*")) for word in (first, second))
    except InvalidOperation:
        return False
    return abs(a - b) <= Decimal(1).scaleb(max(int(x.as_tuple().exponent) for x in (a, b)))


@pytest.mark.parametrize(("printed", "shown"), [("g < 1.23", "g < 1.24"), ("(1.2e-05)", "(1.2e-05)"), ("[4.]", "[5.]")])
def test_outputs_may_differ_in_the_last_digit(printed: str, shown: str) -> None:
    assert_same_output(printed, shown)


@pytest.mark.parametrize(("printed", "shown"), [("1.23", "1.25"), ("a", "b"), ("5.0e-05", "5.0e-04"), ("1", "1 2")])
def test_other_differences_of_outputs_are_noticed(printed: str, shown: str) -> None:
    with pytest.raises(AssertionError):
        assert_same_output(printed, shown)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory that looks like a checkout with the official releases in it, as far as they are at hand."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    releases = [ROOT.parent / "shared" / "data" / name for name in RELEASE_DIRECTORIES]
    for target in (ROOT / "examples", ROOT / "src", *releases):
        if target.is_dir():
            (tmp_path / target.name).symlink_to(target)
    return tmp_path


def run_python(code: str, namespace: dict[str, object]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as stream:
        exec(compile(code, "page", "exec"), namespace)
    return stream.getvalue()


def run_example(script: str, *arguments: str) -> str:
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as stream:
        patch.setattr(sys, "argv", [script, *arguments])
        runpy.run_path(script, run_name="__main__")
    return stream.getvalue()


def run_command(line: str) -> str | None:
    """Output of a command of a page; None for those that are not for a test, and for the one that takes long."""
    program, *arguments = shlex.split(line)
    if program == "cevns" and (arguments[0] != "reproduce" or arguments[2:3] == ["figure-2"]):
        result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout
    if program == "python" and arguments[0].startswith("examples/"):
        return run_example(*arguments)
    if program == "cp":
        shutil.copytree(arguments[1], arguments[2])
        return ""
    assert program == "make" or line == "python -m pip install ." or line.startswith("cevns reproduce"), line
    return None


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs_and_reports(example: Path, checkout: Path) -> None:
    assert run_example(str(checkout / "examples" / example.name)).strip()


PAGES_WITH_CODE = [page for page in PAGES if any(block.language in {"python", "console"} for block in blocks(page))]


@pytest.mark.parametrize("page", PAGES_WITH_CODE, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_page_does_what_it_says(page: Path, checkout: Path) -> None:
    """Python blocks run in one namespace, commands in the order of the page; both print what the page shows."""
    text = page.read_text(encoding="utf-8")
    missing = [name for name in RELEASE_DIRECTORIES if name in text and not (checkout / name).is_dir()]
    if missing:
        pytest.skip(f"needs the official releases in ../shared/data: {', '.join(missing)}")
    for extra in re.findall(r"cevns\[(\w+)\]", text):
        pytest.importorskip(EXTRAS[extra], reason=f"the page needs the extra cevns[{extra}]")
    namespace: dict[str, object] = {"__name__": "page"}
    for block in blocks(page):
        printed: list[str | None] = []
        if block.language == "python":
            printed = [run_python(block.content, namespace)]
            assert block.output is not None or not printed[0], f"the page does not show what this prints:\n{block}"
        elif block.language == "console":
            printed = [run_command(line) for line in re.findall(r"^\$ (.*)", block.content, re.MULTILINE)]
        if block.output is not None:
            assert printed, f"nothing prints what the page shows:\n{block}"
            assert_same_output(str(printed[-1]), block.output)
