"""Packages that only some work needs: imported when asked for, named when absent."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cevns.errors import InputError


def optional(module: str, extra: str) -> Any:
    """Import a module that an extra of this package installs.

    Parameters
    ----------
    module : str
        What is imported.
    extra : str
        The extra that has it.

    Raises
    ------
    InputError
        If it is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise InputError(module, f"no module named {error.name}", f"pip install 'cevns[{extra}]'") from None
