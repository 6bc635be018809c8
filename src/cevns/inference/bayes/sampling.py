"""Sampling the posterior of model parameters and pulls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cevns.errors import InputError
from cevns.experiments import Experiment
from cevns.inference.bayes.priors import Prior
from cevns.inference.bayes.result import PosteriorResult, marginal
from cevns.inference.bayes.samplers import Draws, Ensemble, Nested, Report, Sampler, at_least
from cevns.inference.bayes.target import Target, likelihood_target
from cevns.interactions import Interaction, Model
from cevns.results import common_fields
from cevns.statistics import Likelihood

SAMPLERS: Final = ("ensemble", "nested")
"""The samplers."""


def posterior(
    model: str | Interaction | Model,
    experiments: Experiment | Sequence[Experiment],
    *,
    priors: Mapping[str, Prior | str],
    sampler: str = "ensemble",
    seed: int = 0,
    pulls: str = "sampled",
    credibility: Sequence[float] = (0.68, 0.90, 0.95),
    evaluations: int = 1_000_000,
    walkers: int | None = None,
    live: int = 500,
    shared: Sequence[str] = (),
    report: Report | None = None,
    **fixed: Any,
) -> PosteriorResult:
    """Sample the posterior of parameters and pulls.

    Parameters
    ----------
    model, experiments, shared
        See `cevns.statistics.Likelihood`.
    priors : mapping of str to Prior or str
        The prior of each free parameter: ``Uniform``, ``LogUniform`` or ``Normal`` of `cevns.inference.bayes`, or as
        text, ``"log:1e-6:1e-3"``. Priors of the pulls are their constraints; a pull with a range only is uniform in it.
    sampler : {"ensemble", "nested"}
        Walkers (emcee), vectorised; or nested sampling (dynesty), which gives the evidence, too.
    seed : int
        The same seed gives the same draws.
    pulls : {"sampled", "profiled"}
        Pulls are sampled with the parameters and integrated out; or the likelihood is maximised over them, and the
        result, a profile likelihood times priors, is not a posterior.
    credibility : sequence of float
        Levels of the intervals.
    evaluations : int
        Most evaluations of the likelihood.
    walkers : int, optional
        Number of walkers of the ensemble; four for each dimension, at least 32.
    live : int
        Number of live points of nested sampling.
    report : callable, optional
        Called with a line of text now and then.
    **fixed
        Values of the other parameters; those with a default may be left out.

    Returns
    -------
    PosteriorResult
        Summaries and draws; look at ``converged``.

    Raises
    ------
    InputError
        If a prior, parameter or option is not acceptable, or the sampler is not installed.
    NumericalError
        If hardly any draw from the prior is possible, or the likelihood cannot be computed.
    """
    likelihood = Likelihood(model, experiments, shared=shared)
    target, held = likelihood_target(likelihood, priors, fixed, pulls)
    levels = _credibility(credibility)
    draws = sample(
        target, sampler, seed=seed, evaluations=evaluations, walkers=walkers, live=live, report=report or _silent
    )
    values = target.values(draws.z).T
    units = {p.name: p.unit for p in likelihood.model.parameters}
    return PosteriorResult(
        **common_fields(likelihood),
        parameters=tuple(priors),
        fixed=held,
        pulls=pulls,
        sampler=sampler,
        seed=seed,
        converged=not draws.unconverged,
        unconverged=draws.unconverged,
        evaluations=draws.evaluations,
        acceptance=draws.acceptance,
        log_evidence=draws.log_evidence,
        log_evidence_error=draws.log_evidence_error,
        credibility=levels,
        marginals=tuple(
            marginal(
                name,
                units.get(name, ""),
                prior,
                values[k],
                draws.weights,
                levels,
                effective_size=float(draws.sizes[k]),
                r_hat=None if draws.r_hat is None else float(draws.r_hat[k]),
                autocorrelation_time=None
                if draws.autocorrelation_time is None
                else float(draws.autocorrelation_time[k]),
            )
            for k, (name, prior) in enumerate(target.priors.items())
        ),
        weights=draws.weights,
        samples=dict(zip(target.names, values, strict=True)),
    )


def sample(
    target: Target,
    sampler: str,
    *,
    seed: int,
    evaluations: int = 1_000_000,
    walkers: int | None = None,
    live: int = 500,
    report: Report | None = None,
) -> Draws:
    """Draws from any target; see `posterior`."""
    at_least("seed", seed, 0)
    at_least("evaluations", evaluations, 1)
    samplers: Mapping[str, Sampler] = {
        "ensemble": Ensemble(seed, evaluations, walkers),
        "nested": Nested(seed, evaluations, live),
    }
    if sampler not in samplers:
        raise InputError("sampler", sampler, SAMPLERS)
    return samplers[sampler](target, report or _silent)


def _silent(_line: str) -> None:
    """Report nothing."""


def _credibility(levels: Sequence[float]) -> tuple[float, ...]:
    for level in levels:
        if not 0.0 < level < 1.0:
            raise InputError("credibility", level, "numbers between 0 and 1")
    return tuple(float(level) for level in levels)
