"""A published value and ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cevns.publications.figures import Intervals
from cevns.results import Record

Progress = Callable[[str], None]
"""Called with a line on what is being computed."""


@dataclass(frozen=True)
class ReproducedValue(Record):
    """One published value and ours.

    Attributes
    ----------
    paper, item, row, column, unit : str
        Where it stands.
    published, ours : float, or tuple of (float, float)
        The values, or the intervals; ``published`` is None where nothing is recorded.
    ratio : float or None
        Ours over theirs, of single values; computed if it is not given.
    ours_delta_chi2_4 : float or None
        Ours if chi^2 rises by 4 instead, the 95.45 % level of one degree of freedom.
    note : str
        What has to be known to compare them.
    """

    paper: str
    item: str
    row: str
    column: str
    unit: str
    published: float | Intervals | None
    ours: float | Intervals
    ratio: float | None = None
    ours_delta_chi2_4: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        """Compute the ratio."""
        theirs, ours = self.published, self.ours
        if self.ratio is None and theirs and not (isinstance(theirs, tuple) or isinstance(ours, tuple)):
            object.__setattr__(self, "ratio", ours / theirs)

    @property
    def ratios(self) -> tuple[float, ...]:
        """Ours over theirs; of intervals, for each edge of theirs but zero, the nearest of ours on that side."""
        if self.published is None:
            return ()
        theirs, ours = (np.atleast_1d(np.array(values, dtype=float)) for values in (self.published, self.ours))
        # Lower edges are in the first column and upper ones in the second.
        nearest = np.abs(ours[:, None] - theirs).argmin(axis=0)
        ratios = np.take_along_axis(ours, nearest, axis=0) / np.where(theirs, theirs, np.nan)
        return tuple(ratios[theirs != 0.0].tolist())

    @property
    def difference(self) -> float | None:
        """Largest relative difference to what is published, None where nothing is."""
        return max((abs(ratio - 1.0) for ratio in self.ratios), default=None)
