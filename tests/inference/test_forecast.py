from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cevns
from cevns import InputError, LimitResult, Throws
from cevns.inference import Setup, muon_band
from cevns.interactions.muon_moment import muon_moment_couplings
from cevns.results import ForecastResult, MuonBandResult

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


def limit(mass: float, *crossings: float) -> LimitResult:
    return LimitResult(
        "lmu-ltau", ("x",), "g", mass, 0.9, 2, 4.6, crossings[0], crossings[-1], crossings, 0.0, 0.0, 1, "1"
    )


def test_muon_band_by_hand() -> None:
    """Excluded: all, the upper half, none, and half in the middle of it because of a second allowed region."""
    masses = np.array([1.0, 10.0, 100.0, 1000.0])
    low, high = muon_moment_couplings(masses, "2021", "vector", sigmas=1.0)
    at = [(lambda f, i=i: float(low[i] + f * (high[i] - low[i]))) for i in range(4)]
    limits = [
        limit(1.0, at[0](-0.1)),
        limit(10.0, at[1](0.5)),
        limit(100.0, at[2](1.5)),
        limit(1000.0, at[3](0.25), at[3](0.75), at[3](1.25)),
    ]
    found = muon_band(limits[::-1], "lmu-ltau", "2021", sigmas=1.0)
    assert found.masses == tuple(masses)
    assert found.fractions == pytest.approx((1.0, 0.5, 0.0, 0.5))
    assert found.fraction == pytest.approx(0.5)
    assert found.whole_band == found.lower_edge == ((1.0, 1.0),)
    assert MuonBandResult.from_dict(json.loads(found.to_json())) == found
    assert "excluded             50 %  (90 % CL, 2 dof)" in str(found)


def test_band_with_no_tension_has_no_lower_edge_to_exclude() -> None:
    found = muon_band([limit(1.0, 1e-9), limit(10.0, 1e-9)], "lmu-ltau", "2025")
    assert found.lower_edge == ()
    assert found.fraction == pytest.approx(1.0, abs=1e-4)


def test_muon_charge_scales_the_band() -> None:
    """Muons couple with 3 g in B - 3 L_mu: the band is at a third of the coupling."""
    edge = float(muon_moment_couplings(np.array(10.0), "2021", "vector")[0])
    assert muon_band([limit(10.0, 0.34 * edge)], "b-3lmu", "2021").lower_edge == ()
    assert muon_band([limit(10.0, 0.33 * edge)], "b-3lmu", "2021").lower_edge == ((10.0, 10.0),)


@pytest.mark.parametrize(
    ("model", "band", "message"),
    [
        ("b-3le", "2021", "model: got 'b-3le'; allowed: a model with one mediator that couples to muons"),
        ("lmu-ltau", "2023", "band: got '2023'; allowed: '2021', '2025'|one of: 2021, 2025"),
    ],
)
def test_wrong_band(model: str, band: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        muon_band([limit(1.0, 1e-3)], model, band)


def test_no_limits_for_a_band() -> None:
    with pytest.raises(InputError, match="limits"):
        muon_band([], "lmu-ltau", "2021")


def test_directories_are_experiments_too(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="experiment: got"):
        cevns.forecast("b-l", tmp_path, **AT)
