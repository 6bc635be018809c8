"""What was reproduced of publications, as one page of HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from string import Template
from typing import Final

from cevns.io.papers import heading
from cevns.io.tables import Row, shown
from cevns.publications import ReproducedValue

NEAR: Final = (0.05, 0.10, 0.20)
"""Relative differences up to which values are counted."""
_METHOD: Final = (
    "A value counts by its relative difference, that of intervals by the edge that differs most: each published lower "
    "or upper edge that is not zero is compared with the nearest of ours on that side. Counts are cumulative. Nothing "
    "is adjusted to what was published."
)


@dataclass(frozen=True)
class ReportedItem:
    """A table or a figure of a paper, as far as there are results.

    Attributes
    ----------
    paper, name, title : str
        Where it stands, and what it shows.
    values : tuple of ReproducedValue
        Of a table.
    facts : sequence of mapping
        Of a figure: best values and intervals, from `cevns.publications.FigureData.summary`.
    files : tuple of str
        Files with the results, relative to the page. A picture among them is shown.
    width : int
        Width of the picture [pixels of the page].
    problem : str
        Why there are no results, if there are none.
    """

    paper: str
    name: str
    title: str
    values: tuple[ReproducedValue, ...] = ()
    facts: Sequence[Row] = ()
    files: tuple[str, ...] = ()
    width: int = 0
    problem: str = ""

    @property
    def anchor(self) -> str:
        """Its name on the page."""
        return f"{self.paper}-{self.name}"

    @property
    def differences(self) -> tuple[float, ...]:
        """Of the values that are published."""
        return tuple(value.difference for value in self.values if value.difference is not None)


def agreement(items: Iterable[ReportedItem]) -> list[Row]:
    """How many values of each table are published, and how many of ours are within some percent of them."""
    tables = [(item.paper, item.name, item.differences) for item in items if item.differences]
    if tables:
        tables.append(("all", "", tuple(one for _, _, differences in tables for one in differences)))
    return [{"paper": paper, "item": name, **_counts(differences)} for paper, name, differences in tables]


def _counts(differences: Sequence[float]) -> dict[str, int]:
    near = {f"within {limit:.0%}".replace("%", " %"): sum(d <= limit for d in differences) for limit in NEAR}
    return {"published": len(differences), **near, "further": sum(d > NEAR[-1] for d in differences)}


def report(items: Sequence[ReportedItem], references: Mapping[str, str], introduction: str) -> str:
    """The page.

    Parameters
    ----------
    items : sequence of ReportedItem
        Tables and figures, paper by paper.
    references : mapping
        Reference of each paper, or what a set of comparisons is, by name, in the order of the page.
    introduction : str
        What made it.
    """
    template = Template(resources.files("cevns.io").joinpath("report.html").read_text(encoding="utf-8"))
    return template.substitute(
        title="Tables and figures of publications, reproduced",
        verdict=escape(_summary(items)),
        introduction=escape(introduction),
        contents=_contents(items),
        method=escape(_METHOD),
        agreement=_table(agreement(items), "No table has results."),
        differences=_table(list(_differing(items)), "There is none."),
        papers="\n".join(_paper(paper, text, items) for paper, text in references.items()),
    )


def _summary(items: Sequence[ReportedItem]) -> str:
    """The counts of all tables in a sentence, and how much is missing."""
    number = sum(bool(item.problem) for item in items)
    missing = [f"{number} of {len(items)} items have no results"] if number else []
    *_, counts = agreement(items) or [{}]
    if not counts:
        return "; ".join(["No published value has been computed", *missing]) + "."
    within = ", ".join(f"{count} {name}" for name, count in counts.items() if name.startswith("within"))
    text = f"Of {counts['published']} published values ours are: {within}, {counts['further']} further away"
    return "; ".join([text, *missing]) + "."


def _contents(items: Sequence[ReportedItem]) -> str:
    lines = (
        f'<li><a href="#{escape(i.anchor)}">{escape(i.paper)}, {escape(i.name)}</a>: {_text(i)}</li>' for i in items
    )
    return "<ul>\n" + "\n".join(lines) + "\n</ul>"


def _text(item: ReportedItem) -> str:
    return escape(item.title + (" (no results)" if item.problem else ""))


def _differing(items: Iterable[ReportedItem]) -> Iterator[Row]:
    for item in items:
        for value in item.values:
            if value.difference is not None and value.difference > NEAR[0]:
                yield {"paper": item.paper, "item": item, **_row(value)}


def _row(value: ReproducedValue) -> Row:
    return {
        "row": value.row,
        "column": value.column,
        "unit": value.unit,
        "published": value.published,
        "ours": value.ours,
        "ours / published": value.ratios or None,
        "verdict": _verdict(value.difference),
        "note": value.note,
    }


def _verdict(difference: float | None) -> str:
    if difference is None:
        return "not published"
    limits = [limit for limit in NEAR if difference <= limit]
    return f"within {100 * limits[0]:g} %" if limits else f"further than {100 * NEAR[-1]:g} %"


def _paper(paper: str, reference: str, items: Sequence[ReportedItem]) -> str:
    parts = (_item(item) for item in items if item.paper == paper)
    return f'<h2 id="{escape(paper)}">{escape(heading(paper))}</h2>\n<p>{escape(reference)}</p>\n' + "\n".join(parts)


def _item(item: ReportedItem) -> str:
    head = f'<h3 id="{escape(item.anchor)}">{escape(item.name)}: {escape(item.title)}</h3>'
    if item.problem:
        return f'{head}\n<p class="problem">No results: {escape(item.problem)}</p>'
    pictures = (_picture(item, path) for path in item.files if path.endswith(".png"))
    files = ", ".join(f'<a href="{escape(path)}">{escape(path.rpartition("/")[2])}</a>' for path in item.files)
    body = _table([_row(value) for value in item.values]) if item.values else _facts(item)
    return "\n".join([head, *pictures, body, f"<p>Files: {files}</p>"])


def _picture(item: ReportedItem, path: str) -> str:
    return f'<figure><img src="{escape(path)}" width="{item.width}" alt="{escape(item.title)}"></figure>'


def _facts(item: ReportedItem) -> str:
    rows = [{name: value for name, value in fact.items() if name != "item"} for fact in item.facts]
    return f"<details><summary>Best values and intervals</summary>\n{_table(rows)}\n</details>"


def _table(rows: Sequence[Row], otherwise: str = "") -> str:
    """A table; nothing but a text if it has no rows."""
    if not rows:
        return f"<p>{escape(otherwise)}</p>"
    head = "".join(f"<th>{escape(name)}</th>" for name in rows[0])
    body = "\n".join(f"<tr{_shade(row)}>" + "".join(map(_cell, row.values())) + "</tr>" for row in rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def _cell(value: object) -> str:
    """An item is a link to its place."""
    if isinstance(value, ReportedItem):
        return f'<td><a href="#{escape(value.anchor)}">{escape(value.name)}</a></td>'
    return f"<td>{escape(shown(value))}</td>"


def _shade(row: Row) -> str:
    verdict = str(row.get("verdict", ""))
    return {"within": ' class="near"', "further": ' class="far"'}.get(verdict.partition(" ")[0], "")
