"""``cevns`` in a process that a signal reaches while it computes: ``python -m tests.cli.cut ARGUMENTS``.

The variable CUT says in which chunk, which signal, and after how many seconds. Workers import this file too, and the
signal goes to all processes of the group, as from a terminal. Who waits for chunks from outside may come too late.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from cevns.cli.main import main
from cevns.inference import GridScan, ToyScan


def cut(work: type[Any], chunk: int, number: int, seconds: float) -> None:
    """Send the signal from a chunk on, by a thread: in the midst of whatever comes next."""
    compute = work.compute

    def until(self: object, this: int) -> object:
        if this == chunk:
            threading.Timer(seconds, os.killpg, (0, number)).start()
        return compute(self, this)

    work.compute = until


CHUNK, NUMBER, SECONDS = os.environ["CUT"].split()
for each in (GridScan, ToyScan):
    cut(each, int(CHUNK), int(NUMBER), float(SECONDS))

if __name__ == "__main__":
    main()
