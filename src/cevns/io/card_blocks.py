"""What run cards are made of: blocks, and the values that their fields take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag

from cevns.experiments.schema import Block
from cevns.inference import axis
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
    """Whether electron recoils count, where the experiment cannot tell them apart."""
    overrides: dict[str, Any] = Field(default_factory=dict)
    """Values in place of those of its description, by dotted path: `target.form_factor: klein-nystrand`."""


Measurement = Annotated[
    Annotated[str, Tag("name")] | Annotated[MeasurementBlock, Tag("block")],
    Discriminator(lambda choice: "block" if isinstance(choice, (dict, MeasurementBlock)) else "name"),
]
