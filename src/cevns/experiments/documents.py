"""Documents in YAML: read, held against a schema, and refused with the name of the field that is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeVar, get_args

import yaml
from pydantic import BaseModel, Tag, ValidationError

from cevns.errors import InputError, one_of
from cevns.typing import JSON

Schema = TypeVar("Schema", bound=BaseModel)
_WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "an integer"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("tuple_type", "list_type"), "a list"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "keys with values"),
    "string_type": "text",
    "too_short": "at least {min_length} of them",
}
"""What is allowed where pydantic speaks of types of Python."""


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
        If there is no such file, it does not hold a mapping, or it has a key twice.
    """
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(path.read_bytes())
        node = loader.get_single_node()
        document = None if node is None else loader.construct_document(node)
    except OSError as error:
        raise InputError(of, str(path), f"a file that can be read ({error.strerror})") from None
    except yaml.MarkedYAMLError as error:
        raise InputError(_place(path, error.problem_mark), error.problem, "valid YAML") from None
    except yaml.YAMLError as error:
        raise InputError(str(path), " ".join(str(error).split()), "valid YAML") from None
    for key in _repeated(node):
        raise InputError(_place(path, key.start_mark), key.value, "each key once")
    if not isinstance(document, dict):
        raise InputError(str(path), document, f"a mapping of the keys of {of}")
    return document


def _place(path: Path, mark: yaml.Mark | None) -> str:
    return f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)


def _repeated(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """Keys that a mapping has already: YAML would take the last without a word."""
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        yield from (key for i, (key, _) in enumerate(node.value) if key.value in keys[:i])
        for _, value in node.value:
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)


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
        allowed = worst["msg"].removeprefix("Value error, ").removeprefix("Input should be ").partition(", unable")[0]
        if worst["type"] == "union_tag_invalid":
            raise InputError(f"{before}{place}.kind", worst["ctx"]["tag"], worst["ctx"]["expected_tags"]) from None
        if worst["type"] == "extra_forbidden":
            raise InputError(before + place, worst["input"], one_of(keys[-1], block.model_fields)) from None
        if worst["type"] == "missing":
            raise InputError(before + place, None, "a value: this key is required") from None
        if worst["type"] in _WORDS:
            allowed = _WORDS[worst["type"]].format_map(worst.get("ctx", {}))
        raise InputError(before + place, worst["input"], allowed) from None


def _follow(block: type[BaseModel], path: tuple[int | str, ...]) -> tuple[list[str], type[BaseModel]]:
    """Keys of a document along a path of pydantic, and the block of the last: unions add the tags of their branches."""
    keys: list[str] = []
    branches: dict[str, type[BaseModel]] = {}
    tags: set[str] = set()
    for part in path:
        if part in branches:
            block = branches[str(part)]
            continue
        if part in tags:
            tags = set()
            continue
        keys.append(str(part))
        if part in block.model_fields:
            annotation = block.model_fields[str(part)].annotation
            found, tags = list(_blocks(annotation)), set(_tags(annotation))
            branches = {get_args(b.model_fields["kind"].annotation)[0]: b for b in found if "kind" in b.model_fields}
            block = found[0] if found else block
    return keys, block


def _blocks(annotation: object) -> Iterator[type[BaseModel]]:
    """Every block that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _blocks(part)


def _tags(annotation: object) -> Iterator[str]:
    """What pydantic calls the branches of the unions in an annotation."""
    if isinstance(annotation, Tag):
        yield annotation.tag
    for part in get_args(annotation):
        yield from _tags(part)
