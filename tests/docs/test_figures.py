"""The figures of the documentation are those that its scripts draw, and the gallery shows them all."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from PIL import Image

from tests.docs.pages import DOCS, INTERACTIONS, documented_rooms


def description(picture: Path) -> str:
    """What the file of a picture says that stands on it."""
    with Image.open(picture) as opened:
        return str(opened.info["Description"])


def test_every_family_has_its_figure(tmp_path: Path) -> None:
    """Pages show the figures that the script makes, whose words, with the numbers in them, are those committed."""
    script = runpy.run_path(str(DOCS / "figures" / "make_interactions.py"))
    script["main"](tmp_path)
    committed = DOCS / "figures" / "interactions"
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {path.name for path in committed.iterdir()}
    for name in names:
        page = (INTERACTIONS / name).with_suffix(".md").read_text(encoding="utf-8")
        assert f"{{figure}} ../figures/interactions/{name}" in page
        assert description(tmp_path / name) == description(committed / name)
        assert (committed / name).stat().st_size < 60e3
    assert {Path(name).stem for name in names} == {page.stem for page in INTERACTIONS.glob("*.md")} - {"index"}


def test_gallery_shows_every_figure_and_leads_to_its_page() -> None:
    text = (DOCS / "gallery.md").read_text(encoding="utf-8")
    found = re.findall(r"\[!\[[^]]+\]\(figures/(\S+?)\)\]\((\S+?\.md)\)", text)
    pictures = {path.relative_to(DOCS / "figures").as_posix() for path in (DOCS / "figures").rglob("*.*g")}
    assert sorted(name for name, _ in found) == sorted(pictures)
    assert all((DOCS / page).is_file() for _, page in found)


def test_the_figure_of_the_data_flow_is_up_to_date(tmp_path: Path) -> None:
    """The words and formulas of the committed figure are those of its script (the outlines depend on fonts)."""
    script = runpy.run_path(str(DOCS / "figures" / "make_dataflow.py"))
    script["main"](tmp_path / "dataflow.svg")
    made, committed = (
        re.findall(r"<!-- (.*?) -->", (directory / "dataflow.svg").read_text(encoding="utf-8"))
        for directory in (tmp_path, DOCS / "figures")
    )
    assert made == committed
    assert {name for name in made if name.isidentifier()} <= set().union(*documented_rooms())
