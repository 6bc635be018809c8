"""Data and expectation of an experiment, projected on energy and on time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cevns.errors import InputError
from cevns.experiments import Experiment
from cevns.experiments.schema import GaussianBlock
from cevns.interactions import Interaction, Model, as_model
from cevns.io.symbols import typeset
from cevns.plot.frame import below_legend, legend_rows
from cevns.plot.histogram import draw_data, draw_stack
from cevns.plot.style import (
    BLACK,
    BLUE,
    ORANGE,
    PURPLE,
    VERMILLION,
    YELLOW,
    house_style,
    new_figure,
    number,
    unit_text,
)
from cevns.statistics.expectation import Pulls, expected_parts
from cevns.typing import FloatArray

_SIGNAL: Final = "cevns"
_SCATTERING: Final = {"cevns": "CEvNS", "electron_scattering": "ES"}
_LEGEND_WIDTH, _LEGEND_ROW = 0.70, 0.09
"""Fractions of the axes that the legend takes: its width, and the height of one row."""
_BACKGROUND_COLOURS: Final = (ORANGE, PURPLE, YELLOW, VERMILLION)


def projections(
    experiment: Experiment,
    model: str | Interaction | Model = "sm",
    parameters: Mapping[str, float] | None = None,
    *,
    overlay: str | Interaction | Model | None = None,
    overlay_parameters: Mapping[str, float] | None = None,
    subtract: str | None = "steady_state",
    pulls: Pulls = "prior",
) -> Figure:
    """Draw the counts of an experiment per unit of energy and of time, over the stacked expectation.

    There is no panel of the times if there is one time bin.

    Parameters
    ----------
    experiment : Experiment
        Data and expected backgrounds.
    model : str, Interaction or Model
        What the stacked neutrino events are predicted with.
    parameters : mapping, optional
        Values of its parameters.
    overlay : str, Interaction or Model, optional
        A second model, whose total is drawn as a dashed line.
    overlay_parameters : mapping, optional
        Values of the parameters of that model.
    subtract : str or None
        Background that is subtracted from the data, its variance included in the errors; None for none.
    pulls : {"prior", "best"}
        Whether the expectation is taken before the fit, or after it, each model with its own best pulls.

    Raises
    ------
    InputError
        If a name is unknown or a parameter is not one acceptable number.
    """
    if subtract is not None and subtract not in experiment.backgrounds:
        raise InputError("subtract", subtract, experiment.backgrounds)
    expected = expected_components(experiment, model, parameters or {}, pulls)
    subtracted = np.zeros_like(experiment.observed) if subtract is None else expected.pop(subtract)
    second = None
    if overlay is not None:
        parts = expected_components(experiment, overlay, overlay_parameters or {}, pulls)
        second = sum(parts.values(), start=-subtracted)
    counted = experiment.observed if experiment.errors is None else experiment.errors**2
    variance = counted + variance_per_event(experiment, subtract) * subtracted
    panels = [
        _Panel(edges, axis, experiment.observed - subtracted, variance, expected, second)
        for edges, axis in ((experiment.energy_edges, 1), (experiment.time_edges, 0))
        if axis == 1 or len(edges) > 2
    ]
    descriptions = {name: _short(text) for name, text in experiment.config.backgrounds.items()}
    scattering = " and ".join(_SCATTERING[part] for part in experiment.parts)
    names = {**descriptions, _SIGNAL: f"{scattering}, {_title(model, parameters)}"}
    unit = unit_text(experiment.config.detector.signal_unit)
    with house_style():
        figure = new_figure(2.3 * len(panels))
        drawn = figure.subplots(len(panels), 1, squeeze=False)[:, 0]
        data = "Asimov data" if experiment.is_forecast else "data"
        data = data if subtract is None else f"{data} $-$ {descriptions[subtract]}"
        quantities = (("reconstructed energy", unit), ("arrival time", "µs"))
        for axes, panel, (quantity, of) in zip(drawn, panels, quantities, strict=False):
            panel.draw(axes, names, data, _title(overlay, overlay_parameters) if overlay is not None else "")
            axes.set(xlabel=f"{quantity} [{of}]", ylabel=f"counts / {of}")
        _put_legend(drawn[-1], panels[-1].highest(1.0 - _LEGEND_WIDTH))
        figure.align_ylabels(drawn)
    return figure


def _put_legend(axes: Axes, highest: float) -> None:
    """At the upper right, as late times of a pulsed beam have room, above the highest that is drawn there."""
    axes.set_ylim(top=max(axes.get_ylim()[1], highest / below_legend(legend_rows(axes), _LEGEND_ROW)))
    handles, labels = axes.get_legend_handles_labels()
    for text in axes.legend(handles[::-1], labels[::-1], loc="upper right").get_texts():
        text.set_linespacing(1.0)


def expected_components(
    experiment: Experiment, model: str | Interaction | Model, parameters: Mapping[str, float], pulls: Pulls
) -> dict[str, FloatArray]:
    """Expected counts of each background and, last, of the neutrinos, shape (energy bin, time bin).

    Raises
    ------
    InputError
        If a parameter is not one acceptable number.
    """
    expected = expected_parts(experiment, model, parameters, pulls)
    neutrinos = sum((expected.pop(part) for part in experiment.parts), start=np.zeros_like(experiment.observed))
    return {**expected, _SIGNAL: neutrinos}


def variance_per_event(experiment: Experiment, background: str | None) -> float:
    """Variance of a background per expected event.

    It is the one that the statistic of the experiment uses, and 1/k for counts of a k-fold live time. Where there is
    none, the background was counted k times longer than the data, and 1/k follows from the constraint of its
    normalisation, sigma^2 = 1/(k N).
    """
    if background is None:
        return 0.0
    if background == experiment.config.counted:
        return 1.0 / experiment.config.off_exposure
    statistic = experiment.config.statistic
    if isinstance(statistic, GaussianBlock) and background in statistic.background_variance:
        return statistic.background_variance[background]
    sigmas = [p.width for p in experiment.config.nuisances if p.component == background and p.shape is None]
    return sum(sigma**2 for sigma in sigmas) * float(experiment.backgrounds[background].sum())


@dataclass(frozen=True)
class _Panel:
    """One projection: counts (energy bin, time bin) summed along an axis and divided by the width of the bins."""

    edges: FloatArray
    axis: int
    data: FloatArray
    variance: FloatArray
    expected: Mapping[str, FloatArray]
    second: FloatArray | None

    def _density(self, counts: FloatArray) -> FloatArray:
        return counts.sum(axis=self.axis) / np.diff(self.edges)

    @property
    def _errors(self) -> FloatArray:
        return np.sqrt(self.variance.sum(axis=self.axis)) / np.diff(self.edges)

    def highest(self, fraction: float) -> float:
        """Top of what is drawn beyond a fraction of the range."""
        heights = [
            self._density(sum(self.expected.values(), start=np.zeros(()))),
            self._density(self.data) + self._errors,
        ]
        if self.second is not None:
            heights.append(self._density(self.second))
        beyond = self.edges[1:] > self.edges[0] + fraction * (self.edges[-1] - self.edges[0])
        return float(np.max(heights, axis=0)[beyond].max())

    def draw(self, axes: Axes, names: Mapping[str, str], data: str, second: str) -> None:
        """Stack the expectation, and put the second model and the data on top."""
        backgrounds = iter(_BACKGROUND_COLOURS * len(self.expected))
        stack = [
            (names[name], self._density(counts), BLUE if name == _SIGNAL else next(backgrounds))
            for name, counts in self.expected.items()
        ]
        draw_stack(axes, self.edges, stack)
        if self.second is not None:
            axes.stairs(self._density(self.second), self.edges, color=BLACK, linestyle="--", label=second)
        draw_data(axes, self.edges, self._density(self.data), self._errors, data)


def _short(description: str) -> str:
    """A description without the part behind the comma."""
    return description.partition(",")[0]


def _title(model: str | Interaction | Model, parameters: Mapping[str, float] | None) -> str:
    """Name of a model, and below it the values of its parameters."""
    chosen = as_model(model)
    name = "SM" if chosen.name == "sm" else typeset(chosen.name)
    values = ", ".join(
        f"{typeset(key)} = {number(float(value))} {typeset(chosen.parameter(key).unit)}".rstrip()
        for key, value in (parameters or {}).items()
    )
    return f"{name}\n{values}" if values else name
