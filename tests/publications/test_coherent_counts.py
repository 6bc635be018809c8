"""Events that COHERENT states: the recorded values, and ours against a fit by hand and the tables of the data."""

from pathlib import Path

import numpy as np
import pytest
import yaml

import cevns
from cevns.publications import ReproducedValue, published, reproduce
from cevns.statistics import measurement, profile

NAMES = {"csi-2017": "coherent-csi-2017", "csi-2021": "coherent-csi-2021", "lar-2020": "coherent-lar-2020"}
COLUMNS = {
    "BRN": "beam_neutrons",
    "NIN": "neutrino_induced_neutrons",
    "SSB": "steady_state",
    "prompt_BRN": "prompt_neutrons",
    "delayed_BRN": "delayed_neutrons",
    "steady_state": "steady_state",
}


@pytest.fixture(scope="module")
def values() -> dict[tuple[str, str], ReproducedValue]:
    return {(value.row, value.column): value for value in reproduce("comparisons", "table-counts")}


def test_recorded_values_are_those_of_the_reference(shared: Path) -> None:
    reference = yaml.safe_load((shared / "reference" / "coherent.yaml").read_text())
    rows = published("comparisons")["items"]["table-counts"]["rows"]
    for key, name in NAMES.items():
        stated = reference[key]
        expected = {
            "predicted": [stated["predicted"], stated["predicted_error"]],
            "found": [stated["observed"], stated["error"]],
            **{COLUMNS[column]: stated[column] for column in COLUMNS if column in stated},
        }
        assert rows[name] == expected


def test_all_agree_within_the_stated_errors(values: dict[tuple[str, str], ReproducedValue]) -> None:
    rows = published("comparisons")["items"]["table-counts"]["rows"]
    for (row, column), value in values.items():
        theirs, error = rows[row][column]
        assert isinstance(value.ours, float)
        assert abs(value.ours - theirs) < error
        assert value.ratio == pytest.approx(value.ours / theirs)


@pytest.mark.parametrize("name", NAMES.values())
def test_events_found_are_those_of_the_lowest_chi2(values: dict[tuple[str, str], ReproducedValue], name: str) -> None:
    data = cevns.experiment(name)
    expected = data.predict("sm").cevns.ravel()
    multiples = np.linspace(0.5, 1.5, 2001)
    chi2 = profile(measurement(data), multiples[:, None] * expected).chi2
    assert values[name, "predicted"].ours == pytest.approx(expected.sum())
    assert values[name, "found"].ours == pytest.approx(multiples[chi2.argmin()] * expected.sum(), rel=1e-3)
