"""The pictures of the documentation are those that are drawn when it is built, and all are shown."""

from __future__ import annotations

import re
import runpy
from typing import Any

import pytest
from matplotlib.text import Text

from tests.docs.pages import DOCS, INTERACTIONS, documented_rooms

FIGURES = DOCS / "figures"


@pytest.fixture(scope="module")
def program() -> dict[str, Any]:
    """What draws them, by name what is in it."""
    return runpy.run_path(str(FIGURES))


def test_every_family_shows_its_figure() -> None:
    families = {page.stem for page in INTERACTIONS.glob("*.md")} - {"index"}
    assert families == {path.stem for path in (FIGURES / "interactions").iterdir()}
    for name in families:
        page = (INTERACTIONS / name).with_suffix(".md").read_text(encoding="utf-8")
        assert f"{{figure}} ../figures/interactions/{name}.png" in page


def test_every_picture_is_drawn_and_in_the_gallery(program: dict[str, Any]) -> None:
    text = (DOCS / "gallery.md").read_text(encoding="utf-8")
    found = re.findall(r"\[!\[[^]]+\]\(figures/(\S+?)\.png\)\]\((\S+?\.md)\)", text)
    pictures = {path.relative_to(FIGURES).as_posix() for path in FIGURES.rglob("*.png")}
    assert {f"{name}.png" for name in program["RECIPES"]} == pictures
    assert sorted(f"{name}.png" for name, _ in found) == sorted(pictures)
    assert all((DOCS / page).is_file() for _, page in found)


def test_an_unknown_picture_is_named(program: dict[str, Any]) -> None:
    with pytest.raises(SystemExit, match=r"no picture moon; there are .* sun"):
        program["main"](["sun", "moon"])


def test_the_data_flow_goes_through_packages_that_exist(program: dict[str, Any]) -> None:
    words = {text.get_text() for text in program["RECIPES"]["dataflow"]().findobj(Text)}
    rooms = {word for word in words if word.isidentifier()}
    assert {"sources", "predict", "inference"} <= rooms <= set().union(*documented_rooms())
