"""Limits on a coupling: every crossing of a chi^2 level, for many masses at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cevns.errors import InputError, NumericalError
from cevns.experiments import Experiment
from cevns.interactions import Interaction, Model
from cevns.results import LimitResult, version
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

_DECADES = np.geomspace(1e-16, 1e8, 49)
"""Couplings among which the scale of the new physics is sought."""
_SCAN = np.concatenate([[0.0], np.geomspace(1e-2, 30.0, 160)])
"""Couplings scanned, in units of that scale."""

Curve = Callable[[FloatArray, FloatArray], FloatArray]
"""``curve(coupling, point index)``: profiled chi^2, elementwise."""


def delta_chi2(cl: float, dof: int) -> float:
    """Rise of chi^2 above its minimum that corresponds to a confidence level (Wilks).

    Parameters
    ----------
    cl : float
        Confidence level, between 0 and 1.
    dof : int
        Number of parameters that are estimated together, at least 1.

    Raises
    ------
    InputError
        If a value is out of range.

    >>> round(delta_chi2(0.9545, 2), 2)
    6.18
    """
    from scipy.special import gammaincinv

    if not 0.0 < cl < 1.0:
        msg = "cl"
        raise InputError(msg, cl, "a number between 0 and 1")
    if dof < 1:
        msg = "dof"
        raise InputError(msg, dof, "a positive integer")
    return float(2.0 * gammaincinv(dof / 2.0, cl))


def confidence_level(rise: float, dof: int) -> float:
    """Confidence level that a rise of chi^2 corresponds to: the inverse of `delta_chi2`.

    >>> round(confidence_level(6.18, 2), 4)
    0.9545
    """
    from scipy.special import gammainc

    return float(gammainc(dof / 2.0, rise / 2.0))


def limits(
    model: str | Interaction | Model,
    experiments: Experiment | Sequence[Experiment],
    *,
    cl: float = 0.9545,
    dof: int = 2,
    shared: Sequence[str] = (),
    **fixed: object,
) -> tuple[LimitResult, ...]:
    """Limits on the coupling of a model, the other parameters fixed, the pulls profiled.

    Parameters
    ----------
    model : str, Interaction or Model
        A model with one coupling.
    experiments : Experiment or sequence of Experiment
        One, or several fitted together.
    cl, dof : float, int
        Confidence level and degrees of freedom of the level of chi^2; see `delta_chi2`.
    shared : sequence of str
        Nuisances in common; see `cevns.statistics.Likelihood`.
    **fixed
        The other parameters, numbers or arrays that broadcast: ``mass=[0.01, 10.0, 1e4]`` [MeV].

    Returns
    -------
    tuple of LimitResult
        One for each point of the other parameters, in the order of the flattened arrays.

    Raises
    ------
    InputError
        If a parameter is unknown, missing or out of range.
    NumericalError
        If chi^2 stays below the level however large the coupling, or a point did not converge.
    """
    return coupling_limits(Likelihood(model, experiments, shared=shared), cl=cl, dof=dof, **fixed)


def coupling_limits(likelihood: Likelihood, *, cl: float, dof: int, **fixed: object) -> tuple[LimitResult, ...]:
    """Limits from a likelihood; see `limits`."""
    level = delta_chi2(cl, dof)
    name = likelihood.model.coupling.name
    if name in fixed:
        raise InputError(name, fixed[name], "no value: it is the coupling that is limited")
    values = likelihood.model.complete(fixed, free=(name,))
    shape = np.broadcast_shapes(*(v.shape for v in values.values()))
    points = {key: np.broadcast_to(v, shape).ravel() for key, v in values.items()}
    number = int(np.prod(shape))

    def curve(coupling: FloatArray, point: FloatArray) -> FloatArray:
        index = point.astype(int)
        return likelihood(**{name: coupling}, **{key: v[index] for key, v in points.items()})

    scale = _natural_scale(likelihood, name, points, number)
    grid = scale[:, None] * _SCAN
    chi2 = likelihood(**{name: grid}, **{key: v[:, None] for key, v in points.items()})
    scan = _Scan(grid, chi2, curve)
    best_fit, chi2_min = scan.minimum()
    if not np.all(chi2[:, -1] > chi2_min + level):
        worst = int(np.flatnonzero(chi2[:, -1] <= chi2_min + level)[0])
        at = ", ".join(f"{key} = {v[worst]:g}" for key, v in points.items())
        msg = (
            f"no upper limit on {name} of {likelihood.model.name} at {at}: chi^2 rises by only "
            f"{chi2[worst, -1] - chi2_min[worst]:.3g}, less than {level:.3g}, however large the coupling"
        )
        raise NumericalError(msg)
    crossings = scan.crossings(chi2_min + level)
    first_upward = np.where(chi2[:, 0] > chi2_min + level, 1, 0)
    masses = points.get("mass")
    return tuple(
        LimitResult(
            model=likelihood.model.name,
            experiments=tuple(e.name for e in likelihood.experiments),
            parameter=name,
            mass_MeV=None if masses is None else float(masses[i]),
            cl=cl,
            dof=dof,
            delta_chi2=level,
            upper_limit=crossings[i][first_upward[i]],
            outer_limit=crossings[i][-1],
            crossings=crossings[i],
            best_fit=float(best_fit[i]),
            chi2_min=float(chi2_min[i]),
            ndata=likelihood.ndata,
            version=version(),
        )
        for i in range(number)
    )


def _natural_scale(likelihood: Likelihood, name: str, points: dict[str, FloatArray], number: int) -> FloatArray:
    """Coupling at which the new physics changes some experiment by as many events as the Standard Model gives."""
    reach = np.zeros((number, len(_DECADES)))
    columns = {key: v[:, None] for key, v in points.items()}
    without = likelihood.signals(**{name: 0.0}, **columns)
    for signal, nothing in zip(likelihood.signals(**{name: _DECADES}, **columns), without, strict=True):
        changed = np.abs(signal - nothing).sum(axis=-1) / np.maximum(nothing.sum(axis=-1), 1e-300)
        reach = np.maximum(reach, changed)
    beyond = reach > 1.0
    if not beyond.any(axis=1).all():
        msg = f"no coupling {name} up to {_DECADES[-1]:g} changes the expected counts of {likelihood.model.name}"
        raise NumericalError(msg)
    return _DECADES[beyond.argmax(axis=1)]


@dataclass(frozen=True)
class _Scan:
    """chi^2 on a grid of couplings for each point, and the function it was taken from.

    Attributes
    ----------
    grid, chi2 : array, shape (point, coupling)
        Couplings, increasing, and chi^2.
    curve : callable
        The same at any coupling.
    """

    grid: FloatArray
    chi2: FloatArray
    curve: Curve

    def _extrema(self, sign: float, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
        """Minima (sign 1) or maxima (sign -1) next to interior grid points, refined: coupling and chi^2."""
        from scipy.optimize.elementwise import find_minimum

        if not rows.size:
            return np.zeros(0), np.zeros(0)
        bracket = tuple(self.grid[rows, columns + offset] for offset in (-1, 0, 1))
        result = find_minimum(
            lambda g, point: sign * self.curve(g, point),
            bracket,
            args=(rows.astype(float),),
            tolerances={"xrtol": 1e-6},
        )
        here = self.chi2[rows, columns]
        better = sign * result.f_x < here * sign
        return np.where(better, result.x, bracket[1]), np.where(better, sign * result.f_x, here)

    def minimum(self) -> tuple[FloatArray, FloatArray]:
        """Best coupling and smallest chi^2 of each point."""
        best = self.chi2.argmin(axis=1)
        rows = np.arange(len(best))
        coupling, chi2 = self.grid[rows, best].copy(), self.chi2[rows, best].copy()
        interior = np.flatnonzero((best > 0) & (best < self.grid.shape[1] - 1))
        coupling[interior], chi2[interior] = self._extrema(1.0, interior, best[interior])
        return coupling, chi2

    def crossings(self, level: FloatArray) -> list[tuple[float, ...]]:
        """Couplings at which chi^2 crosses the level of each point, in increasing order."""
        from scipy.optimize.elementwise import find_root

        above = self.chi2 > level[:, None]
        rows, columns = np.nonzero(above[:, 1:] != above[:, :-1])
        brackets = [(rows, self.grid[rows, columns], self.grid[rows, columns + 1])]
        brackets += self._hidden_brackets(level)
        point, low, high = (np.concatenate(parts) for parts in zip(*brackets, strict=True))
        result = find_root(
            lambda g, p: self.curve(g, p) - level[p.astype(int)],
            (low, high),
            args=(point.astype(float),),
            tolerances={"xrtol": 1e-10, "fatol": 0.0},
        )
        if not np.all(result.success):
            worst = int(np.flatnonzero(~result.success)[0])
            msg = f"no crossing found between the couplings {low[worst]:g} and {high[worst]:g}"
            raise NumericalError(msg)
        return [tuple(sorted(result.x[point == number].tolist())) for number in range(len(level))]

    def _hidden_brackets(self, level: FloatArray) -> list[tuple[NDArray[np.intp], FloatArray, FloatArray]]:
        """Brackets around extrema that cross the level and come back between two grid points: point, low, high."""
        excess = self.chi2 - level[:, None]
        before, here, after = excess[:, :-2], excess[:, 1:-1], excess[:, 2:]
        brackets = []
        for sign in (1.0, -1.0):
            turning = (sign * here > 0) & (sign * here <= sign * before) & (sign * here <= sign * after)
            rows, columns = np.nonzero(turning)
            coupling, chi2 = self._extrema(sign, rows, columns + 1)
            hidden = sign * (chi2 - level[rows]) < 0.0
            rows, columns, coupling = rows[hidden], columns[hidden], coupling[hidden]
            brackets.append((rows, self.grid[rows, columns], coupling))
            brackets.append((rows, coupling, self.grid[rows, columns + 2]))
        return brackets
