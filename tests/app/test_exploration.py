"""What the explorer shows, against the package's own predictions, limits and run cards."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

import cevns
from cevns.app.charts import bins_chart, chi2_chart, recoil_chart
from cevns.app.exploration import Exploration, explorable, read_number
from cevns.errors import InputError
from cevns.io.cards import LimitsCard, read_card

NAMES = ("coherent-csi-2021", "coherent-lar-2020")
G = 5e-5


@pytest.fixture(scope="module")
def here() -> Exploration:
    return Exploration.of("b-l", NAMES, 10.0)


def test_models_with_one_coupling_can_be_explored() -> None:
    assert {"universal", "lmu-ltau", "scalar", "dark-z"} <= set(explorable())
    assert not {"sm", "nsi", "magnetic-moment", "sterile"} & set(explorable())


def test_limit_and_chi2_are_those_of_the_package(here: Exploration) -> None:
    (limit,) = cevns.limits("b-l", here.experiments, cl=0.90, dof=1, mass=10.0)
    assert here.limit == limit
    assert here.delta_chi2(limit.upper_limit) == pytest.approx(2.7055, abs=1e-3)
    curve = here.curve()
    assert [row["delta_chi2"] for row in curve] == pytest.approx([here.delta_chi2(row["coupling"]) for row in curve])


def test_bins_add_up_to_the_prediction(here: Exploration) -> None:
    csi = here.experiments[0]
    steady = csi.backgrounds["steady_state"]
    for axis, along, edges in (("energy", 1, csi.energy_edges), ("time", 0, csi.time_edges)):
        rows = [row for row in here.bins(G, axis) if row["experiment"] == csi.name and row["prediction"] == "b-l"]
        expected = (csi.predict("b-l", g=G, mass=10.0).total - steady).sum(axis=along)
        assert [row["expected"] * (row["high"] - row["low"]) for row in rows] == pytest.approx(expected)
        assert [row["data"] for row in rows] == pytest.approx((csi.observed - steady).sum(axis=along) / np.diff(edges))


def test_a_single_time_bin_is_not_drawn() -> None:
    counting = Exploration.of("b-l", ["coherent-csi-2017-counting"], 10.0)
    assert counting.bins(G, "time") == []
    assert counting.bins(G, "energy") == []


def test_recoils_end_where_nothing_recoils(here: Exploration) -> None:
    rows = [row for row in here.recoils(G) if row["experiment"] == NAMES[0]]
    by_model = {name: [row for row in rows if row["prediction"] == name] for name in ("Standard Model", "b-l")}
    for name, parameters in (("Standard Model", {"g": 0.0, "mass": 10.0}), ("b-l", {"g": G, "mass": 10.0})):
        energy = np.array([row["recoil"] for row in by_model[name]])
        expected = here.experiments[0].recoil_spectrum("b-l", energy, **parameters).sum(axis=(0, 1))
        assert [row["rate"] for row in by_model[name]] == pytest.approx(expected)
        assert expected.min() > 0.0


def test_the_card_gives_the_same_limit(here: Exploration, tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(here.card())
    card = read_card(path)
    assert isinstance(card, LimitsCard)
    assert card.results() == (here.limit,)


def test_csv_holds_the_bins_in_energy(here: Exploration) -> None:
    rows = list(csv.DictReader(io.StringIO(here.csv(G))))
    assert len(rows) == len(here.bins(G, "energy")) == 2 * (9 + 12)
    assert float(rows[0]["data"]) == here.bins(G, "energy")[0]["data"]


def test_figure_is_a_pdf(here: Exploration) -> None:
    assert here.figure(NAMES[1], G).startswith(b"%PDF")


def test_charts_carry_the_rows(here: Exploration) -> None:
    rows = here.bins(G, "energy")
    kind, content = bins_chart(rows, "energy")._mime_()
    assert kind == "application/vnd.vegalite.v5+json"
    assert '"b-l"' in content
    assert bins_chart(rows, "energy").spec["data"]["values"] == rows
    assert recoil_chart(here.recoils(G)).spec["spec"]["layer"][0]["encoding"]["color"]["scale"]["domain"] == [
        "Standard Model",
        "b-l",
    ]
    layers = chi2_chart(here.curve(), G, 2.71, "g").spec["layer"]
    assert layers[1]["data"]["values"] == [{"coupling": G, "delta_chi2": 2.71}]


@pytest.mark.parametrize(
    ("arguments", "field", "allowed"),
    [
        (("b-1", NAMES, 10.0), "model", "b-l"),
        (("b-l", (), 10.0), "experiments", "one or more"),
        (("b-l", ("coherent",), 10.0), "experiment", "coherent-csi-2021"),
        (("b-l", NAMES, -1.0), "mass", "0"),
    ],
)
def test_wrong_choices_are_refused(arguments: tuple[str, tuple[str, ...], float], field: str, allowed: str) -> None:
    with pytest.raises(InputError) as caught:
        Exploration.of(*arguments)
    assert caught.value.field == field
    assert allowed in str(caught.value.allowed)


def test_wrong_numbers_are_refused(here: Exploration) -> None:
    with pytest.raises(InputError, match="mass: got 'ten'; allowed: a number"):
        read_number("ten", "mass")
    with pytest.raises(InputError, match="g: got -1"):
        here.delta_chi2(-1.0)
