"""Minimisation of many functions at once: steps of Newton's method, shortened until each function falls."""

from __future__ import annotations

from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from cevns.typing import FloatArray

_MAXIMUM_STEPS = 60
_TOLERANCE = 1e-9
_RELATIVE_TOLERANCE = 1e-12
"""Largest expected decrease of chi^2, absolute and relative, of a converged point; the last step is still taken."""
_MAXIMUM_HALVINGS = 200
"""Of one step: enough for the largest signal to come down to the smallest count."""


class Problem(Protocol):
    """Functions of some coordinates, one for each point, at a place for each."""

    @property
    def place(self) -> FloatArray:
        """Where the functions are expanded, shape (point, coordinate)."""

    @property
    def quadratic(self) -> bool:
        """Whether a full step of Newton's method ends at the minimum."""

    def at(self, active: NDArray[np.intp], place: FloatArray) -> Self:
        """Some of the points, at a new place."""

    def inside(self) -> Self:
        """The same from a place inside what is allowed, with a barrier at its edge that hardly moves minima."""

    def chi2(self, place: FloatArray) -> FloatArray:
        """The functions, shape (point,)."""

    def longest_step(self, direction: FloatArray) -> FloatArray:
        """Largest multiple of a direction that may be tried, shape (point,)."""

    def newton_step(self) -> tuple[FloatArray, FloatArray]:
        """Direction in which to go, and the decrease that it promises."""


def minimise(problem: Problem) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Place and value of each minimum, and whether it was found to accuracy.

    Points whose function is infinite where they start stay there. Steps towards a minimum at the edge of what is
    allowed end before it, and are the shorter the closer it is: where this keeps descents from their end, they begin
    again with a barrier at the edge, along which they can go.
    """
    place, chi2, converged = _descend(problem)
    stuck = np.flatnonzero(~converged)
    if stuck.size:
        again = problem.at(stuck, problem.place[stuck])
        place[stuck], value, reached = _descend(again.inside())
        chi2[stuck], converged[stuck] = again.chi2(place[stuck]), reached & np.isfinite(value)
    return place, chi2, converged


def _descend(problem: Problem) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Place and value where each descent ends, and whether it promises no more there."""
    place = problem.place.copy()
    chi2 = problem.chi2(place)
    converged = np.full(len(place), place.shape[1] == 0) | ~np.isfinite(chi2)
    for _ in range(_MAXIMUM_STEPS):
        active = np.flatnonzero(~converged)
        if not active.size:
            break
        here = problem.at(active, place[active])
        direction, decrease = here.newton_step()
        place[active], chi2[active], step = _line_search(here, direction, chi2[active], decrease)
        near = decrease <= _TOLERANCE + _RELATIVE_TOLERANCE * chi2[active]
        converged[active] = near | ((step == 1.0) & here.quadratic)
    return place, chi2, converged


def _line_search(
    problem: Problem, direction: FloatArray, chi2: FloatArray, decrease: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Take the Newton step, shortened until chi^2 falls by a fair part of the promise: place, chi^2, part of the step.

    Points that cannot fall any more stay where they are.
    """
    start = problem.place
    step = np.minimum(1.0, problem.longest_step(direction))
    trial = start + step[:, None] * direction
    value = problem.chi2(trial)
    rounding = 1e-12 * np.abs(chi2)
    for _ in range(_MAXIMUM_HALVINGS):
        too_high = np.flatnonzero(value > chi2 - 2e-4 * step * decrease + rounding)
        if not too_high.size:
            break
        step[too_high] /= 2.0
        trial[too_high] = start[too_high] + step[too_high, None] * direction[too_high]
        value[too_high] = problem.at(too_high, start[too_high]).chi2(trial[too_high])
    stay = value > chi2 + rounding
    return np.where(stay[:, None], start, trial), np.where(stay, chi2, value), step
