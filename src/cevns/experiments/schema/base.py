"""What the values of ``experiment.yaml`` have in common: quantities with their unit, positive numbers, names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import BeforeValidator, Field

from cevns.errors import InputError
from cevns.units import parse_quantity


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
