"""Models of a user's own, in a Python file."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from cevns.errors import InputError, one_of
from cevns.interactions.model import Interaction, Model

_FORM = "FILE.py:NAME"


def is_in_file(name: str) -> bool:
    """Whether a name is of the form FILE.py:NAME."""
    return name.rpartition(":")[0].endswith(".py")


def from_file(name: str) -> object:
    """What a Python file calls NAME: a model or an interaction, or a class that makes one without arguments.

    The file is imported as the module of its name, not executed on its own, so that processes which share the work can
    import it, too.

    Raises
    ------
    InputError
        If there is no such file, its name is that of another module, or it does not have NAME.
    """
    file, _, attribute = name.rpartition(":")
    path = Path(file).resolve()
    if not path.is_file():
        raise InputError("model", name, f"{_FORM} with a file that exists")
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    module = import_module(path.stem)
    if Path(module.__file__ or "").resolve() != path:
        raise InputError("model", name, f"another name of the file: there is a module {path.stem} already")
    known = vars(module)
    if attribute not in known:
        names = [key for key, value in known.items() if isinstance(value, Interaction | Model)]
        raise InputError("model", name, f"{_FORM} with {one_of(attribute, names)}")
    found: object = known[attribute]
    return found() if isinstance(found, type) else found
