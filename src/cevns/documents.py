"""Documents in YAML: made of blocks, and refused with the name of the field that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from cevns.errors import InputError, one_of

if TYPE_CHECKING:
    from cevns.typing import JSON

Schema = TypeVar("Schema", bound=BaseModel)


class Block(BaseModel):
    """A part of a document: immutable, without unknown keys, without numbers that are not finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def read_document(path: Path, of: str) -> JSON:
    """The content of a YAML file.

    Parameters
    ----------
    path : Path
        The file.
    of : str
        What it describes, for the message.

    Raises
    ------
    InputError
        If there is no such file, or it does not hold a mapping.
    """
    try:
        document = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except OSError as error:
        raise InputError(of, str(path), f"a file that can be read ({error.strerror})") from None
    except yaml.YAMLError as error:
        raise InputError(str(path), " ".join(str(error).split()), "valid YAML") from None
    if not isinstance(document, dict):
        raise InputError(str(path), document, f"a mapping of the keys of {of}")
    return document


def read_block(kind: type[Schema], document: object, origin: str = "") -> Schema:
    """Validate a document; the first problem becomes an `InputError` that names the field.

    Parameters
    ----------
    kind : type of pydantic model
        What it is to be.
    document : object
        The parsed YAML.
    origin : str
        Where it came from, for the message; empty for what is no file.
    """
    before = f"{origin}: " if origin else ""
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        # Of the branches of a union the one that went deepest is the one that was meant; where a key is missing, an
        # unknown one may be it, mistyped.
        problems = error.errors(include_url=False)
        worst = max(problems, key=lambda one: (len(one["loc"]), one["type"] == "extra_forbidden"))
        cause = worst.get("ctx", {}).get("error")
        if isinstance(cause, InputError):
            raise InputError(before + cause.field, cause.value, cause.allowed) from None
        keys, block = _follow(kind, worst["loc"])
        place = ".".join(keys) or "document"
        allowed = worst["msg"].removeprefix("Value error, ")
        if worst["type"] == "union_tag_invalid":
            raise InputError(f"{before}{place}.kind", worst["ctx"]["tag"], worst["ctx"]["expected_tags"]) from None
        if worst["type"] == "extra_forbidden":
            raise InputError(before + place, worst["input"], one_of(keys[-1], block.model_fields)) from None
        if worst["type"] == "missing":
            raise InputError(before + place, None, "a value: this key is required") from None
        raise InputError(before + place, worst["input"], allowed) from None


def _follow(block: type[BaseModel], path: tuple[int | str, ...]) -> tuple[list[str], type[BaseModel]]:
    """Keys of a document along a path of pydantic, and the block of the last: unions add the tags of their branches."""
    keys: list[str] = []
    branches: dict[str, type[BaseModel]] = {}
    for part in path:
        if part in branches:
            block = branches[str(part)]
            continue
        keys.append(str(part))
        if part in block.model_fields:
            found = list(_blocks(block.model_fields[str(part)].annotation))
            branches = {get_args(b.model_fields["kind"].annotation)[0]: b for b in found if "kind" in b.model_fields}
            block = found[0] if found else block
    return keys, block


def _blocks(annotation: object) -> Iterator[type[BaseModel]]:
    """Every block that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _blocks(part)
