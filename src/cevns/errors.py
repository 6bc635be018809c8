"""The exceptions that `cevns` raises on purpose: one root, four reasons."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


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


def one_of(value: object, choices: Iterable[str]) -> str:
    """The choices in words, and which of them was probably meant.

    >>> one_of("bl", ["sm", "b-l"])
    "one of: sm, b-l; did you mean 'b-l'?"
    """
    names = tuple(choices)
    return f"one of: {', '.join(names)}{meant(value, names)}"


def meant(value: object, choices: Iterable[str]) -> str:
    """A question that names the choice next to a mistyped one, or nothing."""
    nearest = get_close_matches(str(value), choices, n=1)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""


class DataError(InputError):
    """A data file is missing, altered, truncated or of the wrong shape."""


class NumericalError(CevnsError, ArithmeticError):
    """A computation did not reach its accuracy; the message says at which point."""


class ExecutionError(CevnsError, RuntimeError):
    """A computation was cut short from outside: a worker died, the disk is full."""
