"""All pulls profiled together: against MINUIT and a grid, with several valleys, and at the ends of ranges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from iminuit import Minuit

import cevns
from cevns import Experiment, NumericalError
from cevns.statistics import Likelihood, descent, profile
from tests.statistics.by_hand import MEDIATORS
from tests.statistics.test_profiling import ACCURACY, random_points

CSI, LAR, ANALYSIS = "coherent-csi-2021", "coherent-lar-2020", "de-romeri-2023"
RADIUS, EFFICIENCY, DELAY = "csi_nuclear_radius", "csi_efficiency", "csi_beam_time"


@pytest.fixture(scope="module")
def analysis() -> Experiment:
    return cevns.experiment(f"{CSI}/{ANALYSIS}")


def minuit_minimum(likelihood: Likelihood, starts: Iterable[Mapping[str, float]], **parameters: float) -> float:
    """Smallest chi^2 that MINUIT finds over all pulls, whichever of several starts it takes."""
    units = np.concatenate([data.units for _, data in likelihood.groups])
    ranges = {name: ends for _, data in likelihood.groups for name, ends in data.ranges.items()}

    def chi2(values: np.ndarray) -> float:
        found = float(likelihood.at_pulls(values * units, **parameters))
        return found if np.isfinite(found) else 1e9

    def minimum(start: Mapping[str, float]) -> float:
        begin = np.array([start.get(name, 0.0) for name in likelihood.pulls]) / units
        minuit = Minuit(chi2, begin, name=likelihood.pulls)
        minuit.errordef, minuit.tol = Minuit.LEAST_SQUARES, 1e-4
        for name, unit in zip(likelihood.pulls, units.tolist(), strict=True):
            if name in ranges:
                minuit.limits[name] = tuple(end / unit for end in ranges[name])
        return float(minuit.migrad().fval)

    return min(minimum(start) for start in starts)


SPREAD = [{DELAY: delay, RADIUS: radius} for delay, radius in product((-0.15, 0.15), (-0.1, 0.1))]
"""Starts in all corners."""


@pytest.mark.parametrize(("model", "g", "mass"), random_points(4, seed=31))
def test_profile_is_the_lowest_minimum_that_minuit_finds(
    analysis: Experiment, model: str, g: float, mass: float
) -> None:
    likelihood = Likelihood(model, analysis)
    best = likelihood.profiled(g=g, mass=mass)
    pulls = {name: float(value) for name, value in best.pulls.items()}
    expected = minuit_minimum(likelihood, [*SPREAD, pulls], g=g, mass=mass)
    assert float(best.chi2) == pytest.approx(expected, rel=0.0, abs=ACCURACY)
    assert float(likelihood.at_pulls(np.array(list(pulls.values())), g=g, mass=mass)) == pytest.approx(
        float(best.chi2), abs=1e-9
    )


def test_joint_profile_with_shared_flux(analysis: Experiment) -> None:
    """Pulls that vary the signal of one experiment, and only linear ones of the other, tied by the flux."""
    likelihood = Likelihood("b-l", [cevns.experiment(f"{LAR}/{ANALYSIS}"), analysis], shared=["sns_flux"])
    assert [group for group, _ in likelihood.groups] == [(0, 1)]
    best = likelihood.profiled(g=8e-5, mass=20.0)
    start = {name: float(value) for name, value in best.pulls.items()}
    expected = minuit_minimum(likelihood, [{DELAY: -0.1}, {DELAY: 0.1}, start], g=8e-5, mass=20.0)
    assert float(best.chi2) == pytest.approx(expected, rel=0.0, abs=ACCURACY)


def widely_free(delays: float) -> Experiment:
    """Ten times the exposure, so that valleys are deep, and a wide range of the delay."""
    pulls = [pull.model_dump(exclude_none=True) for pull in cevns.experiment(f"{CSI}/{ANALYSIS}").config.nuisances]
    for pull in pulls:
        if pull["name"] == DELAY:
            pull["range"] = [-delays, delays]
    return cevns.experiment(f"{CSI}/{ANALYSIS}", {"target.mass": "146 kg", "nuisances": pulls})


def two_bursts(early: float, late: float) -> Likelihood:
    """Counts as if a share of the beam had come 0.45 us early and another 0.45 us late: a valley for either."""
    experiment = widely_free(0.6)
    likelihood = Likelihood("sm", experiment)
    expected = experiment.backgrounds["steady_state"]
    for delay, share in ((-0.45, early), (0.45, late)):
        (parts,) = likelihood.parts({DELAY: np.asarray(delay)})
        expected = expected + share * sum(parts.values())
    return Likelihood("sm", replace(experiment, observed=np.round(expected)))


@pytest.mark.parametrize(("early", "late"), [(0.48, 0.52), (0.45, 0.55), (0.2, 0.8)])
def test_deepest_of_several_valleys(early: float, late: float) -> None:
    likelihood = two_bursts(early, late)
    best = likelihood.profiled()
    start = {name: float(value) for name, value in best.pulls.items()}
    valleys = [minuit_minimum(likelihood, [{DELAY: delay}]) for delay in (-0.4, 0.4)]
    assert abs(valleys[0] - valleys[1]) > 100.0
    assert float(best.chi2) == pytest.approx(min(*valleys, minuit_minimum(likelihood, [start])), rel=0.0, abs=ACCURACY)


def grid_of_minima(likelihood: Likelihood, steps: int, **parameters: float) -> np.ndarray:
    """chi^2 on a grid over the ranges of delay, radius and efficiency, the linear pulls profiled."""
    ((_, data),) = likelihood.groups
    ends = np.array(list(data.ranges.values()))
    grid = np.stack(np.meshgrid(*np.linspace(*ends.T, steps).T, indexing="ij"), axis=-1).reshape(-1, len(ends))
    (parts,) = likelihood.parts({name: grid[:, k] for k, name in enumerate(data.ranges)}, **parameters)
    signal = np.concatenate([parts[name].reshape(len(grid), -1) for name in data.parts], axis=1)
    linear = [k for k, name in enumerate(data.pulls) if name not in data.ranges]
    held = replace(
        data,
        signal_change=data.signal_change[linear],
        background_change=data.background_change[linear],
        sigmas=data.sigmas[linear],
        pulls=tuple(data.pulls[k] for k in linear),
        ranges={},
    )
    constrained = data.sigmas[list(data.varied)]
    return profile(held, signal).chi2 + np.square(grid / constrained).sum(axis=1)


@pytest.mark.parametrize(("model", "g", "mass"), random_points(8, seed=77))
def test_no_point_of_a_grid_is_lower(analysis: Experiment, model: str, g: float, mass: float) -> None:
    likelihood = Likelihood(model, analysis)
    lowest = grid_of_minima(likelihood, 11, g=g, mass=mass).min()
    best = float(likelihood(g=g, mass=mass))
    assert best < lowest
    # Between points of the grid chi^2 falls by no more than the curvature allows.
    assert best == pytest.approx(lowest, abs=3.0)


def test_ends_of_ranges(analysis: Experiment) -> None:
    """A large signal is suppressed by the worst efficiency and, where few events are wanted, a large radius."""
    best = Likelihood("b-l", analysis).profiled(g=1.24e-4, mass=11.8)
    assert best.pulls[EFFICIENCY] == -1.0
    likelihood = Likelihood("b-l", analysis)
    eta = np.array([float(best.pulls[name]) for name in likelihood.pulls])
    inside = eta - 1e-3 * np.eye(len(eta))[likelihood.pulls.index(EFFICIENCY)] * np.sign(best.pulls[EFFICIENCY])
    assert likelihood.at_pulls(inside, g=1.24e-4, mass=11.8) > best.chi2


def test_pulls_stay_in_their_ranges(analysis: Experiment) -> None:
    couplings = np.geomspace(1e-6, 1.0, 60)
    for model in ("universal", "b-3le", "scalar"):
        pulls = Likelihood(model, analysis).profiled(g=couplings, mass=3.0).pulls
        for name, reach in ((DELAY, 0.25), (RADIUS, 0.25), (EFFICIENCY, 1.0)):
            assert np.abs(pulls[name]).max() <= reach, (model, name)


def test_narrow_ranges_are_fixed_pulls(csi: Experiment) -> None:
    """As the ranges close, what is left is the linear analysis with the same normalisations."""
    closed = [
        {"name": RADIUS, "varies": {"kind": "nuclear-radius"}, "range": [-1e-9, 1e-9]},
        {"name": DELAY, "varies": {"kind": "beam-time"}, "range": [-1e-9, 1e-9]},
    ]
    linear = [pull.model_dump() for pull in csi.config.nuisances]
    nearly = cevns.experiment(CSI, {"nuisances": [*linear, *closed]})
    couplings = np.geomspace(1e-6, 1e-2, 12)
    found, expected = (Likelihood("universal", e)(g=couplings, mass=10.0) for e in (nearly, csi))
    assert found == pytest.approx(expected, rel=0.0, abs=ACCURACY)


def test_more_freedom_never_raises_chi2(analysis: Experiment) -> None:
    pulls = [pull.model_dump(exclude_none=True) for pull in analysis.config.nuisances]
    couplings = np.geomspace(1e-6, 1e-3, 9)

    def chi2(nuisances: Sequence[Mapping[str, object]]) -> np.ndarray:
        return Likelihood("b-l", cevns.experiment(f"{CSI}/{ANALYSIS}", {"nuisances": nuisances}))(g=couplings, mass=9.0)

    for name in (DELAY, RADIUS, EFFICIENCY):
        fewer = [pull for pull in pulls if pull["name"] != name]
        assert np.all(chi2(pulls) <= chi2(fewer) + ACCURACY), name


@pytest.mark.parametrize("model", MEDIATORS[:4])
@pytest.mark.parametrize("mass", [1e-3, 1e5])
def test_chi2_is_finite_and_converges_over_all_couplings(analysis: Experiment, model: str, mass: float) -> None:
    chi2 = Likelihood(model, analysis)(g=np.geomspace(1e-9, 1.0, 60), mass=mass)
    assert np.all(np.isfinite(chi2))
    # Only the penalty of cancelling the signal is left in the end: 1/(0.11^2 + 0.038^2) and what backgrounds leave.
    assert chi2.max() < 240.0


def test_overwhelming_signal_is_cancelled_to_the_last_digit(analysis: Experiment) -> None:
    """Of a huge signal only its shape is left: the same chi^2 for any larger one."""
    likelihood = Likelihood("universal", analysis)
    chi2 = likelihood(g=np.array([0.1, 1.0]), mass=1.0)
    assert chi2[0] == pytest.approx(chi2[1], abs=1e-5)


def test_batch_is_the_points_one_by_one(analysis: Experiment) -> None:
    likelihood = Likelihood("b-l", analysis)
    couplings = np.geomspace(1e-6, 1e-1, 9)
    together = likelihood.profiled(g=couplings, mass=5.0)
    for k, g in enumerate(couplings):
        alone = likelihood.profiled(g=g, mass=5.0)
        assert float(alone.chi2) == pytest.approx(float(together.chi2[k]), abs=1e-8)
        for name, value in alone.pulls.items():
            assert float(value) == pytest.approx(float(together.pulls[name][k]), abs=2e-5), name


def test_without_signal_the_efficiency_does_not_matter() -> None:
    """No curvature at all along some pulls; the neutrons still tell the time."""
    dark = cevns.experiment(f"{CSI}/{ANALYSIS}", {"source.protons_on_target": 1e-30})
    best = Likelihood("sm", dark).profiled()
    assert np.isfinite(best.chi2)
    bare = [
        {"name": "neutrons", "component": "beam_neutrons", "sigma": 0.25},
        {"name": "induced", "component": "neutrino_induced_neutrons", "sigma": 0.35},
        {"name": "steady", "component": "steady_state", "sigma": 0.021},
    ]
    without = Likelihood("sm", cevns.experiment(CSI, {"source.protons_on_target": 1e-30, "nuisances": bare}))
    assert best.chi2 < without()
    assert best.pulls[RADIUS] == pytest.approx(0.0, abs=1e-9)


def test_a_neutron_radius_of_the_model_stays_what_it_is(analysis: Experiment) -> None:
    """The pull moves the protons then, which hardly count, so that it is not a second name for R_n."""
    likelihood = Likelihood("neutron-radius", analysis)
    pulls = np.zeros((2, len(likelihood.pulls)))
    pulls[:, likelihood.pulls.index(RADIUS)] = (0.0, 0.1)
    parts = [
        likelihood.parts({name: np.asarray(row[k]) for k, name in enumerate(likelihood.pulls)}, R_n=5.0)[0]["cevns"]
        for row in pulls
    ]
    whole = Likelihood("sm", analysis)
    all_radii = [
        whole.parts({name: np.asarray(row[k]) for k, name in enumerate(whole.pulls)})[0]["cevns"] for row in pulls
    ]
    protons, both = (abs(counts[1].sum() / counts[0].sum() - 1.0) for counts in (parts, all_radii))
    assert 0.0 < protons < 0.1 * both


def test_points_that_do_not_converge_are_named(analysis: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descent, "_MAXIMUM_STEPS", 1)
    with pytest.raises(NumericalError, match=r"did not converge at .*'g': 0\.0001, 'mass': 10\.0.* for b-l"):
        Likelihood("b-l", analysis)(g=[1e-4, 2e-4], mass=10.0)
