"""Documents in YAML: made of blocks, and refused with the name of the field that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Tag, ValidationError

from cevns.errors import InputError, one_of

if TYPE_CHECKING:
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


class _KeyTwiceError(yaml.MarkedYAMLError):
    """A key that a mapping has already: YAML would take the last without a word."""


_YAML: Final[Any] = type("Loader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {})
"""YAML in which ``off``, ``no`` and dates are text, as in version 1.2, and a key that comes twice is an error."""
_YAML.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if not tag.endswith((":bool", ":timestamp"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_YAML.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("(true|True|false|False)$"), list("tTfF"))


def _mapping(loader: Any, node: yaml.MappingNode) -> object:
    keys = [key.value for key, _ in node.value]
    for number, (key, _) in enumerate(node.value):
        if key.value in keys[:number]:
            raise _KeyTwiceError(problem=key.value, problem_mark=key.start_mark)
    return loader.construct_mapping(node, deep=True)


_YAML.add_constructor("tag:yaml.org,2002:map", _mapping)


def parse(text: str | bytes) -> Any:
    """What a text in YAML says; wrong syntax raises `yaml.YAMLError`."""
    return yaml.load(text, Loader=_YAML)


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
        If there is no such file, it does not hold a mapping, or it has a key twice.
    """
    try:
        document = parse(path.read_bytes())
    except OSError as error:
        raise InputError(of, str(path), f"a file that can be read ({error.strerror})") from None
    except yaml.MarkedYAMLError as error:
        allowed = "each key once" if isinstance(error, _KeyTwiceError) else "valid YAML, indented by spaces"
        raise InputError(_place(path, error.problem_mark), error.problem, allowed) from None
    except yaml.YAMLError as error:
        raise InputError(str(path), " ".join(str(error).split()), "valid YAML") from None
    if not isinstance(document, dict):
        raise InputError(str(path), document, f"a mapping of the keys of {of}")
    return document


def _place(path: Path, mark: yaml.Mark | None) -> str:
    return f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)


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
        keys, block, kinds = _follow(kind, worst["loc"])
        place = ".".join(_by_name(document, keys)) or "document"
        allowed = worst["msg"].removeprefix("Value error, ").removeprefix("Input should be ").partition(", unable")[0]
        if worst["type"] == "union_tag_invalid":
            raise InputError(f"{before}{place}.kind", worst["ctx"]["tag"], worst["ctx"]["expected_tags"]) from None
        if worst["type"] == "union_tag_not_found":
            raise InputError(f"{before}{place}.kind", None, kinds) from None
        if worst["type"] == "extra_forbidden":
            raise InputError(before + place, worst["input"], one_of(keys[-1], block.model_fields)) from None
        if worst["type"] == "missing":
            raise InputError(before + place, None, "a value: this key is required") from None
        if worst["type"] in _WORDS:
            allowed = _WORDS[worst["type"]].format_map(worst.get("ctx", {}))
        raise InputError(before + place, worst["input"], allowed) from None


def _follow(block: type[BaseModel], path: tuple[int | str, ...]) -> tuple[list[str], type[BaseModel], tuple[str, ...]]:
    """Keys of a document along a path of pydantic, the block of the last, and the kinds that it may be of.

    Unions add the tags of their branches to the path.
    """
    keys: list[str] = []
    branches: dict[str, type[BaseModel]] = {}
    tags: set[str] = set()
    free = False
    for part in path:
        if part in branches and not free:
            block, branches = branches[str(part)], {}
            continue
        if part in tags and not free:
            tags = set()
            continue
        keys.append(str(part))
        free = False
        if part in block.model_fields:
            annotation = block.model_fields[str(part)].annotation
            found, tags, free = list(_blocks(annotation)), set(_tags(annotation)), get_origin(annotation) is dict
            branches = {get_args(b.model_fields["kind"].annotation)[0]: b for b in found if "kind" in b.model_fields}
            block = found[0] if found else block
    return keys, block, tuple(branches)


def _by_name(document: object, keys: list[str]) -> Iterator[str]:
    """Keys along a document, with the items of a list by their name where they have one."""
    for key in keys:
        inside, shown = document.get(key) if isinstance(document, dict) else None, key
        if isinstance(document, list) and key.isdecimal() and int(key) < len(document):
            inside = document[int(key)]
            shown = str(inside.get("name", key)) if isinstance(inside, dict) else key
        yield shown
        document = inside


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
