"""What stands behind flags of the form NAME=...: numbers, ranges, lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import yaml

from cevns.documents import parse
from cevns.errors import InputError
from cevns.io.card_blocks import RangeBlock

Value = TypeVar("Value")
BlockKind = TypeVar("BlockKind", bound=RangeBlock)


def by_name(flag: str, texts: Sequence[str], form: str, read: Callable[[str], Value]) -> dict[str, Value]:
    """Values by name from texts of the form NAME=VALUE.

    Parameters
    ----------
    flag, form : str
        The flag and what it takes, for the message.
    texts : sequence of str
        What was given.
    read : callable
        The value from its text, empty if there is none; raises `ValueError` if it is not one.

    Raises
    ------
    InputError
        If a text is not of that form, or names what another one has named.
    """
    values: dict[str, Value] = {}
    for text in texts:
        name, _, given = text.partition("=")
        if name in values:
            raise InputError(flag, text, "each name once")
        try:
            values[read_text(name)] = read(given)
        except ValueError:
            raise InputError(flag, text, form) from None
    return values


def read_range(given: str) -> tuple[float, float] | None:
    """LOW:HIGH, or nothing."""
    low, _, high = given.partition(":")
    return (float(low), float(high)) if given else None


def block_reader(kind: type[BlockKind]) -> Callable[[str], BlockKind]:
    """Reader of LOW:HIGH[:SCALE], or LOW:HIGH:POINTS[:SCALE], as the kind of block needs."""
    numbers = [name for name, field in kind.model_fields.items() if field.is_required()]

    def read(given: str) -> BlockKind:
        parts = given.split(":")
        scale = ":".join(parts[len(numbers) :]) or "linear"
        return kind.model_validate({**dict(zip(numbers, parts, strict=False)), "scale": scale})

    return read


def read_text(given: str) -> str:
    """Any text but none."""
    if not given:
        raise ValueError(given)
    return given


def read_list(given: str) -> list[Any]:
    """V1,V2,..., each value as in YAML."""
    try:
        values: list[Any] = parse(f"[{read_text(given)}]")
    except yaml.YAMLError:
        raise ValueError(given) from None
    return values
