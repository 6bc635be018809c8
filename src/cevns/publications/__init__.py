"""Publications whose tables and figures the package reproduces, ours beside theirs."""

from cevns.publications.base import (
    ReproducedValue,
    figure_names,
    publication_names,
    published,
    reproduce,
    reproduce_figure,
)
from cevns.publications.figures import FigureData

__all__ = [
    "FigureData",
    "ReproducedValue",
    "figure_names",
    "publication_names",
    "published",
    "reproduce",
    "reproduce_figure",
]
