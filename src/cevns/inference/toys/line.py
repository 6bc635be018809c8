"""Lines in the space of the parameters, pseudo-data at their points, and chi^2 along them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np

from cevns.errors import InputError, NumericalError
from cevns.inference.arguments import refuse_values
from cevns.inference.intervals import intervals
from cevns.inference.level import confidence_level
from cevns.interactions import common_shape
from cevns.statistics import Likelihood, Means, Measurement, Numbers, profile_varied
from cevns.statistics.signal import JointSignal
from cevns.typing import FloatArray

PULLS = ("profiled", "nominal")
"""Where the true pulls of pseudo-data are: at their best values given the data, or all at zero."""
TruePulls: TypeAlias = Literal["profiled", "nominal"]
GRID_POINTS = 61
"""Values of a parameter if no grid is given."""
_REACH = 36.0
"""Rise of the observed chi^2 at the ends of that grid: room for pseudo-data that fluctuate upwards."""
_SAME = 1e-4
"""Distance, in steps of a grid, at which two of its points would be the same."""
_BATCH = 256
"""Pairs of pseudo-data and grid points that are profiled at once: they fit the cache, whatever the number of toys."""


@dataclass(frozen=True, eq=False)
class Line:
    """A grid of one parameter, the others fixed; a single point if no parameter is named.

    Attributes
    ----------
    likelihood : Likelihood
        Model and data.
    parameter : str or None
        The parameter.
    grid : array, shape (value,)
        Its values, increasing; one number without meaning if there is none.
    fixed : mapping of str to float
        The other parameters.
    """

    likelihood: Likelihood
    parameter: str | None
    grid: FloatArray
    fixed: Mapping[str, float]

    def __reduce__(self) -> tuple[type[Line], tuple[object, ...]]:
        """Pickle by the arguments: signals are computed again."""
        return Line, (self.likelihood, self.parameter, self.grid, self.fixed)

    def including(self, value: float) -> Line:
        """The same with one more value on the grid."""
        return replace(self, grid=_including(self.grid, value))

    @property
    def points(self) -> dict[str, float | FloatArray]:
        """Values of all parameters."""
        return dict(self.fixed) if self.parameter is None else {**self.fixed, self.parameter: self.grid}

    @cached_property
    def signals(self) -> list[JointSignal]:
        """Signal of each group of experiments along the grid: all pseudo-data share it."""
        return self.likelihood.joint_signals(**self.points)

    @cached_property
    def observed(self) -> FloatArray:
        """chi^2 of the data, shape (value,)."""
        return np.reshape(self.likelihood(**self.points), -1)

    def chi2(self, toys: Sequence[Measurement]) -> FloatArray:
        """chi^2 of pseudo-data, one measurement for each group, pulls profiled; shape (toy, value)."""
        pairs = zip(toys, self.signals, strict=True)
        return np.sum([self._profiled(data, signal) for data, signal in pairs], axis=0)

    def _profiled(self, data: Measurement, signal: JointSignal) -> FloatArray:
        shape = (len(data.statistic.observed), len(signal))
        toy, value = (index.ravel() for index in np.indices(shape))
        chi2 = np.empty(toy.size)
        for first in range(0, toy.size, _BATCH):
            part = slice(first, first + _BATCH)
            result = profile_varied(data.at(toy[part]), signal[value[part]])
            if not result.converged.all():
                worst = value[part][~result.converged][0]
                at = {name: float(np.ravel(v)[worst if np.ndim(v) else 0]) for name, v in self.points.items()}
                raise NumericalError(f"profiling of the pulls of pseudo-data did not converge at {at}")
            chi2[part] = result.chi2
        return chi2.reshape(shape)

    def true_pulls(self, pulls: TruePulls, index: Sequence[int]) -> FloatArray:
        """Pulls at points of the grid, shape (index, pull).

        Raises
        ------
        InputError
            If it is not said in a known way where they are.
        """
        if pulls not in PULLS:
            raise InputError("pulls", pulls, PULLS)
        found = np.zeros((len(index), len(self.likelihood.pulls)))
        if pulls == "profiled":
            best = self.likelihood.profiled(**self.points).pulls
            for k, name in enumerate(self.likelihood.pulls):
                found[:, k] = np.reshape(best[name], -1)[list(index)]
        return found

    def throw(
        self, index: int, pulls: FloatArray, number: int, numbers: Numbers, *, centres: bool
    ) -> list[Measurement]:
        """Pseudo-data of each group at one point of the grid and values of the pulls (pull,)."""
        first, thrown = 0, []
        for (_, data), signal in zip(self.likelihood.groups, self.signals, strict=True):
            own = pulls[None, first : first + len(data.pulls)]
            counts = signal[np.array([index])].at(own[:, data.varied])
            repeat = np.zeros(number, dtype=int)
            thrown.append(data.thrown(counts[repeat], own[repeat], numbers, centres=centres))
            first += len(data.pulls)
        return thrown

    def asimov(self, index: int, pulls: FloatArray) -> FloatArray:
        """chi^2 along the grid of data that are what is expected at one of its points, shape (value,)."""
        return self.chi2(self.throw(index, pulls, 1, Means(), centres=True))[0]

    def index(self, value: float) -> int:
        """Where a value is on the grid.

        Raises
        ------
        InputError
            If it is not.
        """
        (found,) = np.nonzero(self.grid == value)
        if not found.size:
            raise InputError(str(self.parameter), value, "a value on the grid")
        return int(found[0])


def lines(
    likelihood: Likelihood,
    parameter: str | None,
    fixed: Mapping[str, object],
    grid: Sequence[float] | FloatArray | None,
    *,
    include: Sequence[float] = (),
) -> Iterator[Line]:
    """A line for each point of the fixed parameters, in the order of the flattened arrays.

    Parameters
    ----------
    likelihood : Likelihood
        Model and data.
    parameter : str or None
        What varies along the line.
    fixed : mapping
        The other parameters, numbers or arrays that broadcast; those with a default may be left out.
    grid : sequence of float, optional
        Values of the parameter; by default `GRID_POINTS` of them between the ends of the interval in which chi^2 of the
        data is within 36 of its minimum.
    include : sequence of float
        Values that are put on the grid if they are not there.

    Raises
    ------
    InputError
        If a parameter is unknown, missing or out of range, or the grid is not increasing.
    NumericalError
        If a grid is to be found and chi^2 does not rise by 36; then one has to be given.
    """
    free = () if parameter is None else (likelihood.model.parameter(parameter).name,)
    refuse_values(fixed, free, "it is scanned")
    values = likelihood.model.complete(fixed, free=free)
    shape = common_shape(values)
    flat = {name: np.broadcast_to(value, shape).ravel().tolist() for name, value in values.items()}
    for point in range(int(np.prod(shape))):
        here = {name: row[point] for name, row in flat.items()}
        if parameter is None:
            yield Line(likelihood, None, np.zeros(1), here)
            continue
        chosen = _default_grid(likelihood, parameter, here) if grid is None else np.asarray(grid, dtype=float)
        if chosen.ndim != 1 or not chosen.size or np.any(np.diff(chosen) <= 0.0):
            raise InputError("grid", grid, "increasing numbers")
        for value in include:
            chosen = _including(chosen, value)
        checked = likelihood.model.parameter(parameter).check(chosen)
        yield Line(likelihood, parameter, checked, here)


def _including(grid: FloatArray, value: float) -> FloatArray:
    """A grid with a value on it, in place of a point that is so near that differences to it have no digits."""
    near = np.abs(grid - value) < _SAME * np.ptp(grid) / len(grid)
    return np.union1d(grid[~near], [value])


def _default_grid(likelihood: Likelihood, parameter: str, fixed: Mapping[str, float]) -> FloatArray:
    (found,) = intervals(
        likelihood.model,
        likelihood.experiments,
        parameter,
        cl=confidence_level(_REACH, 1),
        shared=likelihood.shared,
        **dict[str, Any](fixed),
    )
    return np.linspace(found.intervals[0][0], found.intervals[-1][1], GRID_POINTS)
