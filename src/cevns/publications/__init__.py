"""Publications whose tables and figures the package reproduces, ours beside theirs."""

from cevns.publications.figures import FigureData
from cevns.publications.papers import figure_names, publication_names, published, reproduce, reproduce_figure
from cevns.publications.values import ReproducedValue

__all__ = [
    "FigureData",
    "ReproducedValue",
    "figure_names",
    "publication_names",
    "published",
    "reproduce",
    "reproduce_figure",
]
