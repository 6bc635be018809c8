"""Flags that are fields of a run card: one description of each, in `cevns.io.cards`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, get_args, get_origin

import click

from cevns.cli.options import DEFAULT_EXPERIMENTS, Option, combined, output_options
from cevns.cli.readers import block_reader, by_name, read_list, read_range, read_text
from cevns.documents import read_block
from cevns.errors import InputError
from cevns.io.card_blocks import Card, MeasurementBlock, RangeBlock
from cevns.io.cards import command_of

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

CardKind = TypeVar("CardKind", bound=Card)

_NOT_FLAGS: Final = ("schema_version", "command", "output")
"""Fields that a command knows without being told, or has an option of its own for."""
_HOW: Final = ("execution", "style", "output")
"""What is not said on a card, but how it is carried out."""


def card_command(kind: type[Card], carry_out: Callable[..., None], *more: Option, **arguments: str) -> click.Command:
    """The command of a card, with its fields as flags.

    Parameters
    ----------
    kind : type of Card
        The card.
    carry_out : callable
        ``carry_out(card, style=..., output=...)`` does what a card says; its docstring is the help of the command.
    *more : Option
        Other flags; `cevns.cli.execution.execution_options` gives ``carry_out`` an execution.
    **arguments : str
        Fields that are arguments in place of flags, with what they are called in the usage.
    """
    fields = {name: field for name, field in kind.model_fields.items() if name not in _NOT_FLAGS}
    flags = (
        _argument(name, field, arguments[name]) if name in arguments else _option(name, field)
        for name, field in fields.items()
    )

    def command(**given: Any) -> None:
        how = {name: given.pop(name) for name in _HOW if name in given}
        carry_out(card_of(kind, **given), **how)

    decorated = combined(*flags, *more, output_options)(command)
    return click.command(command_of(kind), help=carry_out.__doc__)(decorated)


def field_options(kind: type[Card], *names: str) -> Option:
    """Flags for some fields of a card."""
    return combined(*(_option(name, kind.model_fields[name]) for name in names))


def card_of(
    kind: type[CardKind],
    *,
    names: Sequence[str],
    with_es: bool,
    assignments: Mapping[str, float],
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
    axes, single = axes or {}, {**({} if mass is None else {"mass": mass}), **assignments}
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


def repeated(
    flag: str, name: str, metavar: str, example: str, read: Callable[[str], object], **settings: Any
) -> Option:
    """A flag NAME=VALUE that can be repeated, for values by name, with other settings of `click.option`."""
    form = f"{metavar}, such as {example}"
    return click.option(
        *(*_SHORT.get(name, ()), flag, name),
        multiple=True,
        metavar=metavar,
        callback=lambda _context, _option, texts: by_name(flag.removeprefix("--"), texts, form, read),
        **settings,
    )


def _by_name(*how: Any) -> Callable[[FieldInfo], Option]:
    """The flag of a field of values by name; see `repeated`."""
    return lambda field: repeated(*how, required=field.is_required(), help=field.description)


_SHORT: Final = {"model": ("-m",), "assignments": ("-p",)}
parameter_option = repeated("--parameter", "assignments", "NAME=NUMBER", "g=5e-5", float, help="A parameter.")


def _parameters(_field: FieldInfo) -> Option:
    mass = click.option("--mass", type=float, help="Mass of the mediator [MeV]: short for -p mass=...")
    return combined(parameter_option, mass)


def _task(_field: FieldInfo) -> Option:
    tasks = {
        "feldman-cousins": "Interval with critical values from toys.",
        "cls": "Upper limit by CLs.",
        "expected": "Median upper limit and its bands.",
        "coverage": "How often intervals contain the truth.",
    }
    return combined(*(click.option(f"--{task}", "task", flag_value=task, help=text) for task, text in tasks.items()))


_IN_WORDS: Final[Mapping[str, Callable[[FieldInfo], Option]]] = {
    "experiments": _experiments,
    "parameters": _parameters,
    "profiled": _by_name("--profile", "profiled", "NAME[=LOW:HIGH]", "dm2=0.1:10", read_range),
    "ranges": _by_name("--range", "ranges", "NAME=LOW:HIGH[:log]", "mass=1:1000:log", block_reader(RangeBlock)),
    "vary": _by_name("--vary", "vary", "KEY=V1,V2,...", "exposure=0.5,1,2 or 'target.mass=10 kg,700 kg'", read_list),
    "priors": _by_name("--prior", "priors", "NAME=PRIOR", "g=log:1e-6:1e-3", read_text),
    "task": _task,
}
"""Fields that are not one value or a list of values, and how they are written as flags."""
