"""Limits on a coupling: every crossing of a chi^2 level, for many masses at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cevns.errors import NumericalError
from cevns.experiments import Experiment
from cevns.inference.level import LevelScan
from cevns.inference.profiling import Profiled
from cevns.interactions import Interaction, Model
from cevns.results import LimitResult
from cevns.statistics import Likelihood


def limits(
    model: str | Interaction | Model,
    experiments: Experiment | Sequence[Experiment],
    *,
    cl: float = 0.9545,
    dof: int = 2,
    shared: Sequence[str] = (),
    profiled: Profiled = (),
    **fixed: object,
) -> tuple[LimitResult, ...]:
    """Limits on the one coupling of a model, at fixed mass, pulls profiled.

    Parameters
    ----------
    model, experiments, cl, dof, shared, profiled
        As for `cevns.intervals`; the defaults are those of exclusion curves in the plane of mass and coupling.
    **fixed
        The other parameters, numbers or arrays that broadcast: ``mass=[0.01, 10.0, 1e4]`` [MeV].

    Returns
    -------
    tuple of LimitResult
        One for each point of the fixed parameters, in the order of the flattened arrays.

    Raises
    ------
    InputError
        If the model has not one coupling, and as for `cevns.intervals`.
    NumericalError
        If chi^2 stays below the level however large the coupling, or a point did not converge.
    """
    likelihood = Likelihood(model, experiments, shared=shared)
    return coupling_limits(likelihood, cl=cl, dof=dof, profiled=profiled, **fixed)


def coupling_limits(
    likelihood: Likelihood, *, cl: float, dof: int, profiled: Profiled = (), **fixed: object
) -> tuple[LimitResult, ...]:
    """Limits from a likelihood; see `limits`."""
    name = likelihood.model.coupling.name
    return scanned_limits(LevelScan.of(likelihood, name, cl=cl, dof=dof, profiled=profiled, fixed=fixed))


def scanned_limits(found: LevelScan) -> tuple[LimitResult, ...]:
    """Limits from a scan of the coupling; see `limits`."""
    scan, level = found.scan, found.level
    for number in np.flatnonzero(scan.chi2[:, -1] <= level).tolist():
        raise NumericalError(
            f"no upper limit on {found.parameter} of {found.likelihood.model.name}{found.where(number)}: chi^2 rises "
            f"by only {scan.chi2[number, -1] - found.chi2_min[number]:.3g}, less than {found.rise:.3g}, however large "
            "the coupling"
        )
    first_upward = np.where(scan.chi2[:, 0] > level, 1, 0)
    masses = found.points.get("mass")
    return tuple(
        LimitResult(
            **found.record(i),
            mass_MeV=None if masses is None else float(masses[i]),
            upper_limit=crossings[first_upward[i]],
            outer_limit=crossings[-1],
            crossings=crossings,
        )
        for i, crossings in enumerate(scan.crossings(level))
    )
