"""Disks without room, and directories without rights."""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65534


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def own_directory(path: Path) -> Iterator[Path]:
    """A directory, and for root the rights of somebody whom the system refuses something."""
    if os.geteuid() != 0:
        yield path
        return
    with tempfile.TemporaryDirectory() as directory:
        os.chown(directory, _NOBODY, -1)
        os.seteuid(_NOBODY)
        try:
            yield Path(directory)
        finally:
            os.seteuid(0)
