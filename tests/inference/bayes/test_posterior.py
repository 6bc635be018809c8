"""Posteriors of real experiments against direct integration."""

from __future__ import annotations

import json
from dataclasses import fields

import numpy as np
import pytest
from scipy.integrate import cumulative_simpson
from scipy.special import logsumexp

import cevns
from cevns import Experiment, Likelihood, PosteriorResult
from cevns.errors import InputError
from cevns.inference.bayes import Marginal, Normal, Uniform, likelihood_target
from cevns.inference.bayes.target import pull_priors
from cevns.typing import FloatArray

pytest.importorskip("dynesty", reason="needs the extra cevns[bayes]")

LOW, HIGH = 0.0, 0.6
"""Range of a flat prior of the weak mixing angle."""
ANGLE = np.linspace(LOW, HIGH, 2001)
EXCESS, VARIANCE = 547.0 - 405.0 - 6.0, 958.0
"""Counts of CsI 2017 less the expected background, and their variance."""


@pytest.fixture(scope="module")
def counting() -> Experiment:
    return cevns.experiment("coherent-csi-2017-counting")


def integrated(events: FloatArray, grid: FloatArray, *, profiled: bool = False) -> tuple[FloatArray, FloatArray, float]:
    """Posterior density, probability below each value, and the log of the evidence, with a flat prior on the grid.

    The one bin is Gaussian and linear in the pulls: their integral, and their best value, widen its variance.
    """
    variance = VARIANCE + (0.28 * events) ** 2 + (0.25 * 6.0) ** 2
    likelihood = np.exp(-np.square(EXCESS - events) / (2.0 * variance))
    if not profiled:
        likelihood *= np.sqrt(VARIANCE / variance)
    below = cumulative_simpson(likelihood, x=grid, initial=0.0)
    return likelihood / below[-1], below / below[-1], float(np.log(below[-1] / (grid[-1] - grid[0])))


def events_at_angles(experiment: Experiment) -> FloatArray:
    return np.asarray(experiment.predict("weak-mixing-angle", sin2_theta_w=ANGLE).cevns.sum(axis=(-2, -1)))


@pytest.fixture(scope="module", params=["ensemble", "nested"])
def sampled(request: pytest.FixtureRequest, counting: Experiment) -> PosteriorResult:
    return cevns.posterior(
        "weak-mixing-angle", counting, priors={"sin2_theta_w": f"uniform:{LOW}:{HIGH}"}, sampler=request.param, seed=2
    )


def assert_distributed(result: PosteriorResult, below: FloatArray) -> None:
    """Of the draws as many are below each value as there should be, and the intervals end where they should."""
    marginal = result["sin2_theta_w"]
    draws = result.samples["sin2_theta_w"]
    for level in (0.05, 0.25, 0.5, 0.75, 0.95):
        edge = np.interp(level, below, ANGLE)
        error = np.sqrt(level * (1.0 - level) / marginal.effective_size)
        assert result.weights @ (draws < edge) == pytest.approx(level, abs=4.0 * error)
    for level, (low, high) in zip(result.credibility, marginal.equal_tailed, strict=True):
        tails = np.interp([low, high], ANGLE, below)
        error = np.sqrt((1.0 - level) / 2.0 / marginal.effective_size)
        np.testing.assert_allclose(tails, [(1.0 - level) / 2.0, (1.0 + level) / 2.0], atol=4.0 * error)
    for level, ((low, high),) in zip(result.credibility, marginal.highest_density, strict=True):
        error = np.sqrt(level * (1.0 - level) / marginal.effective_size)
        assert np.diff(np.interp([low, high], ANGLE, below))[0] == pytest.approx(level, abs=4.0 * error)


def test_posterior_is_that_of_direct_integration(sampled: PosteriorResult, counting: Experiment) -> None:
    _, below, evidence = integrated(events_at_angles(counting), ANGLE)
    assert sampled.converged
    assert sampled.unconverged == ""
    assert_distributed(sampled, below)
    if sampled.sampler == "ensemble":
        assert (sampled.log_evidence, sampled.log_evidence_error) == (None, None)
    else:
        assert sampled.log_evidence_error is not None
        assert sampled.log_evidence == pytest.approx(evidence, abs=4.0 * sampled.log_evidence_error)


def test_pulls_are_integrated_numerically_as_well(sampled: PosteriorResult, counting: Experiment) -> None:
    """The mean of each pull, by summing exp(-chi^2/2), constraints included, over a grid of angle and pulls."""
    likelihood = Likelihood("weak-mixing-angle", counting)
    grids = [np.linspace(-6.0, 6.0, 61) * sigma for sigma in (0.28, 0.25)]
    angle, first, second = np.meshgrid(np.linspace(LOW, HIGH, 121), *grids, indexing="ij")
    chi2 = likelihood.at_pulls(np.stack([first, second], axis=-1), sin2_theta_w=angle)
    weight = np.exp(-chi2 / 2.0 - logsumexp(-chi2 / 2.0))
    assert likelihood.pulls == ("csi_2017_cevns", "csi_2017_beam_neutrons")
    for name, grid in zip(likelihood.pulls, (first, second), strict=True):
        mean, square = (weight * grid).sum(), (weight * grid**2).sum()
        deviation = np.sqrt(square - mean**2)
        found = sampled[name]
        assert found.mean == pytest.approx(mean, abs=4.0 * deviation / np.sqrt(found.effective_size))
        assert found.deviation == pytest.approx(deviation, rel=4.0 / np.sqrt(found.effective_size))


def test_profiled_pulls_are_another_distribution_and_say_so(counting: Experiment) -> None:
    result = cevns.posterior(
        "weak-mixing-angle",
        counting,
        priors={"sin2_theta_w": Uniform(LOW, HIGH)},
        pulls="profiled",
        sampler="nested",
        live=200,
        seed=2,
    )
    events = events_at_angles(counting)
    profiled, sampled = (integrated(events, ANGLE, profiled=p)[1] for p in (True, False))
    assert_distributed(result, profiled)
    assert np.abs(profiled - sampled).max() > 0.1
    assert list(result.samples) == ["sin2_theta_w"]
    assert "pulls         profiled: not a posterior" in str(result)


def test_log_likelihood_is_chi2_without_the_constraints(csi: Experiment, lar: Experiment) -> None:
    likelihood = Likelihood("b-l", [csi, lar], shared=["sns_flux"])
    target, held = likelihood_target(likelihood, {"g": "log:1e-6:1e-3"}, {"mass": 10.0}, "sampled")
    assert held == {"mass": 10.0}
    assert target.names == ("g", *likelihood.pulls)
    values = target.values(np.random.default_rng(1).normal(size=(5, len(target.names))) / 3.0)
    pulls = values[:, 1:]
    constraint = sum(
        np.square(pulls[:, likelihood.pulls.index(name)] / sigma)
        for _, data in likelihood.groups
        for name, sigma in zip(data.pulls, data.sigmas, strict=True)
    )
    chi2 = likelihood.at_pulls(pulls, g=values[:, 0], mass=10.0)
    np.testing.assert_allclose(target.log_likelihood(values), -(chi2 - constraint) / 2.0, rtol=1e-12)
    # In these coordinates the constraints are those of unit normal variables.
    z = np.zeros((1, len(target.names)))
    z[0, 1:] = 1.5
    assert target.values(z)[0, 1:] == pytest.approx(1.5 * np.concatenate([d.sigmas for _, d in likelihood.groups]))


def test_pulls_with_a_range_stay_in_it() -> None:
    """Free within a range: uniform in it; constrained within a range: a normal distribution that ends there."""
    likelihood = Likelihood("sm", cevns.experiment("coherent-csi-2021/de-romeri-2023"))
    ((_, data),) = likelihood.groups
    priors = pull_priors(likelihood)
    assert tuple(priors) == likelihood.pulls
    for name, sigma in zip(data.pulls, data.sigmas.tolist(), strict=True):
        low, high = data.ranges.get(name, (-np.inf, np.inf))
        expected = Normal(0.0, sigma, low, high) if np.isfinite(sigma) else Uniform(low, high)
        assert priors[name] == expected
    assert any(isinstance(prior, Uniform) for prior in priors.values())
    assert any(isinstance(prior, Normal) and np.isfinite(prior.low) for prior in priors.values())


@pytest.fixture(scope="module")
def brief(counting: Experiment) -> PosteriorResult:
    return cevns.posterior(
        "b-l", counting, priors={"g": "log:1e-6:1e-3"}, sampler="nested", live=50, credibility=(0.5, 0.9), mass=10.0
    )


def test_intervals_of_a_logarithmic_prior_are_compared_in_the_logarithm(brief: PosteriorResult) -> None:
    """A coupling that is too weak to be seen: the density in the logarithm is flat down to the bound, not rising."""
    (low, _), *_ = brief["g"].highest_density[1]
    assert low == pytest.approx(1e-6)
    edges, density = brief.density("g")
    assert (density * np.diff(np.log(edges))).sum() == pytest.approx(1.0)


def test_json_round_trip(brief: PosteriorResult) -> None:
    without = PosteriorResult.from_json(brief.to_json())
    assert without == brief
    assert (without.samples, without.weights.size) == ({}, 0)
    again = PosteriorResult.from_json(brief.to_json(samples=True))
    assert again == brief
    assert isinstance(again["g"], Marginal)
    np.testing.assert_array_equal(again.weights, brief.weights)
    for name, draws in brief.samples.items():
        np.testing.assert_array_equal(again.samples[name], draws)
    record = json.loads(brief.to_json())
    assert set(record) == {f.name for f in fields(PosteriorResult)} - {"weights", "samples"}
    with pytest.raises(InputError, match=r"^record: got"):
        PosteriorResult.from_dict({key: value for key, value in record.items() if key != "seed"})


def test_prints_itself(brief: PosteriorResult) -> None:
    lines = dict(line.split(maxsplit=1) for line in str(brief).splitlines() if not line.startswith(" "))
    assert lines["model"] == "b-l"
    assert lines["mass"] == "10 (fixed)"
    assert " +- " in lines["csi_2017_cevns"]
    assert lines["pulls"] == "sampled"
    assert lines["sampler"] == f"nested, {brief.evaluations} evaluations, seed 0"
    assert lines["converged"].startswith("no: g has ")
    assert not brief.converged
    assert "  50 %" in str(brief)
    assert "<th>csi_2017_cevns</th>" in brief._repr_html_()


def test_unknown_marginal(brief: PosteriorResult) -> None:
    with pytest.raises(
        InputError, match=r"^name: got 'mass'; allowed: one of: g, csi_2017_cevns, csi_2017_beam_neutrons$"
    ):
        _ = brief["mass"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"priors": {}}, r"^priors: got {}; allowed: the prior of at least one parameter$"),
        ({"priors": {"h": "uniform:0:1"}}, r"^parameter: got 'h'; allowed: one of: g, mass$"),
        ({"priors": {"csi_2017_cevns": "normal:0:1"}}, r"^parameter: got 'csi_2017_cevns'; "),
        ({"priors": {"g": "uniform:-1:1"}}, r"^priors.g.low: got -1.0; allowed: a number from 0 to inf$"),
        ({"g": 1e-5}, r"^g: got 1e-05; allowed: no value: it has a prior$"),
        ({"mass": [1.0, 2.0]}, r"^mass: got \[1.0, 2.0\]; allowed: one value$"),
        ({"mass": -1.0}, r"^mass: got -1.0; "),
        ({"pulls": "laplace"}, r"^pulls: got 'laplace'; allowed: one of: sampled, profiled$"),
        ({"sampler": "gibbs"}, r"^sampler: got 'gibbs'; "),
        ({"credibility": (0.5, 1.0)}, r"^credibility: got 1.0; allowed: numbers between 0 and 1$"),
        ({"shared": ["flux"]}, r"^shared: got 'flux'; "),
    ],
)
def test_refuses_wrong_input(options: dict[str, object], message: str, counting: Experiment) -> None:
    with pytest.raises(InputError, match=message):
        cevns.posterior("b-l", counting, **{"priors": {"g": "log:1e-6:1e-3"}, "mass": 10.0, **options})


def test_refuses_a_missing_parameter(counting: Experiment) -> None:
    with pytest.raises(InputError, match=r"^mass: got None; allowed: a value of this parameter"):
        cevns.posterior("b-l", counting, priors={"g": "log:1e-6:1e-3"})


@pytest.mark.slow
def test_two_pieces_are_those_of_direct_integration(counting: Experiment) -> None:
    """A charge radius that enhances or reduces the counts: two peaks, with the probability of each and in between."""
    low, high = -1e-30, 5e-31
    grid = np.linspace(low, high, 3001)
    events = counting.predict("charge-radius", r2_numu=grid).cevns.sum(axis=(-2, -1))
    density, below, evidence = integrated(events, grid)
    result = cevns.posterior(
        "charge-radius", counting, priors={"r2_numu": Uniform(low, high)}, sampler="nested", seed=7
    )
    marginal = result["r2_numu"]
    assert result.converged
    pieces = np.array(marginal.highest_density[0])
    assert pieces.shape == (2, 2)
    error = 4.0 * np.sqrt(0.68 * 0.32 / marginal.effective_size)
    assert np.diff(np.interp(pieces, grid, below), axis=1).sum() == pytest.approx(0.68, abs=error)
    # The smallest set has the same density at all of its ends.
    ends = np.interp(pieces, grid, density)
    np.testing.assert_allclose(ends, ends.mean(), rtol=0.15)
    assert result.log_evidence is not None
    assert result.log_evidence_error is not None
    assert result.log_evidence == pytest.approx(evidence, abs=4.0 * result.log_evidence_error)
