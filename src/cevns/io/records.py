"""Results read back from the JSON that commands write."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cevns.errors import InputError
from cevns.inference import ToyIntervalResult
from cevns.inference.bayes import PosteriorResult
from cevns.publications import FigureData
from cevns.results import FitResult, IntervalResult, LimitResult, ProfileResult, Record, RegionResult

KINDS: Final[Sequence[type[Record]]] = (
    LimitResult,
    IntervalResult,
    ToyIntervalResult,
    ProfileResult,
    RegionResult,
    FitResult,
    PosteriorResult,
    FigureData,
)
"""Records that are recognised, by their keys."""


def read_records(path: Path) -> tuple[Record, ...]:
    """Records of a file with one JSON object or a list of them, each of one of `KINDS`.

    Raises
    ------
    InputError
        If the file cannot be read, is not JSON, or holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError("results", str(path), f"a file of JSON ({error})") from None
    return tuple(_record(one, path) for one in (content if isinstance(content, list) else [content]))


def _record(content: object, path: Path) -> Record:
    if not isinstance(content, dict):
        raise InputError("results", f"{path}: {content!r}", "objects of JSON")
    for kind in KINDS:
        try:
            return kind.from_dict(content)
        except InputError:
            continue
    known = ", ".join(kind.__name__ for kind in KINDS)
    raise InputError("results", f"{path}: an object with the keys {', '.join(content)}", f"a record of {known}")
