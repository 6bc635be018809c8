"""What run cards are made of: blocks, the values that their fields take, and what several commands need.

Physics and numerics are loaded when a card is carried out, not when its flags are listed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag

import cevns
from cevns.documents import Block

if TYPE_CHECKING:
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
        from cevns.inference import axis

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

    @property
    def measurements(self) -> list[MeasurementBlock]:
        """The experiments, all as blocks."""
        return [MeasurementBlock(name=each) if isinstance(each, str) else each for each in self.experiments]

    @property
    def tested(self) -> dict[str, Any]:
        """What is tested on what: the first arguments of fits, limits and the like."""
        built = [
            cevns.experiment(one.name, one.overrides, electron_scattering=one.electron_scattering)
            for one in self.measurements
        ]
        model = cevns.model(self.model, couplings=self.couplings)
        return {"model": model, "experiments": built, "shared": self.shared}

    def likelihood(self) -> cevns.Likelihood:
        """The likelihood that the card describes."""
        return cevns.Likelihood(**self.tested)

    @property
    def axes(self) -> dict[str, FloatArray]:
        """Values of the parameters that have several."""
        import numpy as np

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
        import numpy as np

        return {**self.fixed, **dict(zip(self.axes, np.ix_(*self.axes.values()), strict=True))}


class LevelCard(Card):
    """What commands need that find where chi^2 crosses a level."""

    profiled: dict[str, tuple[float, float] | None] = Field(default_factory=dict)
    """Parameters to minimise over, each in the range that is given, or in all of its own where none (null) is."""
