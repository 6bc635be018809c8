"""The import order of the parts, the size of the files, and how little is loaded before it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cevns
from tests.docs.pages import documented_rooms

PACKAGE = Path(cevns.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
MODULES = [path.relative_to(PACKAGE).as_posix() for path in FILES]

LAYERS = [
    {
        "constants",
        "documents",
        "units",
        "errors",
        "extras",
        "histograms",
        "typing",
        "kinematics",
        "shipped",
        "interrupts",
    },
    {"nuclear"},
    {"sources", "interactions", "detector"},
    {"predict"},
    {"experiments"},
    {"statistics"},
    {"results"},
    {"inference"},
    {"publications"},
    {"io"},
    {"plot"},
    {"app"},
    {"cli"},
]
"""Each part imports from those before it only; of parts on one line none imports another, but for the first line."""
ENDS = {"publications", "io", "plot", "app", "cli"}
"""Nothing else imports these."""
LINES = 400


def part_of(module: str) -> str:
    """``nuclear/isotopes.py`` belongs to ``nuclear``, ``predict.py`` to ``predict``."""
    return module.split("/", maxsplit=1)[0].removesuffix(".py")


def layer_of(part: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if part in layer)


def imported_parts(path: Path) -> set[str]:
    """Parts of the package that a file imports, at its top, inside functions or for the type checker."""
    parts = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        parts |= {name.split(".")[1] for name in names if name.startswith("cevns.")}
    return parts


def test_imports_are_seen(tmp_path: Path) -> None:
    """The reader of imports finds each kind of them."""
    code = (
        "import numpy\nimport cevns.units\nfrom cevns import predict\nfrom cevns.nuclear.isotopes import isotope\n"
        "def f():\n    from cevns.sources import Source\n"
    )
    (tmp_path / "module.py").write_text(code, encoding="utf-8")
    assert imported_parts(tmp_path / "module.py") == {"units", "predict", "nuclear", "sources"}


def test_the_documentation_shows_this_order() -> None:
    """It puts those that may import anything in one line."""
    *rooms, last = documented_rooms()
    assert [*rooms, last] == [*LAYERS[: len(rooms)], set().union(*LAYERS[len(rooms) :])]


def test_every_part_has_its_place() -> None:
    parts = {part_of(module) for module in MODULES} - {"__init__"}
    assert parts == set().union(*LAYERS)


@pytest.mark.parametrize("part", sorted(set().union(*LAYERS)))
def test_imports_follow_the_order(part: str) -> None:
    for module in (module for module in MODULES if part_of(module) == part):
        for other in imported_parts(PACKAGE / module) - {part, "__version__"}:
            same_line = layer_of(other) == layer_of(part) == 0
            assert layer_of(other) < layer_of(part) or same_line, f"{module} imports {other}"
            if other in ENDS:
                assert part in ENDS, f"{module} imports {other}"


def test_public_face_imports_nothing_at_the_ends() -> None:
    assert not imported_parts(PACKAGE / "__init__.py") & ENDS


def test_files_are_short() -> None:
    lines = {module: len((PACKAGE / module).read_text(encoding="utf-8").splitlines()) for module in MODULES}
    assert {module: number for module, number in lines.items() if number > LINES} == {}


def test_files_say_what_they_are() -> None:
    parsed = {module: ast.parse((PACKAGE / module).read_text(encoding="utf-8")) for module in MODULES}
    assert [module for module, tree in parsed.items() if not ast.get_docstring(tree)] == []


def loaded_modules(code: str) -> set[str]:
    """Names of the modules that a fresh interpreter has loaded after some code."""
    arguments = [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"]
    return set(subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=120).stdout.split())


NUMERICS = {"numpy", "scipy", "matplotlib", "iminuit", "hist"}


def test_import_alone_loads_no_data_and_no_numerics() -> None:
    loaded = loaded_modules("import cevns")
    assert "cevns" in loaded
    assert (NUMERICS | {"pydantic", "yaml"}).isdisjoint(loaded)


def test_help_loads_no_numerics() -> None:
    """Of any command: what it needs is loaded when it runs."""
    code = "from cevns.cli.main import _COMMANDS, cli\nfor name in _COMMANDS: assert cli.get_command(None, name)"
    loaded = loaded_modules(code)
    assert {"cevns.cli.limits", "cevns.cli.reproduce"} <= loaded
    assert NUMERICS.isdisjoint(loaded)
