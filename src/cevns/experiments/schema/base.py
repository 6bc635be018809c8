"""What the values of ``experiment.yaml`` have in common: quantities with their unit, positive numbers, names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

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


def _matching(pattern: str, words: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(words)
        return text

    return AfterValidator(check)


Name = Annotated[
    str, _matching(r"[a-z][a-z0-9_+\-]*", "a lower-case letter, then such letters, digits, '_', '+' or '-'")
]
Hash = Annotated[str, _matching("[0-9a-f]{64}", "a SHA-256: 64 digits from 0 to 9 and a to f")]
