from __future__ import annotations

import numpy as np
import pytest

import cevns
from cevns import Experiment, InputError, Likelihood, NumericalError
from cevns.inference import confidence_level, coupling_limits, delta_chi2
from tests.statistics.by_hand import MEDIATORS

CSI, LAR = "coherent-csi-2021", "coherent-lar-2020"
# chi^2 at a crossing, from the accuracy of the root in the coupling.
ACCURACY = 1e-6


@pytest.mark.parametrize(
    ("cl", "dof", "expected"),
    [
        (0.9545, 2, 6.18),
        (0.90, 1, 2.71),
        (0.90, 2, 4.61),
        (0.6827, 1, 1.00),
        (0.9545, 1, 4.00),
        (0.6827, 2, 2.30),
        (0.95, 3, 7.81),
    ],
)
def test_rise_of_chi2(cl: float, dof: int, expected: float) -> None:
    """The table of the Review of Particle Physics."""
    assert delta_chi2(cl, dof) == pytest.approx(expected, abs=0.005)
    assert confidence_level(delta_chi2(cl, dof), dof) == pytest.approx(cl, rel=1e-12)


@pytest.mark.parametrize("cl", [0, 1, -1, 95.45, float("nan"), float("inf")])
def test_wrong_confidence_level(csi: Experiment, cl: float) -> None:
    with pytest.raises(InputError, match=r"cl: got .*; allowed: a number between 0 and 1"):
        cevns.limits("b-l", csi, mass=10.0, cl=cl)


@pytest.mark.parametrize("dof", [0, -1, float("nan")])
def test_wrong_degrees_of_freedom(csi: Experiment, dof: int) -> None:
    with pytest.raises(InputError, match=r"dof: got .*; allowed: a positive integer"):
        cevns.limits("b-l", csi, mass=10.0, dof=dof)


@pytest.mark.parametrize(
    ("model", "names"),
    [*((model, [CSI]) for model in MEDIATORS), *((model, [CSI, LAR]) for model in ("universal", "lmu-ltau", "scalar"))],
)
def test_crossings_are_at_the_level(model: str, names: list[str]) -> None:
    experiments = [cevns.experiment(name) for name in names]
    likelihood = Likelihood(model, experiments)
    for limit in cevns.limits(model, experiments, mass=[0.0, 0.1, 30.0, 1e3, 1e5]):
        crossings = np.array(limit.crossings)
        chi2 = likelihood(g=crossings, mass=limit.mass_MeV)
        assert chi2 == pytest.approx(limit.chi2_min + limit.delta_chi2, abs=ACCURACY)
        assert np.all(np.diff(crossings) > 0.0)
        assert limit.upper_limit in limit.crossings
        assert limit.outer_limit == crossings[-1]
        assert limit.upper_limit <= limit.outer_limit
        # Just beyond the first limit couplings are excluded, just below they are not; beyond the last all are.
        around = likelihood(g=limit.upper_limit * np.array([1 - 1e-4, 1 + 1e-4]), mass=limit.mass_MeV)
        assert around[0] < limit.chi2_min + limit.delta_chi2 < around[1]
        beyond = likelihood(g=limit.outer_limit * np.geomspace(1 + 1e-6, 1e3, 100), mass=limit.mass_MeV)
        assert np.all(beyond > limit.chi2_min + limit.delta_chi2)
        assert limit.ndata == likelihood.ndata


@pytest.mark.parametrize("model", ["universal", "by+lmu+ltau", "lmu-ltau"])
@pytest.mark.parametrize("mass", [0.01, 10.0, 50.0, 300.0, 1e4])
def test_every_crossing_is_found(csi: Experiment, model: str, mass: float) -> None:
    """Against the sign changes of a scan with steps of 0.1 %."""
    (limit,) = cevns.limits(model, csi, mass=mass)
    couplings = limit.outer_limit * np.geomspace(0.1, 2.0, 3000)
    chi2 = Likelihood(model, csi)(g=couplings, mass=mass)
    above = chi2 > chi2.min() + limit.delta_chi2
    steps = np.flatnonzero(above[1:] != above[:-1])
    assert len(steps) == len(limit.crossings)
    assert np.all(couplings[steps] <= np.array(limit.crossings) * (1 + 1e-3))
    assert np.all(couplings[steps + 1] >= np.array(limit.crossings) * (1 - 1e-3))


@pytest.mark.parametrize("model", ["universal", "lmu-ltau"])
def test_destructive_interference_leaves_a_second_region(csi: Experiment, model: str) -> None:
    """A heavy mediator that cancels twice the Standard Model gives the same counts: three crossings."""
    light, heavy = cevns.limits(model, csi, mass=[0.01, 1e4])
    assert len(light.crossings) == 1
    assert len(heavy.crossings) == 3
    assert heavy.upper_limit == heavy.crossings[0] < heavy.outer_limit == heavy.crossings[2]
    between = np.sqrt(heavy.crossings[1] * heavy.crossings[2])
    assert Likelihood(model, csi)(g=between, mass=1e4) < heavy.chi2_min + heavy.delta_chi2


@pytest.mark.parametrize(
    ("model", "names", "mass"),
    [
        ("universal", [CSI], 100.0),
        ("universal", [CSI, LAR], 562.341325190349),
        ("by+lmu+ltau", [CSI, LAR], 1000.0),
        ("lmu-ltau", [CSI, LAR], 316.2277660168379),
    ],
)
def test_best_fit_in_the_narrower_of_two_regions(model: str, names: list[str], mass: float) -> None:
    """Points at which the second region, a few per cent wide, holds the smaller chi^2."""
    experiments = [cevns.experiment(name) for name in names]
    (limit,) = cevns.limits(model, experiments, mass=mass)
    couplings = limit.outer_limit * np.geomspace(0.5, 1.0, 300)
    assert limit.chi2_min <= Likelihood(model, experiments)(g=couplings, mass=mass).min() + ACCURACY


@pytest.mark.parametrize("model", MEDIATORS)
def test_best_fit_is_a_minimum(csi: Experiment, lar: Experiment, model: str) -> None:
    likelihood = Likelihood(model, [csi, lar])
    for limit in cevns.limits(model, [csi, lar], mass=[0.1, 30.0, 1e4]):
        assert likelihood(g=limit.best_fit, mass=limit.mass_MeV) == pytest.approx(limit.chi2_min, abs=ACCURACY)
        step = 1e-2 * limit.upper_limit
        near = likelihood(g=np.maximum(limit.best_fit + np.array([-step, step]), 0.0), mass=limit.mass_MeV)
        assert np.all(near >= limit.chi2_min - ACCURACY)
        assert limit.chi2_min <= likelihood(g=0.0, mass=limit.mass_MeV) + ACCURACY


def test_arrays_are_the_points_one_by_one(csi: Experiment, lar: Experiment) -> None:
    masses = np.geomspace(1e-2, 1e4, 5)
    together = cevns.limits("universal", [csi, lar], mass=masses)
    assert [limit.mass_MeV for limit in together] == masses.tolist()
    for limit in together:
        (alone,) = cevns.limits("universal", [csi, lar], mass=limit.mass_MeV)
        assert limit.crossings == pytest.approx(alone.crossings, rel=1e-8)
        assert limit.chi2_min == pytest.approx(alone.chi2_min, abs=1e-8)


def test_order_of_flattened_arrays(csi: Experiment) -> None:
    limits = cevns.limits("b-l", csi, mass=[[1.0, 2.0], [3.0, 4.0]])
    assert [limit.mass_MeV for limit in limits] == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize("model", MEDIATORS)
def test_heavy_mediator_is_a_contact_interaction(csi: Experiment, model: str) -> None:
    """Only g/M counts once M^2 is far above q^2: corrections are of order q^2/M^2 < 1e-4 at 10 GeV."""
    limits = cevns.limits(model, csi, mass=[1e4, 1e6])
    ratios = [limit.upper_limit / limit.mass_MeV for limit in limits]
    assert ratios[1] == pytest.approx(ratios[0], rel=1e-4)
    assert limits[0].contact_limit == pytest.approx(1e3 * ratios[0], rel=1e-12)


@pytest.mark.parametrize("model", ["b-l", "scalar"])
def test_massless_mediator_is_the_limit_of_a_light_one(csi: Experiment, model: str) -> None:
    """Only q^2 counts once M^2 is far below it, q being some 10 MeV."""
    massless, light = cevns.limits(model, csi, mass=[0.0, 1e-3])
    assert light.upper_limit == pytest.approx(massless.upper_limit, rel=1e-6)
    assert massless.contact_limit is None


@pytest.mark.parametrize("model", ["b-l", "universal", "lmu-ltau", "scalar"])
def test_higher_confidence_means_a_weaker_limit(csi: Experiment, model: str) -> None:
    for mass in (0.1, 1e4):
        limits = [cevns.limits(model, csi, mass=mass, cl=cl)[0] for cl in (0.68, 0.90, 0.9545, 0.99)]
        for weaker, stronger in zip(limits[1:], limits[:-1], strict=True):
            assert weaker.upper_limit > stronger.upper_limit
            assert weaker.outer_limit > stronger.outer_limit
            assert weaker.chi2_min == stronger.chi2_min


def test_more_data_limit_more(csi: Experiment, lar: Experiment) -> None:
    """B-L: both experiments agree with the Standard Model, so that together they exclude more than either."""
    apart = [cevns.limits("b-l", e, mass=10.0)[0].upper_limit for e in (csi, lar)]
    assert cevns.limits("b-l", [csi, lar], mass=10.0)[0].upper_limit < min(apart)


def test_sharing_the_flux_matters_little_but_does(csi: Experiment, lar: Experiment) -> None:
    own, shared = (
        cevns.limits("b-l", [csi, lar], mass=10.0, shared=parts)[0].upper_limit for parts in ((), ("sns_flux",))
    )
    assert own != pytest.approx(shared, rel=1e-4)
    assert own == pytest.approx(shared, rel=0.1)


def test_scalar_limit_scales_with_the_nucleon_factor(csi: Experiment) -> None:
    """The rate is g^4 f^2: four times the factor, half the coupling."""
    reference = cevns.limits("scalar", csi, mass=10.0)[0].upper_limit
    stronger = cevns.LightScalar(proton_factor=4 * 17.3, neutron_factor=4 * 17.3)
    assert cevns.limits(stronger, csi, mass=10.0)[0].upper_limit == pytest.approx(reference / 2.0, rel=1e-6)


def test_limits_come_from_a_likelihood_too(csi: Experiment) -> None:
    limits = coupling_limits(Likelihood("b-l", csi), cl=0.9, dof=1, mass=10.0)
    assert limits == cevns.limits("b-l", csi, cl=0.9, dof=1, mass=10.0)


def test_no_limit_where_chi2_saturates(csi: Experiment) -> None:
    """A constraint of 12 % on the signal costs at most (1/0.12)^2 and what backgrounds leave: chi^2 has a ceiling."""
    loose = [{"name": "norm", "component": "cevns", "sigma": 10.0}]
    experiment = cevns.experiment("coherent-csi-2021", overrides={"nuisances": loose})
    with pytest.raises(
        NumericalError, match=r"no upper limit on g of b-l at mass = 10: chi\^2 rises by only \S+, less"
    ):
        cevns.limits("b-l", experiment, mass=10.0, cl=1 - 1e-16, dof=100)
    assert cevns.limits("b-l", csi, mass=10.0, cl=1 - 1e-16)[0].upper_limit > 1e-4


@pytest.mark.parametrize(
    ("fixed", "field", "allowed"),
    [
        ({"mass": 10.0, "g": 1e-5}, "g", "no value"),
        ({"mass": 10.0, "charge": 1.0}, "parameter", "one of: g, mass"),
        ({}, "mass", "a value of this parameter"),
        ({"mass": -1.0}, "mass", "from 0 to inf [MeV]"),
        ({"mass": [1.0, float("nan")]}, "mass", "finite numbers"),
        ({"mass": float("inf")}, "mass", "finite numbers"),
        ({"mass": "heavy"}, "mass", "finite numbers"),
    ],
)
def test_wrong_parameters(csi: Experiment, fixed: dict[str, object], field: str, allowed: str) -> None:
    with pytest.raises(InputError) as caught:
        cevns.limits("b-l", csi, **fixed)
    assert caught.value.field == field
    assert allowed in caught.value.allowed


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("sm", "none"),
        (cevns.LightVector({"B": 1, "e": 1}, separate_couplings=True), "g_nu, g_q"),
        (cevns.model("b-l") + cevns.LightScalar(label="phi"), "g, g_phi"),
    ],
)
def test_model_without_one_coupling(csi: Experiment, model: object, found: str) -> None:
    with pytest.raises(InputError, match=rf"a model with one coupling \(this one has: {found}\)"):
        cevns.limits(model, csi, mass=10.0)


def test_no_masses(csi: Experiment) -> None:
    with pytest.raises(InputError, match=r"mass: got \[\]; allowed: at least one value"):
        cevns.limits("b-l", csi, mass=[])
