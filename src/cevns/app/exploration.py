"""What the explorer shows of a model at one point: numbers and documents, no page."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Final, TypeAlias, TypeVar

import numpy as np
import yaml

from cevns.errors import InputError
from cevns.experiments import Experiment, experiment
from cevns.inference.level import LevelScan
from cevns.inference.limits import scanned_limits
from cevns.interactions import MODEL_NAMES, Model, Parameter, model
from cevns.plot import projections
from cevns.plot.projections import variance_per_event
from cevns.plot.recoil import highest_recoil
from cevns.plot.style import rendered
from cevns.results import LimitResult
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

CL: Final = 0.90
DOF: Final = 1
"""Level of the limits."""
Curve: TypeAlias = tuple[FloatArray, FloatArray]
"""Values, and a function of them."""

_Value = TypeVar("_Value", float, FloatArray)

_LOWEST_RECOIL: Final = 0.1
"""Where recoil spectra start [keV]."""
_RECOIL_POINTS = 120
_STEADY: Final = "steady_state"
"""Background that is taken off the data, where there is one."""
_QUANTITIES: Final = {"energy": "reconstructed energy", "time": "arrival time"}


@dataclass(frozen=True)
class Bins:
    """Counts per unit along one axis of an experiment, without the steady-state background where there is one.

    Attributes
    ----------
    quantity, unit : str
        What is binned.
    edges : array, shape (bin + 1,)
        Edges of the bins.
    data, error : array, shape (bin,)
        What was observed.
    expected : array, shape (prediction, bin)
        Neutrinos and the backgrounds that are left.
    """

    quantity: str
    unit: str
    edges: FloatArray
    data: FloatArray
    error: FloatArray
    expected: FloatArray


@dataclass(frozen=True)
class View:
    """What there is to see of an experiment.

    Attributes
    ----------
    experiment : str
        Its name.
    recoils : array, shape (recoil,)
        Recoil energies [keV].
    rates : array, shape (prediction, recoil)
        Recoils per keV.
    bins : mapping of str to Bins
        Along ``energy`` and ``time``, where there are several bins.
    """

    experiment: str
    recoils: FloatArray
    rates: FloatArray
    bins: Mapping[str, Bins]


_loaded = cache(experiment)
"""Experiments are built once: the response of a detector does not depend on the model."""


@cache
def explorable() -> Mapping[str, Model]:
    """Models with one coupling without a sign, and at most one other parameter that needs a value."""
    models = {name: model(name) for name in MODEL_NAMES}
    return {
        name: one
        for name, one in models.items()
        if [p.low >= 0.0 for p in one.parameters if p.is_coupling] == [True] and len(_others(one)) <= 1
    }


@lru_cache(maxsize=8)
def _likelihood(name: str, experiments: tuple[str, ...]) -> Likelihood:
    """The likelihood, which finds once what does not depend on parameters."""
    return Likelihood(explorable()[name], [_loaded(one) for one in experiments])


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
        return cls(_likelihood(name, tuple(experiments)), {parameter.name: mass for parameter in others})

    @property
    def model(self) -> Model:
        """The model."""
        return self.likelihood.model

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """The experiments."""
        return self.likelihood.experiments

    def parameters(self, coupling: _Value) -> dict[str, _Value | float]:
        """Values of all parameters.

        Raises
        ------
        InputError
            If the coupling is out of range.
        """
        self.model.coupling.check(coupling)
        return {self.model.coupling.name: coupling, **self.fixed}

    @cached_property
    def _scan(self) -> LevelScan:
        name = self.model.coupling.name
        return LevelScan.of(self.likelihood, name, cl=CL, dof=DOF, profiled=(), fixed=self.fixed)

    @cached_property
    def limit(self) -> LimitResult:
        """Limit on the coupling, 90 % for one degree of freedom."""
        (result,) = scanned_limits(self._scan)
        return result

    @property
    def curve(self) -> Curve:
        """Couplings around the limit, and chi^2 above its minimum: the scan that the limit was found in."""
        (couplings,), (chi2,), (lowest,) = self._scan.scan.grid, self._scan.scan.chi2, self._scan.chi2_min
        around = (couplings > 0.0) & (couplings < 10.0 * self.limit.outer_limit)
        return couplings[around], chi2[around] - lowest

    def delta_chi2(self, coupling: float) -> float:
        """chi^2 above its minimum at a coupling."""
        return float(self.likelihood.profiled(**self.parameters(coupling)).chi2) - self.limit.chi2_min

    @property
    def predictions(self) -> tuple[str, str]:
        """What is drawn over the data."""
        return "Standard Model", self.model.name

    def views(self, coupling: float) -> tuple[View, ...]:
        """What there is to see of each experiment, of the Standard Model and of the model at a coupling."""
        both = self.parameters(np.array([0.0, coupling]))
        signals = self.likelihood.signals(**both)
        return tuple(self._view(one, both, signal) for one, signal in zip(self.experiments, signals, strict=True))

    def _view(self, one: Experiment, both: Mapping[str, object], signal: FloatArray) -> View:
        """Of one experiment, whose neutrino events are (prediction, bin)."""
        recoils = np.geomspace(_LOWEST_RECOIL, highest_recoil(one), _RECOIL_POINTS)
        rates = one.recoil_spectrum(self.model, recoils, **both).sum(axis=(1, 2))
        name = _STEADY if _STEADY in one.backgrounds else None
        steady = one.backgrounds[name] if name else np.zeros_like(one.observed)
        variance = one.observed + variance_per_event(one, name) * steady if one.errors is None else one.errors**2
        counts = signal.reshape(2, *one.observed.shape) + sum(one.backgrounds.values()) - steady
        bins = {
            axis: Bins(
                quantity=_QUANTITIES[axis],
                unit=unit.replace("us", "µs"),
                edges=edges,
                data=(one.observed - steady).sum(axis=along) / np.diff(edges),
                error=np.sqrt(variance.sum(axis=along)) / np.diff(edges),
                expected=counts.sum(axis=along) / np.diff(edges),
            )
            for along, (axis, (edges, unit)) in zip((-1, -2), one.axes.items(), strict=True)
            if len(edges) > 2
        }
        return View(one.name, recoils, rates, bins)

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
        """The bins in energy as CSV, a row for each bin and each of two predictions."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(("experiment", "prediction", "low", "high", "data", "error", "expected"))
        for view in (one for one in self.views(coupling) if "energy" in one.bins):
            bins = view.bins["energy"]
            for name, expected in zip(self.predictions, bins.expected, strict=True):
                columns = (bins.edges[:-1], bins.edges[1:], bins.data, bins.error, expected)
                table.writerows((view.experiment, name, *row) for row in np.stack(columns, axis=1).tolist())
        return text.getvalue()

    def figure(self, name: str, coupling: float) -> bytes:
        """Data of an experiment over the Standard Model, with the model on top, as PDF."""
        (chosen,) = (one for one in self.experiments if one.name == name)
        steady = _STEADY if _STEADY in chosen.backgrounds else None
        drawn = projections(chosen, overlay=self.model, overlay_parameters=self.parameters(coupling), subtract=steady)
        return rendered(drawn, "pdf")
