from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import cevns
from cevns import InputError, Throws
from cevns.inference import Setup
from cevns.interactions import Model, NuclearAxial, model
from cevns.results import ForecastResult

XENON = "xe-ess"
AT = {"mass": 100.0}


def test_one_forecast_is_the_limit_from_asimov_data() -> None:
    (found,) = cevns.forecast("b-l", XENON, **AT)
    (limit,) = cevns.limits("b-l", cevns.experiment(XENON), cl=0.90, dof=2, **AT)
    assert isinstance(found, ForecastResult)
    assert found.crossings == limit.crossings
    assert (found.asimov, found.varied, found.expected) == ((XENON,), {}, {})
    assert ForecastResult.from_json(found.to_json()) == found


def test_every_combination_in_order() -> None:
    vary = {"exposure": [1, 4], "target.mass": ["20 kg", "40 kg"]}
    found = cevns.forecast("b-l", XENON, vary=vary, mass=[10.0, 100.0])
    assert [(one.varied["exposure"], one.varied["target.mass"], one.mass_MeV) for one in found] == [
        (exposure, mass, mediator) for exposure in (1, 4) for mass in ("20 kg", "40 kg") for mediator in (10.0, 100.0)
    ]
    for one in found:
        overrides = {"exposure": one.varied["exposure"], "target.mass": one.varied["target.mass"]}
        (limit,) = cevns.limits("b-l", cevns.experiment(XENON, overrides), cl=0.90, dof=2, mass=one.mass_MeV)
        assert one.upper_limit == pytest.approx(limit.upper_limit)


def test_without_systematics_limits_go_as_a_root_of_the_exposure() -> None:
    """chi^2 of Asimov data is proportional to the exposure and, for small g^2, quadratic in it."""
    bare = Setup(XENON, {"nuisances": []})
    found = cevns.forecast("b-l", bare, vary={"exposure": [100, 1600]}, **AT)
    assert found[0].upper_limit / found[1].upper_limit == pytest.approx(2.0, rel=0.01)


def test_better_knowledge_of_the_flux_helps() -> None:
    found = cevns.forecast("b-l", XENON, vary={"nuisances.xe_ess_flux.sigma": [0.10, 0.05, 0.02]}, **AT)
    limits = [one.upper_limit for one in found]
    assert limits == sorted(limits, reverse=True)
    assert limits[0] > 1.01 * limits[-1]


def test_a_key_of_one_experiment() -> None:
    both = [XENON, "coherent-csi-2021"]
    found = cevns.forecast("b-l", both, vary={f"{XENON}:exposure": [1, 10]}, each=True, **AT)
    assert [one.experiments for one in found] == [(XENON,), ("coherent-csi-2021",), tuple(both)] * 2
    assert [one.asimov for one in found[:3]] == [(XENON,), (), (XENON,)]
    measured = [one.upper_limit for one in found if not one.asimov]
    assert (
        measured[0]
        == measured[1]
        == cevns.limits("b-l", cevns.experiment(both[1]), cl=0.90, dof=2, **AT)[0].upper_limit
    )
    assert found[5].upper_limit < found[2].upper_limit


def test_asimov_data_in_place_of_measured_ones() -> None:
    (found,) = cevns.forecast("b-l", "coherent-csi-2021", asimov=True, vary={"exposure": [3]}, **AT)
    assert found.asimov == ("coherent-csi-2021",)
    assert found.chi2_min == pytest.approx(0.0, abs=1e-8)


def test_asimov_data_have_the_weak_couplings_of_the_model() -> None:
    tree = cevns.model("b-l", couplings="tree")
    (found,) = cevns.forecast(tree, XENON, **AT)
    assert found.chi2_min == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize(
    "chosen",
    [
        replace(model("b-l"), keep_T_over_E=False),
        model("b-l") + NuclearAxial(),
        Model("the other way round", model("b-l").interactions[::-1]),
    ],
    ids=lambda chosen: chosen.name,
)
def test_asimov_data_are_fitted_exactly_by_the_model_without_new_physics(chosen: Model) -> None:
    """Whatever belongs to its Standard Model: 700 kg would see the part T/E of the cross section, chi^2 = 0.006."""
    (found,) = cevns.forecast(chosen, "coh-cryo-csi-2", mass=10.0)
    assert found.chi2_min == pytest.approx(0.0, abs=1e-9)


def test_asimov_data_need_the_standard_model() -> None:
    alone = Model("vector alone", model("b-l").interactions[1:])
    with pytest.raises(InputError, match="model: got 'vector alone'; allowed: a model with the Standard Model in it"):
        cevns.forecast(alone, XENON, **AT)


def test_bands_from_pseudo_data() -> None:
    """The median is near the limit from Asimov data, and within its bands."""
    (found,) = cevns.forecast("b-l", XENON, cl=0.90, dof=1, throws=Throws(toys=60, chunk=60), **AT)
    one, two = found.expected["bands"]
    assert two[0] < one[0] < found.expected["median"] < one[1] < two[1]
    assert ("median", f"{found.expected['median']:.4g}") in found.lines()
    assert one[0] < found.upper_limit < one[1]


@pytest.mark.parametrize(
    ("experiments", "settings", "message"),
    [
        (XENON, {"vary": {"exposures": [1]}}, "exposures: got 1; allowed: one of: "),
        (
            XENON,
            {"vary": {"ge-sns:exposure": [1]}},
            f"vary: got 'ge-sns:exposure'; allowed: KEY, or NAME:KEY with one of {XENON}",
        ),
        ("coherent-csi-2021", {"vary": {"target.mass": ["20 kg"]}}, r"vary: got 'target\.mass'; allowed: Asimov data"),
        (XENON, {"throws": Throws(toys=5), "profiled": ["R_n"]}, "profiled: got .*; allowed: nothing with pseudo-data"),
        ("coh-cryo-csi-9", {}, "experiment: got 'coh-cryo-csi-9'"),
        (cevns.experiment(XENON), {}, "experiments: got <Experiment xe-ess: .*>; allowed: names or directories"),
        ([cevns.experiment(XENON)], {}, "experiments: got <Experiment xe-ess: .*>; allowed: names or directories"),
    ],
)
def test_wrong_input(experiments: Any, settings: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cevns.forecast("b-l", experiments, **AT, **settings)


def test_directories_are_experiments_too(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="experiment: got"):
        cevns.forecast("b-l", tmp_path, **AT)
