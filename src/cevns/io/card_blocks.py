"""What run cards are made of: blocks, the values that their fields take, and what several commands need."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import ConfigDict, Discriminator, Field, Tag

from cevns.experiments import experiment
from cevns.experiments.schema import Block
from cevns.inference import axis
from cevns.interactions import model
from cevns.statistics import Likelihood
from cevns.typing import FloatArray


class CardBlock(Block):
    """A part of a run card."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class RangeBlock(CardBlock):
    """Where a parameter is looked at."""

    low: float
    """Lowest value."""
    high: float
    """Highest value."""
    scale: Literal["linear", "log"] = "linear"
    """Whether differences or ratios of the values are equal."""

    @property
    def span(self) -> tuple[float, float] | tuple[float, float, str]:
        """The ends, with ``"log"`` behind them where ratios are equal."""
        return (self.low, self.high, self.scale) if self.scale == "log" else (self.low, self.high)


class AxisBlock(RangeBlock):
    """Evenly spaced values of a parameter."""

    points: int
    """Number of values, both ends among them."""

    @property
    def values(self) -> FloatArray:
        """The values."""
        return axis(self.low, self.high, self.points, self.scale)


def _form_of_values(values: object) -> str:
    if isinstance(values, (dict, AxisBlock)):
        return "axis"
    return "list" if isinstance(values, (list, tuple)) else "number"


Values = Annotated[
    Annotated[float, Tag("number")] | Annotated[tuple[float, ...], Tag("list")] | Annotated[AxisBlock, Tag("axis")],
    Discriminator(_form_of_values),
]


class MeasurementBlock(CardBlock):
    """An experiment with settings of its own."""

    name: str
    """Name of the experiment, of an analysis of it, or a directory."""
    electron_scattering: bool = False
    """Count electron recoils, too, where the experiment cannot tell them apart."""
    overrides: dict[str, Any] = Field(default_factory=dict)
    """Values in place of those of its description, by dotted path: `target.form_factor: klein-nystrand`."""


Measurement = Annotated[
    Annotated[str, Tag("name")] | Annotated[MeasurementBlock, Tag("block")],
    Discriminator(lambda choice: "block" if isinstance(choice, (dict, MeasurementBlock)) else "name"),
]


class Card(CardBlock):
    """What every command needs."""

    schema_version: Literal[1]
    """Version of this schema."""
    model: str
    """Name of the model, see `cevns list models`, or FILE.py:NAME for one of your own."""
    couplings: str = "radiative"
    """Weak couplings of the Standard Model part."""
    experiments: Annotated[tuple[Measurement, ...], Field(min_length=1)]
    """Names, or blocks with settings; several are fitted together."""
    shared: tuple[str, ...] = ()
    """Nuisances that the experiments have in common, such as sns_flux."""
    parameters: dict[str, Values] = Field(default_factory=dict)
    """Values of model parameters by name: a number, a list, or evenly spaced values."""
    output: str | None = None
    """Directory for the results."""

    def likelihood(self) -> Likelihood:
        """The likelihood that the card describes."""
        chosen = [MeasurementBlock(name=each) if isinstance(each, str) else each for each in self.experiments]
        return Likelihood(
            model(self.model, couplings=self.couplings),
            [experiment(e.name, e.overrides, electron_scattering=e.electron_scattering) for e in chosen],
            shared=self.shared,
        )

    @property
    def axes(self) -> dict[str, FloatArray]:
        """Values of the parameters that have several."""
        return {
            name: value.values if isinstance(value, AxisBlock) else np.array(value)
            for name, value in self.parameters.items()
            if not isinstance(value, float)
        }

    @property
    def fixed(self) -> dict[str, float]:
        """Values of the parameters that have one."""
        return {name: value for name, value in self.parameters.items() if isinstance(value, float)}

    @property
    def values(self) -> dict[str, Any]:
        """Values of all parameters, shaped such that they broadcast to the outer product of those that have several."""
        return {**self.fixed, **dict(zip(self.axes, np.ix_(*self.axes.values()), strict=True))}


class LevelCard(Card):
    """What commands need that find where chi^2 crosses a level."""

    profiled: dict[str, tuple[float, float] | None] = Field(default_factory=dict)
    """Parameters to minimise over, each in the range that is given, or in all of its own where none (null) is."""
