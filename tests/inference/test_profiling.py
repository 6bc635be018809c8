"""Model parameters profiled: chi^2 against other minimisers, intervals against brute force and exact relations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

import cevns
from cevns import Experiment, InputError, IntervalResult, Likelihood, NumericalError
from cevns.inference import intervals, limits
from cevns.inference.profiling import Profiled
from cevns.inference.scan import Scan, scan_parameter
from cevns.interactions import NonStandardInteractions
from cevns.typing import FloatArray

COUNTING = "coherent-csi-2017-counting"
BOTH = ("coherent-csi-2021", "coherent-lar-2020")
LEVEL_90 = 2.705543454095404
"""Square of the 95 % quantile of the normal distribution."""
PRECISE = 1e-6
"""Accuracy of chi^2, and in units of its height above the minimum."""


@pytest.fixture(scope="module")
def counting() -> Experiment:
    return cevns.experiment(COUNTING)


def loaded(names: Sequence[str]) -> list[Experiment]:
    return [cevns.experiment(name) for name in names]


def at(scan: Scan, values: FloatArray) -> tuple[FloatArray, Mapping[str, FloatArray]]:
    """chi^2 and best values of the profiled parameters of the one point of a scan."""
    point = np.zeros(len(values), dtype=int)
    return scan.curve(values, point), scan.companions(values, point)


# Model, scanned parameter, the profiled ones with ranges that hold all their valleys, what is held, experiments.
SURFACES = {
    "two flavours": ("nsi", "eps_ee_uV", {"eps_mumu_uV": (-0.3, 0.7)}, {}, BOTH),
    "a measured background": ("nsi", "eps_ee_uV", {"eps_mumu_uV": (-0.3, 0.7)}, {}, ("coherent-csi-2017",)),
    "bounds on one side": ("magnetic-moment", "mu_nue", {"mu_numu": (0.0, 1e-8)}, {}, BOTH[:1]),
    "bounds on both sides": ("sterile", "sin2_2theta_ee", {"sin2_2theta_mumu": (0.0, 1.0)}, {"dm2": 3.0}, BOTH[:1]),
    "a circle": ("nsi", "eps_emu_uV", {"eps_ee_uV": (-0.2, 0.7), "eps_etau_uV": (-0.5, 0.5)}, {}, (COUNTING,)),
    "three others": (
        "nsi",
        "eps_ee_uV",
        {"eps_mumu_uV": (-0.3, 0.7), "eps_emu_uV": (-0.5, 0.5), "eps_etau_uV": (-0.5, 0.5)},
        {},
        (COUNTING,),
    ),
}


@pytest.mark.parametrize("case", SURFACES)
def test_no_other_minimiser_finds_less_and_one_finds_as_little(case: str) -> None:
    model, name, ranges, held, experiments = SURFACES[case]
    likelihood, random = Likelihood(model, loaded(experiments)), np.random.default_rng(5)
    scan, _ = scan_parameter(likelihood, name, held, tuple(ranges))
    # Half-way between scanned values, where chi^2 does not come from the grid.
    near = np.flatnonzero(scan.chi2[0] < scan.chi2[0].min() + 10.0)[:-1]
    values = scan.grid[0][random.choice(near, 2, replace=False)]
    values = values + 0.4 * (scan.grid[0, 1:] - scan.grid[0, :-1])[np.searchsorted(scan.grid[0], values)]
    found, best = at(scan, values)
    low, high = np.array(list(ranges.values())).T
    for i, value in enumerate(values):

        def chi2(fraction: FloatArray, value: float = value) -> float:
            others = dict(zip(ranges, low + (high - low) * fraction, strict=True))
            return float(likelihood(**{name: value}, **others, **held))

        box = [(0.0, 1.0)] * len(low)
        trials = [minimize(chi2, start, bounds=box, method="L-BFGS-B") for start in random.random((6, len(low)))]
        polished = min(trials, key=lambda trial: trial.fun)
        least = minimize(chi2, polished.x, bounds=box, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-9})
        precise = PRECISE * (1.0 + least.fun - scan.chi2[0].min())
        assert found[i] == pytest.approx(least.fun, abs=precise)
        here = {other: float(each[i]) for other, each in best.items()}
        assert found[i] == pytest.approx(float(likelihood(**{name: value}, **here, **held)), abs=precise)


def test_every_piece_that_a_brute_force_scan_finds(counting: Experiment) -> None:
    """One number of events fits a ring of eps_ee and eps_mumu."""
    (found,) = intervals("nsi", counting, "eps_ee_uV", profiled=["eps_mumu_uV"])
    values, others = np.linspace(-0.4, 0.8, 601), np.linspace(-0.4, 0.8, 301)
    chi2 = Likelihood("nsi", counting)(eps_ee_uV=values[:, None], eps_mumu_uV=others).min(axis=1)
    allowed = values[chi2 <= LEVEL_90]
    assert found.chi2_min == pytest.approx(0.0, abs=PRECISE)
    assert found.intervals == (pytest.approx((allowed[0], allowed[-1]), abs=1.01 * (values[1] - values[0])),)
    assert found.fixed.keys().isdisjoint({"eps_ee_uV", "eps_mumu_uV"})


@pytest.fixture(scope="module")
def two_flavours() -> IntervalResult:
    (found,) = intervals("nsi", loaded(BOTH), "eps_ee_uV", profiled=["eps_mumu_uV"])
    return found


def test_edges_are_at_the_level_and_the_best_fit_is_that_of_minuit(two_flavours: IntervalResult) -> None:
    """Both have the valleys of eps_mumu around 0 and around the value that turns the weak charge around."""
    experiments = loaded(BOTH)
    fit = cevns.fit("nsi", experiments, free=["eps_ee_uV", "eps_mumu_uV"], start={"eps_ee_uV": 0.0, "eps_mumu_uV": 0.0})
    assert two_flavours.chi2_min == pytest.approx(fit.chi2, abs=1e-5)
    assert two_flavours.best_fit == pytest.approx(fit.values["eps_ee_uV"], abs=1e-3)
    assert len(two_flavours.intervals) == 2
    likelihood = Likelihood("nsi", experiments)
    for edge in np.ravel(two_flavours.intervals):
        valleys = [
            minimize_scalar(lambda other, edge=edge: float(likelihood(eps_ee_uV=edge, eps_mumu_uV=other)), bounds=ends)
            for ends in ((-0.2, 0.2), (0.2, 0.6))
        ]
        assert min(v.fun for v in valleys) == pytest.approx(two_flavours.chi2_min + LEVEL_90, abs=1e-5)


def test_the_best_values_are_given_and_survive_json(two_flavours: IntervalResult) -> None:
    assert set(two_flavours.profiled) == {"eps_mumu_uV"}
    chi2 = Likelihood("nsi", loaded(BOTH))(eps_ee_uV=two_flavours.best_fit, **two_flavours.profiled)
    assert float(chi2) == pytest.approx(two_flavours.chi2_min, abs=PRECISE)
    assert IntervalResult.from_json(two_flavours.to_json()) == two_flavours
    assert "eps_mumu_uV" in str(two_flavours)
    assert "(profiled, at the best fit)" in str(two_flavours)


def test_without_profiling_the_record_is_as_before(counting: Experiment) -> None:
    (found,) = intervals("nsi", counting, "eps_ee_uV")
    assert found.profiled == {}
    assert "profiled" not in found.to_dict()


def test_parameters_that_one_number_of_events_cannot_tell_apart(counting: Experiment) -> None:
    """Up and down quarks: a valley without end. With bounds the ends are those with the other parameter at a bound."""
    with pytest.raises(
        NumericalError, match=r"no interval of eps_ee_uV of nsi .* with eps_ee_dV profiled: chi\^2 does"
    ):
        intervals("nsi", counting, "eps_ee_uV", profiled=["eps_ee_dV"])
    (found,) = intervals("nsi", counting, "eps_ee_uV", profiled={"eps_ee_dV": (-0.5, 0.3)})
    up, down = intervals("nsi", counting, "eps_ee_uV", eps_ee_dV=[-0.5, 0.3])
    assert found.intervals == (pytest.approx((down.intervals[0][0], up.intervals[-1][1]), rel=1e-5),)


def test_a_range_that_is_allowed_as_a_whole(counting: Experiment) -> None:
    (found,) = intervals("sterile", counting, "sin2_2theta_ee", profiled=["sin2_2theta_mumu"], dm2=3.0, cl=0.999)
    assert found.intervals == ((0.0, 1.0),)


@pytest.mark.parametrize("ends", [(0.1, 100.0), (0.0, 20.0)])
def test_a_splitting_in_a_range(counting: Experiment, ends: tuple[float, float]) -> None:
    """chi^2 oscillates with Delta m^2: the lowest place of a dense grid, refined, is what is found."""
    likelihood = Likelihood("universal-sterile", counting)
    scan, _ = scan_parameter(likelihood, "sin2_2theta", {}, {"dm2": ends})
    values = np.array([0.05, 0.33, 0.71, 0.99])
    found, best = at(scan, values)
    dense = np.geomspace(max(ends[0], 0.01), ends[1], 1000)
    start = likelihood(sin2_2theta=values[:, None], dm2=dense).argmin(axis=1)
    for i, value in enumerate(values):
        around = dense[max(start[i] - 1, 0)], dense[min(start[i] + 1, len(dense) - 1)]
        least = minimize_scalar(
            lambda dm2, value=value: float(likelihood(sin2_2theta=value, dm2=dm2)), bounds=around, method="bounded"
        )
        assert found[i] == pytest.approx(least.fun, abs=PRECISE)
    assert np.all((best["dm2"] >= ends[0]) & (best["dm2"] <= ends[1]))


def test_points_are_independent(counting: Experiment) -> None:
    down = [-0.1, 0.2]
    together = intervals("nsi", counting, "eps_ee_uV", profiled=["eps_mumu_uV"], eps_ee_dV=down)
    for one, value in zip(together, down, strict=True):
        (alone,) = intervals("nsi", counting, "eps_ee_uV", profiled=["eps_mumu_uV"], eps_ee_dV=value)
        assert np.ravel(one.intervals) == pytest.approx(np.ravel(alone.intervals), rel=1e-6)
        assert one.chi2_min == pytest.approx(alone.chi2_min, abs=PRECISE)


def test_a_limit_with_another_coupling_profiled(csi: Experiment) -> None:
    """It is weaker than with the other coupling held, and at the level of its own minimum."""
    model = cevns.model("b-l") + NonStandardInteractions()
    profiled = {"eps_ee_uV": (-0.1, 0.1)}
    (found,) = limits(model, csi, profiled=profiled, mass=10.0, cl=0.90, dof=1)
    (held,) = limits(model, csi, mass=10.0, cl=0.90, dof=1)
    assert found.upper_limit > held.upper_limit
    other = np.linspace(-0.1, 0.1, 401)
    at_limit = Likelihood(model, csi)(g=found.upper_limit, mass=10.0, eps_ee_uV=other).min()
    assert at_limit == pytest.approx(found.chi2_min + LEVEL_90, abs=1e-3)
    assert -0.1 <= found.profiled["eps_ee_uV"] <= 0.1


@pytest.mark.parametrize(
    ("model", "name", "profiled", "fixed", "message"),
    [
        ("nsi", "eps_ee_uV", ["eps_ee_uV"], {}, "profiled: got 'eps_ee_uV'; allowed: parameters other than the one"),
        (
            "nsi",
            "eps_ee_uV",
            ["eps_mumu_uV"],
            {"eps_mumu_uV": 0.1},
            "eps_mumu_uV: got 0.1; allowed: no value: it is pr",
        ),
        ("nsi", "eps_ee_uV", ["eps"], {}, "parameter: got 'eps'; allowed: one of: eps_ee_uV, "),
        (
            "nsi",
            "eps_ee_uV",
            ["eps_emu_uV"] * 2,
            {},
            "profiled: .*; allowed: a list of at most 3 parameters, each once",
        ),
        ("nsi", "eps_ee_uV", "eps_emu_uV", {}, "profiled: got 'eps_emu_uV'; allowed: a list of at most 3"),
        ("nsi", "eps_ee_uV", {"eps_emu_uV": (1.0, 0.0)}, {}, "profiled: .*; allowed: the lower and the upper end"),
        ("nsi", "eps_ee_uV", {"eps_emu_uV": 1.0}, {}, "profiled: .*; allowed: the lower and the upper end of a range"),
        ("nsi", "eps_ee_uV", {"eps_emu_uV": (0.0, np.inf)}, {}, "eps_emu_uV: got inf; allowed: finite numbers"),
        ("sterile", "sin2_2theta_ee", {"dm2": (-1.0, 1.0)}, {}, "dm2: got -1.0; allowed: finite numbers from 0"),
        ("sterile", "sin2_2theta_ee", ["dm2"], {}, "profiled: got 'dm2'; allowed: a range to search, {'dm2': "),
        ("b-l", "g", ["mass"], {}, "profiled: got 'mass'; allowed: a range to search"),
    ],
)
def test_wrong_input(
    model: str, name: str, profiled: Profiled, fixed: Mapping[str, float], message: str, counting: Experiment
) -> None:
    with pytest.raises(InputError, match=message):
        intervals(model, counting, name, profiled=profiled, **fixed)


def test_a_profiled_parameter_without_effect(counting: Experiment) -> None:
    with pytest.raises(NumericalError, match=r"no value of eps_tautau_uV up to 1e.08 changes the counts of nsi"):
        intervals("nsi", counting, "eps_ee_uV", profiled=["eps_tautau_uV"])
