"""The lists of the documentation are complete: commands, public names, tutorials, included files."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest
import yaml

import cevns
from cevns.cli.main import cli
from tests.docs.pages import DOCS, PAGES, ROOT, table_rows

TUTORIALS = sorted(path for path in DOCS.glob("tutorials/*.md") if path.stem != "index")


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_tutorial_is_a_notebook_that_is_listed(page: Path) -> None:
    """Its cells run when the documentation is built, which ends at the first one that fails."""
    _, header, text = page.read_text(encoding="utf-8").split("---\n", 2)
    assert yaml.safe_load(header)["file_format"] == "mystnb"
    for cell in re.findall(r"^```\{code-cell\}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        assert max(len(line) for line in cell.splitlines()) <= 120
        ast.parse(cell)
    index = (page.parent / "index.md").read_text(encoding="utf-8")
    assert index.count(f"[]({page.name})") == 1
    assert re.search(rf"^{page.stem}$", index, re.MULTILINE)


COMMANDS = set(cli.list_commands(click.Context(cli)))


def test_readme_names_every_experiment_and_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {*cevns.experiment_names(), *COMMANDS} <= set(re.findall(r"`(?:cevns )?([\w-]+)`", text))


def test_every_command_is_in_the_table_of_commands() -> None:
    rows = table_rows(DOCS / "cli.md")
    assert {name for first, *_ in rows for name in re.findall(r"`(\w+)`", first)} == COMMANDS


def test_every_public_name_is_in_the_reference() -> None:
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    assert {f"cevns.{name}" for name in cevns.__all__ if name != "__version__"} <= set(
        re.findall(r"`(cevns\.\w+)`", text)
    )


def test_examples_of_the_documentation_exist() -> None:
    for page in PAGES:
        for target in re.findall(r"\{literalinclude\} (\S+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"
