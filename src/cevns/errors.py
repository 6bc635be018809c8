"""The exceptions that `cevns` raises on purpose: one root, four reasons."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Final

_AT_A_GLANCE: Final = 5
"""Number of choices up to which the one that was meant is not named apart."""


class CevnsError(Exception):
    """Root of every exception that the package raises on purpose."""


class InputError(CevnsError, ValueError):
    """A value given by the user is not acceptable.

    Parameters
    ----------
    field : str
        Name of the field, option or parameter.
    value : object
        The offending value.
    allowed : str or iterable of str
        What would have been accepted, in words or as the list of choices.
    """

    def __init__(self, field: str, value: object, allowed: str | Iterable[str]) -> None:
        self.field = field
        self.value = value
        self.allowed = allowed if isinstance(allowed, str) else one_of(value, allowed)
        super().__init__(f"{field}: got {value!r}; allowed: {self.allowed}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, object, str]]:
        """Pickle by the arguments, so that the error can come back from another process."""
        return type(self), (self.field, self.value, self.allowed)


@contextmanager
def naming(before: str) -> Iterator[None]:
    """Put the place in front of the field of an `InputError` that is raised in this context."""
    try:
        yield
    except InputError as error:
        raise type(error)(f"{before}{error.field}", error.value, error.allowed) from None


def one_of(value: object, choices: Iterable[str]) -> str:
    """The choices in words, and which of them was probably meant."""
    names = tuple(choices)
    return f"one of: {', '.join(names)}{meant(value, names)}"


def meant(value: object, choices: Collection[str]) -> str:
    """A question that names the choice next to a mistyped one; nothing where none is, or all are seen at a glance.

    >>> meant("limitz", ("scan", "limits", "intervals", "profile", "fit", "toys"))
    "; did you mean 'limits'?"
    """
    spelt = {name.lower(): name for name in choices} if len(choices) > _AT_A_GLANCE else {}
    nearest = get_close_matches(str(value).lower(), spelt, n=1)
    return "".join(f"; did you mean {spelt[name]!r}?" for name in nearest)


class DataError(InputError):
    """A data file is missing, altered, truncated or of the wrong shape."""


class NumericalError(CevnsError, ArithmeticError):
    """A computation did not reach its accuracy; the message says at which point."""


class ExecutionError(CevnsError, RuntimeError):
    """A computation was cut short from outside: a worker died, the disk is full."""
