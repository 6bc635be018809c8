"""Blocks of ``experiment.yaml``: bins without data, and backgrounds as rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from cevns.documents import Block, read_block
from cevns.errors import InputError, naming
from cevns.experiments.schema.base import Positive


class EvenBlock(Block):
    """Bins of equal width."""

    low: float
    high: float
    number: Annotated[int, Field(gt=0)]

    @model_validator(mode="after")
    def _increasing(self) -> EvenBlock:
        if not self.low < self.high:
            raise InputError("high", self.high, f"a number above low = {self.low:g}")
        return self


def _edges(axis: str) -> Callable[[object], object]:
    """Reader of edges, given one by one or as bins of equal width."""

    def read(value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        with naming(f"bins.{axis}."):
            even = read_block(EvenBlock, value)
        return np.linspace(even.low, even.high, even.number + 1).tolist()

    return read


class BinsBlock(Block):
    """Bins without data: their counts are what the Standard Model and the backgrounds make expected."""

    energy: Annotated[tuple[float, ...], BeforeValidator(_edges("energy")), Field(min_length=2)]
    """Edges in units of the signal: all, or ``{low: 0.2, high: 7.2, number: 28}`` for bins of equal width."""
    time: Annotated[tuple[float, ...], BeforeValidator(_edges("time"))] = ()
    """Edges [us] after the protons; at a steady source one bin as long as the live time if there are none."""

    @model_validator(mode="after")
    def _increasing(self) -> BinsBlock:
        for axis, edges in (("energy", self.energy), ("time", self.time)):
            if len(edges) == 1 or not np.all(np.diff(edges) > 0):
                raise InputError(f"bins.{axis}", edges, "increasing edges")
        return self


class RateBlock(Block):
    """A background by its rate before the efficiency, per keVee, kg and day of live time.

    That of a background from the beam is per keVee, kg and MW d of protons, in place of a day.
    """

    time: Literal["uniform", "beam"] = "uniform"
    """When it comes: at all times alike, or like the prompt neutrinos."""
    rate: Positive


class FlatRateBlock(RateBlock):
    """The same rate at all energies."""

    kind: Literal["flat"]


class ExponentialRateBlock(RateBlock):
    """rate exp(-E/scale)."""

    kind: Literal["exponential"]
    scale: Positive
    """In keVee."""


class TableRateBlock(RateBlock):
    """``rate`` times that of a table: columns energy_keVee and rate, linear in between and zero beyond."""

    kind: Literal["table"]
    file: str
    rate: Positive = 1.0


AnyRate = Annotated[FlatRateBlock | ExponentialRateBlock | TableRateBlock, Field(discriminator="kind")]
