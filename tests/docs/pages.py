"""What the pages of the documentation consist of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
INTERACTIONS = DOCS / "interactions"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


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


def table_rows(page: Path) -> list[list[str]]:
    """Cells of the rows of all tables of a page."""
    lines = re.findall(r"^\|.*", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def documented_rooms() -> list[set[str]]:
    """Rooms that docs/architecture.md lists, in the order of imports; those of one line together."""
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\d+\. (.*?): ", text, re.MULTILINE)
    return [set(re.findall(r"`(\w+)`", line)) for line in lines]
