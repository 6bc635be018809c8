"""What pseudo-data say, where it is known in closed form, and of real experiments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import chdtr, chdtrc
from scipy.stats import norm, poisson

import cevns
from cevns import Experiment, InputError, NumericalError, Throws
from cevns.inference import (
    CoverageResult,
    ExpectedLimitResult,
    GoodnessResult,
    Line,
    ToyIntervalResult,
    ToyScan,
    cls_limits,
    coverage,
    expected_limits,
    feldman_cousins,
    goodness_of_fit,
    run,
)
from cevns.inference.toys.curves import critical, lowest
from cevns.statistics import Gaussian, Poisson, ProfiledOnOff
from tests.inference.one_bin import Mean, bounded_critical, bounded_q

GRID = np.linspace(0.0, 7.0, 71)
LEVEL_90 = 2.705543454095404


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a likelihood in closed form in the place of that of experiments."""

    def put(likelihood: Mean) -> None:
        for module in ("ensembles", "intervals"):
            monkeypatch.setattr(f"cevns.inference.toys.{module}.Likelihood", lambda *_, **__: likelihood)

    return put


def bounded(x: float) -> Mean:
    """A normal number of width one whose mean is not negative (Feldman and Cousins, section IV)."""
    return Mean(Gaussian(np.array([x]), np.ones(1)))


def q_of(likelihood: Mean, mu: float, toys: int, grid: np.ndarray = GRID) -> np.ndarray:
    """q of pseudo-data at a true value."""
    line = Line(likelihood, "mu", grid, {}).including(mu)
    index = line.index(mu)
    chi2 = run(ToyScan(line, (index,), np.zeros((1, 0)), toys, 3, 2000))["chi2"][0]
    return np.asarray(chi2[:, index] - lowest(line.grid, chi2)[1])


@pytest.mark.parametrize("mu", [0.0, 1.0, 4.0])
def test_critical_value_of_a_bounded_mean(mu: float) -> None:
    """From one half of the chi^2 distribution of one degree of freedom at the bound to all of it far away."""
    q = q_of(bounded(0.0), mu, 12000)
    for cl in (0.6827, 0.9):
        nominal, low, high = critical(q, cl)
        assert abs(nominal - bounded_critical(mu, cl)) < 4.0 * max(high - nominal, nominal - low)
        assert high - low < 0.1
        if mu == 4.0:
            assert bounded_critical(mu, cl) == pytest.approx(norm.ppf((1.0 + cl) / 2.0) ** 2, abs=0.03)


@pytest.mark.parametrize(
    ("x", "published"),
    [(-1.0, (0.0, 0.81)), (1.0, (0.0, 2.64)), (3.0, (1.37, 4.64))],
)
def test_table_of_feldman_and_cousins(measured: Callable[..., None], x: float, published: tuple[float, float]) -> None:
    """Table X of Phys. Rev. D 57 (1998) 3873, 90 % confidence, and the exact construction that it is of."""
    measured(bounded(x))
    (found,) = feldman_cousins("b-l", [], "mu", throws=Throws(toys=1500, chunk=1500), grid=GRID[::2])
    ((low, high),) = found.intervals
    assert abs(bounded_q(published[1], x) - bounded_critical(published[1], 0.9)) < 0.03
    # Statistics of the critical value, and straight lines between points of the grid.
    tolerance = 4.0 * (found.upper_range[1] - found.upper_range[0]) / 2.0 + 0.01
    assert high == pytest.approx(published[1], abs=tolerance)
    assert low == pytest.approx(published[0], abs=tolerance)
    assert tolerance < 0.25
    assert (found.upper_limit, found.outer_limit) == (high, high)
    assert found.best_fit == pytest.approx(max(x, 0.0), abs=1e-6)
    assert found.q[0] == pytest.approx(bounded_q(0.0, x), abs=1e-6)
    assert len(found.grid) == len(found.critical) == len(found.errors) == len(GRID[::2])


@pytest.mark.parametrize("mu", [0.5, 1.0, 4.0])
def test_critical_value_of_counts(mu: float) -> None:
    """Of a discrete distribution it is one of its values, the smallest that holds the fraction."""
    background = 3.0
    n = np.arange(60)
    best = np.maximum(n, background)
    logarithm = np.where(n > 0, n * np.log(best / (mu + background)), 0.0)
    q, probability = 2.0 * (mu + background - best + logarithm), poisson.pmf(n, mu + background)
    order = np.argsort(q)
    expected = q[order][np.searchsorted(np.cumsum(probability[order]), 0.9)]
    grid = np.linspace(0.0, 20.0, 101)
    likelihood = Mean(Poisson(np.array([3.0])), background)
    assert critical(q_of(likelihood, mu, 6000, grid), 0.9)[0] == pytest.approx(expected, abs=2e-3)


def test_on_off_counts_are_both_thrown() -> None:
    """With a background of its own in each bin and many counts q is distributed as chi^2 of one degree of freedom."""
    likelihood = Mean(ProfiledOnOff(np.full(3, 90.0), np.full(3, 60.0)))
    q = q_of(likelihood, 30.0, 4000, np.linspace(0.0, 70.0, 71))
    for cl in (0.5, 0.9):
        nominal, low, high = critical(q, cl)
        assert abs(chdtr(1, nominal) - cl) < 4.0 * (chdtr(1, high) - chdtr(1, low)) / 2.0 + 0.01


@pytest.mark.parametrize("x", [-1.0, 0.0, 1.5])
def test_cls_in_closed_form(measured: Callable[..., None], x: float) -> None:
    """q grows with -x at every value, so that CLs is Phi(x - mu)/Phi(x), and the limit x + Phi^-1(1 - alpha Phi(x))."""
    measured(bounded(x))
    (found,) = cls_limits("b-l", [], "mu", cl=0.9, throws=Throws(toys=4000, chunk=2000), grid=GRID[::5])
    expected = x + norm.ppf(1.0 - 0.1 * norm.cdf(x))
    low, high = found.upper_range
    assert low < found.upper_limit < high
    # Straight lines between points that are half a sigma apart add to the statistics.
    assert found.upper_limit == pytest.approx(expected, abs=4.0 * (high - low) / 2.0 + 0.05)
    exact = norm.cdf(x - GRID[::5]) / norm.cdf(x)
    errors = np.array(found.errors)
    pulled = (np.array(found.critical) - exact) / np.maximum((errors[:, 1] - errors[:, 0]) / 2.0, 1e-3)
    below = GRID[::5] < x + 1e-9
    assert np.abs(pulled[~below]).max() < 5.0
    assert np.all(np.array(found.critical)[below] == 1.0)
    assert found.critical[0] == 1.0


def test_cls_needs_a_parameter_that_is_not_negative(measured: Callable[..., None]) -> None:
    measured(Mean(Gaussian(np.zeros(1), np.ones(1)), low=-np.inf))
    with pytest.raises(InputError, match="parameter: got 'mu'; allowed: one that is not negative"):
        cls_limits("b-l", [], "mu", grid=GRID)


def wilks_limit(x: np.ndarray) -> np.ndarray:
    """Where q of a bounded mean crosses the level."""
    inside = np.minimum(x, 0.0)
    return np.asarray(x + np.sqrt(LEVEL_90 + inside**2))


def test_expected_limits_in_closed_form(measured: Callable[..., None]) -> None:
    measured(bounded(0.7))
    (found,) = expected_limits("b-l", [], "mu", throws=Throws(toys=20000, chunk=2000), grid=GRID)
    assert found.observed == pytest.approx(float(wilks_limit(0.7)), abs=2e-3)
    assert found.median == pytest.approx(float(wilks_limit(0.0)), abs=0.04)
    assert found.asimov == pytest.approx(float(wilks_limit(0.0)), abs=2e-3)
    assert found.bands[0] == pytest.approx(wilks_limit(np.array([-1.0, 1.0])).tolist(), abs=0.05)
    assert found.bands[1] == pytest.approx(wilks_limit(np.array([-2.0, 2.0])).tolist(), abs=0.1)


def test_expected_limits_beyond_the_grid(measured: Callable[..., None]) -> None:
    measured(bounded(0.0))
    with pytest.raises(NumericalError, match="limits on mu are beyond the grid, which ends at 3"):
        expected_limits("b-l", [], "mu", throws=Throws(toys=500), grid=GRID[:31])


@pytest.mark.parametrize(("truth", "expected"), [(0.0, 0.95), (4.0, 0.90)])
def test_coverage_in_closed_form(measured: Callable[..., None], truth: float, expected: float) -> None:
    """At the bound all that fluctuate downwards are covered, which is half of what the theorem leaves out."""
    measured(bounded(0.0))
    throws = Throws(toys=8000, chunk=2000, pulls="nominal")
    (found,) = coverage("b-l", [], "mu", truth=truth, throws=throws, grid=np.linspace(0.0, 10.0, 101))
    assert abs(found.wilks - expected) < 4.0 * found.wilks_error
    assert found.wilks_error == pytest.approx(np.sqrt(expected * (1.0 - expected) / 8000), rel=0.05)
    # The critical value has an error of its own.
    assert abs(found.feldman_cousins - 0.9) < 4.0 * np.sqrt(2.0) * found.feldman_cousins_error
    assert found.critical == pytest.approx(bounded_critical(truth, 0.9), abs=0.15)


def test_p_value_in_closed_form(measured: Callable[..., None]) -> None:
    """Least chi^2 of eight normal numbers with a common mean: seven degrees of freedom."""
    x = np.array([3.0, 5.2, 4.1, 2.2, 5.9, 3.3, 4.6, 2.9])
    measured(Mean(Gaussian(x, np.ones(8))))
    (found,) = goodness_of_fit("b-l", [], "mu", throws=Throws(toys=8000, chunk=2000), grid=np.linspace(0.0, 8.0, 81))
    least = float(((x - x.mean()) ** 2).sum())
    assert found.chi2_min == pytest.approx(least, abs=1e-6)
    assert found.best_fit == pytest.approx(x.mean(), abs=1e-6)
    assert abs(found.p_value - chdtrc(7, least)) < 4.0 * found.p_error
    for fraction, quantile in found.quantiles:
        assert chdtr(7, quantile) == pytest.approx(fraction, abs=4.0 * np.sqrt(fraction * (1.0 - fraction) / 8000))


SMALL = Throws(toys=60, chunk=30, seed=4)


def test_no_parameter_has_to_vary(csi: Experiment) -> None:
    (found,) = goodness_of_fit("sm", csi, throws=SMALL)
    assert (found.parameter, found.best_fit, found.fixed) == (None, None, {})
    assert found.chi2_min == pytest.approx(float(cevns.Likelihood("sm", csi)()), abs=1e-9)
    assert 0.5 < found.p_value < 1.0
    with_point = goodness_of_fit("b-l", csi, throws=SMALL, g=0.0, mass=[1.0, 10.0])
    assert [one.fixed["mass"] for one in with_point] == [1.0, 10.0]
    assert with_point[0].p_value == found.p_value


def test_observed_limits_are_those_of_the_scan(csi: Experiment, lar: Experiment) -> None:
    for experiment in (csi, lar):
        (found,) = expected_limits("b-l", experiment, "g", throws=SMALL, mass=10.0)
        (expected,) = cevns.limits("b-l", experiment, cl=0.9, dof=1, mass=10.0)
        assert found.observed == pytest.approx(expected.upper_limit, rel=2e-3)
        assert found.bands[1][0] < found.bands[0][0] < found.median < found.bands[0][1] < found.bands[1][1]
        assert found.bands[0][0] < found.asimov < found.bands[0][1]
        assert found.best_fit == pytest.approx(expected.best_fit, rel=0.05)
        assert found.chi2_min == pytest.approx(expected.chi2_min, abs=1e-3)


def test_marginalised_counts_have_no_asimov_limit() -> None:
    experiment = cevns.experiment("coherent-csi-2017", overrides={"statistic.treatment": "marginalised"})
    grid = np.linspace(0.0, 3e-4, 12)
    (found,) = expected_limits("b-l", experiment, "g", throws=replace(SMALL, toys=20), grid=grid, mass=10.0)
    assert found.asimov is None
    assert "Asimov" not in str(found)


@pytest.mark.parametrize("function", [feldman_cousins, cls_limits])
def test_intervals_of_an_experiment(lar: Experiment, function: Callable[..., tuple[ToyIntervalResult, ...]]) -> None:
    grid = np.linspace(0.0, 1.0e-4, 11)
    first, second = function("b-l", lar, "g", throws=SMALL, grid=grid, mass=[1.0, 10.0])
    (wilks,) = cevns.limits("b-l", lar, cl=0.9, dof=1, mass=10.0)
    assert first.upper_limit < second.upper_limit
    assert second.upper_limit == pytest.approx(wilks.upper_limit, rel=0.25)
    assert second.intervals[0][0] == 0.0
    assert second.upper_range[0] <= second.upper_limit <= second.upper_range[1]


def test_best_fit_between_points_is_in_the_interval(measured: Callable[..., None]) -> None:
    """A grid so coarse that q of every point is excluded."""
    measured(Mean(Gaussian(np.array([3.5]), np.full(1, 0.01))))
    (found,) = feldman_cousins("b-l", [], "mu", throws=SMALL, grid=[0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    ((low, high),) = found.intervals
    assert 3.0 < low < 3.5 < high < 4.0


RESULTS = [
    lambda e: goodness_of_fit("b-l", e, "g", throws=SMALL, grid=[0.0, 2e-5, 4e-5], mass=10.0),
    lambda e: expected_limits("b-l", e, "g", throws=SMALL, mass=10.0),
    lambda e: coverage("b-l", e, "g", truth=1e-5, throws=SMALL, grid=[0.0, 2e-5, 4e-5], mass=10.0),
    lambda e: feldman_cousins("b-l", e, "g", throws=SMALL, grid=[0.0, 2e-5, 4e-5], mass=10.0),
]


@pytest.mark.parametrize(
    ("kind", "make"),
    list(zip((GoodnessResult, ExpectedLimitResult, CoverageResult, ToyIntervalResult), RESULTS, strict=True)),
)
def test_results_survive_json_and_say_what_they_are(
    kind: type, make: Callable[[Experiment], tuple[object, ...]], lar: Experiment
) -> None:
    (found,) = make(lar)
    assert kind.from_json(found.to_json()) == found
    assert make(lar) == (found,)
    text = str(found)
    assert "coherent-lar-2020" in text
    assert "60, seed 4, pulls profiled" in text
    assert (found.toys, found.chunk, found.centres, found.ndata) == (60, 30, True, 120)


def test_pieces_beyond_the_grid_have_no_limit(lar: Experiment) -> None:
    (found,) = feldman_cousins("b-l", lar, "g", throws=SMALL, grid=[0.0, 1e-6, 2e-6], mass=10.0)
    assert (found.intervals, found.upper_limit, found.outer_limit) == (((0.0, 2e-6),), None, None)
    assert found.upper_range == (None, None)


@pytest.mark.parametrize("cl", [0.0, 1.0, 90.0])
@pytest.mark.parametrize("function", [feldman_cousins, cls_limits, expected_limits])
def test_wrong_confidence(function: Callable[..., object], cl: float, lar: Experiment) -> None:
    with pytest.raises(InputError, match="cl: got"):
        function("b-l", lar, "g", cl=cl, mass=10.0)
