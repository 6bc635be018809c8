from __future__ import annotations

import re
from collections.abc import Callable

import pytest

import cevns
from cevns import InputError
from cevns.io.citations import bibliography, bibtex, reference


@pytest.mark.parametrize("name", cevns.experiment_names())
def test_every_work_of_an_experiment_is_listed(name: str) -> None:
    assert set(cevns.experiment(name).citations) <= set(bibliography())


@pytest.mark.parametrize("name", cevns.MODEL_NAMES)
def test_every_work_of_a_model_is_listed(name: str) -> None:
    assert set(cevns.model(name).citations) <= set(bibliography())


@pytest.mark.parametrize("key", bibliography())
def test_entries_are_complete(key: str) -> None:
    """Authors and title, and a journal or a preprint to find it by; the year of the key is no later than in print."""
    entry = bibliography()[key]
    assert set(entry) <= {"authors", "title", "journal", "arxiv", "doi"}
    assert entry["authors"]
    assert entry["title"]
    assert "journal" in entry or "arxiv" in entry
    assert re.fullmatch(r"[A-Za-z0-9-]+:\d{4}[a-z]{2,3}", key)
    if "arxiv" in entry:
        assert re.fullmatch(r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}", entry["arxiv"])
    if "doi" in entry:
        assert entry["doi"].startswith("10.")
    if year := re.search(r"\((\d{4})\)", entry.get("journal", "")):
        assert int(key.split(":")[1][:4]) <= int(year[1])


def test_reference_is_one_line() -> None:
    line = reference("COHERENT:2021xmm")
    assert "\n" not in line
    assert line.endswith("Phys. Rev. Lett. 129 (2022) 081801, arXiv:2110.07730")


def test_bibtex() -> None:
    text = bibtex(["Freedman:1973yd", "COHERENT:2020ybo"])
    first, second = text.split("\n\n")
    assert first.startswith("@article{Freedman:1973yd,\n")
    assert "eprint" not in first
    assert "  doi = {10.1103/PhysRevD.9.1389}" in first
    assert "  eprint = {2006.12659}" in second
    assert "journal" not in second
    assert all(entry.count("{") == entry.count("}") for entry in (first, second))
    assert bibtex([]) == ""


@pytest.mark.parametrize("write", [reference, lambda key: bibtex([key])])
def test_unknown_work(write: Callable[[str], str]) -> None:
    with pytest.raises(InputError, match=r"citation: got 'Nobody:2020abc'; allowed: one of: .*Freedman:1973yd"):
        write("Nobody:2020abc")
