"""Run cards: what the command line can do, as a file. Unknown keys are refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

import numpy as np
from pydantic import ConfigDict, Discriminator, Field, Tag, TypeAdapter

from cevns.errors import InputError
from cevns.experiments import experiment
from cevns.experiments.documents import read_block, read_document
from cevns.experiments.schema import Block
from cevns.inference import GridScan, axis, coupling_limits, intervals
from cevns.inference.grid import POINTS_PER_CHUNK
from cevns.interactions import model
from cevns.results import IntervalResult, LimitResult
from cevns.statistics import Likelihood
from cevns.typing import JSON, FloatArray

SCHEMA_FILE: Final = "run-card.schema.json"
"""The JSON Schema of a run card, next to this module; editors check a card against it while it is written."""


class CardBlock(Block):
    """A part of a run card."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class AxisBlock(CardBlock):
    """Evenly spaced values of a parameter."""

    low: float
    """Lowest value."""
    high: float
    """Highest value."""
    points: int
    """Number of values, both ends among them."""
    scale: Literal["linear", "log"] = "linear"
    """Whether differences or ratios of the values are equal."""

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


class Card(CardBlock):
    """What every command needs."""

    schema_version: Literal[1]
    """Version of this schema."""
    model: str
    """Name of the model."""
    couplings: str = "radiative"
    """Weak couplings of the Standard Model part."""
    experiments: Annotated[tuple[Measurement, ...], Field(min_length=1)]
    """Names, or blocks with settings; several are fitted together."""
    shared: tuple[str, ...] = ()
    """Nuisances that the experiments have in common."""
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
    def grid(self) -> dict[str, FloatArray]:
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
    def points(self) -> dict[str, Any]:
        """Values of all parameters, shaped such that they broadcast to the outer product of those that have several."""
        return {**self.fixed, **dict(zip(self.grid, np.ix_(*self.grid.values()), strict=True))}


class ScanCard(Card):
    """chi^2 at every point of a grid, pulls profiled."""

    command: Literal["scan"]
    """What is done."""
    pulls: bool = False
    """Whether the best pulls are kept as well."""
    points_per_chunk: int = POINTS_PER_CHUNK
    """Points that are computed, stored and resumed together, at most."""

    def scan(self) -> GridScan:
        """The work that the card describes."""
        return GridScan(
            self.likelihood(), self.grid, self.fixed, pulls=self.pulls, points_per_chunk=self.points_per_chunk
        )


class LevelCard(Card):
    """What commands need that find where chi^2 crosses a level."""

    profiled: dict[str, tuple[float, float] | None] = Field(default_factory=dict)
    """Parameters to minimise over, each with the range that is searched, or null for all of its own."""


class LimitsCard(LevelCard):
    """Limits on the one coupling of a model, pulls profiled, at every point of the other parameters."""

    command: Literal["limits"]
    """What is done."""
    cl: float = 0.9545
    """Confidence level."""
    dof: int = 2
    """Degrees of freedom of the level."""

    def results(self) -> tuple[LimitResult, ...]:
        """The limits."""
        return coupling_limits(self.likelihood(), cl=self.cl, dof=self.dof, profiled=self.profiled, **self.points)


class IntervalsCard(LevelCard):
    """All disjoint intervals of each of some parameters, pulls profiled, at every point of the others."""

    command: Literal["intervals"]
    """What is done."""
    intervals_of: Annotated[tuple[str, ...], Field(min_length=1)]
    """The parameters."""
    cl: float = 0.90
    """Confidence level."""
    dof: int = 1
    """Degrees of freedom of the level."""

    def results(self) -> tuple[IntervalResult, ...]:
        """The intervals, parameter by parameter."""
        found, settings = self.likelihood(), {name: getattr(self, name) for name in ("cl", "dof", "shared", "profiled")}
        return tuple(
            result
            for parameter in self.intervals_of
            for result in intervals(found.model, found.experiments, parameter, **settings, **self.points)
        )


AnyCard: TypeAlias = ScanCard | LimitsCard | IntervalsCard
_KINDS: Final[Mapping[str, type[AnyCard]]] = {"scan": ScanCard, "limits": LimitsCard, "intervals": IntervalsCard}


def read_card(path: str | Path) -> AnyCard:
    """Read a run card.

    Raises
    ------
    InputError
        If the file cannot be read or does not satisfy the schema; the message names the field.
    """
    document = read_document(Path(path), "a run card")
    kind = _KINDS.get(str(document.get("command")))
    if kind is None:
        raise InputError(f"{path}: command", document.get("command"), _KINDS)
    return read_block(kind, document, str(path))


def json_schema() -> JSON:
    """The JSON Schema of run cards."""
    cards: TypeAdapter[AnyCard] = TypeAdapter(Annotated[AnyCard, Field(discriminator="command")])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Run card of cevns",
        **cards.json_schema(),
    }


def schema_text() -> str:
    """The content of the file `SCHEMA_FILE`."""
    return json.dumps(json_schema(), indent=2) + "\n"
