"""A likelihood with bins whose expectation is the parameter itself: everything is known in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from cevns.interactions.model import Parameter
from cevns.statistics import Measurement, Statistic, profile_varied


@dataclass(frozen=True)
class Counts:
    """The part of `cevns.statistics.signal.JointSignal` that profiling needs."""

    counts: np.ndarray

    def __len__(self) -> int:
        return len(self.counts)

    def __getitem__(self, points: np.ndarray) -> Counts:
        return Counts(self.counts[points])

    def at(self, _values: np.ndarray) -> np.ndarray:
        return self.counts


class Mean:
    """The part of `cevns.Likelihood` that pseudo-data need, for a parameter mu that is the signal in every bin."""

    shared = ()
    pulls: tuple[str, ...] = ()
    experiments = (SimpleNamespace(name="bins"),)

    def __init__(self, statistic: Statistic, background: float = 0.0, *, low: float = 0.0) -> None:
        self.ndata = statistic.observed.shape[-1]
        none = np.zeros((0, self.ndata))
        data = Measurement(statistic, np.full(self.ndata, background), none, none, np.zeros(0), ())
        self.groups = (((0,), data),)
        parameter = Parameter("mu", "mean", low=low, is_coupling=True)
        self.model = SimpleNamespace(
            name="mean",
            shapes=frozenset(),
            parameter=lambda _name: parameter,
            complete=lambda values, **_free: {k: parameter.check(v) for k, v in values.items()},
        )

    def joint_signals(self, mu: object) -> list[Counts]:
        return [Counts(np.repeat(np.reshape(np.asarray(mu, dtype=float), (-1, 1)), self.ndata, axis=1))]

    def __call__(self, mu: object) -> np.ndarray:
        return profile_varied(self.groups[0][1], self.joint_signals(mu)[0]).chi2

    def profiled(self, **_point: object) -> SimpleNamespace:
        return SimpleNamespace(pulls={})


def bounded_q(mu: float, x: float) -> float:
    """q of a normal number x with mean mu >= 0 and width 1."""
    return (x - mu) ** 2 - min(x, 0.0) ** 2


def bounded_critical(mu: float, cl: float) -> float:
    """Its critical value: the x with q <= c are between two bounds, the lower one where mu^2 - 2 x mu = c if x < 0."""
    if mu == 0.0:
        return float(norm.ppf(cl) ** 2)

    def excess(c: float) -> float:
        low = mu - np.sqrt(c) if c < mu**2 else (mu**2 - c) / (2.0 * mu)
        return float(norm.cdf(np.sqrt(c)) - norm.cdf(low - mu) - cl)

    return float(brentq(excess, 1e-9, 50.0))
