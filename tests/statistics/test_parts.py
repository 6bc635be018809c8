"""Signals in several parts, with measurements made by hand: pulls of one part, of all parts, and of backgrounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cevns import Experiment, InputError
from cevns.statistics import Gaussian, Measurement, Poisson, combine, measurement, profile
from tests.statistics.by_hand import gaussian
from tests.statistics.test_profiling import ACCURACY, exact_minimum, minuit_minimum

BINS = 12
NUCLEI = 30.0 * np.exp(-np.arange(BINS) / 3.0)
ELECTRONS = np.full(BINS, 2.0)
COUNTS = np.random.default_rng(8).poisson(NUCLEI + ELECTRONS + 5.0).astype(float)


def two_parts(*, poisson: bool = True) -> Measurement:
    """A flux that scales nuclei and electrons alike, a normalisation and a slope of the nuclei, and a background."""
    nothing, everything, slope = np.zeros(BINS), np.ones(BINS), np.linspace(-1.0, 1.0, BINS)
    return Measurement(
        statistic=Poisson(COUNTS) if poisson else Gaussian(COUNTS, COUNTS + 1.0),
        background=np.full(BINS, 5.0),
        signal_change=np.stack(
            [
                np.concatenate([everything, everything]),
                np.concatenate([everything, nothing]),
                np.concatenate([slope, nothing]),
                np.concatenate([nothing, nothing]),
            ]
        ),
        background_change=np.stack([nothing, nothing, nothing, np.full(BINS, 5.0)]),
        sigmas=np.array([0.1, 0.04, 0.2, 0.3]),
        pulls=("flux", "quenching", "slope", "background"),
        parts=("nuclei", "electrons"),
    )


def test_expectation_part_by_part() -> None:
    flux, quenching, slope, background = pulls = np.array([0.05, -0.02, 0.3, 0.1])
    expected = (
        NUCLEI * (1.0 + flux + quenching + slope * np.linspace(-1.0, 1.0, BINS))
        + ELECTRONS * (1.0 + flux)
        + 5.0 * (1.0 + background)
    )
    data = two_parts()
    assert data.expected(np.concatenate([NUCLEI, ELECTRONS]), pulls) == pytest.approx(expected, rel=1e-14)
    several = data.expected(np.tile(np.concatenate([NUCLEI, ELECTRONS]), (3, 2, 1)), pulls)
    assert several.shape == (3, 2, BINS)
    assert several[2, 1] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("poisson", [True, False])
def test_profile_is_the_minimum_that_minuit_finds(poisson: bool) -> None:
    data = two_parts(poisson=poisson)
    scales = np.array([[1.0, 1.0], [0.3, 4.0], [3.0, 0.0], [0.0, 0.0], [1.7, 20.0]])
    signals = np.stack([np.concatenate([a * NUCLEI, b * ELECTRONS]) for a, b in scales])
    result = profile(data, signals)
    assert result.converged.all()
    for signal, chi2, pulls in zip(signals, result.chi2.tolist(), result.pulls, strict=True):
        assert chi2 == pytest.approx(minuit_minimum(data, signal), rel=0.0, abs=ACCURACY)
        assert float(data.chi2(signal, pulls)) == pytest.approx(chi2, abs=1e-10)


def test_one_part_in_two_is_the_whole(csi: Experiment) -> None:
    """Nuclei cut into halves that all pulls move together are one part again."""
    whole = measurement(csi)
    halves = replace(whole, signal_change=np.tile(whole.signal_change, 2), parts=("one", "other"))
    signal = csi.predict("b-l", g=[[1e-5], [1e-4]], mass=10.0).cevns.reshape(2, -1)
    found = profile(halves, np.concatenate([0.3 * signal, 0.7 * signal], axis=1))
    assert found.chi2 == pytest.approx(profile(whole, signal).chi2, abs=1e-9)
    assert found.pulls == pytest.approx(profile(whole, signal).pulls, abs=1e-6)


@pytest.mark.parametrize("which", [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 1e-3)], ids=str)
def test_overwhelming_parts_keep_their_digits(which: tuple[float, float]) -> None:
    """Either part, or both, up to 1e12 times the counts: linear algebra with fifty digits gives the same."""
    one = two_parts(poisson=False)
    size = np.array([1e2, 1e4, 1e8, 1e12])[:, None]
    signals = np.concatenate([NUCLEI + which[0] * size * NUCLEI, ELECTRONS + which[1] * size * ELECTRONS], axis=1)
    result = profile(one, signals)
    assert result.converged.all()
    for signal, chi2 in zip(signals, result.chi2.tolist(), strict=True):
        assert chi2 == pytest.approx(exact_two_parts(one, signal), rel=1e-9, abs=ACCURACY)


def exact_two_parts(data: Measurement, signal: np.ndarray) -> float:
    """The exact minimum, the parts of the expectation as one signal and further backgrounds of pulls of its own."""
    parts = signal.reshape(2, BINS)
    changes = data.signal_change.reshape(-1, 2, BINS)
    merged = replace(
        data,
        background_change=data.background_change + np.einsum("kpb,pb->kb", changes, parts),
        signal_change=np.zeros_like(data.background_change),
        parts=("all",),
    )
    return exact_minimum(merged, parts.sum(axis=0))


def test_combination_knows_parts_by_name() -> None:
    """A second measurement with one part only, of the same name and with the same flux."""
    both = two_parts()
    single = Measurement(
        statistic=Gaussian(np.array([4.0, 6.0]), np.array([4.0, 6.0])),
        background=np.array([1.0, 2.0]),
        signal_change=np.ones((1, 2)),
        background_change=np.zeros((1, 2)),
        sigmas=np.array([0.1]),
        pulls=("flux",),
        parts=("electrons",),
    )
    joint = combine([both, single])
    assert joint.parts == ("nuclei", "electrons")
    assert joint.pulls == both.pulls
    signal = np.concatenate([NUCLEI, [0.0, 0.0], ELECTRONS, [3.0, 4.0]])
    pulls = np.array([0.1, 0.02, -0.1, 0.2])
    expected = single.expected(np.array([3.0, 4.0]), pulls[:1])
    assert expected == pytest.approx([1.0 + 3.0 * 1.1, 2.0 + 4.0 * 1.1])
    whole = both.expected(np.concatenate([NUCLEI, ELECTRONS]), pulls)
    assert joint.expected(signal, pulls) == pytest.approx(np.concatenate([whole, expected]))
    # The constraint of the flux counts once.
    chi2 = both.chi2(np.concatenate([NUCLEI, ELECTRONS]), pulls) + gaussian([4.0, 6.0], expected.tolist(), [4.0, 6.0])
    assert float(joint.chi2(signal, pulls)) == pytest.approx(float(chi2), rel=1e-12)


@pytest.mark.parametrize("ends", [{}, {"delay": (-1.0, 2.0)}])
def test_combination_refuses_two_ranges_of_one_pull(ends: dict[str, tuple[float, float]]) -> None:
    one = Measurement(Poisson(np.ones(1)), np.ones(1), np.zeros((1, 1)), np.zeros((1, 1)), np.array([1.0]), ("delay",))
    with pytest.raises(InputError, match=r"nuisances\.delay\.range: got .*; allowed: .*, as in the other experiment"):
        combine([replace(one, ranges={"delay": (-1.0, 1.0)}), replace(one, ranges=ends)])
