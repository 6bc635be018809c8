"""Bayesian inference: priors, sampling of parameters and pulls, summaries. Needs the extra ``bayes``."""

from cevns.inference.bayes.priors import LogUniform, Normal, Prior, Uniform, read_prior
from cevns.inference.bayes.result import Marginal, PosteriorResult
from cevns.inference.bayes.sampling import SAMPLERS, posterior, sample
from cevns.inference.bayes.target import PULLS, Target, likelihood_target

__all__ = [
    "PULLS",
    "SAMPLERS",
    "LogUniform",
    "Marginal",
    "Normal",
    "PosteriorResult",
    "Prior",
    "Target",
    "Uniform",
    "likelihood_target",
    "posterior",
    "read_prior",
    "sample",
]
