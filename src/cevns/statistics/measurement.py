"""What a fit needs of an experiment: observed counts, backgrounds, and how pulls change the expectation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cevns.errors import InputError
from cevns.experiments import Experiment
from cevns.experiments.schema import GaussianBlock, NuisanceBlock, PoissonOnOffBlock
from cevns.statistics.chi2 import Concatenated, Gaussian, Poisson, Statistic, rows
from cevns.statistics.numbers import Numbers
from cevns.statistics.on_off import MarginalisedOnOff, ProfiledOnOff
from cevns.statistics.signal import parts as signal_parts
from cevns.typing import FloatArray

_Value = TypeVar("_Value")
_ALIKE = 1e-6
"""Smallest singular value of the effects of free pulls, of length one each, that a fit can rely on."""


@dataclass(frozen=True)
class Measurement:
    """Counts with an expectation linear in most pulls: mu = B + sum_p S_p + sum_k eta_k (b_k + sum_p r_kp S_p).

    The parts p of the signal are one after another along its last axis. They may depend on the other pulls, in which
    the expectation is not linear; these have a range.

    The counts and the centres of the constraints are those of the experiment, or of pseudo-data, which may be others at
    each point: then signals and pulls have as many points.

    Attributes
    ----------
    statistic : Statistic
        The test statistic of the observed counts.
    background : array, shape (bin,)
        B, expected background at zero pulls.
    signal_change : array, shape (pull, part x bin)
        r_kp, relative change of the signal per unit pull.
    background_change : array, shape (pull, bin)
        b_k, change of the background per unit pull.
    sigmas : array, shape (pull,)
        Widths of the Gaussian constraints; infinite without one.
    pulls : tuple of str
        Names.
    parts : tuple of str
        Names of the parts of the signal, backgrounds that are not constant among them.
    ranges : mapping of str to (float, float)
        Lowest and highest value of the pulls that the signal itself depends on.
    centres : array, shape (), (pull,) or (point, pull)
        Where the constraints are centred.
    """

    statistic: Statistic
    background: FloatArray
    signal_change: FloatArray
    background_change: FloatArray
    sigmas: FloatArray
    pulls: tuple[str, ...]
    parts: tuple[str, ...] = ("cevns",)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    centres: FloatArray = field(default_factory=lambda: np.zeros(()))

    @property
    def bins(self) -> int:
        """Number of bins."""
        return len(self.background)

    @property
    def varied(self) -> tuple[int, ...]:
        """Which pulls the signal itself depends on, in the order of their ranges."""
        return tuple(self.pulls.index(name) for name in self.ranges)

    @property
    def unconstrained(self) -> tuple[str, ...]:
        """Pulls without a constraint and without a range: free normalisations and shapes of backgrounds."""
        widths = zip(self.pulls, self.sigmas.tolist(), strict=True)
        return tuple(name for name, sigma in widths if not np.isfinite(sigma) and name not in self.ranges)

    @property
    def units(self) -> FloatArray:
        """A typical value of each pull: its sigma, half its range where it is free in one, or one, a background."""
        lengths = [np.subtract(*self.ranges.get(name, (-np.inf, np.inf))) for name in self.pulls]
        units = np.minimum(self.sigmas, np.abs(lengths) / 2.0)
        return np.where(np.isfinite(units), units, 1.0)

    def sum_parts(self, signal: FloatArray) -> FloatArray:
        """Sum of the parts of a signal (..., part x bin): shape (..., bin)."""
        if len(self.parts) == 1:
            return signal
        return signal.reshape(*signal.shape[:-1], len(self.parts), self.bins).sum(axis=-2)

    def expected(self, signal: FloatArray, pulls: FloatArray) -> FloatArray:
        """Expected counts, shape (..., bin), for pulls (..., pull) and the signal (..., part x bin) at their values."""
        scaled = self.sum_parts(signal * (1.0 + pulls @ self.signal_change))
        return scaled + self.background + pulls @ self.background_change

    def chi2(self, signal: FloatArray, pulls: FloatArray) -> FloatArray:
        """Statistic plus constraints, shape (...)."""
        return self.statistic.value(self.expected(signal, pulls)) + self.constraint(pulls)

    def constraint(self, pulls: FloatArray) -> FloatArray:
        """Penalty of pulls (..., pull), shape (...)."""
        return np.square((pulls - self.centres) / self.sigmas).sum(axis=-1)

    def at(self, points: NDArray[np.intp]) -> Measurement:
        """The measurement at some of the points; itself if it is the same at all."""
        statistic, centres = self.statistic.at(points), rows(self.centres, points)
        if statistic is self.statistic and centres is self.centres:
            return self
        return replace(self, statistic=statistic, centres=centres)

    def inside(self) -> Measurement:
        """The measurement whose minimum has no expectation at the edge of what is allowed, but next to it."""
        return replace(self, statistic=self.statistic.inside())

    def thrown(self, signal: FloatArray, pulls: FloatArray, numbers: Numbers, *, centres: bool = True) -> Measurement:
        """Pseudo-data at values of the pulls.

        Parameters
        ----------
        signal : array, shape (point, part x bin)
            Expected signal at the pulls that vary it.
        pulls : array, shape (point, pull)
            All pulls.
        numbers : Numbers
            A random generator, or `Means` for Asimov data.
        centres : bool
            Whether the centres of the constraints, which stand for measurements too, are thrown about the pulls;
            otherwise they stay where they are.
        """
        statistic = self.statistic.thrown(self.expected(signal, pulls), numbers)
        if not centres:
            return replace(self, statistic=statistic)
        widths = np.where(np.isfinite(self.sigmas), self.sigmas, 0.0)
        return replace(self, statistic=statistic, centres=numbers.normal(pulls, widths))


def shared_widths(experiments: Sequence[Experiment]) -> dict[str, float]:
    """Parts of nuisances that experiments may share, by name, each as wide as where it is known best."""
    widths: dict[str, float] = {}
    for pull in (pull for experiment in experiments for pull in experiment.config.nuisances):
        for name, width in pull.parts.items():
            widths[name] = min(width, widths.get(name, width))
    return widths


def measurement(
    experiment: Experiment, shared: Sequence[str] = (), widths: Mapping[str, float] | None = None
) -> Measurement:
    """The measurement of one experiment.

    Parameters
    ----------
    experiment : Experiment
        Data and configuration.
    shared : sequence of str
        Parts of nuisances to be split off as pulls of their own, so that other experiments can have them too: with
        ``sns_flux`` a normalisation of 12 % becomes one of 10 % that is shared and one of 6.6 % that is not.
    widths : mapping of str to float, optional
        Widths that shared parts have because another experiment knows them better; as the experiment says if absent.
    """
    parts = signal_parts(experiment)
    names: list[str] = []
    sigmas: list[float] = []
    signal_change: list[FloatArray] = []
    background_change: list[FloatArray] = []
    for pull in experiment.config.nuisances:
        signal = np.stack([relative_change(experiment, pull, part) for part in parts])
        background = sum(
            relative_change(experiment, pull, name) * counts
            for name, counts in experiment.backgrounds.items()
            if name not in parts
        )
        for name, sigma in _shares(pull, shared):
            names.append(name)
            sigmas.append((widths or {}).get(name, sigma) if name in shared else sigma)
            signal_change.append(signal)
            background_change.append(np.broadcast_to(background, experiment.observed.shape))
    size = experiment.observed.size
    predicted = (name for name in experiment.backgrounds if name not in (*parts, experiment.config.counted))
    found = Measurement(
        statistic=_statistic(experiment),
        background=sum((experiment.backgrounds[name].ravel() for name in predicted), start=np.zeros(size)),
        signal_change=np.reshape(signal_change, (len(names), len(parts) * size)),
        background_change=np.reshape(background_change, (len(names), size)),
        sigmas=np.array(sigmas),
        pulls=tuple(names),
        parts=parts,
        ranges={pull.name: pull.bounds for pull in experiment.config.nuisances if pull.varies},
    )
    _require_determined(found)
    return found


def _require_determined(measurement: Measurement) -> None:
    """Raise `InputError` if the data cannot tell what the free pulls are: nothing else would stop them."""
    free = [k for k, name in enumerate(measurement.pulls) if name in measurement.unconstrained]
    if not free:
        return
    _, curvature = measurement.statistic.derivatives(np.maximum(measurement.statistic.observed, 1.0))
    weighted = measurement.background_change[free] * np.sqrt(curvature)
    lengths = np.linalg.norm(weighted, axis=1, keepdims=True)
    unit = np.divide(weighted, lengths, out=np.zeros_like(weighted), where=lengths > 0)
    if np.linalg.matrix_rank(unit, tol=_ALIKE) < len(free):
        names = ", ".join(measurement.unconstrained)
        raise InputError(f"nuisances ({names})", "no sigma", "a sigma: the data do not tell these pulls apart")


def relative_change(experiment: Experiment, pull: NuisanceBlock, part: str) -> FloatArray:
    """Relative change per unit pull of a part of the signal or a background, shape (energy bin, time bin)."""
    component = experiment.parts if pull.component == "neutrinos" else (pull.component,)
    if part not in component:
        return np.zeros(experiment.observed.shape)
    columns = [experiment.shapes[name] for name in pull.columns] or [np.ones(experiment.observed.shape)]
    return columns[0] if len(columns) == 1 else (columns[0] - columns[1]) / 2.0


def _shares(pull: NuisanceBlock, shared: Sequence[str]) -> list[tuple[str, float]]:
    """The pull and its shared parts, as (name, sigma), adding in quadrature to its sigma."""
    parts = [(name, sigma) for name, sigma in pull.parts.items() if name in shared]
    rest = pull.width**2 - sum(sigma**2 for _, sigma in parts)
    return [*parts, (pull.name, float(np.sqrt(rest)))] if rest > 0 else parts


def _statistic(experiment: Experiment) -> Statistic:
    observed = experiment.observed.ravel()
    block = experiment.config.statistic
    if isinstance(block, PoissonOnOffBlock):
        on_off = ProfiledOnOff if block.treatment == "profiled" else MarginalisedOnOff
        off = block.off_exposure * experiment.backgrounds[block.off_counts].ravel()
        whole = np.round(off)
        # Whole numbers, which backgrounds in the time of the data need not be, are so again.
        return on_off(observed, np.where(np.abs(off - whole) < 1e-12 * whole, whole, off), block.off_exposure)
    if not isinstance(block, GaussianBlock):
        return Poisson(observed)
    if experiment.errors is not None:
        return Gaussian(observed, experiment.errors.ravel() ** 2)
    variance = np.zeros(observed.size)
    for name, factor in block.background_variance.items():
        variance = variance + factor * experiment.backgrounds[name].ravel()
    return Gaussian.of_counts(observed, block.floor, variance)


def combine(measurements: Sequence[Measurement]) -> Measurement:
    """One measurement from several: bins side by side, pulls of the same name are the same pull.

    Raises
    ------
    InputError
        If a shared pull has different widths or ranges.
    """
    if len(measurements) == 1:
        return measurements[0]
    sigmas = _common(
        "sigma", ((n, sigma) for m in measurements for n, sigma in zip(m.pulls, m.sigmas.tolist(), strict=True))
    )
    ranges = _common("range", ((name, m.ranges.get(name)) for m in measurements for name in m.pulls))
    names, parts = tuple(sigmas), tuple(dict.fromkeys(part for m in measurements for part in m.parts))

    def spread(m: Measurement, change: FloatArray, own: Sequence[str], every: Sequence[str]) -> FloatArray:
        rows = np.zeros((len(names), len(every), m.bins))
        places = np.ix_([names.index(name) for name in m.pulls], [every.index(part) for part in own])
        rows[places] = change.reshape(len(m.pulls), len(own), m.bins)
        return rows

    signal_change = [spread(m, m.signal_change, m.parts, parts) for m in measurements]
    background_change = [spread(m, m.background_change, ("",), ("",)) for m in measurements]
    return Measurement(
        statistic=Concatenated([m.statistic for m in measurements], [m.bins for m in measurements]),
        background=np.concatenate([m.background for m in measurements]),
        signal_change=np.concatenate(signal_change, axis=2).reshape(len(names), -1),
        background_change=np.concatenate(background_change, axis=2).reshape(len(names), -1),
        sigmas=np.array(list(sigmas.values())),
        pulls=names,
        parts=parts,
        ranges={name: ends for name, ends in ranges.items() if ends is not None},
    )


def _common(key: str, values: Iterable[tuple[str, _Value]]) -> dict[str, _Value]:
    """Values by pull, which must be the same wherever the pull appears."""
    found: dict[str, _Value] = {}
    for name, value in values:
        if found.setdefault(name, value) != value:
            raise InputError(f"nuisances.{name}.{key}", value, f"{found[name]}, as in the other experiment")
    return found
