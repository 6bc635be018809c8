"""Draws from a posterior, in unit normal coordinates: an ensemble of walkers (emcee) or nested sampling (dynesty)."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from scipy.special import ndtri

from cevns.errors import InputError, NumericalError
from cevns.extras import optional
from cevns.inference.bayes.convergence import bulk_size, r_hat, tail_size, weighted_size
from cevns.inference.bayes.target import Target
from cevns.typing import FloatArray

Report: TypeAlias = Callable[[str], None]
"""Is told how far the sampling has come."""

LARGEST_R_HAT: Final = 1.01
"""R-hat below which chains agree, and..."""
SMALLEST_SIZE: Final = 400.0
"""... the number of independent draws that summaries need, both as Vehtari et al. recommend."""
_FIRST_STEPS: Final = 500
"""Steps before convergence is looked at for the first time; each time after, half as many again."""
_FEWEST_STEPS: Final = 100
"""Steps that a run must be able to afford."""
_BURN_IN: Final = 4
"""The first of so many parts of each chain is discarded."""
STARTS: Final = 4096
"""Draws from the prior among which walkers are placed."""
_REPORTED: Final = (
    "The sampling was stopped short due to maxiter/maxcall limit",
    "The enlargement factor for the ellipsoidal bounds determined from bootstrapping is very large",
    "Ellipsoid sampling is extremely inefficient",
)
"""Warnings of dynesty about what the result says: that it has not converged, or took many evaluations."""
_REPORT_EVERY: Final = 1000
"""Evaluations of nested sampling between reports."""


@dataclass(frozen=True)
class Draws:
    """What a sampler returns.

    Attributes
    ----------
    z : array, shape (draw, name)
        Draws in unit normal coordinates.
    weights : array, shape (draw,)
        Their weights, with sum 1.
    sizes : array, shape (name,)
        Effective sample size of each name: for chains the smaller of the bulk and the tail.
    evaluations : int
        Evaluations of the likelihood.
    acceptance : float
        Fraction of them that became draws.
    unconverged : str
        Why it did not converge; empty if it did.
    r_hat, autocorrelation_time : array or None
        Of each name; the time in steps. None for nested sampling.
    log_evidence, log_evidence_error : float or None
        None for an ensemble.
    """

    z: FloatArray
    weights: FloatArray
    sizes: FloatArray
    evaluations: int
    acceptance: float
    unconverged: str
    r_hat: FloatArray | None = None
    autocorrelation_time: FloatArray | None = None
    log_evidence: float | None = None
    log_evidence_error: float | None = None


Sampler: TypeAlias = Callable[[Target, Report], Draws]
"""Draws from a target."""


@dataclass(frozen=True)
class Ensemble:
    """Affine-invariant sampling: walkers move along differences of others, all of one half at once.

    Foreman-Mackey et al., PASP 125 (2013) 306, arXiv:1202.3665; steps by differential evolution, ter Braak, Stat.
    Comput. 16 (2006) 239. Walkers start at draws from the prior, chosen by their likelihood. Runs are lengthened until
    R-hat and the effective sample sizes are good, or the evaluations are used up.
    """

    seed: int
    evaluations: int
    walkers: int | None = None

    def __call__(self, target: Target, report: Report) -> Draws:
        """Sample a target.

        Raises
        ------
        InputError
            If there are too few walkers or evaluations, or emcee is not installed.
        """
        emcee = optional("emcee", "bayes")
        names = target.names
        walkers = max(32, 4 * len(names)) if self.walkers is None else self.walkers
        at_least("walkers", walkers, max(8, 2 * len(names)))
        at_least("evaluations", self.evaluations, STARTS + _FEWEST_STEPS * walkers)
        start, stream = np.random.SeedSequence(self.seed).spawn(2)
        sampler = emcee.EnsembleSampler(
            walkers,
            len(names),
            lambda z: target(z) - np.square(z).sum(axis=-1) / 2.0,
            # Snooker moves are left out: with emcee 3.1.6 a normal distribution comes out too narrow.
            # The second kind of step is as long as the distance of two walkers: from one peak to another.
            moves=[(emcee.moves.DEMove(), 0.9), (emcee.moves.DEMove(gamma0=1.0), 0.1)],
            vectorize=True,
        )
        state = starting_points(target, walkers, np.random.default_rng(start))
        sampler.random_state = np.random.MT19937(stream).state
        affordable = (self.evaluations - STARTS) // walkers
        steps, failures = 0, "not yet run"
        while failures and steps < affordable:
            more = min(max(_FIRST_STEPS, steps // 2), affordable - steps)
            state = sampler.run_mcmc(state, more)
            steps += more
            chains = sampler.get_chain(discard=steps // _BURN_IN)
            each = [chains[:, :, k].T for k in range(len(names))]
            r_hats = np.array([r_hat(x) for x in each])
            sizes = np.array([min(bulk_size(x), tail_size(x)) for x in each])
            failures = unconverged(names, sizes, r_hats)
            report(f"{steps} steps of {walkers} walkers: R-hat {r_hats.max():.3f}, {sizes.min():.0f} effective draws")
        times = emcee.autocorr.integrated_time(chains, tol=0)
        thinned = chains[:: max(1, int(times.min() / 2.0))].reshape(-1, len(names))
        return Draws(
            z=thinned,
            weights=np.full(len(thinned), 1.0 / len(thinned)),
            sizes=sizes,
            evaluations=STARTS + steps * walkers,
            acceptance=float(sampler.acceptance_fraction.mean()),
            unconverged=failures,
            r_hat=r_hats,
            autocorrelation_time=times,
        )


@dataclass(frozen=True)
class Nested:
    """Nested sampling: the evidence, and draws, from shells of rising likelihood.

    Skilling, Bayesian Anal. 1 (2006) 833; dynesty: Speagle, MNRAS 493 (2020) 3132, arXiv:1904.02180. The likelihood is
    evaluated one point at a time. The run ends when the live points hold at most a thousandth of the evidence each, or
    the evaluations are used up.
    """

    seed: int
    evaluations: int
    live: int

    def __call__(self, target: Target, report: Report) -> Draws:
        """Sample a target.

        Raises
        ------
        InputError
            If there are too few live points, or dynesty is not installed.
        """
        dynesty = optional("dynesty", "bayes")
        at_least("live", self.live, max(50, 2 * len(target.names) + 1))
        calls = 0

        def log_likelihood(z: FloatArray) -> float:
            nonlocal calls
            calls += 1
            if calls % _REPORT_EVERY == 0:
                report(f"{calls} evaluations, {self.live} live points")
            return float(target(z[None])[0])

        with warnings.catch_warnings():
            for message in _REPORTED:
                warnings.filterwarnings("ignore", message, module="dynesty")
            sampler = dynesty.NestedSampler(
                log_likelihood, ndtri, len(target.names), nlive=self.live, rstate=np.random.default_rng(self.seed)
            )
            sampler.run_nested(maxcall=self.evaluations, print_progress=False)
        found = sampler.results
        weights = np.exp(found.logwt - found.logz[-1])
        weights /= weights.sum()
        size = weighted_size(weights)
        failures = unconverged(target.names, np.full(len(target.names), size))
        if calls > self.evaluations:
            failures = f"the evaluations were used up before the evidence; {failures}".rstrip("; ")
        return Draws(
            z=found.samples,
            weights=weights,
            sizes=np.full(len(target.names), size),
            evaluations=calls,
            acceptance=len(weights) / calls,
            unconverged=failures,
            log_evidence=float(found.logz[-1]),
            log_evidence_error=float(found.logzerr[-1]),
        )


def starting_points(target: Target, number: int, generator: np.random.Generator) -> FloatArray:
    """Different draws from the prior, likely ones more often than others, shape (number, name).

    The largest of logarithms plus Gumbel noise are a sample without replacement.
    """
    z = generator.normal(size=(max(STARTS, 2 * number), len(target.names)))
    found = target(z)
    order = np.argsort(found + generator.gumbel(size=len(found)))[-number:]
    if not np.isfinite(found[order]).all():
        raise NumericalError(f"fewer than {number} of {len(found)} draws from the prior have a likelihood above zero")
    return z[order]


def unconverged(names: Sequence[str], sizes: FloatArray, r_hats: FloatArray | None = None) -> str:
    """Which criteria are not met, in words; empty if all are."""
    failures = []
    if r_hats is not None and not r_hats.max() < LARGEST_R_HAT:
        failures.append(f"R-hat of {names[int(r_hats.argmax())]} is {r_hats.max():.3f}, not below {LARGEST_R_HAT:g}")
    if not sizes.min() >= SMALLEST_SIZE:
        worst = names[int(sizes.argmin())]
        failures.append(f"{worst} has {sizes.min():.0f} effective draws, fewer than {SMALLEST_SIZE:g}")
    return "; ".join(failures)


def at_least(field: str, value: object, smallest: int) -> None:
    """Refuse what is not an integer, or too small."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < smallest:
        raise InputError(field, value, f"an integer, at least {smallest}")
