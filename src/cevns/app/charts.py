"""Charts of the explorer, in Vega-Lite: the browser draws them, so that they follow a slider at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from cevns.plot.style import BLACK, BLUE, VERMILLION

Spec: TypeAlias = dict[str, Any]
Rows: TypeAlias = Sequence[Mapping[str, Any]]

_WIDTH, _HEIGHT = 330, 190
_LOGARITHMIC: Final = {"type": "log"}


@dataclass(frozen=True)
class Chart:
    """A chart that a page can show.

    Attributes
    ----------
    spec : dict
        In Vega-Lite.
    """

    spec: Spec

    def _mime_(self) -> tuple[str, str]:
        """What the page is given: kind and content."""
        return "application/vnd.vegalite.v5+json", json.dumps(self.spec)


def recoil_chart(rows: Rows) -> Chart:
    """Recoil spectra, a column for each experiment; see `cevns.app.exploration.Exploration.recoils`."""
    encoding = {
        "x": _quantity("recoil", "recoil energy [keV]", {**_LOGARITHMIC, "nice": False}),
        "y": _quantity("rate", "recoils per keV", _LOGARITHMIC),
        "color": _colour(rows),
    }
    return _columns(rows, [{"mark": "line", "encoding": encoding}])


def bins_chart(rows: Rows, title: str) -> Chart:
    """Data over predictions, a column for each experiment; see `cevns.app.exploration.Exploration.bins`."""
    steps = {
        "mark": {"type": "rule", "strokeWidth": 2.5},
        "encoding": {
            "x": _quantity("low", title, {"zero": False, "nice": False}),
            "x2": {"field": "high"},
            "y": _quantity("expected", "counts per unit"),
            "color": _colour(rows),
        },
    }
    data = {
        "transform": [
            {"calculate": "(datum.low + datum.high) / 2", "as": "middle"},
            {"calculate": "datum.data - datum.error", "as": "lower"},
            {"calculate": "datum.data + datum.error", "as": "upper"},
        ],
        "encoding": {"x": _quantity("middle", title)},
        "layer": [
            {"mark": {"type": "rule", "color": BLACK}, "encoding": {"y": _quantity("lower"), "y2": {"field": "upper"}}},
            {
                "mark": {"type": "point", "color": BLACK, "filled": True, "size": 25, "opacity": 1},
                "encoding": {"y": _quantity("data")},
            },
        ],
    }
    return _columns(rows, [steps, data])


def chi2_chart(curve: Rows, here: float, level: float, title: str) -> Chart:
    """Delta chi^2 against the coupling, the level of the limit, and a line where the slider is."""
    couplings = [row["coupling"] for row in curve]
    x = _quantity("coupling", title, {**_LOGARITHMIC, "domain": [min(couplings), max(couplings)], "nice": False})
    x["axis"] = {"format": "~e", "tickCount": 8}
    y = _quantity("delta_chi2", "Δχ²", {"domain": [0.0, 4.0 * level]})
    marks = {"values": [{"coupling": here, "delta_chi2": level}]}
    line = {"type": "line", "color": BLACK, "clip": True}
    place = {"type": "rule", "color": VERMILLION, "strokeWidth": 2, "clip": True}
    dashes = {"type": "rule", "color": BLUE, "strokeDash": [4, 2]}
    layers = [
        {"data": {"values": list(curve)}, "mark": line, "encoding": {"x": x, "y": y}},
        {"data": marks, "mark": place, "encoding": {"x": x}},
        {"data": marks, "mark": dashes, "encoding": {"y": y}},
    ]
    return Chart({"width": 2 * _WIDTH, "height": _HEIGHT, "layer": layers})


def _columns(rows: Rows, layers: Sequence[Spec]) -> Chart:
    """The same layers for each experiment, on axes of its own."""
    return Chart(
        {
            "data": {"values": list(rows)},
            "facet": {"column": {"field": "experiment", "title": None}},
            "spec": {"width": _WIDTH, "height": _HEIGHT, "layer": list(layers)},
            "resolve": {"scale": {"x": "independent", "y": "independent"}},
        }
    )


def _quantity(field: str, title: str | None = None, scale: Spec | None = None) -> Spec:
    return {"field": field, "type": "quantitative", "title": title, **({"scale": scale} if scale else {})}


def _colour(rows: Rows) -> Spec:
    scale = {"domain": list(dict.fromkeys(row["prediction"] for row in rows)), "range": [BLUE, VERMILLION]}
    return {"field": "prediction", "type": "nominal", "title": None, "scale": scale, "legend": {"orient": "top"}}
