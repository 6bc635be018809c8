"""Limits over a range of masses as branches: where they begin and end, and what is excluded between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from matplotlib.path import Path

from cevns.typing import FloatArray

Crossings: TypeAlias = tuple[Sequence[float], Sequence[tuple[float, ...]]]
"""Masses, increasing, and at each the couplings where chi^2 crosses its level."""


@dataclass(frozen=True)
class Run:
    """A range of masses over which chi^2 crosses the level equally often.

    Attributes
    ----------
    masses : array, shape (mass,)
        Masses, increasing.
    branches : array, shape (branch, mass)
        Couplings at the crossings; above the last branch everything is excluded.
    """

    masses: FloatArray
    branches: FloatArray

    def excluded(self, bottom: float, top: float) -> list[Path]:
        """Outlines of the excluded regions between two couplings."""
        flat = np.ones_like(self.masses)
        edges = [*self.branches, top * flat]
        if len(edges) % 2:
            edges = [bottom * flat, *edges]
        around = np.concatenate([self.masses, self.masses[::-1], self.masses[:1]])
        return [
            Path(np.column_stack([around, np.concatenate([low, high[::-1], low[:1]])]), closed=True)
            for low, high in zip(edges[::2], edges[1::2], strict=True)
        ]


def runs(masses: Sequence[float], crossings: Sequence[tuple[float, ...]]) -> list[Run]:
    """Split a curve where the number of crossings changes; halfway between, the branches that end meet."""
    logs = [np.log(couplings) for couplings in crossings]
    pieces: list[list[tuple[float, FloatArray]]] = [[(masses[0], logs[0])]]
    for i in range(1, len(masses)):
        if len(logs[i - 1]) != len(logs[i]):
            middle = float(np.sqrt(masses[i - 1] * masses[i]))
            ends, starts = _junction(logs[i - 1], logs[i], _trend(np.log(masses), logs, i))
            pieces[-1].append((middle, ends))
            pieces.append([(middle, starts)])
        pieces[-1].append((masses[i], logs[i]))
    return [Run(np.array([m for m, _ in piece]), np.exp([log for _, log in piece]).T) for piece in pieces]


def _trend(log_masses: FloatArray, logs: Sequence[FloatArray], i: int) -> float:
    """Rise of the logarithm of crossings from point i - 1 to point i, from the slopes before and after."""
    slopes = [
        float((logs[k] - logs[k - 1]).mean() / (log_masses[k] - log_masses[k - 1]))
        for k in (i - 1, i + 1)
        if 0 < k < len(logs) and len(logs[k]) == len(logs[k - 1])
    ]
    return float(np.mean(slopes) * (log_masses[i] - log_masses[i - 1])) if slopes else 0.0


def _junction(before: FloatArray, after: FloatArray, trend: float) -> tuple[FloatArray, FloatArray]:
    """Crossings halfway between two masses, as seen from either: where branches go on, and where pairs of them meet.

    All couplings are logarithms.
    """
    if len(before) < len(after):
        starts, ends = _junction(after, before, -trend)
        return ends, starts
    kept = _going_on(before + trend, after)
    ending = [branch for branch in range(len(before)) if branch not in kept]
    middle = (before[kept] + after) / 2.0
    meeting = before + trend / 2.0
    meeting[kept] = middle
    # With an odd number of ends the lowest branch goes off to vanishing coupling.
    for first in range(len(ending) % 2, len(ending), 2):
        pair = ending[first : first + 2]
        meeting[pair] = meeting[pair].mean()
    return meeting, middle


def _going_on(more: FloatArray, fewer: FloatArray) -> list[int]:
    """Which branches go on as the fewer ones: neighbours vanish in pairs, so that those left move least."""
    number = len(more) - len(fewer)
    choices = [tuple(range(len(more)))]
    for _ in range(number // 2):
        choices = [(*c[:k], *c[k + 2 :]) for c in choices for k in range(len(c) - 1)]
    choices = [choice[number % 2 :] for choice in choices]
    return list(min(choices, key=lambda choice: float(np.abs(more[list(choice)] - fewer).sum())))
