"""How papers and sets of comparisons are called."""

from __future__ import annotations

import pytest

from cevns.errors import InputError
from cevns.io.papers import description, heading


@pytest.mark.parametrize(("name", "called"), [("2202.11002", "arXiv:2202.11002"), ("comparisons", "comparisons")])
def test_papers_have_numbers(name: str, called: str) -> None:
    assert heading(name) == called


def test_a_paper_has_a_reference_and_comparisons_a_title() -> None:
    assert description("1903.10666").startswith("B. Dutta")
    assert description("comparisons").startswith("Results of several experiments")
    with pytest.raises(InputError, match="0000"):
        description("0000.00000")
