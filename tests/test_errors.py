from __future__ import annotations

import pickle

import pytest

import cevns
from cevns import CevnsError, DataError, ExecutionError, InputError, NumericalError


def test_one_root() -> None:
    assert all(issubclass(error, CevnsError) for error in (InputError, DataError, NumericalError, ExecutionError))
    assert issubclass(DataError, InputError)
    assert not issubclass(NumericalError, InputError)


def test_they_are_also_what_python_calls_them() -> None:
    """Code that does not know the package may catch ValueError and ArithmeticError."""
    assert issubclass(InputError, ValueError)
    assert issubclass(NumericalError, ArithmeticError)
    with pytest.raises(ValueError, match="model"):
        cevns.model("unknown")


@pytest.mark.parametrize(
    ("allowed", "words"),
    [
        ("a positive number", "a positive number"),
        (["helm", "point-like"], "one of: helm, point-like"),
        ({"a": 1, "b": 2}, "one of: a, b"),
        ((name for name in ("x", "y")), "one of: x, y"),
    ],
)
def test_message_names_field_value_and_what_is_allowed(allowed: object, words: str) -> None:
    error = InputError("target.mass", "-1 kg", allowed)
    assert (error.field, error.value, error.allowed) == ("target.mass", "-1 kg", words)
    assert str(error) == f"target.mass: got '-1 kg'; allowed: {words}"


def test_text_is_told_from_numbers() -> None:
    assert "got '1'" in str(InputError("dof", "1", "an integer"))
    assert "got 1;" in str(InputError("dof", 1, "an integer"))


@pytest.mark.parametrize("kind", [InputError, DataError])
def test_errors_travel_between_processes(kind: type[InputError]) -> None:
    again = pickle.loads(pickle.dumps(kind("cl", 2.0, ["0", "1"])))
    assert type(again) is kind
    assert (again.field, again.value, again.allowed) == ("cl", 2.0, "one of: 0, 1")
    assert str(again) == "cl: got 2.0; allowed: one of: 0, 1"


COMMANDS = ("limits", "fit", "scan", "toys", "profile", "predict")


@pytest.mark.parametrize(
    ("value", "choices", "question"),
    [
        ("limitz", COMMANDS, "; did you mean 'limits'?"),
        ("LIMITS", COMMANDS, "; did you mean 'limits'?"),
        ("toy", ("Toys", *COMMANDS[:3], "p", "q"), "; did you mean 'Toys'?"),
        ("x", COMMANDS, ""),
        (3.0, COMMANDS, ""),
        ("scam", COMMANDS[1:], ""),
    ],
)
def test_message_says_what_was_probably_meant(value: object, choices: tuple[str, ...], question: str) -> None:
    """Not of a handful of choices, of which everyone sees it."""
    assert InputError("command", value, choices).allowed == f"one of: {', '.join(choices)}{question}"
