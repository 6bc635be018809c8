"""Publications whose tables and figures the package reproduces, ours beside theirs."""

from cevns.publications.base import ReproducedValue, publication_names, published, reproduce

__all__ = ["ReproducedValue", "publication_names", "published", "reproduce"]
