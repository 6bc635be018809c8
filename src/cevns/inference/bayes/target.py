"""What is sampled: a likelihood and the priors of everything that it depends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from cevns.errors import InputError, NumericalError
from cevns.inference.arguments import refuse_values, single_values
from cevns.inference.bayes.priors import Normal, Prior, Uniform, prior_of
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

PULLS: Final = ("sampled", "profiled")
"""Pulls are sampled with the parameters, or chi^2 is minimised over them."""


@dataclass(frozen=True)
class Target:
    """A log-likelihood and priors.

    Attributes
    ----------
    priors : mapping of str to Prior
        The prior of each name, in the order of the values.
    log_likelihood : callable
        Log-likelihood of values (point, name): shape (point,).
    """

    priors: Mapping[str, Prior]
    log_likelihood: Callable[[FloatArray], FloatArray]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of what is sampled."""
        return tuple(self.priors)

    def values(self, z: FloatArray) -> FloatArray:
        """Values at coordinates (..., name) in which the prior is the unit normal of each."""
        columns = [prior.from_normal(z[..., k]) for k, prior in enumerate(self.priors.values())]
        return np.stack(columns, axis=-1)

    def __call__(self, z: FloatArray) -> FloatArray:
        """Log-likelihood at coordinates (point, name), shape (point,).

        Raises
        ------
        NumericalError
            If it is not a number; the message names the point.
        """
        values = self.values(z)
        found = self.log_likelihood(values)
        for number in np.flatnonzero(np.isnan(found)).tolist():
            at = dict(zip(self.names, values[number].tolist(), strict=True))
            raise NumericalError(f"the likelihood is not a number at {at}")
        return found


def likelihood_target(
    likelihood: Likelihood, priors: Mapping[str, object], fixed: Mapping[str, object], pulls: str
) -> tuple[Target, dict[str, float]]:
    """The target of a likelihood, and the parameters that are held.

    The likelihood is exp(-chi^2/2) without the constraints of the pulls: these are their priors, normal distributions
    within the range of a pull that has one, and uniform where there is a range only. With ``pulls="profiled"`` it is
    exp(-chi^2/2) at the best pulls, constraints included.

    Raises
    ------
    InputError
        If a parameter is unknown, missing, or both fixed and free; if a prior does not fit its parameter.
    """
    if pulls not in PULLS:
        raise InputError("pulls", pulls, PULLS)
    model = likelihood.model
    if not priors:
        raise InputError("priors", dict(priors), "the prior of at least one parameter")
    free = {name: prior_of(model.parameter(name), prior) for name, prior in priors.items()}
    refuse_values(fixed, free, "it has a prior")
    held = single_values(model, fixed, free)
    number = len(free)

    def parameters(values: FloatArray) -> dict[str, FloatArray | float]:
        return {**held, **dict(zip(free, values[:, :number].T, strict=True))}

    def profiled(values: FloatArray) -> FloatArray:
        return -likelihood(**parameters(values)) / 2.0

    sigmas = np.concatenate([data.sigmas for _, data in likelihood.groups])

    def sampled(values: FloatArray) -> FloatArray:
        constraint = np.square(values[:, number:] / sigmas).sum(axis=-1)
        return (constraint - likelihood.at_pulls(values[:, number:], **parameters(values))) / 2.0

    if pulls == "profiled":
        return Target(free, profiled), held
    return Target({**free, **pull_priors(likelihood)}, sampled), held


def pull_priors(likelihood: Likelihood) -> dict[str, Prior]:
    """The constraint of each pull as a prior.

    Raises
    ------
    InputError
        If a pull has neither a constraint nor a range.
    """
    for _, data in likelihood.groups:
        for name in data.unconstrained:
            raise InputError(f"nuisances.{name}.sigma", None, "a prior for the pull; or pulls='profiled'")
    ranges = {name: ends for _, data in likelihood.groups for name, ends in data.ranges.items()}
    return {
        name: Normal(0.0, sigma, *ranges.get(name, ())) if np.isfinite(sigma) else Uniform(*ranges[name])
        for _, data in likelihood.groups
        for name, sigma in zip(data.pulls, data.sigmas.tolist(), strict=True)
    }
