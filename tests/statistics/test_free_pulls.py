"""Backgrounds without a constraint: against linear algebra, MINUIT and wide constraints, and where they are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

import cevns
from cevns import Experiment, InputError, NumericalError, Throws
from cevns.statistics import Measurement, Poisson, measurement, profile
from tests.experiments.test_steady import make

FREE = [
    {"name": "flux", "component": "neutrinos", "sigma": 0.03},
    {"name": "level", "component": "flat"},
]
POISSON = {"statistic": {"kind": "poisson"}}
CSI = "coherent-csi-2021"


def csi_with(*names: str, sigma: float | None = None) -> Experiment:
    """CsI with some of its backgrounds free, or with a width of their constraint in place of theirs."""
    pulls = [pull.model_dump(exclude_unset=True) for pull in cevns.experiment(CSI).config.nuisances]
    for pull in pulls:
        if pull["component"] in names:
            pull.pop("sigma")
            if sigma:
                pull["sigma"] = sigma
    return cevns.experiment(CSI, {"nuisances": pulls})


def test_the_best_level_is_that_of_linear_least_squares(tmp_path: Path) -> None:
    """Also where it is negative: the data are below the signal."""
    one = make(tmp_path, nuisances=FREE[1:])
    expected = one.predict("sm").cevns.ravel()
    left = one.observed.ravel() - expected
    level = left.mean() / 5.0 - 1.0
    found = cevns.Likelihood("sm", one).profiled()
    assert level < -1.0
    assert found.pulls["level"] == pytest.approx(level, rel=1e-10)
    assert found.chi2 == pytest.approx(np.sum(((left - left.mean()) / 3.0) ** 2), rel=1e-10)


def test_free_is_the_limit_of_a_wide_constraint() -> None:
    free, wide = (csi_with("steady_state", "beam_neutrons", sigma=sigma) for sigma in (None, 1e5))
    points = {"g": np.array([0.0, 3e-5, 1e-4, 1.0]), "mass": 10.0}
    assert cevns.Likelihood("b-l", free)(**points) == pytest.approx(cevns.Likelihood("b-l", wide)(**points), abs=1e-6)


def test_minuit_finds_the_same_minimum() -> None:
    free = csi_with("steady_state", "beam_neutrons")
    fit = cevns.fit("sm", free)
    best = cevns.Likelihood("sm", free).profiled()
    assert fit.chi2 == pytest.approx(float(best.chi2), abs=1e-4)
    assert fit.chi2 < float(cevns.Likelihood("sm", cevns.experiment(CSI))()) + 1e-9


def test_a_free_pull_of_two_experiments_is_one(tmp_path: Path) -> None:
    """The same data twice, one of them with another error."""
    both = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        both.append(make(tmp_path / name, nuisances=FREE[1:], name=name))
    likelihood = cevns.Likelihood("sm", both)
    assert likelihood.pulls == ("level",)
    single, joint = cevns.Likelihood("sm", both[0]).profiled(), likelihood.profiled()
    assert joint.pulls["level"] == pytest.approx(single.pulls["level"], rel=1e-10)
    assert joint.chi2 == pytest.approx(2.0 * single.chi2, rel=1e-10)


def test_toys_have_one_degree_of_freedom_less(tmp_path: Path) -> None:
    """Five bins, -2 to 2 with errors of 3, and hardly any signal: chi^2 is 10/9 with four degrees of freedom."""
    source = {"kind": "table", "file": "flux.csv", "live_time": "1 us"}
    one = make(tmp_path, nuisances=FREE, source=source)
    (fit,) = cevns.goodness_of_fit("sm", one, throws=Throws(toys=2000, seed=1))
    assert abs(fit.p_value - chi2.sf(10.0 / 9.0, 4)) < 4.0 * fit.p_error


def test_a_limit_is_weaker_without_the_constraint() -> None:
    found = [
        cevns.limits("b-l", one, mass=10.0)[0].upper_limit for one in (cevns.experiment(CSI), csi_with("steady_state"))
    ]
    assert found[0] < found[1] < 1.2 * found[0]


@pytest.mark.parametrize(
    "pulls",
    [
        [{"name": "a", "component": "flat"}, {"name": "b", "component": "flat"}],
        [{"name": "a", "component": "flat"}, {"name": "b", "component": "flat", "shape": "flat"}],
    ],
)
def test_pulls_that_do_the_same_are_refused(tmp_path: Path, pulls: Sequence[dict[str, str]]) -> None:
    with pytest.raises(InputError, match=r"nuisances \(a, b\).*do not tell these pulls apart"):
        cevns.Likelihood("sm", make(tmp_path, nuisances=pulls)).profiled()


@pytest.mark.parametrize("component", ["cevns", "neutrinos"])
def test_the_signal_is_never_free(tmp_path: Path, component: str) -> None:
    with pytest.raises(InputError, match=r"nuisances\.size\.sigma.*only backgrounds may be free"):
        make(tmp_path, nuisances=[{"name": "size", "component": component}])


def test_posteriors_need_a_prior_for_each_pull(tmp_path: Path) -> None:
    pytest.importorskip("emcee", reason="needs emcee, which the extra cevns[bayes] installs")
    one = make(tmp_path, nuisances=FREE)
    with pytest.raises(InputError, match=r"nuisances\.level\.sigma.*profiled"):
        cevns.posterior("b-l", one, priors={"g": "uniform:0:1e-4"}, mass=1.0)


def test_pyhf_needs_a_constraint() -> None:
    pytest.importorskip("pyhf", reason="needs pyhf, which the extra cevns[pyhf] installs")
    from cevns.io.pyhf import workspace

    with pytest.raises(InputError, match=r"csi_steady_state'; allowed: for pyhf: pulls with a sigma"):
        workspace(cevns.Likelihood("sm", csi_with("steady_state")))


def test_data_that_say_nothing_are_reported() -> None:
    """No counts where a free background is: Poisson's chi^2 has no curvature there."""
    one = csi_with("steady_state")
    data: Measurement = measurement(one)
    empty = replace(data, statistic=Poisson(np.zeros_like(data.statistic.observed)))
    signal = cevns.Likelihood("sm", one).signals()[0].ravel()
    with pytest.raises(NumericalError, match="no constraint"):
        profile(empty, signal[None])
