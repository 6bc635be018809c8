"""The tables and figures of arXiv:2211.11905."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

import cevns
from cevns.inference import regions
from cevns.plot import reproduced
from cevns.publications import ReproducedValue, figure_names, panels, published, reproduce, reproduce_figure
from cevns.publications import de_romeri_2023 as drawn
from cevns.publications import de_romeri_2023_tables as paper
from cevns.publications.figures import CurvesPanel, ExclusionPanel, RegionPanel
from tests.plot.drawn import assert_presentable

SAME_RADII_AND_TREE = 2
"""Number of the choice that brings all published edges within 9 %."""


@pytest.fixture(scope="module")
def limits() -> dict[tuple[str, str], ReproducedValue]:
    """Rows with a published value, with the one choice that the notes end up with."""
    document = published("2211.11905")
    rows = [row for row in document["items"]["table-limits"]["rows"] if row["published"] is not None]
    few = {**document, "items": {"table-limits": {"rows": rows}}}
    with pytest.MonkeyPatch.context() as patch:
        only = paper.choices()[SAME_RADII_AND_TREE : SAME_RADII_AND_TREE + 1]
        patch.setattr(paper, "choices", lambda: only)
        patch.setattr(paper, "published", lambda _: few)
        return {(value.row, value.column): value for value in reproduce("2211.11905", "table-limits")}


@pytest.fixture(scope="module")
def parameters() -> dict[tuple[str, str], ReproducedValue]:
    return {(value.row, value.column): value for value in reproduce("2211.11905", "table-parameters")}


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few points: what is tested does not depend on how many there are."""
    monkeypatch.setattr(panels, "PROFILE_POINTS", 13)
    monkeypatch.setattr(regions, "_NODES", 9)
    monkeypatch.setattr(regions, "_HALVINGS", 1)
    monkeypatch.setattr(drawn, "_MASSES", 2)


def test_the_shipped_values_are_the_published_ones(shared: Path) -> None:
    reference = yaml.safe_load((shared / "reference" / "2211.11905.yaml").read_text())["results"]
    moment = reference["mu_nue_1e-9_muB_90"]
    expected = {
        ("mu_nue", "CEvNS"): moment["cevns_only"],
        ("mu_nue", "CEvNS+ES"): moment["with_ES"],
        ("r2_nue", "CEvNS"): reference["r2_ee_1e-32cm2_1sigma"],
        ("r2_numu", "CEvNS"): reference["r2_mumu_1e-32cm2_1sigma"],
        ("q_nue", "CEvNS"): reference["q_ee_1e-8_e_1sigma_cevns_only"],
        ("q_nue", "CEvNS+ES"): reference["q_ee_1e-10_e_1sigma_with_ES"],
    }
    rows = published("2211.11905")["items"]["table-limits"]["rows"]
    found = {(row["parameter"], row["signal"]): row["published"] for row in rows}
    assert {key: value for key, value in found.items() if value is not None} == expected
    names = {f"{stem}_nu{flavour}" for stem in ("mu", "r2", "q") for flavour in ("e", "mu")}
    assert set(found) == {(name, signal) for name in names for signal in ("CEvNS", "CEvNS+ES")}
    units = {"mu_nue": "1e-9 mu_B", "r2_nue": "1e-32 cm^2", "q_nue": "1e-8 e"}
    assert {row["parameter"]: row["unit"] for row in rows[::-1] if row["parameter"] in units} == units
    levels = {row["parameter"]: row["cl"] for row in rows}
    assert levels == {name: 0.90 if name.startswith("mu") else 0.6827 for name in names}


# Regression: the shipped analyses as they are. No pull, coupling or radius may change unnoticed.
EXPECTED = {
    ("mu_nue", "CsI, CEvNS, 90 % CL"): 3.895,
    ("mu_nue", "CsI+LAr, CEvNS, 90 % CL"): 3.902,
    ("mu_nue", "CsI+LAr, CEvNS+ES, 90 % CL"): 3.663,
    ("r2_nue", "CsI+LAr, CEvNS, 68.27 % CL"): [(-60.44, -47.93), (-5.711, 6.674)],
    ("r2_numu", "CsI+LAr, CEvNS, 68.27 % CL"): [(-57.07, -52.34), (-2.684, 3.898)],
    ("q_nue", "CsI, CEvNS, 68.27 % CL"): [(-8.916, 7.312), (47.57, 52.26)],
    ("q_nue", "CsI+LAr, CEvNS, 68.27 % CL"): [(-6.930, 4.252)],
    ("q_nue", "CsI+LAr, CEvNS+ES, 68.27 % CL"): [(-2.917, 2.926)],
}


@pytest.mark.parametrize("key", EXPECTED)
def test_limits_of_the_recipe(key: tuple[str, str], limits: dict[tuple[str, str], ReproducedValue]) -> None:
    np.testing.assert_allclose(np.array(limits[key].ours), EXPECTED[key], rtol=3e-4)


def test_published_values_stand_beside_those_of_both_experiments(
    limits: dict[tuple[str, str], ReproducedValue],
) -> None:
    assert len(limits) == 12
    for (_, column), value in limits.items():
        assert (value.published is None) == (value.note == "") == column.startswith("CsI, ")
    moment = limits["mu_nue", "CsI+LAr, CEvNS+ES, 90 % CL"]
    assert moment.ratio == pytest.approx(3.663 / 3.6, abs=2e-3)


def test_electron_scattering_bounds_charges_most(limits: dict[tuple[str, str], ReproducedValue]) -> None:
    def edges(row: str, signal: str, cl: str) -> np.ndarray:
        return np.array(limits[row, f"CsI+LAr, {signal}, {cl} % CL"].ours, dtype=float).ravel()

    nuclear, electronic = (edges("q_nue", signal, "68.27") for signal in ("CEvNS", "CEvNS+ES"))
    assert np.all(np.abs(electronic) * 1e-10 < 0.01 * np.abs(nuclear) * 1e-8)
    assert 0.9 < edges("mu_nue", "CEvNS+ES", "90")[0] / edges("mu_nue", "CEvNS", "90")[0] < 1.0


@pytest.mark.parametrize(
    ("key", "note"),
    [
        (("mu_nue", "CsI+LAr, CEvNS, 90 % CL"), "edges differ by at most 3 %"),
        (("r2_numu", "CsI+LAr, CEvNS, 68.27 % CL"), "edges differ by at most 2 %"),
        (("r2_nue", "CsI+LAr, CEvNS, 68.27 % CL"), ": [-60.9, -47.9], [-5.03, 2.16], at most 7 %"),
        (("q_nue", "CsI+LAr, CEvNS, 68.27 % CL"), ": [-6.3, 5.78], at most 9 %"),
        (("q_nue", "CsI+LAr, CEvNS+ES, 68.27 % CL"), ": [-2.62, 2.63], at most 1 %"),
    ],
)
def test_edges_that_differ_come_close_with_one_form_factor_and_tree_couplings(
    key: tuple[str, str], note: str, limits: dict[tuple[str, str], ReproducedValue]
) -> None:
    """A published edge is met within 5 %, or within 9 % by one and the same other choice."""
    assert limits[key].note.endswith(note)
    assert ("with tree couplings and one form factor" in limits[key].note) == note.startswith(":")


@pytest.fixture(scope="module")
def comparison() -> dict[tuple[str, str], ReproducedValue]:
    return {(value.row, value.column.partition(",")[0]): value for value in reproduce("2211.11905", "table-comparison")}


def test_the_limits_of_others_are_those_quoted(
    shared: Path, comparison: dict[tuple[str, str], ReproducedValue]
) -> None:
    reference = yaml.safe_load((shared / "reference" / "2211.11905.yaml").read_text())["comparison_90"]
    for group in paper.XENON:
        for stem, values in reference[group].items():
            for flavour, value in zip(("e", "mu", "tau"), values, strict=True):
                found = comparison[f"{stem}_nu{flavour}", group].published
                np.testing.assert_array_equal(np.ravel(found), np.ravel(value))
    (dresden,) = paper.REACTOR
    np.testing.assert_array_equal(comparison["q_nue", dresden].published, [reference[dresden]["q_e"]])
    assert len(comparison) == 19


def test_charge_radii_of_lz_are_the_published_ones(comparison: dict[tuple[str, str], ReproducedValue]) -> None:
    for flavour in ("e", "mu", "tau"):
        assert re.fullmatch(r"edges differ by at most [1-3] %", comparison[f"r2_nu{flavour}", "LZ"].note)


@pytest.mark.parametrize(
    ("row", "tolerance"),
    [(f"{stem}_nu{flavour}", limit) for stem, limit in (("q", 0.12), ("r2", 0.03)) for flavour in ("e", "mu", "tau")],
)
def test_xenonnt_with_a_gaussian_chi2_and_a_background_known_to_5_percent(row: str, tolerance: float) -> None:
    """One set of choices gives all radii to 3 % and all charges to 12 %; magnetic moments are 10 % below."""
    (given,) = (
        r for r in published("2211.11905")["items"]["table-comparison"]["rows"]["XENONnT"] if r["parameter"] == row
    )
    entry = paper._Entry.of({"signal": paper.ES, **given})
    assert entry.difference(entry.pieces("XENONnT", paper.comparison_choices("XENONnT")[2])) < tolerance


# Regression: the shipped experiments as they are.
def test_moments_in_xenon(comparison: dict[tuple[str, str], ReproducedValue]) -> None:
    moments = {
        group: [comparison[f"mu_nu{flavour}", group].ours for flavour in ("e", "mu", "tau")] for group in paper.XENON
    }
    np.testing.assert_allclose(moments["XENONnT"], [1.0187, 1.6764, 1.4442], rtol=1e-3)
    np.testing.assert_allclose(moments["LZ"], [2.0348, 3.3483, 2.8845], rtol=1e-3)


@pytest.mark.parametrize("flavour", ["e", "mu", "tau"])
def test_lz_with_a_lower_threshold(flavour: str, comparison: dict[tuple[str, str], ReproducedValue]) -> None:
    """Moments are decided at the threshold: with that of LZ, and as XENONnT above, they are those quoted."""
    moment, charge = (comparison[f"{stem}_nu{flavour}", "LZ"] for stem in ("mu", "q"))
    assert re.search(r" at most [12] %$", moment.note)
    for value in (moment, charge):
        assert "the background known to 5 % and half of the efficiency at 1.1 keVee, not at 1.6: [" in value.note
    # Charges, with their steeper spectrum, are not explained.
    assert int(charge.note.split()[-2]) > 30


def test_dresden_with_the_noise_above_zero_and_a_fixed_shape(
    comparison: dict[tuple[str, str], ReproducedValue],
) -> None:
    value = comparison["q_nue", "Dresden-II"]
    np.testing.assert_allclose(value.ours, [(-12.90, 13.12)], atol=0.02)
    assert value.column == "Dresden-II, CEvNS+ES, 90 % CL"
    assert re.search(r"of the background fixed: \[-\d\.\d+, \d\.\d+\], at most [1-6] %$", value.note)


def test_choices_for_a_reactor_change_what_they_say() -> None:
    noise, shape, both = (paper.groups(choice=one)["Dresden-II"][0] for one in paper.comparison_choices("Dresden-II"))
    pulls = [len(one.config.nuisances) for one in (noise, shape, both)]
    assert pulls == [8, 6, 6]
    quenched = [one.predict("sm").cevns.sum() for one in (noise, shape, both)]
    assert quenched[0] == quenched[2] > quenched[1]


def test_choices_for_the_sun_change_what_they_say() -> None:
    every = paper.comparison_choices("LZ")
    gaussian, known, both, twice, lower, all_but_twice = (paper.groups(choice=choice)["LZ"][0] for choice in every)
    (shipped,) = paper.groups()["LZ"]
    assert {one.config.statistic.kind for one in (gaussian, both, all_but_twice)} == {"gaussian"}
    assert [one.config.nuisances[1].sigma for one in (known, both, gaussian, lower)] == [0.05, 0.05, 0.13, 0.13]
    added = twice.backgrounds["fitted"] - shipped.backgrounds["background"]
    np.testing.assert_allclose(added, shipped.predict("sm").electron_scattering, atol=6e-4)
    gained = lower.predict("sm").electron_scattering - shipped.predict("sm").electron_scattering
    assert gained[0] > 0.4 > 10.0 * np.abs(gained[3:]).max()
    assert all_but_twice.config.nuisances[1].sigma == 0.05
    assert paper.comparison_choices("XENONnT")[3].text == every[3].text


def test_choices_change_what_they_say() -> None:
    tree, radii, both, whole, fixed, common = paper.choices()
    assert (tree.couplings, both.couplings) == ("tree", "tree")
    for choice in (radii, both):
        for name in ("CsI", "LAr"):
            (one,) = paper.groups(choice=choice)[name]
            assert all(nucleus.neutron_radius == nucleus.proton_radius for nucleus in one.rates.targets)
    assert paper.groups(choice=whole)["LAr"][0].config.statistic.background_variance == {"steady_state": 1.0}
    pulls = {one.name for one in paper.groups(choice=fixed)["CsI"][0].config.nuisances}
    assert pulls == {one.name for one in paper.groups()["CsI"][0].config.nuisances} - {"csi_nuclear_radius"}
    assert common.shared == ("sns_flux",)


def test_parameters(parameters: dict[tuple[str, str], ReproducedValue]) -> None:
    def value(row: str, column: str) -> np.ndarray:
        return np.array(parameters[row, column].ours)

    assert len(parameters) == 15
    for name in ("CsI", "LAr", "CsI+LAr"):
        (inner,), (outer,) = (value("sin2_theta_w", f"{name}, {cl} % CL") for cl in ("68.27", "90"))
        assert outer[0] < inner[0] < value("sin2_theta_w", f"{name}, best fit") < inner[1] < outer[1]
    # Regression, as above.
    assert value("sin2_theta_w", "CsI+LAr, best fit") == pytest.approx(0.2431, abs=2e-4)
    np.testing.assert_allclose(value("sin2_theta_w", "CsI+LAr, 68.27 % CL"), [(0.2157, 0.2724)], rtol=5e-4)
    np.testing.assert_allclose(value("R_n", "CsI, 68.27 % CL"), [(4.995, 5.823)], rtol=3e-4)
    argon = parameters["R_n_Ar", "LAr, 90 % CL"]
    assert argon.ours == ((2.0, pytest.approx(5.152, rel=3e-4)),)
    assert argon.note == "best at an end of the range: a limit"


@pytest.mark.usefixtures("coarse")
def test_the_profile_of_the_mixing_angle_is_the_likelihood(
    parameters: dict[tuple[str, str], ReproducedValue],
) -> None:
    figure = reproduce_figure("2211.11905", "figure-weak-mixing-angle")
    assert_presentable(reproduced(figure))
    (panel,) = figure.panels
    assert isinstance(panel, CurvesPanel)
    for curve in panel.curves:
        edges = [parameters["sin2_theta_w", f"{curve.label}, {cl} % CL"].ours for cl in ("68.27", "90")]
        np.testing.assert_allclose(curve.intervals, edges)
        direct = cevns.Likelihood("weak-mixing-angle", paper.groups()[curve.label])
        rises = direct(sin2_theta_w=np.array(panel.values)) - direct(sin2_theta_w=curve.best_fit)
        np.testing.assert_allclose(curve.values, rises, rtol=0.0, atol=1e-6)


@pytest.mark.usefixtures("coarse")
def test_the_region_of_both_has_the_level_of_both() -> None:
    panel = drawn._nsi("eps_emu_uV", "eps_etau_uV", (-0.45, 0.45))
    assert isinstance(panel, RegionPanel)
    (*_, (label, level, pieces)) = panel.outlines()
    assert label == "CsI+LAr"
    ((outline,),) = pieces
    corners = np.array(outline)
    chi2 = cevns.Likelihood("nsi", paper.groups()["CsI+LAr"])(eps_emu_uV=corners[:, 0], eps_etau_uV=corners[:, 1])
    assert np.ptp(chi2) < 3e-4 * level.delta_chi2


@pytest.mark.usefixtures("coarse")
def test_electrons_bound_a_light_vector_below_an_mev() -> None:
    panel = drawn._exclusion("b-l", "")
    assert isinstance(panel, ExclusionPanel)
    lightest, heaviest = ([curve.crossings[k][0] for curve in panel.curves] for k in (0, -1))
    assert lightest[2] < 0.2 * lightest[1]
    assert heaviest[2] == pytest.approx(heaviest[1], rel=1e-3)


@pytest.mark.usefixtures("coarse")
@pytest.mark.parametrize(
    ("item", "kinds"), [("figure-neutron-radius", [CurvesPanel] * 2), ("figure-sterile-oscillation", [RegionPanel] * 3)]
)
def test_figures_can_be_drawn(item: str, kinds: list[type]) -> None:
    figure = reproduce_figure("2211.11905", item)
    assert [type(panel) for panel in figure.panels] == kinds
    assert_presentable(reproduced(figure))


def test_published_intervals_stand_with_the_curves_of_both_experiments() -> None:
    both = "CsI+LAr"
    assert paper.published_intervals("mu_nue", 1e-9) == {
        both: {0.90: ((0.0, 3.8),)},
        f"{both} with ES": {0.90: ((0.0, 3.6),)},
    }
    charges = paper.published_intervals("q_nue", 1e-10)
    assert charges == {
        both: {0.6827: ((pytest.approx(-690.0), pytest.approx(560.0)),)},
        f"{both} with ES": {0.6827: ((-2.6, 2.6),)},
    }
    assert not paper.published_intervals("mu_numu", 1e-9)
    assert paper.quoted_intervals("mu_numu", 1.0) == {
        "LZ": {0.90: ((0.0, pytest.approx(2.3e-11)),)},
        "XENONnT": {0.90: ((0.0, pytest.approx(1.5e-11)),)},
    }
    assert list(paper.quoted_intervals("q_nue", 1e-12)) == ["LZ", "XENONnT", "Dresden-II"]


def test_figures_are_named_by_what_they_show() -> None:
    assert figure_names("2211.11905") == tuple(n for n in published("2211.11905")["items"] if n.startswith("figure-"))
    assert len(figure_names("2211.11905")) == 13
