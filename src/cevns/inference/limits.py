"""Limits on a coupling: every crossing of a chi^2 level, for many masses at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cevns.errors import InputError, NumericalError
from cevns.experiments import Experiment
from cevns.inference.scan import scan_parameter, where
from cevns.interactions import Interaction, Model
from cevns.results import LimitResult, version
from cevns.statistics import Likelihood


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

    if np.asarray(cl).dtype.kind not in "iuf" or not 0.0 < cl < 1.0:
        raise InputError("cl", cl, "a number between 0 and 1")
    if np.asarray(dof).dtype.kind not in "iu" or dof < 1:
        raise InputError("dof", dof, "a positive integer")
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
    rise = delta_chi2(cl, dof)
    name = likelihood.model.coupling.name
    scan, points = scan_parameter(likelihood, name, fixed)
    best_fit, chi2_min = scan.minimum()
    level = chi2_min + rise
    for number in np.flatnonzero(scan.chi2[:, -1] <= level).tolist():
        raise NumericalError(
            f"no upper limit on {name} of {likelihood.model.name} at {where(points, number)}: chi^2 rises by only "
            f"{scan.chi2[number, -1] - chi2_min[number]:.3g}, less than {rise:.3g}, however large the coupling"
        )
    first_upward = np.where(scan.chi2[:, 0] > level, 1, 0)
    masses = points.get("mass")
    return tuple(
        LimitResult(
            model=likelihood.model.name,
            experiments=tuple(e.name for e in likelihood.experiments),
            parameter=name,
            mass_MeV=None if masses is None else float(masses[i]),
            cl=cl,
            dof=dof,
            delta_chi2=rise,
            upper_limit=crossings[first_upward[i]],
            outer_limit=crossings[-1],
            crossings=crossings,
            best_fit=float(best_fit[i]),
            chi2_min=float(chi2_min[i]),
            ndata=likelihood.ndata,
            version=version(),
        )
        for i, crossings in enumerate(scan.crossings(level))
    )
