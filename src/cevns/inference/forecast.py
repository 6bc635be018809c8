"""Forecasts: limits from Asimov data of experiments that are changed key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from cevns.errors import InputError
from cevns.experiments import Experiment, experiment
from cevns.inference.ensembles import Throws, expected_limits
from cevns.inference.limits import coupling_limits
from cevns.inference.profiling import Profiled
from cevns.interactions import Interaction, Model, as_model
from cevns.interactions.muon_moment import MUON_MOMENT_BANDS, MuonCharge, muon_charge, muon_moment_couplings
from cevns.results import ForecastResult, LimitResult, MuonBandResult
from cevns.statistics import Likelihood
from cevns.typing import FloatArray


@dataclass(frozen=True)
class Setup:
    """An experiment to be built, perhaps several times.

    Attributes
    ----------
    name : str or Path
        Name of an experiment, or a directory with one; see `cevns.experiment`.
    overrides : mapping
        Values to put in place of those of its file, by dotted path.
    electron_scattering : bool
        Whether electron recoils count.
    """

    name: str | Path
    overrides: Mapping[str, object] = field(default_factory=dict)
    electron_scattering: bool = False

    def built(self, varied: Mapping[str, object], standard: Model, *, asimov: bool) -> Experiment:
        """The experiment with other values of some keys, and Asimov data if it is a forecast or they are asked for."""
        own = {_key(name): value for name, value in varied.items() if _owner(name) in ("", str(self.name))}
        made = experiment(
            self.name,
            {**self.overrides, **own},
            electron_scattering=self.electron_scattering,
            asimov=asimov,
        )
        if asimov or made.is_forecast:
            return made.asimov(standard)
        if own:
            allowed = f"Asimov data (--asimov) for {made.name}, which has data, or NAME:KEY for another experiment"
            raise InputError("vary", next(iter(own)), allowed)
        return made


def _owner(name: str) -> str:
    return name.rpartition(":")[0]


def _key(name: str) -> str:
    return name.rpartition(":")[2]


def varied_likelihoods(
    model: Model,
    setups: Sequence[Setup],
    *,
    vary: Mapping[str, Sequence[object]],
    asimov: bool = False,
    shared: Sequence[str] = (),
    each: bool = False,
) -> Iterator[tuple[Mapping[str, object], Likelihood]]:
    """The likelihood at every combination of values of the keys varied, with these values; see `forecast`.

    With ``each``, before that of all experiments there is that of each alone, if there are several.
    """
    names = [str(one.name) for one in setups]
    for key in vary:
        if _owner(key) not in ("", *names):
            raise InputError("vary", key, f"KEY, or NAME:KEY with one of {', '.join(names)}")
    standard = Model("sm", model.interactions[:1])
    for values in product(*vary.values()):
        varied = dict(zip(vary, values, strict=True))
        built = [one.built(varied, standard, asimov=asimov) for one in setups]
        for alone in built if each and len(built) > 1 else ():
            yield varied, Likelihood(model, alone)
        yield varied, Likelihood(model, built, shared=shared)


def forecast(
    model: str | Interaction | Model,
    experiments: str | Path | Setup | Sequence[str | Path | Setup],
    *,
    vary: Mapping[str, Sequence[object]] | None = None,
    asimov: bool = False,
    each: bool = False,
    cl: float = 0.90,
    dof: int = 2,
    shared: Sequence[str] = (),
    profiled: Profiled = (),
    throws: Throws | None = None,
    **fixed: object,
) -> tuple[ForecastResult, ...]:
    """Expected limits on the one coupling of a model, against anything that an experiment consists of.

    Data that are exactly what the Standard Model (with the weak couplings of the model) makes expected give, but for
    small samples, the median of the limits that real data would.

    Parameters
    ----------
    model : str, Interaction or Model
        A model with one coupling.
    experiments : str, Path or Setup, or several
        Names or directories, or with settings; several are fitted together.
    vary : mapping of str to sequence, optional
        Values of keys of ``experiment.yaml`` by dotted path: ``{"exposure": [1, 2, 5]}``, ``{"bins.energy.low": ...}``
        or ``{"nuisances.NAME.sigma": [...]}``; of one experiment only as ``NAME:KEY``. Every combination is looked at.
    asimov : bool
        Whether experiments that have data get Asimov data too; otherwise they keep their own.
    each : bool
        Whether each experiment is looked at alone as well.
    cl, dof, shared, profiled
        As for `cevns.limits`.
    throws : Throws, optional
        Pseudo-data, for the median and the bands of the limits. No other parameter can be profiled then.
    **fixed
        The other parameters, as for `cevns.limits`.

    Returns
    -------
    tuple of ForecastResult
        For each combination of values, one for each point of the fixed parameters.

    Raises
    ------
    InputError
        If a key or a value is none of the experiment's, or as for `cevns.limits`.
    """
    chosen = as_model(model)
    several = [experiments] if isinstance(experiments, str | Path | Setup | Experiment) else experiments
    for one in several:
        if not isinstance(one, str | Path | Setup):
            raise InputError("experiments", one, "names or directories: experiments are built anew for each setting")
    setups = [one if isinstance(one, Setup) else Setup(one) for one in several]
    if throws is not None and profiled:
        raise InputError("profiled", list(profiled), "nothing with pseudo-data")
    results: list[ForecastResult] = []
    for varied, likelihood in varied_likelihoods(
        chosen, setups, vary=vary or {}, asimov=asimov, shared=shared, each=each
    ):
        made = tuple(one.name for one in likelihood.experiments if asimov or one.is_forecast)
        found = coupling_limits(likelihood, cl=cl, dof=dof, profiled=profiled, **fixed)
        expected = _expected(likelihood, throws, cl=cl, dof=dof, **fixed) if throws else [{}] * len(found)
        results += [
            ForecastResult(**_fields(limit), asimov=made, varied=varied, expected=toys)
            for limit, toys in zip(found, expected, strict=True)
        ]
    return tuple(results)


def _fields(limit: LimitResult) -> dict[str, Any]:
    return {each.name: getattr(limit, each.name) for each in fields(limit)}


def _expected(likelihood: Likelihood, throws: Throws, **settings: Any) -> list[Mapping[str, object]]:
    """Median and bands of the limits from pseudo-data."""
    found = expected_limits(
        likelihood.model,
        likelihood.experiments,
        likelihood.model.coupling.name,
        throws=throws,
        shared=likelihood.shared,
        **settings,
    )
    return [{"median": one.median, "bands": one.bands} for one in found]


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
