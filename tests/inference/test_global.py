"""All shipped data sets in one likelihood, with what they share."""

from __future__ import annotations

import numpy as np
import pytest

import cevns
from cevns import Experiment, Likelihood
from cevns.experiments import experiment_names
from cevns.interactions import Model, NeutronRadius, NonStandardInteractions, StandardModel

DATA = (
    "coherent-csi-2021",
    "coherent-lar-2020",
    "dresden-ii",
    "conus-plus",
    "xenonnt-er-2022",
    "lz-er",
    "lz-er-2024",
)
COMMON = {
    "sns_flux": ("coherent-csi-2021", "coherent-lar-2020"),
    "reactor_spectrum": ("dresden-ii", "conus-plus"),
    "solar_flux": ("xenonnt-er-2022", "lz-er", "lz-er-2024"),
}
ROUNDING = 1e-8
CHARGES = np.array([0.0, 3e-13, -1e-12, 1e-9])
"""From the Standard Model to what only COHERENT does not exclude."""


@pytest.fixture(scope="module")
def everything() -> dict[str, Experiment]:
    return {name: cevns.experiment(name) for name in DATA}


def test_joint_is_the_sum_where_nothing_is_shared(everything: dict[str, Experiment]) -> None:
    joint = Likelihood("millicharge", list(everything.values()))
    parts = [Likelihood("millicharge", one) for one in everything.values()]
    assert joint.ndata == sum(part.ndata for part in parts)
    assert sorted(joint.pulls) == sorted(name for part in parts for name in part.pulls)
    expected = sum(part(q_nue=CHARGES) for part in parts)
    assert joint(q_nue=CHARGES) == pytest.approx(expected, rel=1e-10, abs=ROUNDING)


@pytest.mark.parametrize("name", COMMON)
def test_what_is_shared_is_one_pull(everything: dict[str, Experiment], name: str) -> None:
    """It is in all that have it and in no other: chi^2 of these alone depends on whether it is shared."""
    among = [everything[one] for one in COMMON[name]]
    apart, together = (Likelihood("millicharge", among, shared=shared) for shared in ((), (name,)))
    assert together.pulls.count(name) == 1
    assert [group for group, _ in together.groups] == [tuple(range(len(among)))]
    assert np.abs(together(q_nue=CHARGES) - apart(q_nue=CHARGES)).max() > 1e-3
    for shared in ((), (name,)):
        whole = Likelihood("millicharge", list(everything.values()), shared=shared)(q_nue=CHARGES)
        others = [one for key, one in everything.items() if key not in COMMON[name]]
        rest = Likelihood("millicharge", others)(q_nue=CHARGES)
        assert whole == pytest.approx(rest + (together if shared else apart)(q_nue=CHARGES), rel=1e-10, abs=ROUNDING)


def test_order_does_not_matter(everything: dict[str, Experiment]) -> None:
    rng = np.random.default_rng(5)
    expected = Likelihood("millicharge", list(everything.values()), shared=list(COMMON))
    order = rng.permutation(len(DATA)).tolist()
    other = Likelihood("millicharge", [everything[DATA[k]] for k in order], shared=list(COMMON)[::-1])
    ours, theirs = expected.profiled(q_nue=CHARGES), other.profiled(q_nue=CHARGES)
    assert ours.chi2 == pytest.approx(theirs.chi2, rel=1e-10, abs=ROUNDING)
    assert ours.pulls.keys() == theirs.pulls.keys()
    for name in ("sns_flux", "reactor_spectrum", "solar_flux"):
        # At the charge that cancels whole signals chi^2 hardly knows what the shares of a cancelled signal are.
        assert ours.pulls[name][:3] == pytest.approx(theirs.pulls[name][:3], abs=1e-5)


@pytest.mark.parametrize("name", DATA)
def test_each_experiment_alone_and_with_the_others(everything: dict[str, Experiment], name: str) -> None:
    """Its signal is its own, and chi^2 of the Standard Model is made of what each costs, but for the shared pulls."""
    joint = Likelihood("millicharge", list(everything.values()), shared=list(COMMON))
    rest = Likelihood("millicharge", [one for key, one in everything.items() if key != name], shared=list(COMMON))
    alone = Likelihood("millicharge", everything[name])
    signal, predicted = (
        joint.signals(q_nue=3e-13)[DATA.index(name)],
        everything[name].predict("millicharge", q_nue=3e-13),
    )
    expected = sum(getattr(predicted, part) for part in everything[name].parts)
    assert signal == pytest.approx(expected.ravel(), rel=1e-9)
    # A shared pull of one sigma is paid once, or by each.
    assert float(joint(q_nue=0.0)) == pytest.approx(float(rest(q_nue=0.0)) + float(alone(q_nue=0.0)), abs=1.0)
    assert joint.ndata == rest.ndata + alone.ndata


def test_interval_is_within_that_of_the_most_sensitive(everything: dict[str, Experiment]) -> None:
    (joint,) = cevns.intervals("millicharge", list(everything.values()), "q_nue", shared=list(COMMON))
    (best,) = cevns.intervals("millicharge", everything["lz-er-2024"], "q_nue")
    ((low, high),), ((low_alone, high_alone),) = joint.intervals, best.intervals
    assert high - low < high_alone - low_alone


def test_forecasts_with_germanium_have_its_quenching_in_common() -> None:
    """Pulls of one name are one pull; data with another model of the quenching have none of that name."""
    names = ("ge-sns", "conus-like", "nugen-like", "dresden-ii", "conus-plus")
    joint = Likelihood("sm", [cevns.experiment(name) for name in names])
    assert [group for group, _ in joint.groups] == [(0, 1, 2), (3,), (4,)]
    assert joint.pulls.count("ge_quenching") == 1


def test_everything_that_is_shipped_fits_together() -> None:
    """No pull of an experiment bears by accident the name of another one with another meaning, width or range."""
    detectors = [name for name in experiment_names() if not name.startswith("coherent-csi-2017")]
    joint = Likelihood("sm", [cevns.experiment(name) for name in detectors], shared=list(COMMON))
    linked = {tuple(detectors[i] for i in group) for group, _ in joint.groups if len(group) > 1}
    sources = {frozenset(cevns.experiment(one).config.source.kind for one in group) for group in linked}
    assert sources == {frozenset({"sun"}), frozenset({"pion-decay-at-rest", "reactor"})}
    assert np.isfinite(joint())


def test_reactors_do_not_know_the_radius_of_caesium_and_iodine() -> None:
    """They tell a coupling that CsI trades for the radius: the valley of CsI in the plane of both closes."""
    model = Model("radius and nsi", (StandardModel(), NeutronRadius(), NonStandardInteractions()))
    csi, *reactors = (cevns.experiment(name) for name in ("coherent-csi-2021", "dresden-ii", "conus-plus"))
    point = {"eps_ee_uV": -0.1}
    assert np.ptp(Likelihood(model, reactors)(R_n=[4.0, 5.0, 7.0], **point)) == 0.0
    ranges = {"R_n": (3.0, 9.0), "eps_ee_uV": (-0.4, 0.2)}
    alone, joint = (cevns.region(model, some, "R_n", "eps_ee_uV", ranges=ranges) for some in (csi, [csi, *reactors]))
    assert alone.mask(6.3, -0.1)
    assert not joint.mask(6.3, -0.1)
    assert joint.mask(5.1, 0.0)
    assert joint.area < 0.6 * alone.area
