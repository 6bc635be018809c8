"""The result of sampling a posterior."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Self, cast

import numpy as np

from cevns.errors import InputError
from cevns.inference.bayes.marginals import density, equal_tailed, highest_density, quantiles
from cevns.inference.bayes.priors import Prior, read_prior
from cevns.results import Record, Result, rounded
from cevns.results.base import held_lines
from cevns.typing import JSON, FloatArray


@dataclass(frozen=True)
class Marginal(Record):
    """The posterior of one parameter or pull, all others integrated out.

    Attributes
    ----------
    name : str
        What it is.
    unit, prior : str
        Its unit, and its prior as text.
    mean, deviation, median : float
        Mean, standard deviation, median.
    equal_tailed : tuple of (float, float)
        For each credibility the interval with as much probability below as above it.
    highest_density : tuple of tuple of (float, float)
        For each credibility all disjoint intervals of highest density: in the logarithm where the prior is uniform in
        the logarithm, in the parameter itself otherwise.
    effective_size : float
        Number of independent draws that the draws are worth.
    r_hat, autocorrelation_time : float or None
        Of the chains, the time in steps; None for nested sampling.
    """

    name: str
    unit: str
    prior: str
    mean: float
    deviation: float
    median: float
    equal_tailed: tuple[tuple[float, float], ...]
    highest_density: tuple[tuple[tuple[float, float], ...], ...]
    effective_size: float
    r_hat: float | None
    autocorrelation_time: float | None


def marginal(
    name: str,
    unit: str,
    prior: Prior,
    values: FloatArray,
    weights: FloatArray,
    credibility: Sequence[float],
    *,
    effective_size: float,
    r_hat: float | None,
    autocorrelation_time: float | None,
) -> Marginal:
    """Summary of weighted draws; see `Marginal`."""
    mean = float(np.average(values, weights=weights))
    ends = [prior.scale(np.asarray(end)) for end in (prior.low, prior.high)]
    edges, height = density(prior.scale(values), weights, (float(ends[0]), float(ends[1])), effective_size)
    return Marginal(
        name=name,
        unit=unit,
        prior=str(prior),
        mean=mean,
        deviation=float(np.sqrt(np.average(np.square(values - mean), weights=weights))),
        median=float(quantiles(values, weights, np.array(0.5))),
        equal_tailed=tuple(equal_tailed(values, weights, level) for level in credibility),
        highest_density=tuple(
            tuple((float(low), float(high)) for low, high in prior.from_scale(np.array(pieces)).tolist())
            for pieces in (
                highest_density(prior.scale(values), weights, edges, height, level, effective_size)
                for level in credibility
            )
        ),
        effective_size=effective_size,
        r_hat=r_hat,
        autocorrelation_time=autocorrelation_time,
    )


@dataclass(frozen=True)
class PosteriorResult(Result):
    """A sampled posterior; see `cevns.results.Result` for common fields.

    Attributes
    ----------
    parameters : tuple of str
        Those with a prior.
    pulls : str
        ``"sampled"``; or ``"profiled"``: the likelihood was the largest over the pulls, and what is called posterior
        here is none.
    sampler, seed : str, int
        How it was sampled.
    converged : bool
        Whether all criteria were met.
    unconverged : str
        Which were not; empty if all were.
    evaluations, acceptance : int, float
        Evaluations of the likelihood, and the fraction of them that became draws.
    log_evidence, log_evidence_error : float or None
        Logarithm of the integral of likelihood times prior, with the likelihood exp(-chi^2/2), which is 1 for a perfect
        description of the counts; of nested sampling only.
    credibility : tuple of float
        Levels of the intervals.
    marginals : tuple of Marginal
        Parameters, then pulls.
    weights : array, shape (draw,)
        Weights of the draws, with sum 1.
    samples : mapping of str to array, shape (draw,)
        Draws of each parameter and pull. Both are empty in a result that was read from JSON without them, and do not
        count when results are compared.
    """

    model: str
    experiments: tuple[str, ...]
    parameters: tuple[str, ...]
    fixed: Mapping[str, float]
    pulls: str
    sampler: str
    seed: int
    converged: bool
    unconverged: str
    evaluations: int
    acceptance: float
    log_evidence: float | None
    log_evidence_error: float | None
    credibility: tuple[float, ...]
    marginals: tuple[Marginal, ...]
    ndata: int
    version: str
    weights: FloatArray = field(default_factory=lambda: np.zeros(0), compare=False, repr=False)
    samples: Mapping[str, FloatArray] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> Marginal:
        """The marginal of a name."""
        for one in self.marginals:
            if one.name == name:
                return one
        raise InputError("name", name, [one.name for one in self.marginals])

    def density(self, name: str) -> tuple[FloatArray, FloatArray]:
        """Smoothed density of one parameter or pull, for drawing.

        Returns
        -------
        edges, density : array, shape (cell + 1,), (cell,)
            A grid, and the density between its edges, per unit of the logarithm where the prior is uniform in it.
        """
        one = self[name]
        prior = read_prior(one.prior)
        low, high = (float(prior.scale(np.asarray(end))) for end in (prior.low, prior.high))
        edges, height = density(prior.scale(self.samples[name]), self.weights, (low, high), one.effective_size)
        return prior.from_scale(edges), height

    def to_dict(self, *, samples: bool = False) -> JSON:
        """The record as a JSON object, without the draws unless they are asked for."""
        summary = asdict(replace(self, samples={}))
        del summary["weights"], summary["samples"]
        if not samples:
            return summary
        draws = {name: values.tolist() for name, values in self.samples.items()}
        return {**summary, "weights": self.weights.tolist(), "samples": draws}

    def to_json(self, *, samples: bool = False) -> str:
        """The record as JSON text, without the draws unless they are asked for."""
        return json.dumps(self.to_dict(samples=samples), indent=2, allow_nan=False)

    @classmethod
    def from_dict(cls, record: Mapping[str, object]) -> Self:
        """Rebuild a record from a JSON object, with or without draws.

        Raises
        ------
        InputError
            If keys are missing or unknown.
        """
        found = super().from_dict(record)
        return replace(
            found,
            marginals=tuple(Marginal.from_dict(one) for one in cast("Sequence[JSON]", found.marginals)),
            weights=np.array(found.weights, dtype=float),
            samples={name: np.array(draws, dtype=float) for name, draws in found.samples.items()},
        )

    def rows(self) -> list[JSON]:
        """A row for each parameter and pull, with its intervals by credibility."""
        by_level = ("equal_tailed", "highest_density")
        return [
            {
                **one.to_dict(),
                **{name: dict(zip(self.credibility, getattr(one, name), strict=True)) for name in by_level},
            }
            for one in self.marginals
        ]

    def own_lines(self) -> Sequence[tuple[str, str]]:
        """Lines after model and experiments."""
        return [
            *held_lines(self.fixed),
            *(line for one in self.marginals for line in self._described(one)),
            *self.provenance(),
        ]

    def provenance(self) -> list[tuple[str, str]]:
        """How it was obtained: the last lines of the readable form."""
        evidence = []
        if self.log_evidence is not None and self.log_evidence_error is not None:
            evidence.append(("ln evidence", rounded(self.log_evidence, self.log_evidence_error)))
        return [
            *evidence,
            ("pulls", self.pulls if self.pulls == "sampled" else f"{self.pulls}: not a posterior"),
            ("sampler", f"{self.sampler}, {self.evaluations} evaluations, seed {self.seed}"),
            ("converged", "yes" if self.converged else f"no: {self.unconverged}"),
        ]

    def _described(self, one: Marginal) -> list[tuple[str, str]]:
        """Mean and deviation; of parameters also the intervals of highest density."""
        unit = f" {one.unit}" if one.unit else ""
        lines = [(one.name, rounded(one.mean, one.deviation) + unit)]
        if one.name in self.parameters:
            for level, pieces in zip(self.credibility, one.highest_density, strict=True):
                lines.append((f"  {100 * level:g} %", union(pieces) + unit))
        return lines


def union(pieces: Sequence[tuple[float, float]]) -> str:
    """Disjoint intervals in words.

    >>> union([(0.0, 1.0), (2.0, 2.5)])
    '[0, 1] or [2, 2.5]'
    """
    return " or ".join(f"[{low:.4g}, {high:.4g}]" for low, high in pieces)
