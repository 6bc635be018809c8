"""How publications, and sets of comparisons, are called on pages and in lists."""

from __future__ import annotations

from cevns.io.citations import reference
from cevns.publications import published


def heading(paper: str) -> str:
    """``arXiv:NUMBER``; the name of what is not a paper."""
    return f"arXiv:{paper}" if paper[:1].isdigit() else paper


def description(paper: str) -> str:
    """The reference of a paper, or what else the items come from.

    Raises
    ------
    InputError
        If the paper is not among those reproduced.
    """
    document = published(paper)
    return reference(document["citation"]) if "citation" in document else str(document["title"])
