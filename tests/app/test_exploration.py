"""What the explorer shows, against the package's own predictions, limits and run cards."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import cevns
from cevns.app.charts import Axis, bins_chart, chi2_chart, experiment_charts, overview, recoil_chart
from cevns.app.exploration import Exploration, explorable, read_number
from cevns.errors import InputError
from cevns.io.cards import LimitsCard, read_card
from cevns.plot.style import BLUE, VERMILLION

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
    couplings, delta_chi2 = here.curve
    assert delta_chi2 == pytest.approx([here.delta_chi2(coupling) for coupling in couplings.tolist()])


@pytest.mark.parametrize(("axis", "along"), [("energy", 1), ("time", 0)])
def test_bins_add_up_to_the_prediction(here: Exploration, axis: str, along: int) -> None:
    for view, one in zip(here.views(G), here.experiments, strict=True):
        bins, steady = view.bins[axis], one.backgrounds["steady_state"]
        widths = np.diff(one.axes[axis][0])
        for expected, model in zip(bins.expected, ("sm", "b-l"), strict=True):
            parameters = {"g": G, "mass": 10.0} if model == "b-l" else {}
            counts = (one.predict(model, **parameters).total - steady).sum(axis=along)
            assert expected * widths == pytest.approx(counts)
        assert bins.data * widths == pytest.approx((one.observed - steady).sum(axis=along))


def test_a_single_bin_is_not_drawn() -> None:
    counting = Exploration.of("b-l", ["coherent-csi-2017-counting"], 10.0)
    (view,) = counting.views(G)
    assert view.bins == {}
    assert len(counting.csv(G).splitlines()) == 1


def test_recoils_are_those_of_the_package(here: Exploration) -> None:
    for view, one in zip(here.views(G), here.experiments, strict=True):
        for rate, model in zip(view.rates, ("sm", "b-l"), strict=True):
            parameters = {"g": G, "mass": 10.0} if model == "b-l" else {}
            expected = one.recoil_spectrum(model, view.recoils, **parameters).sum(axis=(0, 1))
            assert rate == pytest.approx(expected)


def test_the_card_gives_the_same_limit(here: Exploration, tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(here.card())
    card = read_card(path)
    assert isinstance(card, LimitsCard)
    assert card.results() == (here.limit,)


def test_csv_holds_the_bins_in_energy(here: Exploration) -> None:
    rows = list(csv.DictReader(io.StringIO(here.csv(G))))
    assert len(rows) == 2 * (9 + 12)
    bins = here.views(G)[1].bins["energy"]
    last = rows[-1]
    assert (last["experiment"], last["prediction"]) == (NAMES[1], "b-l")
    assert [float(last[name]) for name in ("low", "high", "data", "error", "expected")] == [
        *bins.edges[-2:],
        bins.data[-1],
        bins.error[-1],
        bins.expected[1, -1],
    ]


def test_figure_is_a_pdf(here: Exploration) -> None:
    assert here.figure(NAMES[1], G).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("axis", "values", "places", "ticks"),
    [
        (Axis("", 0.0, 12.0), [-12.0, 3.0, 1e30], [-1.0, 0.25, 10.0], ["0", "5", "10"]),
        (Axis("", -0.5, 0.5), [0.0], [0.5], ["-0.4", "-0.2", "0", "0.2", "0.4"]),
        (Axis("", 1e-6, 1e-2, True), [0.0, 1e-5, 1e-2], [-9.0, 0.25, 1.0], ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "0.01"]),
        (Axis("", 0.5, 2e9, True), [1.0], [np.log(2.0) / np.log(4e9)], ["1", "100", "10⁴", "10⁶", "10⁸"]),
    ],
)
def test_axes_place_values_and_name_a_few(
    axis: Axis, values: list[float], places: list[float], ticks: list[str]
) -> None:
    assert axis.place(np.array(values)) == pytest.approx(places)
    assert list(axis.ticks().values()) == ticks


def drawn(chart: str, stroke: str) -> list[tuple[float, float]]:
    """Corners of the first path of a colour that is a line, in units of the frame, upwards."""
    frame = next(one for one in ET.fromstring(chart).iter("svg") if "x" in one.attrib)
    path = next(one for one in frame.iter("path") if one.get("stroke") == stroke and "L" in one.attrib["d"])
    points = (point.split(",") for point in path.attrib["d"].removeprefix("M").split("L"))
    width, height = float(frame.attrib["width"]), float(frame.attrib["height"])
    return [(float(x) / width, 1.0 - float(y) / height) for x, y in points]


def test_chart_of_chi2_rises_through_the_level_at_the_limit(here: Exploration) -> None:
    chart = chi2_chart(here.limit, here.curve, here.limit.upper_limit)
    ((slider, _), (again, _)) = drawn(chart, VERMILLION)
    assert slider == again
    places, heights = np.transpose(drawn(chart, "currentColor"))
    assert np.interp(slider, places, heights) == pytest.approx(0.25, abs=0.01)
    ((_, low), (_, high)) = drawn(chart, BLUE)
    assert low == high == pytest.approx(0.25, abs=0.01)


def test_chart_of_bins_draws_steps_and_stays_where_data_are(here: Exploration) -> None:
    bins = here.views(G)[0].bins["energy"]
    x, y = np.transpose(drawn(bins_chart(bins, NAMES[0]), BLUE))
    assert np.unique(x) == pytest.approx(bins.edges / bins.edges[-1], abs=1e-3)
    low = 1.05 * min(0.0, (bins.data - bins.error).min())
    high = 1.05 * max((bins.data + bins.error).max(), bins.expected.max())
    assert y[::2] == pytest.approx((bins.expected[0] - low) / (high - low), abs=1e-3)
    far = here.views(1e-2)[0].bins["energy"]
    assert max(drawn(bins_chart(far, NAMES[0]), VERMILLION))[1] <= 10.0
    assert max(height for _, height in drawn(bins_chart(far, NAMES[0]), BLUE)) > 0.25


def test_chart_of_recoils_leaves_out_what_has_no_logarithm(here: Exploration) -> None:
    view = here.views(G)[0]
    view = replace(view, rates=np.where(view.recoils > 30.0, 0.0, view.rates))
    for colour, rate in zip((BLUE, VERMILLION), view.rates, strict=True):
        assert len(drawn(recoil_chart(view), colour)) == np.count_nonzero(rate)


def test_overview_has_the_numbers_and_a_chart_for_each_projection(here: Exploration) -> None:
    text = overview(here, G)
    assert f"g &lt; {here.limit.upper_limit:.4g}" in text
    assert f"Δχ² = {here.delta_chi2(G):.4g} at g = 5e-05" in text
    assert text.count('role="img"') == 7


def test_names_are_escaped(here: Exploration) -> None:
    assert "<i>" not in experiment_charts([replace(here.views(G)[0], experiment="<i>")], ("<i>", "b-l"))


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
