"""Toy likelihoods with a posterior and an evidence that are known."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest

from cevns.errors import InputError, NumericalError
from cevns.inference.bayes import SAMPLERS, LogUniform, Normal, Target, Uniform, sample
from cevns.inference.bayes.samplers import Draws, starting_points
from cevns.typing import FloatArray

pytest.importorskip("dynesty", reason="needs the extra cevns[bayes]")

MEANS, WIDTHS = np.array([1.0, -2.0, 0.0, 0.5, 3.0, -1.0]), np.array([0.5, 2.0, 1.0, 0.1, 0.3, 1.0])
"""Of the priors of six parameters."""
MEASURED, ERROR = 0.4, 0.3
"""Of their sum."""


def conjugate() -> Target:
    """Normal priors, and a normal measurement of the sum: everything is normal."""
    priors = {name: Normal(m, w) for name, m, w in zip("abcdef", MEANS.tolist(), WIDTHS.tolist(), strict=True)}
    return Target(priors, lambda values: -np.square((values.sum(axis=-1) - MEASURED) / ERROR) / 2.0)


def conjugate_posterior() -> tuple[FloatArray, FloatArray, float]:
    """Mean, covariance, and log of the integral of exp(-chi^2/2) times the prior."""
    precision = np.diag(WIDTHS**-2.0) + np.ones((6, 6)) / ERROR**2
    covariance = np.linalg.inv(precision)
    mean = covariance @ (MEANS / WIDTHS**2 + MEASURED / ERROR**2)
    variance = ERROR**2 + np.square(WIDTHS).sum()
    pull = (MEASURED - MEANS.sum()) ** 2 / variance
    return mean, covariance, float(-pull / 2.0 + np.log(ERROR / np.sqrt(variance)))


@pytest.fixture(scope="module", params=SAMPLERS)
def drawn(request: pytest.FixtureRequest) -> tuple[Target, Draws]:
    target = conjugate()
    return target, sample(target, request.param, seed=3)


def test_mean_and_covariance_of_the_conjugate_posterior(drawn: tuple[Target, Draws]) -> None:
    target, draws = drawn
    mean, covariance, _ = conjugate_posterior()
    values = target.values(draws.z)
    assert not draws.unconverged
    error = np.sqrt(np.diagonal(covariance) / draws.sizes)
    np.testing.assert_array_less(np.abs(draws.weights @ values - mean), 4.0 * error)
    found = np.cov(values.T, aweights=draws.weights)
    scale = np.sqrt(np.outer(np.diagonal(covariance), np.diagonal(covariance)))
    np.testing.assert_array_less(np.abs(found - covariance) / scale, 4.0 * np.sqrt(2.0 / draws.sizes.min()))
    # In the right coordinates six unit normal variables, whose squares add up to chi^2 of six degrees of freedom.
    squares = ((values - mean) @ np.linalg.inv(covariance) * (values - mean)).sum(axis=-1)
    assert draws.weights @ squares == pytest.approx(6.0, abs=4.0 * np.sqrt(12.0 / draws.sizes.min()))


def test_evidence_of_the_conjugate_posterior(drawn: tuple[Target, Draws]) -> None:
    _, draws = drawn
    if draws.log_evidence is None:
        assert draws.log_evidence_error is None
        return
    assert draws.log_evidence_error is not None
    assert 0.0 < draws.log_evidence_error < 0.15
    assert draws.log_evidence == pytest.approx(conjugate_posterior()[2], abs=4.0 * draws.log_evidence_error)


def test_diagnostics(drawn: tuple[Target, Draws]) -> None:
    _, draws = drawn
    assert draws.weights.sum() == pytest.approx(1.0)
    assert 0.0 < draws.acceptance < 1.0
    if draws.r_hat is not None and draws.autocorrelation_time is not None:
        assert draws.r_hat.max() < 1.01
        assert np.all(draws.autocorrelation_time > 1.0)
        assert np.all(draws.sizes < draws.evaluations / draws.autocorrelation_time)


def bounded() -> Target:
    """An exponential distribution from the lower bound of a uniform prior, and a log-uniform prior left as it is."""
    return Target({"x": Uniform(0.0, 20.0), "y": LogUniform(1e-6, 1e-2)}, lambda values: -values[:, 0])


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_bounds_and_logarithms(sampler: str) -> None:
    target = bounded()
    draws = sample(target, sampler, seed=4, live=200)
    x, y = target.values(draws.z).T
    error = 4.0 / np.sqrt(draws.sizes)
    assert x.min() >= 0.0
    assert draws.weights @ x == pytest.approx(1.0, abs=error[0])
    log = np.log10(y)
    assert draws.weights @ log == pytest.approx(-4.0, abs=error[1] * 4.0 / np.sqrt(12.0))
    assert draws.weights @ (log < -5.0) == pytest.approx(0.25, abs=error[1] * 0.43)
    if draws.log_evidence is not None and draws.log_evidence_error is not None:
        assert draws.log_evidence == pytest.approx(-np.log(20.0), abs=4.0 * draws.log_evidence_error)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_two_peaks_are_both_found(sampler: str) -> None:
    """Three quarters of the probability at 0.2, one quarter at 0.8."""

    def log_likelihood(values: FloatArray) -> FloatArray:
        x = values[:, 0]
        return np.logaddexp(np.log(3.0) - np.square((x - 0.2) / 0.02) / 2.0, -np.square((x - 0.8) / 0.02) / 2.0)

    draws = sample(target := Target({"x": Uniform(0.0, 1.0)}, log_likelihood), sampler, seed=6, evaluations=100_000)
    share = draws.weights @ (target.values(draws.z)[:, 0] < 0.5)
    assert share == pytest.approx(0.75, abs=4.0 * 0.43 / np.sqrt(draws.sizes[0]))


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_seed_decides(sampler: str) -> None:
    first, again, other = (sample(bounded(), sampler, seed=seed, evaluations=8000, live=60).z for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or np.any(first != other)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_short_runs_say_that_they_have_not_converged(sampler: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draws = sample(conjugate(), sampler, seed=1, evaluations=7400 if sampler == "ensemble" else 300, live=200)
    assert (
        "R-hat of " if sampler == "ensemble" else "the evaluations were used up before the evidence; "
    ) in draws.unconverged
    assert np.all(np.isfinite(draws.z))


def test_walkers_that_cannot_meet_have_not_converged() -> None:
    """Two peaks with nothing in between, in ten dimensions: no walker can change sides, their shares are luck."""

    def log_likelihood(values: FloatArray) -> FloatArray:
        left, right = (-np.square((values - centre) / 0.01).sum(axis=-1) / 2.0 for centre in (0.2, 0.8))
        return np.logaddexp(left, right)

    target = Target({f"x{k}": Uniform(0.0, 1.0) for k in range(10)}, log_likelihood)
    draws = sample(target, "ensemble", seed=1, evaluations=60000)
    assert "R-hat of " in draws.unconverged


def test_reports_progress() -> None:
    lines: list[str] = []
    sample(conjugate(), "nested", seed=1, live=60, evaluations=1100, report=lines.append)
    sample(conjugate(), "ensemble", seed=1, evaluations=8096, report=lines.append)
    assert lines[0] == "1000 evaluations, 60 live points"
    assert lines[-1].startswith("125 steps of 32 walkers: R-hat 1.")


def test_likely_places_are_where_walkers_start() -> None:
    """Of 4096 draws from the prior the 32 that are taken are distributed like the likelihood times the prior."""
    target = conjugate()
    starts = np.concatenate([starting_points(target, 32, np.random.default_rng(seed)) for seed in range(40)])
    mean, covariance, _ = conjugate_posterior()
    error = np.sqrt(np.diagonal(covariance) / len(starts))
    np.testing.assert_array_less(np.abs(target.values(starts).mean(axis=0) - mean), 5.0 * error)
    assert len(np.unique(starting_points(target, 3000, np.random.default_rng(0)), axis=0)) == 3000


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_what_is_not_a_number_is_an_error(sampler: str) -> None:
    target = Target({"x": Uniform(0.0, 1.0)}, lambda values: values[:, 0] * np.nan)
    with pytest.raises(NumericalError, match=r"^the likelihood is not a number at \{'x': 0\.\d+\}$"):
        sample(target, sampler, seed=0)


def test_nothing_possible_is_an_error() -> None:
    target = Target({"x": Uniform(0.0, 1.0)}, lambda values: np.full(len(values), -np.inf))
    with pytest.raises(
        NumericalError, match=r"^fewer than 32 of 4096 draws from the prior have a likelihood above zero$"
    ):
        sample(target, "ensemble", seed=0)


@pytest.mark.parametrize(("sampler", "library"), [("ensemble", "emcee"), ("nested", "dynesty")])
def test_a_missing_library_is_named(sampler: str, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    expected = rf"^{library}: got .*; allowed: pip install 'cevns\[bayes\]'"
    with pytest.raises(InputError, match=expected):
        sample(conjugate(), sampler, seed=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sampler": "gibbs"}, "^sampler: got 'gibbs'; allowed: one of: ensemble, nested$"),
        ({"seed": -1}, "^seed: got -1; allowed: an integer, at least 0$"),
        ({"seed": 1.5}, "^seed: got 1.5; "),
        ({"seed": True}, "^seed: got True; "),
        ({"evaluations": 0}, "^evaluations: got 0; allowed: an integer, at least 1$"),
        ({"evaluations": 5000}, "^evaluations: got 5000; allowed: an integer, at least 7296$"),
        ({"walkers": 11}, "^walkers: got 11; allowed: an integer, at least 12$"),
        ({"sampler": "nested", "live": 10}, "^live: got 10; allowed: an integer, at least 50$"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        sample(conjugate(), **{"sampler": "ensemble", "seed": 0, **options})
