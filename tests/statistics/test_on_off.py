"""Counts with a background that was counted, too: against integrals, minimisations over the background, and limits."""

from __future__ import annotations

from itertools import product

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from cevns.errors import InputError
from cevns.statistics import Gaussian, MarginalisedOnOff, Poisson, ProfiledOnOff

TREATMENTS = [ProfiledOnOff, MarginalisedOnOff]
OnOff = ProfiledOnOff | MarginalisedOnOff

# Counts in the beam window, counts in the other one.
COUNTS = [(0, 0), (0, 1), (1, 0), (0, 7), (7, 0), (1, 1), (2, 9), (9, 2), (22, 13), (40, 40), (547, 405)]
EXPECTED = [0.0, 1e-6, 0.3, 1.0, 5.0, 20.0, 142.0, 900.0]


def one_bin(treatment: type[OnOff], on: float, off: float, times: float = 1.0) -> OnOff:
    return treatment(np.array([float(on)]), np.array([float(off)]), times)


def chi2_at(treatment: type[OnOff], on: float, off: float, expected: float, times: float = 1.0) -> float:
    return float(one_bin(treatment, on, off, times).value(np.array([expected])))


def deviance(count: float, mean: mpmath.mpf) -> mpmath.mpf:
    """2 (mu - n + n ln(n/mu))."""
    if count == 0:
        return 2 * mean
    return mpmath.inf if mean == 0 else 2 * (mean - count + count * mpmath.log(count / mean))


def smallest_over_background(on: int, off: int, expected: float, times: float) -> float:
    """Golden section of the two Poisson terms, with fifty digits."""
    with mpmath.workdps(50):
        s = mpmath.mpf(expected)

        def chi2(b: mpmath.mpf) -> mpmath.mpf:
            return deviance(on, s + b) + deviance(off, times * b)

        low, high, ratio = mpmath.mpf(0), mpmath.mpf(on + off / times + 1), (mpmath.sqrt(5) - 1) / 2
        for _ in range(150):
            first, second = high - ratio * (high - low), low + ratio * (high - low)
            low, high = (low, second) if chi2(first) < chi2(second) else (first, high)
        return float(min(chi2(low), chi2((low + high) / 2), chi2(high)))


def integral_over_background(on: int, off: int, expected: float, times: float = 1.0) -> mpmath.mpf:
    """int t db Poisson(n|s + b) Poisson(m|t b) over b > 0, by numerical quadrature of an integrand of order one."""
    with mpmath.workdps(40):
        s, t, u = mpmath.mpf(expected), mpmath.mpf(times), 1 + mpmath.mpf(times)
        centre = mpmath.mpf(on + off + 1) / u

        def integrand(b: mpmath.mpf) -> mpmath.mpf:
            return ((s + b) / (s + centre)) ** on * (b / centre) ** off * mpmath.exp(-u * (b - centre))

        width = 2 * mpmath.sqrt(on + off + 1) / u
        points = [0, *(p for p in (centre + k * width for k in range(-12, 13, 3)) if p > 0), centre + 40 * width]
        factor = t * (s + centre) ** on * (t * centre) ** off / (mpmath.factorial(on) * mpmath.factorial(off))
        return factor * mpmath.exp(-s - u * centre) * mpmath.quad(integrand, points)


@pytest.mark.parametrize("times", [0.2, 1.0, 7.0])
@pytest.mark.parametrize(("on", "off"), COUNTS)
def test_profiled_is_the_smallest_over_the_background(on: int, off: int, times: float) -> None:
    for expected in EXPECTED:
        found = chi2_at(ProfiledOnOff, on, off, expected, times)
        # Terms of the size of the counts cancel.
        rounding = 1e-15 * 10.0 * (on + off + expected)
        assert found == pytest.approx(smallest_over_background(on, off, expected, times), rel=1e-12, abs=rounding), (
            expected
        )


@given(on=st.integers(0, 1000), off=st.integers(1, 1000), expected=st.floats(1e-12, 1e16))
def test_the_best_background_keeps_its_digits(on: int, off: int, expected: float) -> None:
    """Half of the counts of the other window at most, out of a signal that may be 1e16 times larger."""
    with mpmath.workdps(60):
        s = mpmath.mpf(expected)
        left = on + off - 2 * s
        exact = (left + mpmath.sqrt(left**2 + 8 * s * off)) / 4
    found = one_bin(ProfiledOnOff, on, off)._background(np.array([expected]))
    assert found[0] == pytest.approx(float(exact), rel=1e-13)


@pytest.mark.parametrize("times", [0.2, 1.0, 7.0])
@pytest.mark.parametrize(("on", "off"), COUNTS)
def test_marginalised_is_the_integral_over_the_background(on: int, off: int, times: float) -> None:
    """Relative to that without signal."""
    without = integral_over_background(on, off, 0.0, times)
    for expected in EXPECTED[1:]:
        ratio = integral_over_background(on, off, expected, times) / without
        found = chi2_at(MarginalisedOnOff, on, off, expected, times) - chi2_at(MarginalisedOnOff, on, off, 0.0, times)
        # Factorials of the largest counts have logarithms of thousands.
        assert found == pytest.approx(float(-2 * mpmath.log(ratio)), rel=1e-11, abs=1e-11)


@pytest.mark.parametrize(("on", "off"), [(9, 2), (22, 13), (40, 40)])
def test_marginalised_is_zero_where_the_integral_is_largest(on: int, off: int) -> None:
    found = minimize_scalar(
        lambda s: -float(integral_over_background(on, off, s) / integral_over_background(on, off, 0.0)),
        bounds=(0.0, on),
        method="bounded",
        options={"xatol": 1e-6},
    )
    # A step of 1e-6 off the minimum, with a curvature of order one.
    assert chi2_at(MarginalisedOnOff, on, off, float(found.x)) == pytest.approx(0.0, abs=1e-10)


def test_marginalised_probabilities_add_to_one() -> None:
    """Over all counts n, for any m: the flat prior leaves the proper posterior b^m exp(-b)/m!."""
    counts = np.arange(200.0)
    for off, expected, times in product((0.0, 3.0, 20.0), (0.0, 2.0, 40.0), (1.0, 4.0)):
        bins = MarginalisedOnOff(counts, np.full_like(counts, off), times)
        probabilities = np.exp(bins._logarithm(np.full_like(counts, expected))[0])
        assert probabilities.sum() == pytest.approx(1.0, rel=1e-11)
        assert probabilities @ counts == pytest.approx(expected + (off + 1.0) / times, rel=1e-11)


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("times", [0.2, 1.0, 7.0])
@pytest.mark.parametrize(("on", "off"), [counts for counts in COUNTS if sum(counts) < 100])
def test_derivatives_are_those_of_the_value(treatment: type[OnOff], on: int, off: int, times: float) -> None:
    bins = one_bin(treatment, on, off, times)
    # Off the point s = n/2 at which the background of a bin with m = 0 reaches zero and the curvature jumps.
    for expected in (0.013, 0.77, 3.1, 21.0, 133.0):
        step = 2e-4 * expected
        low, here, high = (bins.value(np.array([[expected - step], [expected], [expected + step]]))).tolist()
        first, second = (float(d[0]) for d in bins.derivatives(np.array([expected])))
        rounding = 1e-14 * (on + off + expected + 1.0)
        assert (high - low) / (2 * step) == pytest.approx(first, rel=1e-6, abs=1e-6 + rounding / step)
        assert (high - 2 * here + low) / step**2 == pytest.approx(second, rel=1e-5, abs=1e-6 + 4 * rounding / step**2)


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("times", [0.2, 1.0, 7.0])
@pytest.mark.parametrize(("on", "off"), COUNTS)
def test_slope_without_signal(treatment: type[OnOff], on: int, off: int, times: float) -> None:
    """2 (m - t n)/(m + n) at s = 0, with either treatment, and finite curvature."""
    first, second = (float(d[0]) for d in one_bin(treatment, on, off, times).derivatives(np.array([0.0])))
    # Factorials of the largest counts have logarithms of thousands.
    assert first == pytest.approx(2.0 * (off - times * on) / (off + on) if on + off else 2.0, rel=1e-11)
    assert 0.0 <= second < np.inf


@given(
    on=st.integers(0, 60),
    off=st.integers(0, 60),
    low=st.floats(0.0, 200.0),
    high=st.floats(0.0, 200.0),
    treatment=st.sampled_from(TREATMENTS),
)
def test_it_is_convex(on: int, off: int, low: float, high: float, treatment: type[OnOff]) -> None:
    bins = one_bin(treatment, on, off)
    middle = (low + high) / 2.0
    ends = (bins.value(np.array([low])) + bins.value(np.array([high]))) / 2.0
    assert bins.value(np.array([middle])) <= ends + 1e-12 * (on + off + low + high + 1.0)
    assert bins.derivatives(np.array([middle]))[1][0] >= -1e-12
    assert bins.value(np.array([middle])) >= -1e-12 * (on + off + 1.0)


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_bins_without_counts(treatment: type[OnOff]) -> None:
    """Nothing in the beam window: exp(-s), whatever the background."""
    for off in (0, 1, 13):
        without = chi2_at(treatment, 0, off, 0.0)
        assert chi2_at(treatment, 0, off, 2.5) - without == pytest.approx(5.0, rel=1e-13)
        assert without == pytest.approx(2.0 * off * np.log(2.0) if treatment is ProfiledOnOff else 0.0, abs=1e-12)
    # Nothing in the other window, and more signal than counts: no background is left to profile.
    assert chi2_at(ProfiledOnOff, 3, 0, 4.0) == pytest.approx(float(Poisson(np.array([3.0])).value(np.array([4.0]))))
    assert chi2_at(ProfiledOnOff, 3, 0, 0.0) == pytest.approx(6.0 * np.log(2.0))


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_the_best_expectation_has_chi2_zero(treatment: type[OnOff]) -> None:
    """At n - m if profiled, and up to one count below it if marginalised: the prior adds a count to the background."""
    grid = np.linspace(0.0, 30.0, 30001)[:, None]
    for on, off in ((9, 2), (22, 13), (40, 40)):
        chi2 = one_bin(treatment, on, off).value(grid)
        best = float(grid[chi2.argmin(), 0])
        assert chi2.min() == pytest.approx(0.0, abs=1e-7)
        shift = on - off - best
        assert shift == pytest.approx(0.0, abs=1e-9) if treatment is ProfiledOnOff else 0.0 <= shift <= 1.0


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("excess", [-2000.0, 0.0, 3000.0])
def test_many_counts_are_a_difference_with_the_variance_of_both(treatment: type[OnOff], excess: float) -> None:
    """(n - m - s)^2/(n + m) (1 + O(n^-1/2)), for a signal of a thousandth of the background."""
    on, off, expected = 1e6 + excess, 1e6, 1000.0
    bins = one_bin(treatment, on, off)
    change = float(bins.value(np.array([expected])) - bins.value(np.array([0.0])))
    gaussian = Gaussian(np.array([on - off]), np.array([on + off]))
    assert change == pytest.approx(
        float(gaussian.value(np.array([expected])) - gaussian.value(np.array([0.0]))), rel=5e-3, abs=2e-3
    )


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_overwhelming_expectations(treatment: type[OnOff]) -> None:
    """Twice s, up to a logarithm."""
    bins = treatment(np.array([0.0, 3.0, 22.0, 547.0]), np.array([4.0, 0.0, 13.0, 405.0]))
    for expected in (1e6, 1e15):
        assert bins.value(np.full(4, expected)) == pytest.approx(8.0 * expected, rel=2e-2)
        first, second = bins.derivatives(np.full(4, expected))
        np.testing.assert_allclose(first, 2.0, rtol=1e-2)
        np.testing.assert_allclose(second, 2.0 * bins.observed / expected**2, rtol=1e-2, atol=1e-30)


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize(("on", "off"), [(0, 0), (3, 7), (7, 3)])
def test_below_zero_it_is_a_steep_parabola(treatment: type[OnOff], on: int, off: int) -> None:
    """Continuous with its slope, and the gain over zero is 2e-10 at most."""
    bins = one_bin(treatment, on, off)
    below = -np.geomspace(1e-12, 1.0, 200)[:, None]
    chi2, zero = bins.value(below), bins.value(np.zeros(1))
    assert chi2.min() >= zero - 2.1e-10 - 1e-14 * (on + off)
    assert bins.value(np.array([-1.0])) > 1e9
    slope = bins.derivatives(np.zeros(1))[0]
    np.testing.assert_allclose(bins.derivatives(np.array([-1e-12]))[0], slope, atol=0.011)
    assert np.all(np.diff(bins.derivatives(below)[0][:, 0]) < 0.0)


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_leading_axes_are_points(treatment: type[OnOff]) -> None:
    rng = np.random.default_rng(5)
    bins = treatment(rng.poisson(3.0, 7).astype(float), rng.poisson(2.0, 7).astype(float))
    expected = rng.uniform(-1e-11, 8.0, (4, 3, 7))
    together, slopes = bins.value(expected), bins.derivatives(expected)
    assert together.shape == (4, 3)
    assert all(d.shape == expected.shape for d in slopes)
    for index in np.ndindex(4, 3):
        assert together[index] == pytest.approx(float(bins.value(expected[index])), rel=1e-13)
        for all_points, one_point in zip(slopes, bins.derivatives(expected[index]), strict=True):
            np.testing.assert_allclose(all_points[index], one_point, rtol=1e-12)


@pytest.mark.parametrize(("on", "off", "field"), [([1.0, 2.5], [0.0, 1.0], "observed"), ([1.0], [0.3], "off")])
def test_only_whole_counts_can_be_marginalised(on: list[float], off: list[float], field: str) -> None:
    with pytest.raises(InputError, match=rf"^{field}: got .*; allowed: whole numbers, if the background is marg"):
        MarginalisedOnOff(np.array(on), np.array(off))
    assert np.isfinite(ProfiledOnOff(np.array(on), np.array(off)).value(np.ones(len(on))))
