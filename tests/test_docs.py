"""The documentation says what the code does: examples run, numbers shown are those printed, lists are complete."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import runpy
import shlex
import shutil
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner
from matplotlib.text import Text
from pydantic import BaseModel

import cevns
from cevns.cli.main import cli
from cevns.experiments import analysis_names
from cevns.experiments.schema import ExperimentBlock
from cevns.interactions import MODEL_NAMES, LeptonicVector, LightVector
from cevns.interactions.dark_vector import MIXINGS
from cevns.io.releases import RELEASES
from tests.releases import release_directory

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
INTERACTIONS = DOCS / "interactions"
PACKAGE = ROOT / "src" / "cevns"
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
EXPERIMENTS = sorted(path.parent for path in PACKAGE.glob("experiments/*/experiment.yaml"))
TUTORIALS = sorted(path for path in DOCS.glob("tutorials/*.md") if path.stem != "index")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXTRAS = {"app": "marimo", "bayes": "dynesty", "dask": "distributed", "hepdata": "hepdata_lib", "pyhf": "pyhf"}
"""A module of each extra that a page may need."""
RELEASE_DIRECTORIES = tuple(dict.fromkeys(release_directory(name) for name in RELEASES))


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    content: str
    output: str | None
    """Content of the text block that follows it directly: what the page says that it prints."""


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    found = list(FENCE.finditer(text))
    for match, after in zip_longest(found, found[1:]):
        follows = after is not None and after[1] == "text" and not text[match.end() : after.start()].strip()
        yield Block(match[1], match[2], after[2] if after is not None and follows else None)


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


def room(path: Path) -> str:
    """Top-level module or package of a file of the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def documented_rooms() -> dict[str, int]:
    """Position in the import order of each room that docs/architecture.md lists."""
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    ranks = {}
    for line in re.findall(r"^\d+\. .*", text, re.MULTILINE):
        number, _, rest = line.partition(". ")
        ranks.update(dict.fromkeys(re.findall(r"`(\w+)`", rest.partition(": ")[0]), int(number)))
    return ranks


def test_architecture_lists_the_rooms_that_exist() -> None:
    modules = {path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__"}
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert set(documented_rooms()) == modules | packages


def imported_rooms(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        yield from (name.split(".")[1] for name in names if name.startswith("cevns."))


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_follow_the_documented_order(path: Path) -> None:
    """Imports inside functions count as well; rooms of the first and of the last rank may use each other."""
    ranks = documented_rooms()
    here, lowest, highest = room(path), min(ranks.values()), max(ranks.values())
    for other in set(imported_rooms(path)) - {here}:
        among_equals = ranks[other] == ranks[here] and ranks[here] in (lowest, highest)
        assert ranks[other] < ranks[here] or among_equals, f"{here} imports {other}"


def fields_of(annotation: object) -> set[str]:
    """Names of the fields of every block that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.items()
        return {name for name, _ in fields} | {n for _, field in fields for n in fields_of(field.annotation)}
    if isinstance(annotation, types.UnionType) or typing.get_args(annotation):
        return {name for part in typing.get_args(annotation) for name in fields_of(part)}
    return set()


def test_every_key_of_an_experiment_is_explained() -> None:
    text = (DOCS / "how-to" / "add-an-experiment.md").read_text(encoding="utf-8")
    table = "\n".join(re.findall(r"^\|.*", text, re.MULTILINE))
    words = set(re.findall(r"[a-z0-9_]+", table))
    fields = fields_of(ExperimentBlock)
    assert len(fields) > 30
    assert fields <= words, f"not explained: {sorted(fields - words)}"


def table_rows(page: Path) -> list[list[str]]:
    """Cells of the rows of all tables of a page."""
    lines = re.findall(r"^\|.*", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def documented_charges() -> Mapping[str, list[str]]:
    rows = table_rows(INTERACTIONS / "vector-mediators.md")
    return {row[0].strip("`"): row[1:] for row in rows if len(row) == 7 and row[0].strip("`") in MODEL_NAMES}


@pytest.mark.parametrize("name", sorted(documented_charges()))
def test_charges_are_those_documented(name: str) -> None:
    quarks, *leptons, interference, anomaly = documented_charges()[name]
    interaction = cevns.model(name).interactions[1]
    if isinstance(interaction, LeptonicVector):
        charges = [(f == interaction.plus) - (f == interaction.minus) for f in ("e", "mu", "tau")]
        assert (quarks, interference, anomaly) == ("loop", "by flavour", "0")
        assert [int(x) for x in leptons] == charges
    else:
        assert isinstance(interaction, LightVector)
        up, down = interaction.up_and_down
        assert (up, down) == (float(eval(quarks)), up)
        assert [float(x) for x in leptons] == list(interaction.lepton_charges)
        assert float(anomaly) == interaction.anomaly
        attractive = any(charge < 0 for charge in interaction.lepton_charges)
        assert interference == ("constructive" if attractive else "destructive")


def test_every_vector_model_is_documented() -> None:
    vectors = {
        name for name in MODEL_NAMES if isinstance(cevns.model(name).interactions[-1], LightVector | LeptonicVector)
    }
    assert set(documented_charges()) == vectors


def documented_mixings() -> Mapping[str, list[float]]:
    """Cells of the table of mixed bosons that are numbers, with s for sin^2 theta_W = 0.23857."""
    rows = table_rows(INTERACTIONS / "vector-mediators.md")
    numbers = {row[0].strip("`"): row[2:] for row in rows if len(row) == 10 and row[0].strip("`") in MIXINGS}
    return {
        name: [float(eval(re.sub(r"(\d)s", r"\1*s", cell), {"s": 0.23857})) for cell in cells]
        for name, cells in numbers.items()
    }


def test_charges_of_mixed_bosons_are_those_documented() -> None:
    documented = documented_mixings()
    assert set(documented) == set(MIXINGS)
    for name, cells in documented.items():
        mixing = MIXINGS[name](0.23857)
        up, down, electron = (mixing.vector(fermion) for fermion in ("u", "d", "e"))
        nucleons = (2 * up + down, up + 2 * down)
        expected = (mixing.electric, mixing.isospin, up, down, electron, mixing.neutrino, *nucleons)
        assert cells == pytest.approx(expected, abs=1e-12)


def documented_models() -> Mapping[str, tuple[str, list[str]]]:
    """Page and parameters of each model, from the table of the index of interactions."""
    rows = [row for row in table_rows(INTERACTIONS / "index.md") if row[0].startswith("`")]
    return {name: (row[1], re.findall(r"`(\w+)`", row[2])) for row in rows for name in re.findall("`(.+?)`", row[0])}


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_every_model_has_its_page_and_its_parameters(name: str) -> None:
    """The parameters are all listed, or some of them and an ellipsis."""
    link, parameters = documented_models()[name]
    target = re.fullmatch(r"\[\]\((.*?\.md)(?:#.*)?\)", link)
    assert target is not None, link
    assert f"`{name}`" in (INTERACTIONS / target[1]).read_text(encoding="utf-8")
    found = [parameter.name for parameter in cevns.model(name).parameters]
    assert set(parameters) <= set(found)
    assert len(parameters) >= min(len(found), 3)


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    """The program that draws the pictures, by name what is in it."""
    return runpy.run_path(str(DOCS / "figures"))


def test_every_family_shows_its_figure() -> None:
    families = {page.stem for page in INTERACTIONS.glob("*.md")} - {"index"}
    assert families == {path.stem for path in (DOCS / "figures" / "interactions").iterdir()}
    for name in families:
        page = (INTERACTIONS / name).with_suffix(".md").read_text(encoding="utf-8")
        assert f"{{figure}} ../figures/interactions/{name}.png" in page


def test_every_picture_is_drawn_by_the_build_and_in_the_gallery(figures: dict[str, Any]) -> None:
    text = (DOCS / "gallery.md").read_text(encoding="utf-8")
    found = re.findall(r"\[!\[[^]]+\]\(figures/(\S+?)\.png\)\]\((\S+?\.md)\)", text)
    pictures = {path.relative_to(DOCS / "figures").as_posix() for path in (DOCS / "figures").rglob("*.png")}
    assert {f"{name}.png" for name in figures["RECIPES"]} == pictures
    assert sorted(f"{name}.png" for name, _ in found) == sorted(pictures)
    assert all((DOCS / page).is_file() for _, page in found)


def test_an_unknown_picture_is_named(figures: dict[str, Any]) -> None:
    with pytest.raises(SystemExit, match=r"no picture moon; there are .* sun"):
        figures["main"](["sun", "moon"])


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


@pytest.mark.parametrize("directory", EXPERIMENTS, ids=lambda path: path.name)
def test_source_of_an_experiment_explains_every_column(directory: Path) -> None:
    source = (directory / "SOURCE.md").read_text(encoding="utf-8")
    for table in directory.glob("*.csv"):
        header = next(line for line in table.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
        assert f"`{table.name}`" in source
        edges = {"energy_low", "energy_high", "time_low", "time_high"}
        for column in set(header.split(",")) - edges:
            assert f"`{column}`" in source, f"{table.name}: {column}"


def documented_experiments() -> Mapping[str, list[str]]:
    """Cells of the table of experiments, by name."""
    rows = table_rows(DOCS / "experiments" / "index.md")
    return {row[0].split("`")[1]: row for row in rows if row[0].startswith("`")}


def test_every_experiment_is_in_the_table_of_experiments() -> None:
    assert set(documented_experiments()) == set(cevns.experiment_names())


@pytest.mark.parametrize("name", cevns.experiment_names())
def test_table_of_experiments_says_what_they_are(name: str) -> None:
    """Analyses, statistic, bins, and a page with a section on it."""
    names, *_, data, link = documented_experiments()[name]
    experiment = cevns.experiment(name)
    energies, times = experiment.observed.shape
    shown = "bin" if experiment.observed.size == 1 else "bins"
    bins = f"{energies} x {times}" if times > 1 else str(energies)
    assert data == f"`{experiment.config.statistic.kind}`, {bins} {shown}"
    assert re.findall(r"`/(.*?)`", names) == [other.partition("/")[2] for other in analysis_names(name)]
    page, _, anchor = link.removeprefix("[](").removesuffix(")").partition("#")
    assert (anchor or Path(page).stem) == name
    assert re.search(rf"^##? `{name}`$", (DOCS / "experiments" / page).read_text(encoding="utf-8"), re.MULTILINE)


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


def test_the_data_flow_goes_through_packages_that_exist(figures: dict[str, Any]) -> None:
    words = {text.get_text() for text in figures["RECIPES"]["dataflow"]().findobj(Text)}
    rooms = {word for word in words if word.isidentifier()}
    assert {"sources", "predict", "inference"} <= rooms <= set(documented_rooms())


def test_examples_of_the_documentation_exist() -> None:
    for page in PAGES:
        for target in re.findall(r"\{literalinclude\} (\S+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"
