"""What figures of chi^2 have around their curves: levels, labels of axes, legends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.typing import LineStyleType

from cevns.io.symbols import typeset
from cevns.plot.style import SMALL, unit_text
from cevns.results import Ring

HEIGHT: Final = 2.9
"""Height of a panel [in]."""
SHADE: Final = 0.25
"""Opacity of a region."""
GREY: Final = "0.45"
"""Colour of what guides the eye."""
ABOVE: Final = 2.5
"""Top of an axis of Delta chi^2, in units of the highest level."""


def draw_level(axes: Axes, rise: float, cl: float) -> None:
    """A line at a rise of chi^2, with its confidence level at the right end."""
    axes.axhline(rise, color=GREY, linewidth=0.7, zorder=1.0)
    axes.annotate(
        f"{100.0 * cl:.4g} %",
        (1.0, rise),
        (3.0, 0.0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        verticalalignment="center",
        fontsize=SMALL,
    )


def draw_pieces(
    axes: Axes, pieces: Sequence[Sequence[Ring]], colour: str, dashes: LineStyleType, label: str = ""
) -> None:
    """A region: disjoint pieces with their holes, one entry in the legend."""
    edge = to_rgba(colour)
    for number, piece in enumerate(pieces):
        outline = Path.make_compound_path(*(Path(np.array(ring), closed=True) for ring in piece))
        patch = PathPatch(outline, edgecolor=edge, facecolor=(*edge[:3], SHADE), linestyle=dashes, linewidth=1.2)
        patch.set_label("" if number else label)
        axes.add_patch(patch)


def axis_label(name: str, unit: str, label: str = "") -> str:
    """Symbol of a parameter, or a label in its place, with the unit."""
    words = label or typeset(name)
    return f"{words} [{typeset(unit_text(unit))}]" if unit else words


def differences(words: Sequence[Mapping[str, str]], separator: str) -> list[str]:
    """What tells results apart, each in words by the same keys; the first two keys where nothing does."""
    shown = [key for key in words[0] if len({one[key] for one in words}) > 1] or list(words[0])[:2]
    return [separator.join(filter(None, (one[key] for key in shown))) for one in words]


def legend_rows(axes: Axes) -> int:
    """Rows of the legend of what is drawn, without its title."""
    return sum(label.count("\n") + 1 for label in axes.get_legend_handles_labels()[1])


def below_legend(rows: int, row: float) -> float:
    """Fraction of the height of the axes that is free below a legend, given that of a row: at least a fifth."""
    return max(1.0 - row * rows, 0.2)


def legend_above(axes: Axes, title: str, *, columns: int = 2) -> None:
    """A legend where it hides nothing."""
    axes.legend(
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=columns,
        columnspacing=1.2,
        borderaxespad=0.2,
        title=title,
    )
