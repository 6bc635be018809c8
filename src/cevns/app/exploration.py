"""What the explorer shows of a model at one point: numbers and documents, no page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final, TypeAlias

import numpy as np
import yaml

from cevns.errors import InputError
from cevns.experiments import Experiment, experiment
from cevns.inference import coupling_limits
from cevns.interactions import MODEL_NAMES, Model, Parameter, model
from cevns.io.tables import render
from cevns.plot import projections
from cevns.plot.projections import variance_per_event
from cevns.plot.recoil import highest_recoil
from cevns.plot.style import rendered
from cevns.results import LimitResult
from cevns.statistics import Likelihood

CL: Final = 0.90
DOF: Final = 1
"""Level of the limits."""
Row: TypeAlias = dict[str, Any]
"""A point of a curve, or a bin, by column."""

_LOWEST_RECOIL: Final = 0.1
"""Where recoil spectra start [keV]."""
_SMALLEST_RATE: Final = 1e-6
"""Part of the highest rate below which recoil spectra are cut."""
_STEADY: Final = "steady_state"
"""Background that is taken off the data, where there is one."""


_loaded = cache(experiment)
"""Experiments are built once: the response of a detector does not depend on the model."""


def explorable() -> dict[str, Model]:
    """Models with one coupling without a sign, and at most one other parameter that needs a value."""
    models = {name: model(name) for name in MODEL_NAMES}
    return {
        name: one
        for name, one in models.items()
        if [p.low >= 0.0 for p in one.parameters if p.is_coupling] == [True] and len(_others(one)) <= 1
    }


def _others(chosen: Model) -> tuple[Parameter, ...]:
    """Parameters besides the coupling that need a value."""
    return tuple(p for p in chosen.parameters if not p.is_coupling and p.default is None)


def read_number(text: str, field: str) -> float:
    """A number as it was typed.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        return float(text)
    except ValueError:
        raise InputError(field, text, "a number") from None


@dataclass(frozen=True)
class Exploration:
    """A model with one coupling over data, its other parameter held.

    Attributes
    ----------
    likelihood : Likelihood
        The model and the experiments.
    fixed : mapping of str to float
        The other parameter, if there is one: a mass [MeV].
    """

    likelihood: Likelihood
    fixed: dict[str, float]

    @classmethod
    def of(cls, name: str, experiments: Sequence[str], mass: float) -> Exploration:
        """From names, and a mass [MeV] for models that have one.

        Raises
        ------
        InputError
            If a name is unknown, there is no experiment, or the mass is out of range.
        """
        models = explorable()
        if name not in models:
            raise InputError("model", name, models)
        others = _others(models[name])
        for parameter in others:
            parameter.check(mass)
        chosen = [_loaded(one) for one in experiments]
        return cls(Likelihood(models[name], chosen), {parameter.name: mass for parameter in others})

    @property
    def model(self) -> Model:
        """The model."""
        return self.likelihood.model

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """The experiments."""
        return self.likelihood.experiments

    def parameters(self, coupling: float) -> dict[str, float]:
        """Values of all parameters.

        Raises
        ------
        InputError
            If the coupling is out of range.
        """
        self.model.coupling.check(coupling)
        return {self.model.coupling.name: coupling, **self.fixed}

    @cached_property
    def limit(self) -> LimitResult:
        """Limit on the coupling, 90 % for one degree of freedom."""
        (result,) = coupling_limits(self.likelihood, cl=CL, dof=DOF, profiled=(), **self.fixed)
        return result

    def delta_chi2(self, coupling: float) -> float:
        """chi^2 above its minimum at a coupling."""
        return float(self.likelihood.profiled(**self.parameters(coupling)).chi2) - self.limit.chi2_min

    def curve(self, *, points: int = 121) -> list[Row]:
        """``coupling`` and ``delta_chi2`` around the limit."""
        ends = self.limit.upper_limit / 100.0, self.limit.outer_limit * 10.0
        couplings = np.geomspace(*ends, points)
        chi2 = self.likelihood.profiled(**{self.model.coupling.name: couplings}, **self.fixed).chi2
        return _rows(coupling=couplings, delta_chi2=chi2 - self.limit.chi2_min)

    def recoils(self, coupling: float, *, points: int = 120) -> list[Row]:
        """Recoil spectra, ``experiment``, ``prediction``, ``recoil`` [keV] and ``rate`` [1/keV]."""
        rows = []
        for one in self.experiments:
            energy = np.geomspace(_LOWEST_RECOIL, highest_recoil(one), points)
            for label, value in (("Standard Model", 0.0), (self.model.name, coupling)):
                spectrum = one.recoil_spectrum(self.model, energy, **self.parameters(value)).sum(axis=(0, 1))
                seen = spectrum > _SMALLEST_RATE * spectrum.max()
                rows += _rows(experiment=one.name, prediction=label, recoil=energy[seen], rate=spectrum[seen])
        return rows

    def bins(self, coupling: float, axis: str) -> list[Row]:
        """Counts per unit of ``energy`` or of ``time``, a row for each bin and each of two predictions.

        ``experiment``, ``prediction``, ``low``, ``high``, ``expected``, ``data`` and its ``error``; the steady-state
        background, where there is one, is taken off the data, and other backgrounds are part of what is expected.
        Experiments with a single bin have none.
        """
        rows = []
        for one in self.experiments:
            edges, along = (one.energy_edges, 1) if axis == "energy" else (one.time_edges, 0)
            if len(edges) == 2:
                continue
            name = _STEADY if _STEADY in one.backgrounds else None
            steady = one.backgrounds[name] if name else np.zeros_like(one.observed)
            variance = one.observed + variance_per_event(one, name) * steady if one.errors is None else one.errors**2
            density = {
                "low": edges[:-1],
                "high": edges[1:],
                "data": (one.observed - steady).sum(axis=along) / np.diff(edges),
                "error": np.sqrt(variance.sum(axis=along)) / np.diff(edges),
            }
            for label, value in (("Standard Model", 0.0), (self.model.name, coupling)):
                expected = one.predict(self.model, **self.parameters(value)).total - steady
                rows += _rows(
                    experiment=one.name,
                    prediction=label,
                    **density,
                    expected=expected.sum(axis=along) / np.diff(edges),
                )
        return rows

    def card(self) -> str:
        """Run card of the limit."""
        card = {
            "schema_version": 1,
            "command": "limits",
            "model": self.model.name,
            "experiments": [one.name for one in self.experiments],
            **({"parameters": self.fixed} if self.fixed else {}),
            "cl": CL,
            "dof": DOF,
        }
        return yaml.safe_dump(card, sort_keys=False)

    def csv(self, coupling: float) -> str:
        """The bins in energy as CSV."""
        return render(self.bins(coupling, "energy"), "csv") + "\n"

    def figure(self, name: str, coupling: float) -> bytes:
        """Data of an experiment over the Standard Model, with the model on top, as PDF."""
        (chosen,) = (one for one in self.experiments if one.name == name)
        steady = _STEADY if _STEADY in chosen.backgrounds else None
        drawn = projections(chosen, overlay=self.model, overlay_parameters=self.parameters(coupling), subtract=steady)
        return rendered(drawn, "pdf")


def _rows(**columns: Any) -> list[Row]:
    """Columns as rows; what is no array is the same in all."""
    columns = dict(zip(columns, np.broadcast_arrays(*columns.values()), strict=True))
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*(c.tolist() for c in columns.values()), strict=True)
    ]
