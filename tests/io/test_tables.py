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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5.48e-05", r"$5.48\times 10^{-5}$"),
        ("-5.85e-31", r"$-5.85\times 10^{-31}$"),
        ("1e+04", "$10^{4}$"),
        ("[-0.08, 0.47]", "[$-0.08$, 0.47]"),
        ("(1.2 +- 0.4)e-05", r"(1.2 $\pm$ 0.4)$\times 10^{-5}$"),
        ("coherent-csi-2021", "coherent-csi-2021"),
        ("arXiv:1711.09773", "arXiv:1711.09773"),
        ("CsI g/M [1e-3/GeV]", "CsI $g$/$M$ [$10^{-3}$/GeV]"),
        ("g <", "$g$ $<$"),
        ("eps_ee_uV of nu_e", r"$\varepsilon_{ee}^{uV}$ of $\nu_{e}$"),
        ("-0.1 1e-32 cm^2", r"$-0.1$ $10^{-32}$ $\mathrm{cm}^{2}$"),
        ("chi2/bins", r"$\chi^2$/bins"),
        ("133Cs_a^b", r"133Cs\_a\textasciicircum{}b"),
        (r"$\nu_e$ & 1e-5 $", r"$\nu_e$ \& 1e-5 \$"),
    ],
)
def test_latex_has_formulas(text: str, expected: str) -> None:
    assert render([{"cell": text}], "latex").splitlines()[-3] == rf"{expected} \\"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (((-1.5, 2.0), (3.0, 4.0)), "-1.5 2.0; 3.0 4.0"),
        (("coherent-csi-2021", "coherent-lar-2020"), "coherent-csi-2021; coherent-lar-2020"),
        (("b-l",), "b-l"),
        ((), ""),
    ],
)
def test_lists_in_csv(value: object, expected: str) -> None:
    assert [row["x"] for row in csv.DictReader(io.StringIO(render([{"x": value, "y": 1}], "csv")))] == [expected]


def test_intervals_have_brackets_in_a_table() -> None:
    assert render([{"x": ((-1.5, 2.0), (3.0, 4.0))}], "table").splitlines()[-1] == "[-1.5, 2], [3, 4]"


def test_values_by_name_have_columns_of_their_own_in_csv() -> None:
    rows = [{"fixed": {"mass": 10.0}, "cl": 0.9}, {"fixed": {"g": 1e-5}, "cl": 0.9}]
    first, second = csv.DictReader(io.StringIO(render(rows, "csv")))
    assert first == {"fixed.mass": "10.0", "cl": "0.9", "fixed.g": ""}
    assert second == {"fixed.mass": "", "cl": "0.9", "fixed.g": "1e-05"}


@pytest.mark.parametrize("style", FORMATS)
def test_nothing_to_show(style: str) -> None:
    assert isinstance(render([], style), str)


def test_unknown_format() -> None:
    with pytest.raises(InputError, match="format: got 'html'; allowed: one of: table, json, csv, latex"):
        render(ROWS, "html")
