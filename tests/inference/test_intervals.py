from __future__ import annotations

import json
import math

import numpy as np
import pytest

import cevns
from benchmarks import minos
from cevns import Experiment, IntervalResult, Likelihood, Model, StandardModel
from cevns.errors import InputError, NumericalError
from cevns.inference import intervals
from cevns.interactions import LightVector, NeutronRadius, NonStandardInteractions
from cevns.typing import FloatArray

LEVEL_90 = 2.705543454095404
"""Square of the 95 % quantile of the normal distribution."""

# Model, parameter, half width of a brute-force scan that holds all intervals, number of intervals.
EXAMPLES = [
    ("nsi", "eps_ee_uV", 1.0, 2),
    ("nsi", "eps_mumu_dV", 1.0, 2),
    ("nsi", "eps_emu_uV", 1.0, 1),
    ("tensor-nsi", "eps_ee_uT", 1.0, 1),
    ("charge-radius", "r2_nue", 2e-30, 2),
    ("charge-radius", "r2_numu", 2e-30, 2),
    ("charge-radius", "r2_emu", 2e-30, 1),
    ("millicharge", "q_nue", 1e-6, 1),
    ("magnetic-moment", "mu_nue", 5e-8, 1),
    ("universal-magnetic-moment", "mu_nu", 5e-8, 1),
]


@pytest.fixture(scope="module")
def both(csi: Experiment, lar: Experiment) -> list[Experiment]:
    return [csi, lar]


@pytest.fixture(scope="module")
def counting() -> Experiment:
    return cevns.experiment("coherent-csi-2017-counting")


def allowed_runs(values: FloatArray, allowed: FloatArray) -> list[tuple[float, float]]:
    """First and last value of every run of allowed ones."""
    padded = np.concatenate([[False], allowed, [False]])
    starts, ends = np.flatnonzero(padded[1:] & ~padded[:-1]), np.flatnonzero(~padded[1:] & padded[:-1])
    return [(float(values[a]), float(values[b - 1])) for a, b in zip(starts, ends, strict=True)]


@pytest.mark.parametrize(("model", "parameter", "reach", "pieces"), EXAMPLES)
def test_every_piece_that_a_brute_force_scan_finds_and_no_other(
    model: str, parameter: str, reach: float, pieces: int, both: list[Experiment]
) -> None:
    (found,) = intervals(model, both, parameter)
    likelihood = Likelihood(model, both)
    positive = likelihood.model.parameter(parameter).low == 0.0
    values = np.linspace(0.0 if positive else -reach, reach, 2001)
    chi2 = likelihood(**{parameter: values})
    runs = allowed_runs(values, chi2 <= found.chi2_min + LEVEL_90)
    assert len(found.intervals) == len(runs) == pieces
    np.testing.assert_allclose(found.intervals, runs, rtol=0.0, atol=1.001 * (values[1] - values[0]))
    assert found.chi2_min <= chi2.min()
    assert found.chi2_min == pytest.approx(chi2.min(), abs=0.01)


@pytest.mark.parametrize(("model", "parameter", "pieces"), [(m, p, n) for m, p, _, n in EXAMPLES])
@pytest.mark.parametrize(("cl", "dof"), [(0.90, 1), (0.9545, 2)])
def test_every_edge_is_at_the_level(
    model: str, parameter: str, pieces: int, cl: float, dof: int, both: list[Experiment]
) -> None:
    (found,) = intervals(model, both, parameter, cl=cl, dof=dof)
    likelihood = Likelihood(model, both)
    low = likelihood.model.parameter(parameter).low
    edges = np.array(found.intervals).ravel()
    assert np.all(np.diff(edges) > 0.0)
    inner = edges[edges > low]
    np.testing.assert_allclose(likelihood(**{parameter: inner}), found.chi2_min + found.delta_chi2, rtol=0.0, atol=1e-6)
    assert float(likelihood(**{parameter: found.best_fit})) == pytest.approx(found.chi2_min, abs=1e-9)
    assert any(a <= found.best_fit <= b for a, b in found.intervals)
    assert len(found.intervals) <= pieces
    if dof == 1:
        assert found.delta_chi2 == pytest.approx(LEVEL_90, rel=1e-12)


def test_a_higher_level_contains_the_lower_one(both: list[Experiment]) -> None:
    (narrow,), (wide,) = (intervals("nsi", both, "eps_ee_uV", cl=cl) for cl in (0.6827, 0.90))
    assert narrow.delta_chi2 == pytest.approx(1.0, abs=1e-3)
    for low, high in narrow.intervals:
        assert any(a < low and high < b for a, b in wide.intervals)


def test_a_bounded_parameter(both: list[Experiment]) -> None:
    (found,) = intervals("weak-mixing-angle", both, "sin2_theta_w")
    ((low, high),) = found.intervals
    values = np.linspace(0.0, 1.0, 4001)
    chi2 = Likelihood("weak-mixing-angle", both)(sin2_theta_w=values)
    ((a, b),) = allowed_runs(values, chi2 <= found.chi2_min + LEVEL_90)
    assert (low, high) == pytest.approx((a, b), abs=2.6e-4)
    assert low < 0.23857 < high
    assert found.best_fit == pytest.approx(values[chi2.argmin()], abs=2.6e-4)


def test_an_interval_may_be_cut_by_the_range_of_the_parameter() -> None:
    """One bin with an error of 28 % does not exclude that neutrons are as narrow as the range allows, at 95 %."""
    helm = cevns.experiment("coherent-csi-2017-counting", {"target.form_factor": "helm"})
    ((uncut, _),) = intervals("neutron-radius", helm, "R_n", cl=0.90)[0].intervals
    (found,) = intervals("neutron-radius", helm, "R_n", cl=0.95)
    ((low, high),) = found.intervals
    at_low, at_high = Likelihood("neutron-radius", helm)(R_n=[low, high])
    assert low == 2.0 < uncut
    assert at_low < found.chi2_min + found.delta_chi2
    assert at_high == pytest.approx(found.chi2_min + found.delta_chi2, abs=1e-7)


def test_a_positive_parameter_starts_at_zero(both: list[Experiment]) -> None:
    for model, parameter in (("magnetic-moment", "mu_numu"), ("universal-magnetic-moment", "mu_nu")):
        ((low, high),) = intervals(model, both, parameter)[0].intervals
        assert low == 0.0
        assert 1e-9 < high < 1e-8


def test_zero_may_be_excluded(csi: Experiment) -> None:
    """Twice the counts of the Standard Model: a positive parameter then has a lower edge."""
    shouting = cevns.experiment("coherent-csi-2021", {"source.neutrinos_per_proton": 0.04})
    ((low, high),) = intervals("universal-magnetic-moment", shouting, "mu_nu")[0].intervals
    assert 0.0 < low < high
    assert intervals("universal-magnetic-moment", csi, "mu_nu")[0].intervals[0][0] == 0.0


def test_points_of_the_other_parameters_are_the_same_as_one_by_one(both: list[Experiment]) -> None:
    others = {"eps_ee_dV": [[-0.1], [0.0]], "eps_emu_uV": [0.0, 0.05, 0.1]}
    many = intervals("nsi", both, "eps_ee_uV", **others)
    assert len(many) == 6
    for index, (down, changing) in enumerate((d, c) for d in (-0.1, 0.0) for c in (0.0, 0.05, 0.1)):
        (one,) = intervals("nsi", both, "eps_ee_uV", eps_ee_dV=down, eps_emu_uV=changing)
        assert many[index].fixed == one.fixed
        assert (one.fixed["eps_ee_dV"], one.fixed["eps_emu_uV"]) == (down, changing)
        np.testing.assert_allclose(many[index].intervals, one.intervals, rtol=1e-8)
        assert many[index].chi2_min == pytest.approx(one.chi2_min, abs=1e-9)
        assert many[index].best_fit == pytest.approx(one.best_fit, abs=1e-5)


def test_arrays_of_a_shape_parameter(csi: Experiment) -> None:
    model = Model("x", (StandardModel(), LightVector({"B": 1, "e": 1, "mu": 1, "tau": 1}), NeutronRadius()))
    many = intervals(model, csi, "g", mass=[1.0, 100.0], R_n=5.0)
    for result, mass in zip(many, (1.0, 100.0), strict=True):
        (one,) = intervals(model, csi, "g", mass=mass, R_n=5.0)
        assert result.fixed == {"mass": mass, "R_n": 5.0}
        np.testing.assert_allclose(result.intervals, one.intervals, rtol=1e-8)


def test_a_coupling_has_the_limit_of_limits(csi: Experiment) -> None:
    (found,) = intervals("b-l", csi, "g", cl=0.9545, dof=2, mass=10.0)
    (limit,) = cevns.limits("b-l", csi, mass=10.0)
    assert found.intervals == ((0.0, limit.upper_limit),)
    assert (found.best_fit, found.chi2_min) == (limit.best_fit, limit.chi2_min)


@pytest.mark.parametrize(("model", "parameter", "names"), minos.CASES)
def test_edges_are_those_of_minos(model: str, parameter: str, names: tuple[str, ...]) -> None:
    """chi^2 of the parameter and of all pulls, which MINUIT minimises itself."""
    found = list(minos.edges(model, parameter, names))
    # One that is positive, and best at zero, has an upper edge only.
    assert len(found) == {"mu_nu": 1, "sin2_theta_w": 2, "R_n": 2}.get(parameter, 4)
    for edge in found:
        assert edge.minos == pytest.approx(edge.ours, rel=0.0, abs=1e-4 * edge.length)


def test_json_round_trip(both: list[Experiment]) -> None:
    (found,) = intervals("nsi", both, "eps_mumu_uV", eps_emu_uV=0.05)
    again = IntervalResult.from_json(found.to_json())
    assert again == found
    assert isinstance(again.intervals, tuple)
    assert isinstance(again.intervals[0], tuple)
    record = json.loads(found.to_json())
    assert record["intervals"] == [list(piece) for piece in found.intervals]
    assert record["fixed"]["eps_emu_uV"] == 0.05
    assert record["experiments"] == ["coherent-csi-2021", "coherent-lar-2020"]
    with pytest.raises(InputError, match=r"^record: got"):
        IntervalResult.from_dict({key: value for key, value in record.items() if key != "unit"})


def test_prints_itself(csi: Experiment) -> None:
    (found,) = intervals("charge-radius", csi, "r2_numu")
    lines = dict(line.split(maxsplit=1) for line in str(found).splitlines())
    assert lines["model"] == "charge-radius"
    assert lines["r2_numu"].count("[") == 1 + lines["r2_numu"].count(" or ")
    assert lines["r2_numu"].endswith("cm^2  (90 % CL, 1 dof)")
    assert lines["chi2/bins"].endswith("/99")
    assert lines["at"].split(maxsplit=1) == ["zero", "r2_nue, r2_nutau, r2_emu, r2_etau, r2_mutau"]
    assert "<th>r2_numu</th>" in found._repr_html_()


def test_shared_pulls_change_the_interval(both: list[Experiment]) -> None:
    (apart,) = intervals("weak-mixing-angle", both, "sin2_theta_w")
    (together,) = intervals("weak-mixing-angle", both, "sin2_theta_w", shared=["sns_flux"])
    likelihood = Likelihood("weak-mixing-angle", both, shared=["sns_flux"])
    np.testing.assert_allclose(
        likelihood(sin2_theta_w=np.array(together.intervals)), together.chi2_min + LEVEL_90, atol=1e-6
    )
    assert together.intervals != apart.intervals


def test_no_interval_where_the_normalisation_is_uncertain_enough(counting: Experiment) -> None:
    """However many neutrinos, a pull of -1 removes them all, at a cost of 1/0.28^2 = 12.8."""
    standard = Model("x", (StandardModel(), NonStandardInteractions()))
    (found,) = intervals(standard, counting, "eps_emu_uV", cl=0.999)
    assert found.delta_chi2 < 1.0 / 0.28**2
    with pytest.raises(NumericalError, match=r"^no interval of eps_emu_uV of x at .*: chi\^2 does not rise by 15\.1$"):
        intervals(standard, counting, "eps_emu_uV", cl=0.9999)
    with pytest.raises(NumericalError, match=r"^no interval of mu_nu of universal-magnetic-moment at the point given"):
        intervals("universal-magnetic-moment", counting, "mu_nu", cl=0.9999)


def test_no_interval_of_what_has_no_effect(csi: Experiment) -> None:
    """No tau neutrinos come from pions."""
    with pytest.raises(
        NumericalError, match=r"^no value of eps_tautau_uV up to 1e\+08 changes the counts of nsi from \S+$"
    ):
        intervals("nsi", csi, "eps_tautau_uV")


@pytest.mark.parametrize(
    ("parameter", "options", "message"),
    [
        ("eps_ee_uT", {}, r"^parameter: got 'eps_ee_uT'; allowed: one of: eps_ee_uV, "),
        ("eps_ee_uV", {"cl": 1.0}, "^cl: got 1.0; allowed: a number between 0 and 1$"),
        ("eps_ee_uV", {"cl": 0.0}, "^cl: got 0.0; "),
        ("eps_ee_uV", {"cl": math.nan}, "^cl: got nan; "),
        ("eps_ee_uV", {"dof": 0}, "^dof: got 0; allowed: a positive integer$"),
        (
            "eps_ee_uV",
            {"eps_ee_uV": 0.1},
            "^eps_ee_uV: got 0.1; allowed: no value: it is scanned$",
        ),
        ("eps_ee_uV", {"eps_mumu_uV": math.nan}, "^eps_mumu_uV: got nan; allowed: finite numbers"),
        ("eps_ee_uV", {"g": 1e-5}, "^parameter: got 'g'; allowed: one of: eps_ee_uV, "),
        ("eps_ee_uV", {"shared": ["flux"]}, "^shared: got 'flux'; "),
    ],
)
def test_refuses_wrong_input(
    parameter: str, options: dict[str, float | list[str]], message: str, csi: Experiment
) -> None:
    with pytest.raises(InputError, match=message):
        intervals("nsi", csi, parameter, **options)


def test_refuses_a_missing_parameter(csi: Experiment) -> None:
    with pytest.raises(
        InputError, match=r"^mass: got None; allowed: a value of this parameter \(mass of the mediator\)"
    ):
        intervals("b-l", csi, "g")
