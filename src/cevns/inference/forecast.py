"""Forecasts: limits from Asimov data of experiments that are changed key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import product
from pathlib import Path
from typing import Any

from cevns.errors import InputError
from cevns.experiments import Experiment, experiment
from cevns.inference.limits import coupling_limits
from cevns.inference.profiling import Profiled
from cevns.inference.toys import Throws, expected_limits
from cevns.interactions import Interaction, Model, as_model
from cevns.interactions.catalogue import standard_part
from cevns.results import ForecastResult, LimitResult
from cevns.statistics import Likelihood


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
    standard = standard_part(model)
    for values in product(*vary.values()):
        varied = dict(zip(vary, values, strict=True))
        built = [one.built(varied, standard, asimov=asimov) for one in setups]
        whole = Likelihood(model, built, shared=shared)
        yield from ((varied, one) for one in (*(whole.alone if each else ()), whole))


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
