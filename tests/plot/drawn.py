"""What stands on a figure, for the tests to look at."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch
from matplotlib.text import Text

from cevns.typing import FloatArray


def vertices(axes: Axes) -> FloatArray:
    """Points of the lines in data coordinates, shape (point, 2)."""
    return np.concatenate([np.column_stack(line.get_data()) for line in axes.lines])


def legend_of(axes: Axes) -> list[str]:
    """Entries of the legend."""
    legend = axes.get_legend()
    return [text.get_text() for text in legend.get_texts()] if legend else []


def corners(steps: StepPatch) -> FloatArray:
    """Upper corners of a histogram in data coordinates, shape (2 bins, 2)."""
    values, edges, _ = steps.get_data()
    return np.column_stack([np.repeat(edges, 2)[1:-1], np.repeat(values, 2)])


def assert_presentable(figure: Figure) -> None:
    """Lay the figure out; nothing is too small to read, leaves the page, or is hidden by the legend."""
    figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    assert min(text.get_fontsize() for text in texts) >= 8.0
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert box.x0 > -0.01
    assert box.y0 > -0.01
    assert box.x1 < width + 0.01
    assert box.y1 < height + 0.01
    for axes in figure.axes:
        legend = axes.get_legend()
        if legend is None:
            continue
        hidden, frame = legend.get_window_extent(), axes.get_window_extent()
        assert hidden.width < frame.width
        for line in axes.lines:
            points = line.get_transform().transform(np.column_stack(line.get_data()))
            # What leaves the frame is cut off there, and a legend outside hides nothing of it.
            assert not any(hidden.contains(*p) and frame.contains(*p) for p in points), line.get_label()
        for patch in axes.patches:
            if isinstance(patch, StepPatch):
                points = axes.transData.transform(corners(patch))
                assert not any(hidden.contains(*p) and frame.contains(*p) for p in points), patch.get_label()
