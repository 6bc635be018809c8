"""Charts of the explorer as SVG: a move of a slider changes some paths of the page, which costs a browser little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np
from matplotlib.ticker import MaxNLocator

from cevns.app.exploration import Bins, Curve, Exploration, View
from cevns.plot.style import BLUE, VERMILLION
from cevns.results import LimitResult
from cevns.typing import FloatArray

_LEFT, _TOP, _WIDTH, _HEIGHT = 54, 8, 300, 154
"""The frame [px]; the page scales it, text included."""
_RIGHT, _BOTTOM = 6, 38
"""Room on its other sides."""
_TICKS = 6
"""Numbers on an axis, at most."""
_RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_TEXT: Final = "currentColor"
"""Colour of all that is no prediction: that of the page, which may be dark."""
_PREDICTIONS: Final = (
    {"stroke": BLUE, "stroke_width": 2},
    {"stroke": VERMILLION, "stroke_width": 2, "stroke_dasharray": "7 2"},
)
"""How the Standard Model and the model are drawn."""
_DECADES = 5
"""Of recoil spectra, below the highest rate of the Standard Model."""
_ROOM = 3.0
"""Height that an axis of counts gives to the model, in units of what data and the Standard Model need."""


@dataclass(frozen=True)
class Axis:
    """From values to places between 0 and 1.

    Attributes
    ----------
    title : str
        Quantity and unit.
    low, high : float
        The ends.
    logarithmic : bool
        Whether places are those of logarithms.
    """

    title: str
    low: float
    high: float
    logarithmic: bool = False

    def place(self, values: FloatArray) -> FloatArray:
        """Places of values; of those far outside, and of what has no logarithm, just somewhere outside."""
        ends = np.array([self.low, self.high])
        if self.logarithmic:
            ends, values = np.log10(ends), np.log10(np.maximum(values, np.finfo(float).tiny))
        return np.clip((values - ends[0]) / (ends[1] - ends[0]), -9.0, 10.0)

    def ticks(self) -> dict[float, str]:
        """Values with their numbers."""
        if not self.logarithmic:
            values = np.asarray(MaxNLocator(_TICKS - 1, steps=[1, 2, 5, 10]).tick_values(self.low, self.high)).tolist()
            return {value: f"{value:g}" for value in values if self.low <= value <= self.high}
        first, last = int(np.ceil(np.log10(self.low))), int(np.floor(np.log10(self.high)))
        powers = range(first, last + 1, 1 + (last - first) // _TICKS)
        return {10.0**n: f"{10.0**n:g}" if abs(n) < 3 else "10" + str(n).translate(_RAISED) for n in powers}


@dataclass(frozen=True)
class Chart:
    """Two axes, and marks between them.

    Attributes
    ----------
    label : str
        What it shows, for those who cannot see it.
    x, y : Axis
        The axes.
    """

    label: str
    x: Axis
    y: Axis

    def _points(self, x: FloatArray, y: FloatArray) -> list[tuple[float, float]]:
        """Places in the frame [px], from its upper left corner."""
        places = np.stack(np.broadcast_arrays(_WIDTH * self.x.place(x), _HEIGHT * (1.0 - self.y.place(y))), axis=-1)
        return [(a, d) for a, d in places.round(1).tolist()]

    def line(self, x: FloatArray, y: FloatArray, **style: object) -> str:
        """A line through points."""
        return _path("M" + "L".join(f"{a},{d}" for a, d in self._points(x, y)), **style)

    def steps(self, edges: FloatArray, y: FloatArray, **style: object) -> str:
        """A histogram."""
        return self.line(np.repeat(edges, 2)[1:-1], np.repeat(y, 2), **style)

    def bars(self, x: FloatArray, low: FloatArray, high: FloatArray, **style: object) -> str:
        """Lines upwards."""
        ends = zip(self._points(x, low), self._points(x, high), strict=True)
        return _path("".join(f"M{a},{d}V{up}" for (a, d), (_, up) in ends), **style)

    def dots(self, x: FloatArray, y: FloatArray, **style: object) -> str:
        """Points."""
        return _path("".join(f"M{a},{d}h0" for a, d in self._points(x, y)), stroke_linecap="round", **style)

    def note(self, text: str, y: FloatArray, **style: object) -> str:
        """Text on the left, above a height."""
        ((_, d),) = self._points(np.array([self.x.low]), y)
        return _text(text, 6, d - 5, "start", **style)

    def svg(self, *marks: str) -> str:
        """The chart, marks and all."""
        (across, x_numbers), (up, y_numbers) = (zip(*axis.ticks().items(), strict=True) for axis in (self.x, self.y))
        x_ticks = [a for a, _ in self._points(np.array(across), np.array(self.y.low))]
        y_ticks = [d for _, d in self._points(np.array(self.x.low), np.array(up))]
        grid = "".join((*(f"M{a},0v{_HEIGHT}" for a in x_ticks), *(f"M0,{d}h{_WIDTH}" for d in y_ticks)))
        place = {"x": _LEFT, "y": _TOP, "width": _WIDTH, "height": _HEIGHT}
        middle = _TOP + _HEIGHT / 2
        parts = (
            _element("svg", _path(grid, stroke=_TEXT, stroke_opacity=0.12), *marks, **place),
            _element("rect", **place, fill="none", stroke=_TEXT, stroke_opacity=0.6),
            *(_text(n, _LEFT + a, _TOP + _HEIGHT + 14) for n, a in zip(x_numbers, x_ticks, strict=True)),
            *(_text(n, _LEFT - 5, _TOP + d + 4, "end") for n, d in zip(y_numbers, y_ticks, strict=True)),
            _text(self.x.title, _LEFT + _WIDTH / 2, _TOP + _HEIGHT + 30),
            _text(self.y.title, 12, middle, transform=f"rotate(-90 12 {middle})"),
        )
        box = f"0 0 {_LEFT + _WIDTH + _RIGHT} {_TOP + _HEIGHT + _BOTTOM}"
        label = escape(self.label)
        return _element("svg", *parts, viewBox=box, font_size=11, style="width:100%", role="img", aria_label=label)


def overview(here: Exploration, coupling: float) -> str:
    """All that there is to see of a model at a coupling: the limit, chi^2 and the charts.

    Raises
    ------
    InputError
        If the coupling is out of range.
    NumericalError
        If there is no limit.
    """
    delta_chi2, limit = here.delta_chi2(coupling), here.limit
    fixed = "".join(f", {name} = {value:g} MeV" for name, value in here.fixed.items())
    numbers = (
        f"<b>{limit.parameter} &lt; {limit.upper_limit:.4g}</b> at {limit.cl:.0%} CL, {limit.dof} dof{fixed}",
        f"Δχ² = {delta_chi2:.4g} at {limit.parameter} = {coupling:.4g}",
        "<small>The red line is the coupling; the dashed line is the level of the limit, which is at the dot.</small>",
    )
    text = [_element("p", number, style="font-size:1.15em;margin:0 0 12px") for number in numbers]
    chi2 = columns(text, [chi2_chart(limit, here.curve, coupling)])
    return chi2 + experiment_charts(here.views(coupling), here.predictions)


def chi2_chart(limit: LimitResult, curve: Curve, here: float) -> str:
    """Delta chi^2 against the coupling, the level of the limit with its crossings, and where the slider is."""
    couplings, delta_chi2 = curve
    x = Axis(limit.parameter, float(couplings[0]), float(couplings[-1]), logarithmic=True)
    y = Axis("Δχ²", 0.0, 4.0 * limit.delta_chi2)
    chart = Chart(f"Δχ² against {limit.parameter}", x, y)
    level, ends = np.array(limit.delta_chi2), np.array([0.0, np.inf])
    return chart.svg(
        chart.line(ends, level, stroke=BLUE, stroke_dasharray="4 2"),
        chart.note(f"{limit.cl:.0%}", level, fill=BLUE),
        chart.line(couplings, delta_chi2, stroke=_TEXT, stroke_width=2),
        chart.dots(np.array(limit.crossings), level, stroke=BLUE, stroke_width=8),
        chart.line(np.array(here), ends, stroke=VERMILLION, stroke_width=2),
    )


def recoil_chart(view: View) -> str:
    """Recoil spectra of the Standard Model and of the model."""
    standard, model = (float(rate.max()) for rate in view.rates)
    x = Axis("recoil energy [keV]", float(view.recoils[0]), float(view.recoils[-1]), logarithmic=True)
    y = Axis("recoils / keV", standard / 10**_DECADES, 2.0 * max(standard, model), logarithmic=True)
    chart = Chart(f"recoil spectra of {view.experiment}", x, y)
    spectra = zip(view.rates, _PREDICTIONS, strict=True)
    return chart.svg(*(chart.line(view.recoils[rate > 0.0], rate[rate > 0.0], **style) for rate, style in spectra))


def bins_chart(bins: Bins, experiment: str) -> str:
    """Data over the predictions."""
    low, high = bins.data - bins.error, bins.data + bins.error
    standard, model = (float(expected.max()) for expected in bins.expected)
    needed = max(standard, float(high.max()))
    x = Axis(f"{bins.quantity} [{bins.unit}]", float(bins.edges[0]), float(bins.edges[-1]))
    top = 1.05 * max(needed, min(model, _ROOM * needed))
    chart = Chart(
        f"{bins.quantity} in {experiment}", x, Axis(f"counts / {bins.unit}", 1.05 * min(0.0, float(low.min())), top)
    )
    middle = (bins.edges[1:] + bins.edges[:-1]) / 2.0
    return chart.svg(
        *(chart.steps(bins.edges, e, **style) for e, style in zip(bins.expected, _PREDICTIONS, strict=True)),
        chart.bars(middle, low, high, stroke=_TEXT),
        chart.dots(middle, bins.data, stroke=_TEXT, stroke_width=5),
    )


def experiment_charts(views: Sequence[View], predictions: Sequence[str]) -> str:
    """All charts of the experiments, a column for each, under the names of what is drawn."""
    lines = (_path("M0,6h28", **style) for style in _PREDICTIONS)
    point = _path("M14,0v12", stroke=_TEXT) + _path("M14,6h0", stroke=_TEXT, stroke_width=5, stroke_linecap="round")
    legend = (
        _element("span", _element("svg", sample, width=28, height=12, style="display:inline"), f" {escape(name)}")
        for sample, name in zip((*lines, point), (*predictions, "data"), strict=True)
    )
    charts = (
        (recoil_chart(view), *(bins_chart(bins, view.experiment) for bins in view.bins.values())) for view in views
    )
    titled = ((f"<b>{escape(view.experiment)}</b>", *column) for view, column in zip(views, charts, strict=True))
    return _element("div", *legend, style="display:flex;flex-wrap:wrap;gap:4px 24px;margin-bottom:12px") + columns(
        *titled
    )


def columns(*contents: Sequence[str]) -> str:
    """Columns side by side, or one below the other where the page is narrow."""
    style = "display:grid;grid-template-columns:repeat(auto-fit,minmax(min(300px,100%),1fr));gap:12px 24px"
    return _element("div", *(_element("div", *content) for content in contents), style=style)


def _path(path: str, **style: object) -> str:
    return _element("path", d=path, fill="none", **style)


def _text(text: str, x: float, y: float, anchor: str = "middle", **style: object) -> str:
    return _element("text", escape(text), **{"x": x, "y": y, "text_anchor": anchor, "fill": _TEXT, **style})


def _element(tag: str, *content: str, **attributes: object) -> str:
    """An element; hyphens of attributes are written as underscores."""
    given = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<{tag}{given}>{''.join(content)}</{tag}>"
