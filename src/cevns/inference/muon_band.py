"""What limits exclude of the couplings that the magnetic moment of the muon prefers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cevns.errors import InputError
from cevns.interactions import Interaction, Model, as_model
from cevns.interactions.muon_moment import MUON_MOMENT_BANDS, MuonCharge, muon_charge, muon_moment_couplings
from cevns.results import ForecastResult, LimitResult, MuonBandResult
from cevns.typing import FloatArray


def muon_band(
    limits: Sequence[LimitResult], model: str | Interaction | Model, band: str, *, sigmas: float = 2.0
) -> MuonBandResult:
    """How much of the couplings that the magnetic moment of the muon prefers limits exclude.

    Parameters
    ----------
    limits : sequence of LimitResult
        Limits of one model from the same experiments at several masses.
    model : str, Interaction or Model
        The model.
    band : str
        A measurement: a name from `cevns.interactions.muon_moment.MUON_MOMENT_BANDS`.
    sigmas : float
        Half width of the band, in standard deviations.

    Raises
    ------
    InputError
        If the band is unknown, muons do not couple to the mediator, or there is no limit.
    """
    kind, charge = require_band(model, band)
    ordered = sorted(limits, key=lambda one: one.mass_MeV or 0.0)
    if not ordered:
        raise InputError("limits", limits, "at least one limit")
    masses = np.array([one.mass_MeV for one in ordered], dtype=float)
    edges = np.stack(muon_moment_couplings(masses, band, kind, sigmas=sigmas)) / charge
    fractions = np.array([_excluded(one, *pair) for one, pair in zip(ordered, edges.T.tolist(), strict=True)])
    at_the_edge = np.array([_excluded(one, low, low) for one, low in zip(ordered, edges[0].tolist(), strict=True)])
    first = ordered[0]
    return MuonBandResult(
        model=first.model,
        experiments=first.experiments,
        parameter=first.parameter,
        band=band,
        sigmas=sigmas,
        cl=first.cl,
        dof=first.dof,
        fraction=float(fractions.mean()),
        lower_edge=_runs(masses, at_the_edge == 1.0),
        whole_band=_runs(masses, fractions == 1.0),
        masses=tuple(masses.tolist()),
        fractions=tuple(fractions.tolist()),
        version=first.version,
        varied=first.varied if isinstance(first, ForecastResult) else {},
    )


def require_band(model: str | Interaction | Model, band: str) -> MuonCharge:
    """Spin and muon charge of the mediator; see `muon_band` for the errors."""
    charge = muon_charge(model)
    if charge is None:
        raise InputError("model", as_model(model).name, "a model with one mediator that couples to muons")
    if band not in MUON_MOMENT_BANDS:
        raise InputError("band", band, MUON_MOMENT_BANDS)
    return charge


def _excluded(limit: LimitResult, low: float, high: float) -> float:
    """Fraction of the couplings between two that are excluded; of one coupling, whether it is."""
    ends = np.array([*((0.0,) if len(limit.crossings) % 2 == 0 else ()), *limit.crossings, np.inf])
    below, above = ends[0::2], ends[1::2]
    if low == high:
        return float(np.any((below < low) & (low < above)))
    return float(np.clip(np.minimum(above, high) - np.maximum(below, low), 0.0, None).sum() / (high - low))


def _runs(masses: FloatArray, chosen: FloatArray) -> tuple[tuple[float, float], ...]:
    """First and last mass of every run of those chosen."""
    steps = np.diff(np.concatenate([[0], chosen.astype(int), [0]]))
    starts, stops = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1) - 1
    return tuple(zip(masses[starts].tolist(), masses[stops].tolist(), strict=True))
