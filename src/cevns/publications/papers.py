"""The papers that are reproduced: what each has published, and its tables and figures by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module, resources
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias, TypeVar, cast

import yaml

from cevns.errors import InputError
from cevns.publications.figures import FigureData, Panel
from cevns.publications.values import Progress, ReproducedValue
from cevns.typing import JSON

Table: TypeAlias = Callable[[Progress], Iterator[ReproducedValue]]
"""Function of a table."""
Makes = TypeVar("Makes", bound=Callable[..., Any])

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


def items(*functions: Makes) -> Mapping[str, Makes]:
    """Functions by the names of the items that they make: ``figure_nsi`` makes ``"figure-nsi"``."""
    return MappingProxyType({function.__name__.replace("_", "-"): function for function in functions})


class _Publication(Protocol):
    """What the module of a publication holds: the function of each table and of each figure."""

    TABLES: Mapping[str, Table]
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
