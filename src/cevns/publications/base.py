"""Published values, the record of one of them beside ours, and the tables and figures of a paper by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources
from types import MappingProxyType
from typing import Final, Protocol, cast

import numpy as np
import yaml

from cevns.errors import InputError
from cevns.publications.figures import FigureData, Intervals, Panel
from cevns.results import Record
from cevns.typing import JSON

Progress = Callable[[str], None]
"""Called with a line on what is being computed."""

_MODULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1711.09773": "papoulias_kosmas_2018",
        "1903.10666": "dutta_2019",
        "2202.11002": "atzori_corona_2022",
        "2211.11905": "de_romeri_2023",
        "comparisons": "comparisons",
    }
)
"""Module of each publication, by arXiv number, and of the comparisons of several."""


@dataclass(frozen=True)
class ReproducedValue(Record):
    """One published value and ours.

    Attributes
    ----------
    paper, item, row, column, unit : str
        Where it stands.
    published, ours : float, or tuple of (float, float)
        The values, or the intervals; ``published`` is None where nothing is recorded.
    ratio : float or None
        Ours over theirs, of single values.
    ours_delta_chi2_4 : float or None
        Ours if chi^2 rises by 4 instead, the 95.45 % level of one degree of freedom.
    note : str
        What has to be known to compare them.
    """

    paper: str
    item: str
    row: str
    column: str
    unit: str
    published: float | Intervals | None
    ours: float | Intervals
    ratio: float | None
    ours_delta_chi2_4: float | None
    note: str

    @property
    def ratios(self) -> tuple[float, ...]:
        """Ours over theirs; of intervals, for each edge of theirs but zero, the nearest of ours on that side."""
        if self.published is None:
            return ()
        theirs, ours = (np.atleast_1d(np.array(values, dtype=float)) for values in (self.published, self.ours))
        # Lower edges are in the first column and upper ones in the second.
        nearest = np.abs(ours[:, None] - theirs).argmin(axis=0)
        ratios = np.take_along_axis(ours, nearest, axis=0) / np.where(theirs, theirs, np.nan)
        return tuple(ratios[theirs != 0.0].tolist())

    @property
    def difference(self) -> float | None:
        """Largest relative difference to what is published, None where nothing is."""
        return max((abs(ratio - 1.0) for ratio in self.ratios), default=None)


def _require(paper: str) -> None:
    if paper not in _MODULES:
        raise InputError("paper", paper, _MODULES)


@cache
def published(paper: str) -> JSON:
    """The published values of a paper, as shipped with the package.

    Raises
    ------
    InputError
        If the paper is not among those reproduced.
    """
    _require(paper)
    text = resources.files("cevns.publications").joinpath(f"{paper}.yaml").read_text(encoding="utf-8")
    return cast("JSON", yaml.safe_load(text))


def publication_names() -> tuple[str, ...]:
    """Papers that are reproduced, by arXiv number, and ``"comparisons"`` of several."""
    return tuple(_MODULES)


class _Publication(Protocol):
    """What the module of a publication holds: the function of each table and of each figure."""

    TABLES: Mapping[str, Callable[[Progress], Iterator[ReproducedValue]]]
    FIGURES: Mapping[str, Callable[[], tuple[Panel, ...]]]


def _module(paper: str) -> _Publication:
    _require(paper)
    return cast("_Publication", import_module(f"cevns.publications.{_MODULES[paper]}"))


def figure_names(paper: str) -> tuple[str, ...]:
    """Figures of a paper that are reproduced, such as ``"figure-2"``.

    Raises
    ------
    InputError
        If the paper is not among those reproduced.
    """
    return tuple(_module(paper).FIGURES)


def reproduce(
    paper: str, item: str | None = None, *, progress: Progress = lambda _: None
) -> tuple[ReproducedValue, ...]:
    """Compute the tables of a paper, or one of them.

    Parameters
    ----------
    paper : str
        arXiv number.
    item : str, optional
        A table, such as ``"table-2"``; all of them by default.
    progress : callable
        Called with a line on each step.

    Raises
    ------
    InputError
        If the paper or the item is unknown.
    """
    tables = _module(paper).TABLES
    if item is not None and item not in tables:
        raise InputError("item", item, tables)
    chosen = tables if item is None else (item,)
    return tuple(value for name in chosen for value in tables[name](progress))


def reproduce_figure(paper: str, item: str, *, progress: Progress = lambda _: None) -> FigureData:
    """Compute the curves, regions and spectra of a figure.

    Parameters
    ----------
    paper : str
        arXiv number.
    item : str
        A figure, one of `figure_names`.
    progress : callable
        Called with a line on what is computed.

    Raises
    ------
    InputError
        If the paper or the item is unknown.
    """
    figures = _module(paper).FIGURES
    if item not in figures:
        raise InputError("item", item, figures)
    progress(item)
    return FigureData(paper, item, published(paper)["items"][item]["title"], figures[item]())
