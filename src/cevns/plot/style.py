"""One style for all figures: legible in one column of a journal and to the colour-blind, and without LaTeX."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from matplotlib.typing import LineStyleType

from cevns.errors import InputError
from cevns.io.files import write_atomically

BLACK: Final = "#000000"
ORANGE: Final = "#E69F00"
SKY_BLUE: Final = "#56B4E9"
GREEN: Final = "#009E73"
YELLOW: Final = "#F0E442"
BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"

LINES: Final[tuple[tuple[str, LineStyleType], ...]] = (
    (BLUE, "-"),
    (VERMILLION, "--"),
    (BLACK, "-."),
    (PURPLE, (0, (1, 1))),
    (SKY_BLUE, (0, (5, 1, 1, 1, 1, 1))),
    (ORANGE, (0, (7, 2))),
)
"""Colour (Okabe and Ito) and dashes of the first, second, ... curve: either is enough to tell curves apart."""

COLUMN_WIDTH: Final = 3.5
"""Width of a figure [in]."""
SMALL: Final = 8.0
"""Size of what is not the label of an axis [pt]."""

_STYLE: Final = MappingProxyType(
    {
        "font.family": "STIXGeneral",
        "font.size": 9.0,
        "mathtext.fontset": "stix",
        "text.usetex": False,
        "axes.labelsize": 9.0,
        "axes.titlesize": 9.0,
        "axes.linewidth": 0.7,
        "axes.formatter.use_mathtext": True,
        "axes.unicode_minus": True,
        "xtick.labelsize": SMALL,
        "xtick.direction": "in",
        "xtick.top": True,
        "xtick.minor.visible": True,
        "ytick.labelsize": SMALL,
        "ytick.direction": "in",
        "ytick.right": True,
        "ytick.minor.visible": True,
        "legend.fontsize": SMALL,
        "legend.title_fontsize": SMALL,
        "legend.frameon": False,
        "legend.handlelength": 2.2,
        "legend.labelspacing": 0.3,
        "legend.borderaxespad": 0.6,
        "lines.linewidth": 1.2,
        "hatch.linewidth": 0.5,
        "pdf.fonttype": 42,
        "savefig.dpi": 300.0,
    }
)

_METADATA: Final = MappingProxyType({"pdf": {"CreationDate": None}, "png": {"Software": None}})
"""Neither date nor version goes into the files, so that the same figure gives the same bytes."""


class NotebookFigure(Figure):
    """A figure that keeps the house style, and shows itself in a notebook although it was made without pyplot."""

    def savefig(self, fname: str | PathLike[Any] | IO[Any], *, transparent: bool | None = None, **options: Any) -> None:
        """As for any figure; formulas are set, and fonts embedded, only now."""
        with house_style():
            super().savefig(fname, transparent=transparent, **options)

    def _repr_png_(self) -> bytes:
        return rendered(self, "png", dpi=150.0)


@contextmanager
def house_style() -> Iterator[None]:
    """The style for the time of drawing, whatever the user's own settings, which come back afterwards."""
    with style.context(dict(_STYLE), after_reset=True):
        yield


def new_figure(height: float, *, columns: int = 1) -> Figure:
    """An empty figure, one or several columns wide and of the given height [in]."""
    return NotebookFigure(figsize=(columns * COLUMN_WIDTH, height), layout="constrained")


def rendered(figure: Figure, suffix: str, *, dpi: float = 300.0) -> bytes:
    """The figure as a file of the given format."""
    stream = io.BytesIO()
    with house_style():
        figure.savefig(stream, format=suffix, dpi=dpi, metadata=_METADATA[suffix])
    return stream.getvalue()


def save(figure: Figure, path_stem: str | Path) -> tuple[Path, Path]:
    """Write a figure as PDF and as PNG (300 dots per inch), each complete or not at all.

    Parameters
    ----------
    figure : Figure
        What is written.
    path_stem : str or Path
        Path without the suffix, in a directory that exists.

    Returns
    -------
    tuple of Path
        The PDF and the PNG file.

    Raises
    ------
    InputError
        If the directory does not exist or cannot be written to.
    """
    stem = Path(path_stem)
    contents = {stem.with_name(f"{stem.name}.{suffix}"): rendered(figure, suffix) for suffix in ("pdf", "png")}
    try:
        for path, content in contents.items():
            write_atomically(path, partial(Path.write_bytes, data=content))
    except OSError as error:
        allowed = f"a path in a directory that can be written to ({error.strerror})"
        raise InputError("output", str(stem), allowed) from None
    pdf, png = contents
    return pdf, png


def number(value: float) -> str:
    r"""A number for a label, with a power of ten where that is shorter.

    >>> number(10.0), number(1e-4), number(5e-5)
    ('10', '$10^{-4}$', '$5\\times10^{-5}$')
    """
    if value == 0.0 or 1e-3 < abs(value) < 1e4:
        return f"{value:.3g}" if abs(value) < 1e3 else f"{value:.0f}"
    mantissa, exponent = f"{value:.2e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".")
    power = f"10^{{{int(exponent)}}}"
    return f"${power}$" if mantissa == "1" else rf"${mantissa}\times{power}$"


def unit_text(unit: str) -> str:
    """A unit with its subscript: keVee as keV_ee."""
    for subscript in ("ee", "nr"):
        if unit.endswith(f"V{subscript}"):
            return rf"{unit.removesuffix(subscript)}$_\mathrm{{{subscript}}}$"
    return unit


def keep_minor_ticks(axes: Axes) -> None:
    """Draw the minor ticks of logarithmic axes also where they span more decades than matplotlib draws them for."""
    for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        if axis.get_scale() == "log" and high > 1e4 * low:
            axis.set_minor_locator(LogLocator(subs="all", numticks=99))
            axis.set_minor_formatter(NullFormatter())
