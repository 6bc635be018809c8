"""Pseudo-data: how they are thrown, and that a batch of them is profiled like each alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

import cevns
from cevns import InputError, Likelihood
from cevns.statistics import Gaussian, MarginalisedOnOff, Means, Measurement, Poisson, ProfiledOnOff, profile_varied
from cevns.statistics.signal import JointSignal
from tests.statistics import test_varied
from tests.statistics.test_profiling import ACCURACY, minuit_minimum

COUNTING, CSI, LAR, CSI_2017 = (
    "coherent-csi-2017-counting",
    "coherent-csi-2021",
    "coherent-lar-2020",
    "coherent-csi-2017",
)
VARIED = f"{CSI}/de-romeri-2023"
MARGINALISED = "marginalised"
POINT = {"g": 4e-5, "mass": 20.0}
"""A coupling that is seen."""
SETS = [(CSI,), (LAR,), (CSI_2017,), (MARGINALISED,), (VARIED,), (COUNTING, LAR), (CSI, LAR), (VARIED, LAR)]


def likelihood(names: Sequence[str]) -> Likelihood:
    """The experiments by name, with a flux in common where there are several."""
    experiments = [
        cevns.experiment(CSI_2017, overrides={"statistic.treatment": "marginalised"})
        if name == MARGINALISED
        else cevns.experiment(name)
        for name in names
    ]
    return Likelihood("b-l", experiments, shared=["sns_flux"] if len(names) > 1 else [])


def thrown(names: Sequence[str], number: int, seed: int = 5) -> tuple[Measurement, Measurement, JointSignal]:
    """Data, pseudo-data at the pulls that fit the data best, and the stronger signal that they are compared with."""
    chosen = likelihood(names)
    ((_, data),) = chosen.groups
    best = chosen.profiled(**POINT).pulls
    pulls = np.tile([float(best[name]) for name in data.pulls], (number, 1))
    ((truth,), (tested,)) = (chosen.joint_signals(**{**POINT, "g": g}) for g in (POINT["g"], np.full(number, 5e-5)))
    signal = truth.at(pulls[:1, data.varied])
    generator = np.random.default_rng(seed)
    return data, data.thrown(np.repeat(signal, number, axis=0), pulls, generator), tested


def alone(data: Measurement, toy: int) -> Measurement:
    """One set of pseudo-data as if it were the data of the experiment, all of its arrays without the axis of points."""

    def row(statistic: object) -> object:
        if hasattr(statistic, "parts"):
            return replace(statistic, parts=[row(part) for part in statistic.parts])
        names = [name for name in ("observed", "variance", "off") if hasattr(statistic, name)]
        return replace(statistic, **{name: getattr(statistic, name)[toy] for name in names})

    return replace(data, statistic=row(data.statistic), centres=data.centres[toy])


@pytest.mark.parametrize("names", SETS, ids="+".join)
def test_a_batch_is_profiled_like_each_alone(names: Sequence[str]) -> None:
    _, toys, signal = thrown(names, 5)
    together = profile_varied(toys, signal)
    assert together.converged.all()
    for toy in range(5):
        one = profile_varied(alone(toys, toy), signal[np.array([toy])])
        assert together.chi2[toy] == pytest.approx(float(one.chi2[0]), rel=0.0, abs=1e-8)
        assert np.abs((together.pulls[toy] - one.pulls[0]) / toys.units).max() < 1e-5
    # Other counts, other numbers: nothing is taken from a neighbour.
    assert np.ptp(together.chi2) > 1.0


@pytest.mark.parametrize("names", [names for names in SETS if VARIED not in names], ids="+".join)
def test_profile_is_the_minimum_that_minuit_finds(names: Sequence[str]) -> None:
    _, toys, signal = thrown(names, 3)
    found = profile_varied(toys, signal).chi2
    counts = signal.at(np.zeros((3, 0)))
    expected = [minuit_minimum(alone(toys, toy), counts[toy]) for toy in range(3)]
    assert found == pytest.approx(expected, rel=0.0, abs=ACCURACY)


def test_pulls_that_vary_the_signal_find_the_minimum_that_minuit_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = likelihood([VARIED])
    _, toys, signal = thrown([VARIED], 2)
    best = profile_varied(toys, signal)
    for toy in range(2):
        monkeypatch.setitem(chosen.__dict__, "groups", (((0,), alone(toys, toy)),))
        start = dict(zip(toys.pulls, best.pulls[toy].tolist(), strict=True))
        expected = test_varied.minuit_minimum(chosen, [*test_varied.SPREAD, start], g=5e-5, mass=20.0)
        assert best.chi2[toy] == pytest.approx(expected, rel=0.0, abs=ACCURACY)


@pytest.mark.parametrize("names", [names for names in SETS if MARGINALISED not in names], ids="+".join)
def test_asimov_data_are_fitted_perfectly_where_they_come_from(names: Sequence[str]) -> None:
    chosen = likelihood(names)
    ((_, data),) = chosen.groups
    (signal,) = chosen.joint_signals(**POINT)
    pulls = 0.3 * data.units[None]
    asimov = data.thrown(signal.at(pulls[:, data.varied]), pulls, Means())
    found = profile_varied(asimov, signal)
    assert found.chi2 == pytest.approx([0.0], abs=1e-8)
    fixed = np.isfinite(data.sigmas)
    np.testing.assert_allclose(found.pulls[:, fixed], pulls[:, fixed], rtol=0.0, atol=1e-4 * data.units[fixed].max())
    if names == (CSI,):
        assert np.any(asimov.statistic.observed != np.round(asimov.statistic.observed))


def test_marginalised_counts_cannot_be_their_means() -> None:
    chosen = likelihood([MARGINALISED])
    ((_, data),) = chosen.groups
    (signal,) = chosen.joint_signals(**POINT)
    with pytest.raises(InputError, match="whole numbers, if the background is marginalised"):
        data.thrown(signal.at(np.zeros((1, 0))), np.zeros((1, len(data.pulls))), Means())


NUMBER = 4000


def spread(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the points and its standard error."""
    return values.mean(axis=0), values.std(axis=0) / np.sqrt(len(values))


@pytest.mark.parametrize("name", [CSI, LAR, CSI_2017, COUNTING])
def test_counts_have_the_mean_of_the_expectation(name: str) -> None:
    """Of an on-off measurement with the background that fits the data, which is what chi^2 assumes at these pulls."""
    data, toys, _ = thrown([name], NUMBER)
    chosen = likelihood([name])
    best = chosen.profiled(**POINT).pulls
    pulls = np.array([float(best[n]) for n in data.pulls])
    expected = data.expected(chosen.joint_signals(**POINT)[0].at(np.zeros((1, 0)))[0], pulls)
    if isinstance(data.statistic, ProfiledOnOff):
        # d chi^2/ds = 2 (1 - n/(s + b)), which says nothing where n = 0: there b = m/2.
        n, m, slope = data.statistic.observed, data.statistic.off, data.statistic.derivatives(expected)[0]
        expected = np.where(n > 0, n / np.where(n > 0, 1.0 - slope / 2.0, 1.0), expected + m / 2.0)
    mean, error = spread(toys.statistic.observed)
    assert np.abs((mean - expected) / np.maximum(error, 1e-3)).max() < 4.5
    variance = expected + (data.statistic.background if isinstance(data.statistic, Gaussian) else 0.0)
    ratio = toys.statistic.observed.var(axis=0) / np.maximum(variance, 1e-9)
    assert ratio[expected > 1.0].mean() == pytest.approx(1.0, abs=5.0 * np.sqrt(2.0 / NUMBER))


def test_off_counts_are_thrown_too() -> None:
    data, toys, _ = thrown([CSI_2017], NUMBER)
    assert isinstance(data.statistic, ProfiledOnOff)
    mean, error = spread(toys.statistic.off)
    on, off = (counts.sum() for counts in (data.statistic.observed, data.statistic.off))
    assert np.all(toys.statistic.off.std(axis=0)[data.statistic.off > 1] > 0.5)
    # The on counts say more neutrinos than expected or fewer, and the background takes its part of that.
    assert abs(mean.sum() - off) < abs(on - off)
    assert np.all(error < 0.1)


def test_variance_follows_the_counts_that_were_thrown(lar: cevns.Experiment) -> None:
    """max(n, 1) + SS/5, the recipe of the experiment, for counts before backgrounds are subtracted from them."""
    _, toys, _ = thrown([LAR], 50)
    counts = toys.statistic.variance - 0.2 * lar.backgrounds["steady_state"].ravel()
    np.testing.assert_allclose(counts, np.round(counts), atol=1e-9)
    assert counts.min() >= 1.0
    fluctuation = (toys.statistic.observed - counts) / np.sqrt(0.2 * lar.backgrounds["steady_state"].ravel())
    assert fluctuation[counts > 1.5].std() == pytest.approx(1.0, abs=0.05)


def test_known_variances_give_normal_numbers() -> None:
    known = Gaussian(np.array([3.0, 4.0]), np.array([0.25, 9.0]))
    toys = known.thrown(np.full((NUMBER, 2), -1.5), np.random.default_rng(3))
    mean, error = spread(toys.observed)
    assert np.all(np.abs(mean + 1.5) < 4.0 * error)
    assert toys.observed.var(axis=0) == pytest.approx([0.25, 9.0], rel=5.0 * np.sqrt(2.0 / NUMBER))
    assert toys.variance is known.variance
    assert toys.at(np.array([7, 1])).value(np.zeros((2, 2))) == pytest.approx(
        [float((toys.observed[i] ** 2 / known.variance).sum()) for i in (7, 1)]
    )


def test_centres_have_the_widths_of_the_constraints() -> None:
    data, toys, _ = thrown([CSI], NUMBER)
    best = likelihood([CSI]).profiled(**POINT).pulls
    mean, error = spread(toys.centres)
    assert np.all(np.abs(mean - [float(best[name]) for name in data.pulls]) < 4.0 * error)
    assert toys.centres.std(axis=0) == pytest.approx(data.sigmas, rel=5.0 / np.sqrt(2.0 * NUMBER))


def test_centres_stay_on_request_and_pulls_without_constraint_have_none() -> None:
    data, toys, signal = thrown([VARIED], 3)
    free = ~np.isfinite(data.sigmas)
    assert free.any()
    assert np.all(np.isfinite(toys.centres))
    assert np.all(np.ptp(toys.centres, axis=0)[~free] > 0.0)
    assert np.all(np.ptp(toys.centres, axis=0)[free] == 0.0)
    pulls = np.full((3, len(data.pulls)), 0.05)
    held = data.thrown(signal.at(pulls[:, data.varied]), pulls, np.random.default_rng(1), centres=False)
    assert held.centres is data.centres


def test_negative_expectations_count_as_zero() -> None:
    none = Poisson(np.ones(2)).thrown(np.array([[-3.0, 0.0]]), np.random.default_rng(1))
    assert none.observed.tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("names", SETS, ids="+".join)
def test_ordinary_data_are_not_copied(names: Sequence[str]) -> None:
    ((_, data),) = likelihood(names).groups
    assert data.at(np.arange(7)) is data


def test_marginalised_probabilities_are_selected() -> None:
    rng = np.random.default_rng(8)
    both = MarginalisedOnOff(rng.poisson(4.0, (6, 3)).astype(float), rng.poisson(2.0, (6, 3)).astype(float))
    expected = rng.uniform(0.0, 8.0, (2, 3))
    chosen = both.at(np.array([4, 1]))
    for row, point in enumerate((4, 1)):
        one = MarginalisedOnOff(both.observed[point], both.off[point])
        assert chosen.value(expected)[row] == pytest.approx(float(one.value(expected[row])), abs=1e-12)
        for found, wanted in zip(chosen.derivatives(expected), one.derivatives(expected[row]), strict=True):
            np.testing.assert_allclose(found[row], wanted, rtol=1e-12)
