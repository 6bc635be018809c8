from __future__ import annotations

import csv
import io
import json

import pytest

from cevns import InputError
from cevns.io.tables import FORMATS, render

ROWS = [
    {"model": "b-l", "limit": 5.3478e-05, "crossings": (5.3478e-05,), "note": None},
    {"model": "by+lmu_ltau", "limit": 1.0 / 3.0, "crossings": (0.1, 0.2, 1.0 / 3.0), "note": "a & b"},
]


def test_json_keeps_every_digit() -> None:
    assert json.loads(render(ROWS, "json")) == [{**row, "crossings": list(row["crossings"])} for row in ROWS]


def test_json_has_no_nan() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        render([{"limit": float("nan")}], "json")


def test_csv_keeps_every_digit() -> None:
    rows = list(csv.DictReader(io.StringIO(render(ROWS, "csv"))))
    assert [float(row["limit"]) for row in rows] == [row["limit"] for row in ROWS]
    assert [float(x) for x in rows[1]["crossings"].split()] == list(ROWS[1]["crossings"])
    assert [row["note"] for row in rows] == ["", "a & b"]


def test_table_is_aligned() -> None:
    header, rule, *body = render(ROWS, "table").splitlines()
    assert set(rule) == {"-"}
    starts = [header.index(name) for name in ("model", "limit", "crossings", "note")]
    assert [body[1].index(text) for text in ("by+", "0.3333", "0.1,", "a & b")] == starts
    assert body[0].split() == ["b-l", "5.348e-05", "5.348e-05", "-"]
    assert all(line == line.rstrip() for line in (header, *body))


def test_latex_is_escaped() -> None:
    text = render(ROWS, "latex")
    assert r"by+lmu\_ltau & 0.3333 & 0.1, 0.2, 0.3333 & a \& b \\" in text
    assert text.startswith(r"\begin{tabular}{llll}")
    assert text.endswith(r"\end{tabular}")


@pytest.mark.parametrize("style", FORMATS)
def test_nothing_to_show(style: str) -> None:
    assert isinstance(render([], style), str)


def test_unknown_format() -> None:
    with pytest.raises(InputError, match="format: got 'html'; allowed: one of: table, json, csv, latex"):
        render(ROWS, "html")
