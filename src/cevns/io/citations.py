"""The bibliography of a run: from INSPIRE keys to references and BibTeX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

import yaml

from cevns.errors import InputError


@cache
def bibliography() -> Mapping[str, Mapping[str, str]]:
    """Every work the package may cite, by INSPIRE key; fields authors, title, journal, arxiv, doi."""
    text = resources.files("cevns.io").joinpath("citations.yaml").read_text(encoding="utf-8")
    return MappingProxyType({key: MappingProxyType(entry) for key, entry in yaml.safe_load(text).items()})


def _entry(key: str) -> Mapping[str, str]:
    if key not in bibliography():
        raise InputError("citation", key, bibliography())
    return bibliography()[key]


def reference(key: str) -> str:
    """One line of a reference list.

    Raises
    ------
    InputError
        If the key is unknown.

    >>> reference("Freedman:1973yd")
    'D. Z. Freedman, Coherent effects of a weak neutral current, Phys. Rev. D 9 (1974) 1389'
    """
    entry = _entry(key)
    arxiv = f"arXiv:{entry['arxiv']}" if "arxiv" in entry else None
    return ", ".join(part for part in (entry["authors"], entry["title"], entry.get("journal"), arxiv) if part)


def bibtex(keys: Iterable[str]) -> str:
    """BibTeX entries for some keys."""
    entries = []
    for key in keys:
        entry = dict(_entry(key))
        fields = {
            "author": entry["authors"],
            "title": "{" + entry["title"] + "}",
            "journal": entry.get("journal"),
            "eprint": entry.get("arxiv"),
            "archivePrefix": "arXiv" if "arxiv" in entry else None,
            "doi": entry.get("doi"),
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        entries.append(f"@article{{{key},\n" + ",\n".join(lines) + "\n}")
    return "\n\n".join(entries)
