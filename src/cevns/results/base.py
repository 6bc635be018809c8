"""What all results have in common."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from functools import cache
from importlib import metadata
from typing import Self

from cevns.errors import InputError
from cevns.typing import JSON


@cache
def version() -> str:
    """Version of the package."""
    return metadata.version("cevns")


def level_in_words(cl: float, dof: int) -> str:
    """A level of chi^2.

    >>> level_in_words(0.9545, 2)
    '95.45 % CL, 2 dof'
    """
    return f"{100.0 * cl:g} % CL, {dof} dof"


def held_lines(values: Mapping[str, float]) -> list[tuple[str, str]]:
    """Parameters that were held; those at zero, of which contact interactions have many, on one line."""
    zero = ", ".join(name for name, value in values.items() if value == 0.0)
    held = [(name, f"{value:g} (fixed)") for name, value in values.items() if value != 0.0]
    return [*held, ("at zero", zero)] if zero else held


@dataclass(frozen=True)
class Record:
    """JSON round trip and printing, shared by the result classes."""

    def to_dict(self) -> JSON:
        """The record as a JSON object; optional fields that are empty are left out."""
        return {name: value for name, value in asdict(self).items() if value or name not in self._optional()}

    def to_json(self) -> str:
        """The record as JSON text; numbers keep every digit."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    @classmethod
    def from_dict(cls, record: Mapping[str, object]) -> Self:
        """Rebuild a record from a JSON object.

        Raises
        ------
        InputError
            If keys are missing or unknown.
        """
        names = {f.name for f in fields(cls)}
        if not names - cls._optional() <= set(record) <= names:
            raise InputError("record", sorted(record), sorted(names))
        return cls(**{name: _frozen(value) for name, value in record.items()})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild a record from JSON text."""
        return cls.from_dict(json.loads(text))

    @classmethod
    def _optional(cls) -> set[str]:
        return {f.name for f in fields(cls) if f.default_factory is not MISSING}

    def lines(self) -> Sequence[tuple[str, str]]:
        """Name and value of each line of the readable form."""
        return [(name, str(value)) for name, value in self.to_dict().items()]

    def __str__(self) -> str:
        """Aligned lines for a terminal."""
        lines = self.lines()
        width = max(len(name) for name, _ in lines)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in lines)

    def _repr_html_(self) -> str:
        """A table for Jupyter."""
        rows = (f"<tr><th>{html.escape(n)}</th><td>{html.escape(v)}</td></tr>" for n, v in self.lines())
        return f"<table>{''.join(rows)}</table>"


def _frozen(value: object) -> object:
    """Lists, which JSON has, as tuples, which records have."""
    if isinstance(value, dict):
        return {name: _frozen(item) for name, item in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
