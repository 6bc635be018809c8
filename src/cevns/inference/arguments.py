"""Values of parameters that are given to an inference: which must not be, and which are one number."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cevns.errors import InputError
from cevns.interactions import Model


def refuse_values(fixed: Mapping[str, object], names: Collection[str], because: str) -> None:
    """Raise `InputError` if a parameter has a value that must not have one."""
    for name in names:
        if name in fixed:
            raise InputError(name, fixed[name], f"no value: {because}")


def single_values(model: Model, fixed: Mapping[str, object], free: Collection[str]) -> dict[str, float]:
    """Values of the parameters that are not free, given or by default.

    Raises
    ------
    InputError
        If a parameter is unknown, missing, out of range, or not one number.
    """
    values = model.complete(fixed, free=tuple(free))
    for name, value in values.items():
        if value.ndim:
            raise InputError(name, value.tolist(), "one value")
    return {name: float(value) for name, value in values.items()}
