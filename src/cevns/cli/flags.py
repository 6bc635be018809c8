"""Flags that are fields of a run card: one description of each, in `cevns.io.cards`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar, get_args, get_origin

import click
import yaml

from cevns.cli.options import DEFAULT_EXPERIMENTS, combined, read_parameters
from cevns.errors import InputError
from cevns.experiments.documents import parse, read_block
from cevns.io.card_blocks import Card, MeasurementBlock, RangeBlock
from cevns.io.cards import command_of

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

CardKind = TypeVar("CardKind", bound=Card)
BlockKind = TypeVar("BlockKind", bound=RangeBlock)
Option: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]
"""What puts a flag, or several, on the function of a command."""

_NOT_FLAGS: Final = ("schema_version", "command", "output")
"""Fields that a command knows without being told, or has an option of its own for."""


def card_options(kind: type[Card], **arguments: str) -> Option:
    """A flag for every field of a card; arguments for those that are named, with what they are called in the usage."""
    return combined(
        *(
            _argument(name, field, arguments[name]) if name in arguments else _option(name, field)
            for name, field in kind.model_fields.items()
            if name not in _NOT_FLAGS
        )
    )


def field_options(kind: type[Card], *names: str) -> Option:
    """Flags for some fields of a card."""
    return combined(*(_option(name, kind.model_fields[name]) for name in names))


def card_of(
    kind: type[CardKind],
    *,
    names: Sequence[str],
    with_es: bool,
    assignments: Sequence[str],
    mass: float | None,
    axes: Mapping[str, RangeBlock] | None = None,
    **fields: object,
) -> CardKind:
    """The card that flags describe; without -e it is of the default experiments.

    Raises
    ------
    InputError
        If a value is not one of its field.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    measured = [{"name": name, "electron_scattering": with_es} for name in names or DEFAULT_EXPERIMENTS]
    axes, single = axes or {}, read_parameters(assignments, mass)
    for name in axes.keys() & single.keys():
        raise InputError("grid", name, "a parameter without -p or --mass")
    always = {"schema_version": 1, "command": command_of(kind), "experiments": measured}
    return read_block(kind, {**always, "parameters": {**axes, **single}, **given})


def _argument(name: str, field: FieldInfo, metavar: str) -> Option:
    number = -1 if get_origin(field.annotation) is tuple else 1
    return click.argument(name, required=field.is_required(), nargs=number, metavar=metavar)


def _option(name: str, field: FieldInfo) -> Option:
    """The flag of a field: in words of its own, or for one value or a list of values."""
    if name in _IN_WORDS:
        return _IN_WORDS[name](field)
    annotation: Any = field.annotation
    if NoneType in get_args(annotation):
        annotation, _ = get_args(annotation)
    parts, flag = get_args(annotation), name.replace("_", "-")
    settings: dict[str, Any] = {"required": field.is_required(), "show_default": True, "help": field.description}
    if not field.is_required() and field.default not in (None, ()):
        settings["default"] = field.default
    if annotation is bool:
        settings["is_flag"], flag = True, f"{flag}/--no-{flag}" if field.default else flag
    elif get_origin(annotation) is Literal:
        settings["type"] = click.Choice(parts)
    elif Ellipsis in parts:
        settings["type"], settings["multiple"] = parts[0], True
    else:
        settings["type"] = parts or annotation
    return click.option(*_SHORT.get(name, ()), f"--{flag}", name, **settings)


_WHICH: Final = f"Name or directory; repeat for a joint fit. Default: {' and '.join(DEFAULT_EXPERIMENTS)}."


def _experiments(_field: FieldInfo) -> Option:
    electrons = MeasurementBlock.model_fields["electron_scattering"]
    return combined(
        click.option("-e", "--experiment", "names", multiple=True, help=_WHICH),
        click.option("--with-es", is_flag=True, help=electrons.description),
    )


def _parameters(_field: FieldInfo) -> Option:
    return combined(
        click.option("-p", "--parameter", "assignments", multiple=True, metavar="NAME=VALUE", help="A parameter."),
        click.option("--mass", type=float, help="Mass of the mediator [MeV]: short for -p mass=..."),
    )


def _repeated(
    flag: str, name: str, metavar: str, read: Callable[[Sequence[str]], Mapping[str, object]]
) -> Callable[[FieldInfo], Option]:
    """A flag NAME=... that can be repeated, for a field of values by name."""
    return lambda field: click.option(
        *(flag, name),
        multiple=True,
        required=field.is_required(),
        metavar=metavar,
        help=field.description,
        callback=lambda _context, _flag, texts: read(texts),
    )


def read_profiled(texts: Sequence[str]) -> dict[str, tuple[float, float] | None]:
    """Parameters to be profiled, with their ranges, from NAME and NAME=LOW:HIGH.

    Raises
    ------
    InputError
        If a range is not of that form.
    """
    profiled: dict[str, tuple[float, float] | None] = {}
    for text in texts:
        name, equals, given = text.partition("=")
        low, _, high = given.partition(":")
        try:
            profiled[name] = (float(low), float(high)) if equals else None
        except ValueError:
            raise InputError("profile", text, "NAME or NAME=LOW:HIGH, such as dm2=0.1:10") from None
    return profiled


def read_blocks(kind: type[BlockKind], flag: str, texts: Sequence[str], example: str) -> dict[str, BlockKind]:
    """Ranges or axes by name, from NAME=LOW:HIGH[:SCALE] or NAME=LOW:HIGH:POINTS[:SCALE].

    Parameters
    ----------
    kind : type of block
        Which of the two.
    flag : str
        The flag, for the message.
    texts : sequence of str
        What was given.
    example : str
        What could have been.

    Raises
    ------
    InputError
        If a text is not of that form, or names a parameter that another one has named.
    """
    numbers = [name for name, field in kind.model_fields.items() if field.is_required()]
    form = f"NAME={':'.join(numbers).upper()}"
    blocks: dict[str, BlockKind] = {}
    for text in texts:
        name, _, given = text.partition("=")
        if name in blocks:
            raise InputError(flag, text, "each parameter once")
        parts = given.split(":")
        scale = ":".join(parts[len(numbers) :]) or "linear"
        try:
            blocks[name] = kind.model_validate({**dict(zip(numbers, parts, strict=False)), "scale": scale})
        except ValueError:
            raise InputError(flag, text, f"{form} or {form}:log, such as {example}") from None
    return blocks


def read_priors(texts: Sequence[str]) -> dict[str, str]:
    """Priors by name from NAME=PRIOR.

    Raises
    ------
    InputError
        If one is not of that form.
    """
    for text in texts:
        if "=" not in text:
            raise InputError("prior", text, "NAME=PRIOR, such as g=log:1e-6:1e-3")
    return {name: prior for name, _, prior in (text.partition("=") for text in texts)}


def read_varied(texts: Sequence[str]) -> dict[str, list[Any]]:
    """Values by key from KEY=V1,V2,..., each value as in YAML.

    Raises
    ------
    InputError
        If one is not of that form.
    """
    varied: dict[str, list[Any]] = {}
    for text in texts:
        key, _, given = text.partition("=")
        try:
            values = parse(f"[{given}]")
        except yaml.YAMLError:
            values = []
        if not (key and values):
            raise InputError("vary", text, "KEY=V1,V2,..., such as exposure=0.5,1,2 or 'target.mass=10 kg,700 kg'")
        varied[key] = values
    return varied


def _task(_field: FieldInfo) -> Option:
    return combined(
        click.option(
            *("--feldman-cousins", "task"),
            flag_value="feldman-cousins",
            help="Interval with critical values from toys.",
        ),
        click.option("--cls", "task", flag_value="cls", help="Upper limit by CLs."),
        click.option("--expected", "task", flag_value="expected", help="Median upper limit and its bands."),
        click.option("--coverage", "task", flag_value="coverage", help="How often intervals contain the truth."),
    )


_SHORT: Final = {"model": ("-m",)}
_IN_WORDS: Final[Mapping[str, Callable[[FieldInfo], Option]]] = {
    "experiments": _experiments,
    "parameters": _parameters,
    "profiled": _repeated("--profile", "profiled", "NAME[=LOW:HIGH]", read_profiled),
    "ranges": _repeated(
        *("--range", "ranges", "NAME=LOW:HIGH[:log]"),
        lambda texts: read_blocks(RangeBlock, "range", texts, "mass=1:1000:log"),
    ),
    "vary": _repeated("--vary", "vary", "KEY=V1,V2,...", read_varied),
    "priors": _repeated("--prior", "priors", "NAME=PRIOR", read_priors),
    "task": _task,
}
"""Fields that are not one value or a list of values, and how they are written as flags."""
