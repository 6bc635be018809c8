"""The signal as a function of the pulls that vary what it is made of, with derivatives.

Counts in energy bin e and time bin t are sum_c E_ce T_ct over the neutrino components c. Nuclear radii and the
efficiency change the spectra E, the time of the beam changes the fractions T. Spectra are computed at a few values of
their pulls, the nodes, and interpolated by polynomials; fractions are interpolated by a cubic spline of the delay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from cevns.experiments import Experiment
from cevns.interactions import Model
from cevns.predict import EnergyRates, RateForm
from cevns.typing import FloatArray

_DELAY_STEP = 0.01
"""Distance of the delays [us] that times are computed at: the bins of the released histograms, whose steps it skips."""

Order = tuple[int, ...]
"""How often counts are differentiated with respect to each pull."""


@dataclass(frozen=True)
class Axis:
    """Polynomial interpolation between two values, through Chebyshev nodes; the one in the middle is the mean.

    Attributes
    ----------
    low, high : float
        The two values.
    number : int
        Number of nodes, odd.
    """

    low: float
    high: float
    number: int

    @property
    def nodes(self) -> FloatArray:
        """The nodes, increasing."""
        middle, half = (self.high + self.low) / 2.0, (self.high - self.low) / 2.0
        return np.asarray(middle + half * chebyshev.chebpts1(self.number), dtype=float)

    @cached_property
    def _coefficients(self) -> FloatArray:
        """Chebyshev coefficients of the weight of each node and of its derivatives, shape (3, coefficient, node)."""
        last = np.linalg.inv(chebyshev.chebvander(chebyshev.chebpts1(self.number), self.number - 1))
        derivatives = [last]
        for _ in range(2):
            last = np.pad(chebyshev.chebder(last) * 2.0 / (self.high - self.low), ((0, 1), (0, 0)))
            derivatives.append(last)
        return np.stack(derivatives)

    def weights(self, values: FloatArray) -> FloatArray:
        """Weight of each node at values (point,), and its first two derivatives; shape (3, point, node)."""
        unit = (2.0 * values - self.high - self.low) / (self.high - self.low)
        return np.asarray(chebyshev.chebvander(unit, self.number - 1) @ self._coefficients, dtype=float)


def parts(experiment: Experiment) -> tuple[str, ...]:
    """Names along the part axis: the parts of the signal, then the backgrounds that move with the beam."""
    return (*experiment.parts, *(name for varied in experiment.time_variations.values() for name in varied.spectra))


@dataclass(frozen=True)
class Templates:
    """What the signal of an experiment is made of, at the nodes of its pulls, for whatever model.

    Attributes
    ----------
    experiment : Experiment
        The experiment.
    """

    experiment: Experiment

    @cached_property
    def _bounds(self) -> Mapping[str, tuple[float, float]]:
        return {pull.name: pull.bounds for pull in self.experiment.config.nuisances}

    @cached_property
    def axes(self) -> Mapping[str, Axis]:
        """Interpolation in each pull that varies the spectra."""
        varied = self.experiment.spectrum_variations.items()
        return {name: Axis(*self._bounds[name], variation.nodes(*self._bounds[name])) for name, variation in varied}

    @property
    def pulls(self) -> tuple[str, ...]:
        """Names of the pulls: those of the spectra, then that of the times."""
        return (*self.axes, *self.experiment.time_variations)

    @cached_property
    def moving(self) -> FloatArray:
        """Spectra of the backgrounds that move with the beam, shape (background, energy bin)."""
        spectra = [each for varied in self.experiment.time_variations.values() for each in varied.spectra.values()]
        return np.reshape(spectra, (-1, len(self.experiment.energy_edges) - 1))

    @property
    def parts(self) -> tuple[str, ...]:
        """Names along the part axis."""
        return parts(self.experiment)

    @cached_property
    def rates(self) -> tuple[EnergyRates, ...]:
        """Energy rates at each node, the last pull fastest."""
        nodes = product(*(axis.nodes.tolist() for axis in self.axes.values()))
        return tuple(self.experiment.varied_rates(dict(zip(self.axes, values, strict=True))) for values in nodes)

    def form(self, model: Model, shapes: Mapping[str, FloatArray]) -> RateForm:
        """Coefficients of the counts of a model: the parts of all nodes, one node after another."""
        forms = [rates.form(model, shapes) for rates in self.rates]
        powers = forms[0].coefficients
        joined = {p: np.concatenate([form.coefficients[p] for form in forms], axis=-3) for p in powers}
        return replace(forms[0], coefficients=joined)

    @cached_property
    def times(self) -> Callable[[FloatArray, int], FloatArray]:
        """``times(delay, n)``: n-th derivative of the fractions, shape (point, component and background, time bin)."""
        from scipy.interpolate import CubicSpline

        for name, varied in self.experiment.time_variations.items():
            low, high = self._bounds[name]
            earlier, later = (np.linspace(0.0, end, int(np.ceil(abs(end) / _DELAY_STEP)) + 1) for end in (low, high))
            delays = np.concatenate([earlier[:0:-1], later])
            return CubicSpline(delays, [varied.fractions(float(delay)) for delay in delays])
        return lambda *_: self.experiment.arrival[None]


@dataclass(frozen=True)
class Signal:
    """The signal of an experiment at some points.

    Attributes
    ----------
    templates : Templates
        What it is made of.
    spectra : array, shape (point, node, part, component, energy bin)
        Counts at all times.
    """

    templates: Templates
    spectra: FloatArray

    @classmethod
    def of(cls, templates: Templates, points: int, counts: FloatArray) -> Signal:
        """From the counts (..., node and part, component, energy bin), alike at all points or one for each."""
        nodes, (_, *rest) = len(templates.rates), counts.shape[-3:]
        return cls(templates, np.broadcast_to(counts, (points, *counts.shape[-3:])).reshape(points, nodes, -1, *rest))

    def at(self, pulls: Mapping[str, FloatArray]) -> FloatArray:
        """Counts at values of the pulls, each (point,) and zero if absent; shape (point, part, bin)."""
        nothing = np.zeros(len(self.spectra))
        values = [pulls.get(name, nothing) for name in self.templates.pulls]
        return self.evaluate(np.reshape(values, (-1, len(nothing))).T, [(0,) * len(values)])[0]

    @property
    def neutrinos(self) -> FloatArray:
        """Neutrino events at zero pulls, shape (point, bin)."""
        return np.asarray(self.at({})[:, : len(self.templates.experiment.parts)].sum(axis=1))

    def __getitem__(self, points: NDArray[np.intp]) -> Signal:
        """The signal at some of the points."""
        return Signal(self.templates, self.spectra[points])

    def evaluate(self, values: FloatArray, orders: Sequence[Order]) -> FloatArray:
        """Derivatives of the counts at values of the pulls (point, pull); shape (order, point, part, bin)."""
        axes = self.templates.axes
        weights = [axis.weights(values[:, k]) for k, axis in enumerate(axes.values())]
        delays = values[:, len(axes) :].sum(axis=1)
        results = []
        for order in orders:
            of_spectra = order[: len(axes)]
            spectra = self._interpolated([w[n] for w, n in zip(weights, of_spectra, strict=True)])
            times = self.templates.times(delays, sum(order[len(axes) :]))
            components = spectra.shape[2]
            counts = np.swapaxes(spectra, -1, -2) @ times[:, None, :components]
            if len(self.templates.moving):
                backgrounds = self.templates.moving[..., None] * times[:, components:, None] * (not any(of_spectra))
                counts = np.concatenate([counts, backgrounds], axis=1)
            results.append(counts)
        return np.stack(results).reshape(len(orders), len(values), len(self.templates.parts), -1)

    def _interpolated(self, weights: Sequence[FloatArray]) -> FloatArray:
        """Sum over the nodes with weights (point, node) along each axis; shape (point, part, component, energy bin)."""
        if not weights:
            return self.spectra[:, 0]
        total = weights[0]
        for weight in weights[1:]:
            total = (total[:, :, None] * weight[:, None, :]).reshape(len(total), -1)
        flat = self.spectra.reshape(*self.spectra.shape[:2], -1)
        return (total[:, None] @ flat).reshape(len(total), *self.spectra.shape[2:])


@dataclass(frozen=True)
class JointSignal:
    """Signals of several experiments, their bins side by side.

    Attributes
    ----------
    signals : sequence of Signal
        The signals, at the same points.
    parts, pulls : tuple of str
        All parts, and all pulls that vary a signal; those of one name are the same.
    """

    signals: Sequence[Signal]
    parts: tuple[str, ...]
    pulls: tuple[str, ...]

    @property
    def delays(self) -> tuple[str, ...]:
        """Pulls that are the delay of a beam."""
        return tuple(dict.fromkeys(n for s in self.signals for n in s.templates.experiment.time_variations))

    def __len__(self) -> int:
        """Number of points."""
        return len(self.signals[0].spectra)

    def __getitem__(self, points: NDArray[np.intp]) -> JointSignal:
        """The signals at some of the points."""
        return JointSignal([signal[points] for signal in self.signals], self.parts, self.pulls)

    def at(self, values: FloatArray) -> FloatArray:
        """Counts at values of the pulls (point, pull), shape (point, part x bin)."""
        return self.evaluate(values, [(0,) * len(self.pulls)])[0].reshape(len(values), -1)

    def derivatives(self, values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Counts (point, part x bin), and their first and second derivatives with respect to the pulls.

        Shapes (point, pull, part x bin) and (point, pull, pull, part x bin).
        """
        unit = np.eye(len(self.pulls), dtype=int)
        wanted = np.concatenate([np.zeros_like(unit[:1]), unit, (unit[:, None] + unit).reshape(-1, len(unit))])
        orders, places = np.unique(wanted, axis=0, return_inverse=True)
        counts = self.evaluate(values, [tuple(order) for order in orders.tolist()])
        counts = np.swapaxes(counts.reshape(len(orders), len(values), -1), 0, 1)[:, places.ravel()]
        return (
            counts[:, 0],
            counts[:, 1 : len(unit) + 1],
            counts[:, len(unit) + 1 :].reshape(len(values), len(unit), len(unit), -1),
        )

    def evaluate(self, values: FloatArray, orders: Sequence[Order]) -> FloatArray:
        """Derivatives of the counts, shape (order, point, part, bin); a signal does not depend on pulls of others."""
        pieces = []
        for signal in self.signals:
            columns = [self.pulls.index(name) for name in signal.templates.pulls]
            own = [k for k, order in enumerate(orders) if sum(order) == sum(order[c] for c in columns)]
            found = signal.evaluate(values[:, columns], [tuple(orders[k][c] for c in columns) for k in own])
            if len(own) < len(orders) or signal.templates.parts != self.parts:
                piece = np.zeros((len(orders), len(values), len(self.parts), found.shape[-1]))
                rows = [self.parts.index(name) for name in signal.templates.parts]
                piece[np.ix_(own, range(len(values)), rows)] = found
                found = piece
            pieces.append(found)
        return np.concatenate(pieces, axis=-1)
