from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cevns import InputError
from cevns.io import cards
from cevns.io.cards import read_card
from tests.cli.test_run import EXAMPLES, write

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_examples_are_cards_of_every_command(path: Path) -> None:
    assert read_card(path).command == path.stem


def test_there_is_an_example_of_every_command() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == set(cards.KINDS)


def test_values_of_parameters(tmp_path: Path) -> None:
    log = {"low": "1e-6", "high": 1e-2, "points": 5, "scale": "log"}
    card = read_card(write(tmp_path, parameters={"g": log, "mass": [1, 2.5], "x": 3, "y": "1e-3"}))
    assert card.fixed == {"x": 3.0, "y": 1e-3}
    assert list(card.axes) == ["g", "mass"]
    assert card.axes["g"] == pytest.approx([1e-6, 1e-5, 1e-4, 1e-3, 1e-2], rel=1e-12)
    assert np.broadcast_shapes(*(np.shape(values) for values in card.values.values())) == (5, 2)


AXIS = {"low": 1, "high": 2, "points": 3}


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"command": "sacn"}, "command", "one of: scan, limits, intervals, profile, contour, fit, sample, toys"),
        ({"command": ["scan"]}, "command", "one of: scan, limits, intervals, profile, contour, fit, sample, toys"),
        ({"schema_version": 2}, "schema_version", "1"),
        ({"keep_puls": True}, "keep_puls", "keep_pulls, points_per_chunk"),
        ({"cl": 0.9}, "cl", "points_per_chunk"),
        ({"model": None}, "model", "text"),
        ({"experiments": []}, "experiments", "at least 1"),
        ({"experiments": [{"name": "a", "override": {}}]}, "experiments.a.override", "overrides"),
        ({"experiments": [3]}, "experiments.0", "text"),
        ({"parameters": {"g": "small"}}, "parameters.g", "a number"),
        ({"parameters": {"g": float("nan")}}, "parameters.g", "finite"),
        ({"parameters": {"g": [1, "x"]}}, "parameters.g.1", "a number"),
        ({"parameters": {"g": {**AXIS, "scal": "log"}}}, "parameters.g.scal", "low, high, scale, points"),
        ({"parameters": {"g": {**AXIS, "scale": "cubic"}}}, "parameters.g.scale", "'linear' or 'log'"),
        ({"parameters": {"g": {**AXIS, "points": 2.5}}}, "parameters.g.points", "an integer"),
        ({"command": "intervals"}, "intervals_of", "required"),
        ({"command": "intervals", "interval_of": ["g"]}, "interval_of", "did you mean 'intervals_of'?"),
    ],
)
def test_wrong_cards_name_the_field(tmp_path: Path, changes: dict[str, Any], field: str, words: str) -> None:
    path = write(tmp_path, **changes)
    with pytest.raises(InputError) as caught:
        read_card(path)
    assert caught.value.field == f"{path}: {field}"
    assert words in caught.value.allowed


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"model": "b-x"}, "model"),
        ({"experiments": ["nowhere"]}, "experiment"),
        ({"shared": ["moon"]}, "shared"),
        ({"couplings": "strong"}, "couplings"),
        ({"parameters": {"g": {**AXIS, "points": 1}, "mass": 1}}, "points"),
        ({"parameters": {"g": 1, "mass": 1}}, "grid"),
    ],
)
def test_what_only_the_package_knows_is_checked_when_it_is_made(
    tmp_path: Path, changes: dict[str, Any], field: str
) -> None:
    card = read_card(write(tmp_path, **changes))
    assert isinstance(card, cards.ScanCard)
    with pytest.raises(InputError) as caught:
        card.scan()
    assert caught.value.field == field


@pytest.mark.parametrize("text", ["- scan", "scan: [", ""])
def test_no_mapping(tmp_path: Path, text: str) -> None:
    (tmp_path / "card.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"card\.yaml"):
        read_card(tmp_path / "card.yaml")


def test_the_published_schema_is_up_to_date() -> None:
    """If not: python tools/make_run_card_schema.py"""
    published = (Path(cards.__file__).parent / cards.SCHEMA_FILE).read_text(encoding="utf-8")
    assert published == cards.schema_text()


def test_the_tables_of_the_page_are_up_to_date() -> None:
    """If not: python tools/make_run_card_schema.py"""
    tool = runpy.run_path(str(ROOT / "tools" / "make_run_card_schema.py"))
    page = tool["PAGE"].read_text(encoding="utf-8")
    assert page == tool["page"](page)


def test_the_schema_has_every_field_with_its_meaning() -> None:
    definitions = cards.json_schema()["$defs"]
    kinds = {kind.__name__ for kind in cards.KINDS.values()}
    assert set(definitions) == kinds | {"AxisBlock", "MeasurementBlock", "RangeBlock"}
    for name, block in definitions.items():
        assert block["additionalProperties"] is False
        for field, properties in block["properties"].items():
            assert len(properties["description"]) > 10, f"{name}.{field}"
