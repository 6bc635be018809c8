"""chi^2 of the experiments written out from their configuration, bin by bin, without the code under test."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import brentq

import cevns
from cevns import Experiment

MEDIATORS = [name for name in cevns.MODEL_NAMES if {p.name for p in cevns.model(name).parameters} == {"g", "mass"}]
"""Names of the models with one coupling and one mass."""


AT_THE_SNS = [name for name in cevns.experiment_names() if name.startswith("coherent-")]
"""Names of the experiments that share a flux."""

COUNTED = {"coherent-csi-2017": "steady_state"}
"""The background that was counted in each bin, in the experiments where its mean is not predicted."""


def expected_counts(experiment: Experiment, cevns: np.ndarray, pulls: Mapping[str, float]) -> np.ndarray:
    """Signal and predicted backgrounds, each times one plus its pulls; shape (energy bin, time bin)."""
    components = {"cevns": cevns, **experiment.backgrounds}
    components.pop(COUNTED.get(experiment.name, ""), None)
    total = np.zeros_like(cevns)
    for name, counts in components.items():
        factor = np.ones_like(counts)
        for pull in experiment.config.nuisances:
            if name == ("cevns" if pull.component == "neutrinos" else pull.component):
                shape = 1.0 if pull.shape is None else experiment.shapes[pull.shape]
                # A part that is shared acts in the same way as the rest.
                factor = factor + (pulls[pull.name] + sum(pulls.get(part, 0.0) for part in pull.includes)) * shape
        total = total + counts * factor
    return total


def poisson(observed: Sequence[float], expected: Sequence[float]) -> float:
    """2 sum [mu - n + n ln(n/mu)]."""
    pairs = zip(observed, expected, strict=True)
    return math.fsum(2.0 * (mu - n + (n * math.log(n / mu) if n else 0.0)) for n, mu in pairs)


def on_off(observed: Sequence[float], off: Sequence[float], expected: Sequence[float]) -> float:
    """Poisson of the counts and of the background alone, where the derivative in the background vanishes."""
    total = []
    for n, m, s in zip(observed, off, expected, strict=True):

        def slope(b: float, n: float = n, m: float = m, s: float = s) -> float:
            return 2.0 - n / (s + b) - m / b

        low = 1e-12
        b = brentq(slope, low, (n + m) / 2.0, xtol=1e-15, rtol=1e-14) if n + m and slope(low) < 0 else 0.0
        total += [poisson([n], [s + b]), poisson([m], [b])]
    return math.fsum(total)


def gaussian(observed: Sequence[float], expected: Sequence[float], variance: Sequence[float]) -> float:
    """sum (mu - n)^2/variance."""
    return math.fsum((mu - n) ** 2 / v for n, mu, v in zip(observed, expected, variance, strict=True))


BACKGROUND_VARIANCE = {
    "coherent-lar-2020": {"steady_state": 0.2},
    "coherent-csi-2017-counting": {"steady_state": 1.0, "beam_neutrons": 1.0},
}
"""Variance per expected background event, added to that of the counts, in the experiments with least squares."""


def variance(experiment: Experiment) -> np.ndarray:
    """Counts, at least one in each bin, and the backgrounds' own."""
    parts = BACKGROUND_VARIANCE[experiment.name].items()
    return np.maximum(experiment.observed, 1.0) + sum(experiment.backgrounds[name] * factor for name, factor in parts)


def statistic(experiment: Experiment, expected: np.ndarray) -> float:
    """Poisson, with a counted background or without, or least squares where the variance is listed above."""
    observed = experiment.observed.ravel().tolist()
    if experiment.name in COUNTED:
        off = experiment.backgrounds[COUNTED[experiment.name]].ravel().tolist()
        return on_off(observed, off, expected.ravel().tolist())
    if experiment.name in BACKGROUND_VARIANCE:
        return gaussian(observed, expected.ravel().tolist(), variance(experiment).ravel().tolist())
    return poisson(observed, expected.ravel().tolist())


def flux_pull(experiment: Experiment) -> tuple[str, float]:
    """Name and width of the nuisance that contains the neutrino flux."""
    (pull,) = (pull for pull in experiment.config.nuisances if "sns_flux" in pull.includes)
    return pull.name, pull.sigma


def constraints(pulls: Mapping[str, float], sigmas: Mapping[str, float]) -> float:
    """sum (eta/sigma)^2."""
    return math.fsum((pulls[name] / sigmas[name]) ** 2 for name in sigmas)
