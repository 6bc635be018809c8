"""Steps that Ctrl-C does not break off in the middle."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let a signal that asks the process to end wait until a short step has come to its end.

    Only the main thread is ever interrupted, so that in others there is nothing to do.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came = list[int]()
    before = [(number, signal.signal(number, lambda number, _: came.append(number))) for number in _SIGNALS]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
        for late in came:
            signal.raise_signal(late)
