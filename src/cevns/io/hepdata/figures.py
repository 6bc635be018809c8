"""What figures show, as tables: each panel is one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from string import ascii_lowercase

from cevns.io.hepdata.tables import Column, Table, along, contours, transposed
from cevns.io.papers import heading
from cevns.io.symbols import typeset
from cevns.publications import FigureData, publication_names, published
from cevns.publications.figures import CurvesPanel, ExclusionPanel, HistogramPanel, Level, Panel
from cevns.results import version


def figure_tables(figure: FigureData) -> Iterator[Table]:
    """The tables of a figure, one for each panel."""
    letters = ascii_lowercase if len(figure.panels) > 1 else ("",)
    for letter, panel in zip(letters, figure.panels, strict=False):
        yield _panel_table(figure, f"{figure.item}{letter}", panel)


def _panel_table(figure: FigureData, item: str, panel: Panel) -> Table:
    """What a panel shows."""
    columns, levels = _panel_columns(panel)
    settings: dict[str, str | float] = {"paper": figure.paper, "item": item, "version": version()}
    if levels:
        settings["level"] = "; ".join(f"{level} (delta_chi2 {level.delta_chi2:.4g})" for level in levels)
    document = published(figure.paper) if figure.paper in publication_names() else {}
    citations = (document["citation"],) if "citation" in document else ()
    title = ": ".join(filter(None, (figure.title, panel.title)))
    return Table(title, f"{item} of {heading(figure.paper)}, computed anew", columns, settings, citations)


def _panel_columns(panel: Panel) -> tuple[list[Column], tuple[Level, ...]]:
    if isinstance(panel, CurvesPanel):
        curves = [along(panel.y, curve.values, of=typeset(curve.label)) for curve in panel.curves]
        return [along(panel.x, panel.values, given=True), *curves], panel.levels
    if isinstance(panel, HistogramPanel):
        bins = along(panel.x, list(pairwise(panel.edges)), given=True)
        data = Column(panel.data_label, typeset(panel.y.unit), panel.data, errors=panel.errors)
        return [bins, data, *(Column(typeset(c.label), data.unit, c.counts) for c in panel.components)], ()
    if isinstance(panel, ExclusionPanel):
        rows = [(c.label, m, g) for c in panel.curves for m, at in zip(c.masses, c.crossings, strict=True) for g in at]
        labels, masses, couplings = transposed(rows, 3)
        curve = Column("curve", "", labels, given=True)
        return [curve, along(panel.x, masses, given=True), along(panel.y, couplings)], (panel.level,)
    rings = [
        (f"{label}, {level}", ring) for label, level, pieces in panel.outlines() for piece in pieces for ring in piece
    ]
    return contours(panel.x, panel.y, rings), panel.levels
