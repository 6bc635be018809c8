"""The batched minimisation against MINUIT, against linear algebra, and at its own limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import mpmath
import numpy as np
import pytest
from iminuit import Minuit

import cevns
from cevns import Experiment, NumericalError
from cevns.statistics import Gaussian, Likelihood, Measurement, Poisson, descent, measurement, profile
from tests.statistics.by_hand import MEDIATORS

COUNTING, CSI, LAR = "coherent-csi-2017-counting", "coherent-csi-2021", "coherent-lar-2020"
CSI_2017 = "coherent-csi-2017"
ACCURACY = 1e-6
"""In chi^2: far below any level of confidence."""


def precise_minimum(chi2: Callable[[np.ndarray], float], start: np.ndarray) -> float:
    minuit = Minuit(chi2, start)
    minuit.errordef = Minuit.LEAST_SQUARES
    minuit.strategy = 2
    minuit.tol = 1e-5
    minuit.migrad()
    assert minuit.valid
    return float(minuit.fval)


def minuit_minimum(data: Measurement, signal: np.ndarray) -> float:
    """Smallest chi^2 over the pulls, in units of their constraints."""
    return precise_minimum(lambda pulls: float(data.chi2(signal, pulls * data.sigmas)), np.zeros(len(data.sigmas)))


def exact_minimum(data: Measurement, signal: np.ndarray) -> float:
    """Smallest chi^2 of a Gaussian measurement, by its normal equations with fifty digits."""
    assert isinstance(data.statistic, Gaussian)
    with mpmath.workdps(50):
        s, r, b = (mpmath.matrix(a.tolist()) for a in (signal, data.signal_change.T, data.background_change.T))
        columns = mpmath.matrix(data.bins, len(data.sigmas))
        for i in range(data.bins):
            for k in range(len(data.sigmas)):
                columns[i, k] = s[i] * r[i, k] + b[i, k]
        weight = mpmath.diag([1 / mpmath.mpf(v) for v in data.statistic.variance.tolist()])
        prior = mpmath.diag([1 / mpmath.mpf(v) ** 2 for v in data.sigmas.tolist()])
        residual = mpmath.matrix((data.statistic.observed - data.background).tolist()) - s
        pulls = mpmath.lu_solve(columns.T * weight * columns + prior, columns.T * weight * residual)
        left = residual - columns * pulls
        return float((left.T * weight * left)[0] + (pulls.T * prior * pulls)[0])


def random_points(number: int, seed: int) -> list[tuple[str, float, float]]:
    """Model, coupling and mass from nothing visible to three times as many events as expected."""
    rng = np.random.default_rng(seed)
    points = []
    for _ in range(number):
        model, mass = str(rng.choice(MEDIATORS)), float(10.0 ** rng.uniform(-2.0, 4.0))
        reach = 1e-3 if model.startswith(("le-", "lmu-")) else 3e-5
        points.append((model, float(reach * 10.0 ** rng.uniform(-1.0, 0.7) * max(1.0, mass / 50.0)), mass))
    return points


@pytest.mark.parametrize("shared_parts", [(), ("sns_flux",)], ids=["own", "shared"])
@pytest.mark.parametrize("names", [(CSI,), (LAR,), (CSI_2017,), (CSI, LAR), (COUNTING, LAR)])
def test_profile_is_the_minimum_that_minuit_finds(names: Sequence[str], shared_parts: tuple[str, ...]) -> None:
    experiments = [cevns.experiment(name) for name in names]
    for model, g, mass in random_points(6, seed=11 + len(names)):
        likelihood = Likelihood(model, experiments, shared=shared_parts)
        signals = likelihood.signals(g=g, mass=mass)
        expected = sum(
            minuit_minimum(data, np.concatenate([signals[i] for i in group])) for group, data in likelihood.groups
        )
        assert likelihood(g=g, mass=mass) == pytest.approx(expected, rel=0.0, abs=ACCURACY), (model, g, mass)


def test_pulls_are_where_the_minimum_is(csi: Experiment, lar: Experiment) -> None:
    """chi^2 at the pulls returned is the chi^2 returned, and it does not fall in any direction."""
    likelihood = Likelihood("universal", [csi, lar], shared=["sns_flux"])
    point = {"g": 4e-5, "mass": 30.0}
    best = likelihood.profiled(**point)
    signal = np.concatenate(likelihood.signals(**point))
    ((_, data),) = likelihood.groups
    pulls = np.array([best.pulls[name] for name in data.pulls])
    assert data.chi2(signal, pulls) == pytest.approx(float(best.chi2), abs=1e-10)
    steps = 1e-3 * data.sigmas * np.eye(len(pulls))
    # Along an axis chi^2 rises by about (1e-3)^2, and no slope is left that would outdo it.
    assert np.all(data.chi2(signal, pulls + steps) > best.chi2)
    assert np.all(data.chi2(signal, pulls - steps) > best.chi2)


@pytest.mark.parametrize("model", ["b-l", "universal", "lmu-ltau", "scalar"])
def test_gaussian_profile_is_linear_algebra(lar: Experiment, model: str) -> None:
    """From no signal to one of 1e13 times the counts, where the normalisation cancels it."""
    likelihood = Likelihood(model, lar)
    couplings = np.array([0.0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0])
    ((_, data),) = likelihood.groups
    chi2 = likelihood(g=couplings, mass=1.0)
    expected = [exact_minimum(data, signal) for signal in likelihood.signals(g=couplings, mass=1.0)[0]]
    assert chi2 == pytest.approx(expected, rel=1e-9, abs=ACCURACY)


def cancelled_minimum(data: Measurement, signal: np.ndarray) -> float:
    """Smallest chi^2 of a signal far above the counts, with the events that are left of it as the variable.

    The pull of the signal is -1 + events/signal, so that nothing cancels.
    """
    on_signal = data.signal_change.any(axis=1)
    assert on_signal.sum() == 1
    total, shape, sigma = signal.sum(), signal / signal.sum(), data.sigmas[on_signal][0]

    def chi2(x: np.ndarray) -> float:
        events, pulls = np.exp(x[0]), x[1:] * data.sigmas[~on_signal]
        expected = events * shape + data.background + pulls @ data.background_change[~on_signal]
        constraint = ((events / total - 1.0) / sigma) ** 2 + np.square(x[1:]).sum()
        return float(data.statistic.value(expected) + constraint)

    start = np.concatenate([[np.log(300.0)], np.zeros(len(data.sigmas) - 1)])
    return precise_minimum(chi2, start)


@pytest.mark.parametrize("name", [CSI, CSI_2017])
@pytest.mark.parametrize("model", ["b-l", "universal", "scalar"])
def test_overwhelming_poisson_signal(name: str, model: str) -> None:
    """Up to g = 1 the chi^2 stays finite and exact, although 1 + eta alone would have no digits left."""
    likelihood = Likelihood(model, cevns.experiment(name))
    couplings = np.geomspace(1e-2, 1.0, 5)
    ((_, data),) = likelihood.groups
    signals = likelihood.signals(g=couplings, mass=1.0)[0]
    assert signals[-1].sum() > 1e14
    chi2 = likelihood(g=couplings, mass=1.0)
    assert np.all(np.isfinite(chi2))
    assert chi2 == pytest.approx([cancelled_minimum(data, signal) for signal in signals], rel=0.0, abs=ACCURACY)


def cancelled_joint_minimum(csi: Experiment, lar: Experiment, signals: Sequence[np.ndarray]) -> float:
    """The same for both experiments with a flux in common.

    The sum of the flux and its own normalisation is one variable of each experiment, the common part makes them
    correlate, and every pull on a signal is counted in events.
    """
    parts = [measurement(e) for e in (csi, lar)]
    covariance = np.array([[0.12**2, 0.10**2], [0.10**2, 0.13**2]])
    others = [~part.signal_change.any(axis=1) for part in parts]
    sizes = [len(part.pulls) for part in parts]

    def chi2(x: np.ndarray) -> float:
        total, normalisation = 0.0, []
        for part, signal, other, units in zip(parts, signals, others, np.split(x, sizes[:1]), strict=True):
            events = 100.0 * units[~other]
            if part.statistic.positive:
                events = np.exp(units[~other])
            normalisation.append(events[0] / signal.sum() - 1.0)
            change = part.signal_change[~other]
            expected = part.background + (units[other] * part.sigmas[other]) @ part.background_change[other]
            total += float(part.statistic.value(expected + signal / signal.sum() * (events @ change)))
            total += float(np.square(units[other]).sum() + np.square(events[1:] / signal.sum()).sum())
        return total + float(normalisation @ np.linalg.solve(covariance, normalisation))

    start = np.zeros(sum(sizes))
    start[0], start[sizes[0]] = np.log(300.0), 1.0
    return precise_minimum(chi2, start)


@pytest.mark.parametrize("model", ["b-l", "universal", "scalar"])
def test_overwhelming_signal_with_shared_flux(csi: Experiment, lar: Experiment, model: str) -> None:
    couplings = np.geomspace(1e-3, 1.0, 9)
    for experiment in (csi, lar):
        split, whole = (Likelihood(model, experiment, shared=shared) for shared in (("sns_flux",), ()))
        assert split(g=couplings, mass=0.1) == pytest.approx(whole(g=couplings, mass=0.1), rel=0.0, abs=ACCURACY)
    joint = Likelihood(model, [csi, lar], shared=["sns_flux"])
    expected = [
        cancelled_joint_minimum(csi, lar, point)
        for point in zip(*joint.signals(g=couplings[::4], mass=0.1), strict=True)
    ]
    assert joint(g=couplings, mass=0.1)[::4] == pytest.approx(expected, rel=0.0, abs=ACCURACY)


@pytest.mark.parametrize("model", MEDIATORS)
@pytest.mark.parametrize("mass", [1e-3, 10.0, 1e5])
def test_chi2_is_finite_over_all_couplings(csi: Experiment, lar: Experiment, model: str, mass: float) -> None:
    """Smooth as well: from one coupling to the next it never jumps by more than a signal of that size could."""
    couplings = np.geomspace(1e-9, 1.0, 400)
    chi2 = Likelihood(model, [csi, lar])(g=couplings, mass=mass)
    assert np.all(np.isfinite(chi2))
    assert chi2.min() > 180.0
    # Beyond it only the penalty of cancelling the signal is left: (1/0.12)^2 + (1/0.13)^2 and what backgrounds leave.
    assert chi2.max() < 400.0


def toy(observed: list[float], background: list[float], sigmas: list[float]) -> Measurement:
    """A Poisson measurement with one normalisation of the signal and one of each bin's background."""
    n = len(observed)
    return Measurement(
        statistic=Poisson(np.array(observed)),
        background=np.array(background),
        signal_change=np.vstack([np.ones(n), np.zeros((n, n))]),
        background_change=np.vstack([np.zeros(n), np.diag(background)]),
        sigmas=np.array(sigmas),
        pulls=("signal", *(f"background_{i}" for i in range(n))),
    )


def test_one_bin_in_closed_form() -> None:
    """2 (mu - n + n ln(n/mu)) + (eta/sigma)^2 with mu = s (1 + eta): a quadratic equation for eta."""
    n, s, sigma = 7.0, 20.0, 0.3
    data = Measurement(
        Poisson(np.array([n])), np.zeros(1), np.ones((1, 1)), np.zeros((1, 1)), np.array([sigma]), ("norm",)
    )
    # s - n/(1 + eta) + eta/sigma^2 = 0
    a, b, c = 1.0 / sigma**2, 1.0 / sigma**2 + s, s - n
    eta = (-b + np.sqrt(b**2 - 4.0 * a * c)) / (2.0 * a)
    mu = s * (1.0 + eta)
    result = profile(data, np.array([[s]]))
    assert result.converged.all()
    assert result.pulls[0, 0] == pytest.approx(eta, abs=1e-9)
    assert result.chi2[0] == pytest.approx(2 * (mu - n + n * np.log(n / mu)) + (eta / sigma) ** 2, abs=1e-12)


def test_bins_without_counts_or_background() -> None:
    data = toy([0.0, 3.0, 0.0], [0.0, 0.5, 2.0], [0.5, 0.3, 0.3, 0.3])
    signal = np.array([[0.0, 4.0, 0.0], [2.0, 1.0, 0.5], [3.0, 0.0, 0.5]])
    result = profile(data, signal)
    assert result.converged.all()
    for point, chi2 in zip(signal, result.chi2.tolist(), strict=True):
        assert chi2 == pytest.approx(minuit_minimum(data, point), rel=0.0, abs=ACCURACY)


@pytest.mark.parametrize("scale", [1e2, 1e5, 1e8, 1e12])
def test_minimum_at_the_edge_of_what_is_allowed(scale: float) -> None:
    """A signal that is largest where nothing was seen is cancelled altogether, although the other bin has an excess.

    d chi^2/d eta = scale (2 6 + 2 (1 - 12/10)) - 2/sigma^2 > 0 there, and the background b of the other bin follows
    from 10 - 12/(1 + b) + b/0.13^2 = 0.
    """
    sigma, width = 0.07, 0.13
    data = toy([0.0, 12.0], [0.0, 10.0], [sigma, width, width])
    result = profile(data, scale * np.array([[6.0, 1.0], [0.0, 1e-3 / scale]]))
    (b,) = (root for root in np.roots([1.0, 1.0 + 10.0 * width**2, -2.0 * width**2]) if root > 0.0)
    mu = 10.0 * (1.0 + b)
    expected = 1.0 / sigma**2 + 2.0 * (mu - 12.0 + 12.0 * np.log(12.0 / mu)) + (b / width) ** 2
    assert result.converged.all()
    assert result.chi2[0] == pytest.approx(expected, abs=1e-9)
    assert result.pulls[0] == pytest.approx([-1.0, 0.0, b], abs=1e-6)
    assert result.chi2[1] < expected - 100.0


def test_counts_that_nothing_explains() -> None:
    """Counts in a bin where neither signal nor background is expected: infinite, and that is the answer."""
    data = toy([2.0, 3.0], [0.0, 3.0], [0.5, 0.3, 0.3])
    result = profile(data, np.array([[0.0, 1.0], [1.0, 1.0]]))
    assert result.converged.all()
    assert np.isposinf(result.chi2[0])
    assert np.isfinite(result.chi2[1])


def test_without_pulls_chi2_is_the_statistic(csi: Experiment) -> None:
    bare = cevns.experiment("coherent-csi-2021", overrides={"nuisances": []})
    likelihood = Likelihood("sm", bare)
    expected = Poisson(csi.observed.ravel()).value(csi.predict("sm").total.ravel())
    assert likelihood.pulls == ()
    assert likelihood() == pytest.approx(float(expected), rel=1e-13)


def test_batch_is_the_points_one_by_one(csi: Experiment) -> None:
    """Points do not see their neighbours, easy and hard ones mixed."""
    likelihood = Likelihood("b-l", csi)
    ((_, data),) = likelihood.groups
    signals = likelihood.signals(g=np.geomspace(1e-6, 1.0, 25), mass=5.0)[0]
    together = profile(data, signals)
    for i, signal in enumerate(signals):
        alone = profile(data, signal[None])
        assert alone.chi2[0] == pytest.approx(together.chi2[i], rel=1e-9)
        assert alone.pulls[0] == pytest.approx(together.pulls[i], rel=1e-6, abs=1e-6)


def test_no_points(csi: Experiment) -> None:
    result = profile(measurement(csi), np.zeros((0, 99)))
    assert result.chi2.shape == (0,)
    assert result.pulls.shape == (0, 4)


def test_looser_constraints_never_raise_chi2(lar: Experiment) -> None:
    data = measurement(lar)
    signal = lar.predict("b-l", g=1e-4, mass=10.0).cevns.reshape(1, -1)
    chi2 = [float(profile(replace(data, sigmas=factor * data.sigmas), signal).chi2[0]) for factor in (0.5, 1, 2, 8)]
    assert chi2 == sorted(chi2, reverse=True)
    assert chi2[0] > chi2[-1] + 1.0


def test_points_that_do_not_converge_are_marked_and_named(csi: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descent, "_MAXIMUM_STEPS", 1)
    likelihood = Likelihood("b-l", csi)
    ((_, data),) = likelihood.groups
    result = profile(data, likelihood.signals(g=[1e-4, 2e-4], mass=10.0)[0])
    assert not result.converged.any()
    with pytest.raises(NumericalError, match=r"did not converge at .*'g': 0\.0001, 'mass': 10\.0.* for b-l"):
        likelihood(g=[[1e-4, 2e-4]], mass=10.0)
