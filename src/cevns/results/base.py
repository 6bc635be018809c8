"""What all results have in common."""

from __future__ import annotations

import html
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any, Self

from cevns.errors import InputError
from cevns.typing import JSON

if TYPE_CHECKING:
    from cevns.statistics import Likelihood


@cache
def version() -> str:
    """Version of the package."""
    return metadata.version("cevns")


def level_words(levels: Sequence[float], dof: int) -> str:
    """Confidence levels and degrees of freedom in words.

    >>> level_words([0.6827, 0.9], 1)
    '68.27 %, 90 % CL, 1 dof'
    """
    return f"{', '.join(f'{100.0 * cl:g} %' for cl in levels)} CL, {dof} dof"


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


class Result(Record, ABC):
    """What an inference says of a model and experiments.

    The classes of results declare those of these fields that they have, in the order of the keys in JSON, and describe
    what is their own.

    Attributes
    ----------
    model, experiments : str, tuple of str
        What was tested on what.
    parameter, unit : str
        The parameter that varies, and the unit of its values.
    fixed : mapping of str to float
        The parameters that were held.
    profiled : mapping of str to float
        Parameters over which chi^2 was minimised, and their values at the best fit.
    cl, dof, delta_chi2 : float, int, float
        Confidence level, degrees of freedom, and the rise of chi^2 that they mean.
    best_fit, chi2_min : float
        Where chi^2 is smallest, and its value there.
    ndata, version : int, str
        Number of bins, and version of the package.
    """

    model: str
    experiments: tuple[str, ...]

    def lines(self) -> Sequence[tuple[str, str]]:
        """Name and value of each line of the readable form."""
        return [("model", self.model), ("experiments", ", ".join(self.experiments)), *self.own_lines()]

    @abstractmethod
    def own_lines(self) -> Sequence[tuple[str, str]]:
        """Those after model and experiments."""


def common_fields(likelihood: Likelihood) -> dict[str, Any]:
    """The fields that all results of a likelihood have."""
    return {
        "model": likelihood.model.name,
        "experiments": tuple(one.name for one in likelihood.experiments),
        "ndata": likelihood.ndata,
        "version": version(),
    }


def at_level(cl: float, dof: int) -> str:
    """A confidence level behind what holds at it."""
    return f"({level_words([cl], dof)})"


def with_unit(name: str, unit: str) -> str:
    """A name with its unit, if it has one: the header of a column.

    >>> with_unit("mass", "MeV"), with_unit("g", "")
    ('mass [MeV]', 'g')
    """
    return f"{name} [{unit}]" if unit else name


def _frozen(value: object) -> object:
    """Lists, which JSON has, as tuples, which records have."""
    if isinstance(value, dict):
        return {name: _frozen(item) for name, item in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
