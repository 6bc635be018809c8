"""Table I of arXiv:1711.09773 beside ours."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

import cevns
from cevns.cli.main import main
from cevns.errors import InputError
from cevns.interactions import (
    ChargeRadius,
    MagneticMoment,
    Model,
    NonStandardInteractions,
    StandardModel,
    tree_couplings,
)
from cevns.publications import ReproducedValue, publication_names, published, reproduce

ROWS = (
    "sin2_theta_w",
    "eps_ee_uV", "eps_ee_dV", "eps_mumu_uV", "eps_mumu_dV",
    "eps_ee_uT", "eps_ee_dT", "eps_mumu_uT", "eps_mumu_dT",
    "mu_nu_1e-10_muB", "mu_nue_1e-10_muB", "mu_numu_1e-10_muB",
    "r2_nu_1e-32cm2", "r2_nue_1e-32cm2", "r2_numu_1e-32cm2",
)  # fmt: skip
TENSOR_ROWS, MOMENT_ROWS = ROWS[5:9], ROWS[9:12]
EVENTS = {
    "sin2_theta_w": (72.6, 263.3),
    "eps_ee_uV": (223.6, 222.8),
    "eps_ee_dV": (222.3, 223.0),
    "r2_nu_1e-32cm2": (260.0, 71.2, 71.0, 259.6),
}
"""Expected at the published edges."""
NOT_RECORDED = ("eps_mumu_uV", "eps_mumu_dV", "r2_numu_1e-32cm2")

Table = dict[str, ReproducedValue]


@pytest.fixture(scope="module")
def table() -> Table:
    return {value.row: value for value in reproduce("1711.09773", "table-1")}


def edges(value: ReproducedValue, which: str = "ours") -> np.ndarray:
    return np.array(getattr(value, which), dtype=float).ravel()


def test_the_shipped_values_are_the_published_ones(shared: Path) -> None:
    reference = yaml.safe_load((shared / "reference" / "1711.09773.yaml").read_text())["table-1"]
    assert published("1711.09773")["items"]["table-1"]["rows"] == reference


def test_all_rows_are_computed(table: Table) -> None:
    assert tuple(table) == ROWS
    assert tuple(published("1711.09773")["items"]["table-1"]["rows"]) == ROWS
    for row, value in table.items():
        assert (value.published is None) == (row in NOT_RECORDED)
        assert (value.note == "") == (row in NOT_RECORDED)
        assert np.all(np.diff(edges(value)) > 0.0)
        assert edges(value).size in (2, 4)
        assert (value.paper, value.item, value.column, value.ratio) == ("1711.09773", "table-1", "90 % CL", None)


@pytest.mark.parametrize(
    ("row", "tolerance"),
    [("sin2_theta_w", 0.02), ("eps_ee_uV", 0.08), ("eps_ee_dV", 0.08), ("r2_nu_1e-32cm2", 1.5)],
)
def test_edges_agree(row: str, tolerance: float, table: Table) -> None:
    value = table[row]
    differences = np.abs(edges(value) - edges(value, "published"))
    assert differences.max() <= tolerance
    expected = f"edges differ by at most {differences.max():.2g}; chi2 has risen by "
    rises = value.note.removeprefix(expected).partition(" at the published ones")[0].split(", ")
    neutrinos = EVENTS[row]
    chi2 = (136.0 - np.array(neutrinos)) ** 2 / (958.0 + (0.28 * np.array(neutrinos)) ** 2 + 1.5**2)
    np.testing.assert_allclose([float(rise) for rise in rises], chi2, atol=0.015)


def test_merged_intervals_agree_in_their_outer_edges(table: Table) -> None:
    value = table["r2_nue_1e-32cm2"]
    assert len(value.ours) == 1
    assert len(value.published or ()) == 2
    difference = np.abs(edges(value) - edges(value, "published")[[0, -1]]).max()
    assert difference <= 1.5
    assert "between the two published intervals, which are one" in value.note
    assert f"differ by at most {difference:.2g}" in value.note


def test_no_electron_neutrinos_at_all_would_not_be_excluded(table: Table) -> None:
    """Why the two intervals merge: nu_e give a third of the events, and the error of their number is 40 %."""
    model = Model("x", (StandardModel(tree_couplings(0.2312)), ChargeRadius("papoulias-kosmas")))
    counting = cevns.experiment("coherent-csi-2017-counting")
    prediction = counting.predict(model)
    electron = prediction.signal[:, prediction.flavours.index("nu_e")].sum()
    others = prediction.cevns.sum() - electron
    without = (142.0 - 6.0 - others) ** 2 / (958.0 + (0.28 * others) ** 2 + 1.5**2)
    assert without < 0.5
    inside = np.linspace(-26.6, -1.4, 200) * 1e-32
    chi2 = cevns.Likelihood(model, counting)(r2_nue=inside)
    assert chi2.max() < without
    low, high = edges(table["r2_nue_1e-32cm2"]) * 1e-32
    assert low < inside[0] < inside[-1] < high


def exchanged_events(parameter: float, centre: float, flavour: str) -> float:
    """Events with the two spectra exchanged, if those of a flavour go with a square around a centre."""
    counting = cevns.experiment("coherent-csi-2017-counting")
    signal = counting.predict(Model("x", (StandardModel(tree_couplings(0.2312)),))).signal.sum(axis=(0, 2, 3))
    events = dict(zip(("nubar_mu", "nu_mu", "nu_e"), signal, strict=True))
    assert counting.flavours == ("nu_e", "nu_mu", "nubar_mu")
    return events[flavour] * ((parameter - centre) / centre) ** 2 + sum(events.values()) - events[flavour]


@pytest.mark.parametrize(("row", "change"), [("eps_ee_uV", 0.017), ("eps_ee_dV", 0.016)])
def test_exchanged_spectra_bring_the_vector_couplings_close(row: str, change: float, table: Table) -> None:
    """nubar_mu give half of the events, nu_e a third: with the spectra exchanged nu_e have the published bounds."""
    text, _, shown = table[row].note.partition("; with the spectra of nu_e and nubar_mu exchanged: ")
    assert text
    interval, _, largest = shown.partition(", at most ")
    again = np.array(json.loads(interval))
    assert np.abs(again - edges(table[row], "published")).max() == pytest.approx(float(largest), abs=1e-3)
    assert float(largest) < change < np.abs(edges(table[row]) - edges(table[row], "published")).max() / 2.0
    for edge in again:
        events = exchanged_events(edge, again.mean(), "nu_e")
        rise = (136.0 - events) ** 2 / (958.0 + (0.28 * events) ** 2 + 1.5**2)
        assert rise == pytest.approx(2.71, abs=0.05)


def test_the_gap_of_the_radius_of_nu_e_is_there_if_no_other_neutrinos_are_expected(table: Table) -> None:
    note = table["r2_nue_1e-32cm2"].note
    found = note.partition("exchanged, and no neutrinos but nu_e: ")[2].partition(", at most ")
    again = np.array(json.loads(f"[{found[0]}]"))
    assert np.abs(again.ravel() - edges(table["r2_nue_1e-32cm2"], "published")).max() < 1.05
    assert float(found[2]) < 1.05


@pytest.mark.parametrize("row", TENSOR_ROWS)
def test_tensor_rows_carry_the_reason(row: str, table: Table) -> None:
    """At the published edge the printed formula gives a few events, within a small part of the error."""
    value = table[row]
    ours, theirs = edges(value), edges(value, "published")
    assert ours[0] == pytest.approx(-ours[1], rel=1e-6)
    assert 0.06 < ours[1] < 0.12
    counting = cevns.experiment("coherent-csi-2017-counting")
    model = Model("x", (StandardModel(tree_couplings(0.2312)), NonStandardInteractions("tensor")))
    none, some = counting.predict(model, **{row: [0.0, theirs[1]]}).cevns.ravel()
    error = np.sqrt(958.0 + (0.28 * none) ** 2 + 1.5**2)
    assert some - none < 0.1 * error
    expected = f"the printed formula gives {some - none:.1f} events at the published edge, on {none:.0f} +- {error:.0f}"
    assert value.note.startswith(expected)
    assert value.note.endswith(": no bound there")


@pytest.mark.parametrize("row", MOMENT_ROWS)
def test_moment_rows_carry_the_reason(row: str, table: Table) -> None:
    value = table[row]
    ((low, high),) = value.ours
    ((_, theirs),) = value.published or ()
    assert low == 0.0
    assert 7.0 < high / theirs < 13.0
    name = row.removesuffix("_1e-10_muB")
    counting = cevns.experiment("coherent-csi-2017-counting")
    moment = MagneticMoment(universal=name == "mu_nu")
    model = Model("x", (StandardModel(tree_couplings(0.2312)), moment))
    none, some = counting.predict(model, **{name: [0.0, theirs * 1e-10]}).cevns.ravel()
    assert value.note.startswith(f"the formula gives {some - none:.2f} events at the published edge, on {none:.0f} +- ")
    assert f"the ratio would be {high / theirs / 10.0:.2f}, and " in value.note


def test_moments_scale_as_the_flux_and_not_as_printed(table: Table) -> None:
    """Equal fluxes of nu_e, nu_mu, antinu_mu: 1/mu^2 of the universal row is the sum of those of the two others."""
    universal, electron, muon = (edges(table[row])[1] for row in MOMENT_ROWS)
    assert universal**-2 == pytest.approx(electron**-2 + muon**-2, rel=1e-6)
    assert 1.3 < electron / muon < 1.7
    theirs = [edges(table[row], "published")[1] for row in MOMENT_ROWS]
    assert theirs[1] / theirs[2] < 1.15
    assert theirs[0] ** -2 < 0.75 * (theirs[1] ** -2 + theirs[2] ** -2)


@pytest.mark.parametrize(
    ("row", "unit"),
    [("sin2_theta_w", ""), ("eps_ee_uT", ""), ("mu_nue_1e-10_muB", "1e-10 mu_B"), ("r2_nu_1e-32cm2", "1e-32 cm^2")],
)
def test_units(row: str, unit: str, table: Table) -> None:
    assert table[row].unit == unit


def test_values_survive_json(table: Table) -> None:
    for value in table.values():
        assert ReproducedValue.from_json(value.to_json()) == value


def test_the_command_prints_the_documented_keys(
    table: Table, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["cevns", "reproduce", "1711.09773", "table-1", "--format", "json"])
    main()
    records = json.loads(capsys.readouterr().out)
    assert [record["row"] for record in records] == list(ROWS)
    for record in records:
        assert {"paper", "item", "row", "column", "unit", "published", "ours", "ratio", "note"} <= set(record)
        assert ReproducedValue.from_dict(record) == table[record["row"]]
    assert records[0]["published"] == [[0.117, 0.315]]
    assert records[3]["published"] is None


def test_the_whole_paper_is_its_one_table(table: Table) -> None:
    assert "1711.09773" in publication_names()
    lines: list[str] = []
    assert reproduce("1711.09773", progress=lines.append) == tuple(table.values())
    assert lines == [f"table-1: {row}" for row in ROWS]


def test_an_unknown_item_is_refused() -> None:
    with pytest.raises(InputError, match=r"^item: got 'table-2'; allowed: one of: table-1$"):
        reproduce("1711.09773", "table-2")
