from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cevns.errors import InputError
from cevns.inference.bayes import LogUniform, Normal, Prior, Uniform, read_prior
from cevns.inference.bayes.priors import prior_of
from cevns.interactions.model import Parameter

ANY = Parameter("x", "anything")
COUPLING = Parameter("g", "coupling", low=0.0)
FRACTION = Parameter("s", "a fraction", low=0.0, high=1.0)

# A prior and the same distribution of scipy.
PRIORS = [
    (Uniform(-1.0, 3.0), stats.uniform(-1.0, 4.0)),
    (LogUniform(1e-6, 1e-3), stats.loguniform(1e-6, 1e-3)),
    (Normal(2.0, 0.5), stats.norm(2.0, 0.5)),
    (Normal(2.0, 0.5, 1.0, 2.2), stats.truncnorm(-2.0, 0.4, 2.0, 0.5)),
    (Normal(-0.4, 0.1, 0.0), stats.truncnorm(4.0, np.inf, -0.4, 0.1)),
    (Normal(1.4, 0.1, 0.0, 1.0), stats.truncnorm(-14.0, -4.0, 1.4, 0.1)),
]


@pytest.mark.parametrize(("prior", "expected"), PRIORS, ids=lambda x: str(x) if isinstance(x, Prior) else "")
def test_quantiles_are_those_of_scipy(prior: Prior, expected: stats.rv_frozen) -> None:
    z = np.linspace(-5.0, 5.0, 41)
    below = z <= 0.0
    values = prior.from_normal(z)
    np.testing.assert_allclose(values[below], expected.ppf(stats.norm.cdf(z[below])), rtol=1e-8, atol=1e-13)
    np.testing.assert_allclose(values[~below], expected.isf(stats.norm.sf(z[~below])), rtol=1e-8, atol=1e-13)
    np.testing.assert_allclose(prior.from_scale(prior.scale(values)), values, rtol=1e-12)


@pytest.mark.parametrize("prior", [prior for prior, _ in PRIORS], ids=str)
def test_text_is_read_again(prior: Prior) -> None:
    assert read_prior(str(prior)) == prior


@given(z=st.floats(-1e300, 1e300))
def test_values_are_finite_and_within_bounds(z: float) -> None:
    for prior in (Uniform(-1.0, 3.0), LogUniform(1e-6, 1e-3), Normal(2.0, 0.5, 1.0, 2.2), Normal(-0.4, 0.1, 0.0)):
        value = float(prior.from_normal(np.array(z)))
        assert np.isfinite(value)
        assert prior.low <= value <= prior.high


def test_a_normal_prior_is_linear_far_out() -> None:
    z = np.array([-30.0, -9.0, 0.0, 9.0, 30.0])
    np.testing.assert_allclose(Normal(1.0, 0.1).from_normal(z), 1.0 + 0.1 * z, rtol=1e-9)


def test_a_normal_prior_takes_the_bounds_of_its_parameter() -> None:
    assert prior_of(COUPLING, Normal(1e-5, 1e-5)) == Normal(1e-5, 1e-5, 0.0)
    assert prior_of(FRACTION, "normal:0.2:0.1") == Normal(0.2, 0.1, 0.0, 1.0)
    assert prior_of(FRACTION, "normal:0.2:0.1:0.1:0.5") == Normal(0.2, 0.1, 0.1, 0.5)


@pytest.mark.parametrize(
    ("parameter", "given_prior", "message"),
    [
        (COUPLING, Uniform(-1.0, 1.0), "^priors.g.low: got -1.0; allowed: a number from 0 to inf$"),
        (FRACTION, "uniform:0.2:1.5", "^priors.s.high: got 1.5; allowed: a number from 0 to 1$"),
        (FRACTION, "normal:0.2:0.1:-1:1", "^priors.s.low: got -1.0; allowed: a number from 0 to 1$"),
        (COUPLING, "normal:-1:0.1", "^priors.g.mean: got -1.0; allowed: at most 5 sigma outside of 0 to inf$"),
        (ANY, "uniform:1:1", "^priors.x.high: got 1.0; allowed: a finite number above low$"),
        (ANY, "uniform:0:inf", "^priors.x.high: got inf; allowed: a finite number above low$"),
        (ANY, "uniform:-inf:0", "^priors.x.low: got -inf; allowed: a finite number$"),
        (ANY, "log:0:1", "^priors.x.low: got 0.0; allowed: a finite number above 0$"),
        (ANY, "log:1:nan", "^priors.x.high: got nan; "),
        (ANY, "normal:0:0", "^priors.x.sigma: got 0.0; allowed: a finite number above 0$"),
        (ANY, "normal:nan:1", "^priors.x.mean: got nan; allowed: a finite number$"),
        (ANY, "normal:0:1:2:1", "^priors.x.high: got 1.0; allowed: a number above low$"),
        (ANY, "normal:0:1:2", "^priors.x: got 'normal:0:1:2'; allowed: uniform:LOW:HIGH, "),
        (ANY, "uniform:0", "^priors.x: got 'uniform:0'; "),
        (ANY, "uniform:0:one", "^priors.x: got 'uniform:0:one'; "),
        (ANY, "jeffreys:0:1", "^priors.x: got 'jeffreys:0:1'; allowed: uniform:LOW:HIGH, "),
        (ANY, (0.0, 1.0), r"^priors.x: got \(0.0, 1.0\); allowed: Uniform, LogUniform, Normal, or "),
    ],
)
def test_wrong_priors_are_refused(parameter: Parameter, given_prior: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        prior_of(parameter, given_prior)
