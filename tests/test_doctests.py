"""Every example in a docstring runs and gives what it says."""

from __future__ import annotations

import doctest
from importlib import import_module
from pkgutil import walk_packages

import pytest

import cevns

MODULES = ["cevns", *sorted(m.name for m in walk_packages(cevns.__path__, "cevns.") if not m.name.endswith("__main__"))]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0


def test_there_are_examples() -> None:
    """The runner finds them: a change of discovery would otherwise pass in silence."""
    with_examples = [
        name for name in MODULES if any(t.examples for t in doctest.DocTestFinder().find(import_module(name)))
    ]
    assert {"cevns", "cevns.kinematics", "cevns.nuclear.form_factors"} <= set(with_examples)
