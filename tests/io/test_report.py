"""The page on what was reproduced."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from cevns.io.report import ReportedItem, agreement, report
from cevns.publications import ReproducedValue
from cevns.publications.figures import Intervals


def value(published: float | Intervals | None, ours: float | Intervals, note: str = "") -> ReproducedValue:
    ratio = ours / published if isinstance(published, float) and isinstance(ours, float) else None
    return ReproducedValue("1", "table-1", "<row>", "column", "GeV", published, ours, ratio, None, note)


VALUES = (
    value(2.0, 2.0),
    value(2.0, 2.08),
    value(2.0, 1.84),
    value(2.0, 2.3, "a <reason>"),
    value(2.0, 3.0, "another reason"),
    value(None, 7.0),
    value(((-4.0, 0.0), (1.0, 2.0)), ((-4.36, 0.1), (1.0, 2.0)), "edges"),
)
TABLE = ReportedItem("1", "table-1", "A table", values=VALUES, files=("1/table-1/1-table-1.csv",))
FACTS = [
    {"item": "figure-1", "panel": panel, "curve": "A", "quantity": "best fit", "value": 1.5, "unit": "fm"}
    for panel in ("left", "right")
]
FIGURE = ReportedItem("2", "figure-1", "A & B", facts=FACTS, files=("2/figure-1/a.pdf", "2/figure-1/a.png"), width=438)
MISSING = ReportedItem("2", "figure-2", "Missing", problem="not yet computed")
ITEMS = (TABLE, FIGURE, MISSING)


class Page(HTMLParser):
    """Tags, the rows of all tables, and the words of a page, which must be well formed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if {"td", "th"} & set(self._open):
            self.rows[-1][-1] += data

    def attributes(self, tag: str, name: str) -> list[str | None]:
        return [attributes[name] for found, attributes in self.tags if found == tag and name in attributes]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(report(ITEMS, {"1": "A. Body", "2": "B. Body"}, "Made <by> hand."))


def test_counts_are_cumulative_and_leave_out_what_is_not_published() -> None:
    counts = {"published": 6, "within 5 %": 2, "within 10 %": 4, "within 20 %": 5, "further": 1}
    assert agreement(ITEMS) == [
        {"paper": "1", "item": "table-1", **counts},
        {"paper": "all", "item": "", **counts},
    ]
    assert agreement([FIGURE]) == []


def test_the_page_begins_with_the_counts_of_all(page: Page) -> None:
    counts = "2 within 5 %, 4 within 10 %, 5 within 20 %, 1 further away"
    assert page.words[page.words.index("Made <by> hand.") - 2] == (
        f"Of 6 published values ours are: {counts}; 1 of 3 items have no results."
    )


def test_values_that_differ_lead_to_their_tables(page: Page) -> None:
    assert page.attributes("a", "href").count("#1-table-1") == 1 + 4


def test_every_value_has_its_row_with_a_verdict(page: Page) -> None:
    table = [row for row in page.rows if row[0] == "<row>"]
    assert [row[3:] for row in table] == [
        ["2", "2", "1", "within 5 %", ""],
        ["2", "2.08", "1.04", "within 5 %", ""],
        ["2", "1.84", "0.92", "within 10 %", ""],
        ["2", "2.3", "1.15", "within 20 %", "a <reason>"],
        ["2", "3", "1.5", "further than 20 %", "another reason"],
        ["-", "7", "-", "not published", ""],
        ["[-4, 0], [1, 2]", "[-4.36, 0.1], [1, 2]", "1.09, 1, 1", "within 10 %", "edges"],
    ]


def test_values_that_differ_are_gathered_with_their_reasons(page: Page) -> None:
    differing = [row[-1] for row in page.rows if row[:3] == ["1", "table-1", "<row>"]]
    assert differing == ["", "a <reason>", "another reason", "edges"]


def test_the_page_needs_no_scripts_and_nothing_from_elsewhere(page: Page) -> None:
    assert not {"script", "link", "iframe"} & {tag for tag, _ in page.tags}
    addresses = [*page.attributes("a", "href"), *page.attributes("img", "src")]
    assert addresses
    assert not any(str(address).startswith(("http", "/", "file")) for address in addresses)


def test_links_within_the_page_lead_somewhere(page: Page) -> None:
    anchors = {name for _, attributes in page.tags if (name := attributes.get("id"))}
    inner = {str(target)[1:] for target in page.attributes("a", "href") if str(target).startswith("#")}
    assert inner == {"1-table-1", "2-figure-1", "2-figure-2"}
    assert inner <= anchors


def test_pictures_are_shown_with_words_and_all_files_are_linked(page: Page) -> None:
    assert page.attributes("img", "src") == ["2/figure-1/a.png"]
    assert page.attributes("img", "width") == ["438"]
    assert page.attributes("img", "alt") == ["A & B"]
    assert {"1/table-1/1-table-1.csv", "2/figure-1/a.pdf", "2/figure-1/a.png"} <= set(page.attributes("a", "href"))
    assert ["left", "A", "best fit", "1.5", "fm"] in page.rows


def test_what_is_missing_says_why(page: Page) -> None:
    assert "No results: not yet computed" in page.words
    assert "Made <by> hand." in page.words


def test_a_page_without_results_is_a_page() -> None:
    words = Page(report([MISSING], {"2": "B. Body"}, "")).words
    assert {"No table has results.", "There is none."} <= set(words)
    assert "No published value has been computed; 1 of 1 items have no results." in words
