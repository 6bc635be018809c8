from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

import pytest

from cevns.errors import InputError
from cevns.interactions import LightVector, Model, StandardModel, model

FILE = """
import cevns

vector = cevns.LightVector({"B": 1, "mu": 3, "e": -2}, name="mine")
whole = cevns.model("b-l", couplings="tree") + vector.__class__({"B": 1, "e": 3}, label="z")
number = 3


class Muonic(cevns.LightVector):
    def __init__(self):
        super().__init__({"B": 1, "mu": 3}, name="muonic")
"""
NUMBERS = count()
VECTOR = LightVector({"B": 1, "mu": 3, "e": -2}, name="mine")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file with models; each test has one of its own name, because modules are imported once."""
    monkeypatch.setattr(sys, "path", sys.path.copy())
    path = tmp_path / f"models_{next(NUMBERS)}.py"
    path.write_text(FILE)
    monkeypatch.chdir(tmp_path)
    return path.name


def test_an_interaction_comes_on_top_of_the_standard_model(file: str) -> None:
    assert model(f"{file}:vector") == Model("mine", (StandardModel(), VECTOR))
    assert model(f"{file}:vector", couplings="tree") == Model("mine", (StandardModel("tree"), VECTOR))


def test_a_class_is_called_and_a_model_is_taken_as_it_is(file: str) -> None:
    assert model(f"{file}:Muonic").name == "muonic"
    assert [p.name for p in model(f"{file}:whole").parameters] == ["g", "mass", "g_z", "mass_z"]


def test_the_directory_of_the_file_does_not_matter(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert model(f"{tmp_path / file}:vector").name == "mine"


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("{}:vektor", {}, r"model: got .*; allowed: FILE.py:NAME with one of: vector, whole, Muonic$"),
        ("{}:number", {}, r"model: got 3; allowed: a model name, an Interaction or a Model"),
        ("no{}:vector", {}, r"allowed: FILE.py:NAME with a file that exists"),
        ("{}", {}, r"allowed: FILE.py:NAME for one of your own, or one of: sm"),
        ("{}:vector", {"label": "z"}, r"label: got 'z'; allowed: no value: .* sets its own"),
        ("{}:whole", {"couplings": "tree"}, r"couplings: got 'tree'; allowed: no value: .* sets its own"),
    ],
)
def test_refuses_what_is_not_there(file: str, name: str, arguments: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        model(name.format(file), **arguments)


def test_refuses_a_file_that_another_module_hides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.chdir(tmp_path)
    Path("fractions.py").write_text(FILE)
    with pytest.raises(InputError, match="another name of the file: there is a module fractions already"):
        model("fractions.py:vector")
