"""One writer at a time."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cevns.errors import InputError


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a path: that of a hidden file beside it, which says who holds it.

    The operating system gives the lock back when the process ends, however it ends: a lock is never stale, and the
    file, which stays, means nothing by itself. On Windows nothing is locked.

    Raises
    ------
    InputError
        If another process holds the lock, or the file system has none.
    """
    with path.with_name(f".{path.name}.lock").open("a+b", buffering=0) as file:
        try:
            _lock(file)
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}".encode())
        except BlockingIOError:
            file.seek(0)
            holder = file.read().decode() or "another process"
            raise InputError("output", str(path), f"a path that nobody writes to ({holder} does)") from None
        except OSError as error:
            raise InputError("output", str(path), f"a path that can be locked ({error.strerror})") from None
        yield


def _lock(file: BinaryIO) -> None:
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
