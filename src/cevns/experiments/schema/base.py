"""What the blocks of ``experiment.yaml`` have in common: no unknown keys, and quantities with their unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from cevns.errors import InputError
from cevns.units import parse_quantity


class Block(BaseModel):
    """A part of the file: immutable, without unknown keys, without numbers that are not finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def quantity(dimension: str) -> Callable[[object], float]:
    """Reader of a positive quantity with its unit; in internal units."""

    def read(value: object) -> float:
        try:
            return parse_quantity(value, dimension, dimension)
        except InputError as error:
            raise ValueError(error.allowed) from None

    return read


Length = Annotated[float, BeforeValidator(quantity("length"))]
Mass = Annotated[float, BeforeValidator(quantity("mass"))]
Time = Annotated[float, BeforeValidator(quantity("time"))]
Power = Annotated[float, BeforeValidator(quantity("power"))]
Energy = Annotated[float, BeforeValidator(quantity("energy"))]
Positive = Annotated[float, Field(gt=0)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_+\-]*$")]
