"""What a fit needs of an experiment: observed counts, backgrounds, and how pulls change the expectation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cevns.errors import InputError
from cevns.experiments import Experiment
from cevns.experiments.schema import GaussianBlock, NuisanceBlock, PoissonOnOffBlock
from cevns.statistics.test_statistics import (
    Concatenated,
    Gaussian,
    MarginalisedOnOff,
    Poisson,
    ProfiledOnOff,
    Statistic,
)
from cevns.typing import FloatArray


@dataclass(frozen=True)
class Measurement:
    """Counts with an expectation linear in the pulls: mu = S + B + sum_k eta_k (r_k S + b_k).

    Attributes
    ----------
    statistic : Statistic
        The test statistic of the observed counts.
    background : array, shape (bin,)
        B, expected background at zero pulls.
    signal_change : array, shape (pull, bin)
        r_k, relative change of the signal per unit pull.
    background_change : array, shape (pull, bin)
        b_k, change of the background per unit pull.
    sigmas : array, shape (pull,)
        Widths of the Gaussian constraints.
    pulls : tuple of str
        Names.
    """

    statistic: Statistic
    background: FloatArray
    signal_change: FloatArray
    background_change: FloatArray
    sigmas: FloatArray
    pulls: tuple[str, ...]

    @property
    def bins(self) -> int:
        """Number of bins."""
        return len(self.background)

    def expected(self, signal: FloatArray, pulls: FloatArray) -> FloatArray:
        """Expected counts, shape (..., bin), for a signal (..., bin) and pulls (..., pull)."""
        return signal * (1.0 + pulls @ self.signal_change) + self.background + pulls @ self.background_change

    def chi2(self, signal: FloatArray, pulls: FloatArray) -> FloatArray:
        """Statistic plus constraints, shape (...)."""
        constraint = np.square(pulls / self.sigmas).sum(axis=-1)
        return self.statistic.value(self.expected(signal, pulls)) + constraint


def shared_names(experiments: Sequence[Experiment]) -> tuple[str, ...]:
    """Names of the parts of nuisances that experiments may share."""
    return tuple(dict.fromkeys(part for e in experiments for pull in e.config.nuisances for part in pull.includes))


def measurement(experiment: Experiment, shared: Sequence[str] = ()) -> Measurement:
    """The measurement of one experiment.

    Parameters
    ----------
    experiment : Experiment
        Data and configuration.
    shared : sequence of str
        Parts of nuisances to be split off as pulls of their own, so that other experiments can have them too: with
        ``sns_flux`` a normalisation of 12 % becomes one of 10 % that is shared and one of 6.6 % that is not.
    """
    names: list[str] = []
    sigmas: list[float] = []
    signal_change: list[FloatArray] = []
    background_change: list[FloatArray] = []
    nothing = np.zeros(experiment.observed.shape)
    for pull in experiment.config.nuisances:
        shape = np.ones_like(nothing) if pull.shape is None else experiment.shapes[pull.shape]
        on_signal = pull.component == "cevns"
        for name, sigma in _parts(pull, shared):
            names.append(name)
            sigmas.append(sigma)
            signal_change.append((shape if on_signal else nothing).ravel())
            background_change.append((nothing if on_signal else shape * experiment.backgrounds[pull.component]).ravel())
    expected = (b.ravel() for name, b in experiment.backgrounds.items() if name != experiment.config.counted)
    background = sum(expected, start=nothing.ravel())
    size = (len(names), background.size)
    return Measurement(
        statistic=_statistic(experiment),
        background=background,
        signal_change=np.reshape(signal_change, size),
        background_change=np.reshape(background_change, size),
        sigmas=np.array(sigmas),
        pulls=tuple(names),
    )


def _parts(pull: NuisanceBlock, shared: Sequence[str]) -> list[tuple[str, float]]:
    """The pull and its shared parts, as (name, sigma), adding in quadrature to its sigma."""
    parts = [(name, sigma) for name, sigma in pull.includes.items() if name in shared]
    rest = pull.sigma**2 - sum(sigma**2 for _, sigma in parts)
    return [*parts, (pull.name, float(np.sqrt(rest)))] if rest > 0 else parts


def _statistic(experiment: Experiment) -> Statistic:
    observed = experiment.observed.ravel()
    block = experiment.config.statistic
    if isinstance(block, PoissonOnOffBlock):
        on_off = ProfiledOnOff if block.treatment == "profiled" else MarginalisedOnOff
        return on_off(observed, experiment.backgrounds[block.off_counts].ravel())
    if not isinstance(block, GaussianBlock):
        return Poisson(observed)
    variance = np.maximum(observed, block.floor)
    for name, factor in block.background_variance.items():
        variance = variance + factor * experiment.backgrounds[name].ravel()
    return Gaussian(observed, variance)


def combine(measurements: Sequence[Measurement]) -> Measurement:
    """One measurement from several: bins side by side, pulls of the same name are the same pull.

    Raises
    ------
    InputError
        If a shared pull has different widths.
    """
    if len(measurements) == 1:
        return measurements[0]
    sigma_of: dict[str, float] = {}
    for m in measurements:
        for name, sigma in zip(m.pulls, m.sigmas.tolist(), strict=True):
            if sigma_of.setdefault(name, sigma) != sigma:
                raise InputError(f"nuisances.{name}.sigma", sigma, f"{sigma_of[name]}, as in the other experiment")
    names = tuple(sigma_of)

    def spread(m: Measurement, change: FloatArray) -> FloatArray:
        rows = np.zeros((len(names), m.bins))
        rows[[names.index(name) for name in m.pulls]] = change
        return rows

    return Measurement(
        statistic=Concatenated([m.statistic for m in measurements], [m.bins for m in measurements]),
        background=np.concatenate([m.background for m in measurements]),
        signal_change=np.concatenate([spread(m, m.signal_change) for m in measurements], axis=1),
        background_change=np.concatenate([spread(m, m.background_change) for m in measurements], axis=1),
        sigmas=np.array(list(sigma_of.values())),
        pulls=names,
    )
