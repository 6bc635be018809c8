"""Small works for the tests of executors and stores; other processes import them from here."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cevns import NumericalError
from cevns.inference import ArraySpec
from cevns.inference.work import Arrays
from cevns.typing import JSON


@dataclass(frozen=True)
class Squares:
    """The squares of 0, 1, ..., and the digits of each number as a second array."""

    size: int = 23
    step: int = 5

    @property
    def card(self) -> JSON:
        return {"work": "squares", "size": self.size, "step": self.step}

    @property
    def chunks(self) -> int:
        return self.arrays["squares"].chunks

    @property
    def arrays(self) -> Mapping[str, ArraySpec]:
        return {
            "squares": ArraySpec((self.size,), (self.step,), axes=("number",)),
            "digits": ArraySpec((self.size, 2), (self.step,), "int64"),
        }

    def compute(self, chunk: int) -> Arrays:
        numbers = np.arange(self.size)[self.arrays["squares"].region(chunk)]
        return {"squares": numbers.astype(float) ** 2, "digits": np.stack([numbers // 10, numbers % 10], axis=1)}

    def expected(self) -> dict[str, np.ndarray]:
        numbers = np.arange(self.size)
        return {"squares": numbers**2.0, "digits": np.stack(np.divmod(numbers, 10), axis=1)}


@dataclass(frozen=True)
class Deadly(Squares):
    """The process that is given one chunk dies of it, every time or until a file exists."""

    chunk: int = 3
    once: Path | None = None

    def compute(self, chunk: int) -> Arrays:
        if chunk == self.chunk and (self.once is None or not self.once.exists()):
            if self.once is not None:
                self.once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().compute(chunk)


@dataclass(frozen=True)
class Failing(Squares):
    """One chunk does not reach its accuracy."""

    chunk: int = 3

    def compute(self, chunk: int) -> Arrays:
        if chunk == self.chunk:
            raise NumericalError(f"no convergence in chunk {chunk}")
        return super().compute(chunk)
