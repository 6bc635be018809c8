"""The pages on interactions: every model, with its charges and its parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

import cevns
from cevns.interactions import MODEL_NAMES, LeptonicVector, LightVector
from cevns.interactions.dark_vector import MIXINGS
from tests.docs.pages import INTERACTIONS, table_rows


def documented_charges() -> Mapping[str, list[str]]:
    rows = table_rows(INTERACTIONS / "vector-mediators.md")
    return {row[0].strip("`"): row[1:] for row in rows if len(row) == 7 and row[0].strip("`") in MODEL_NAMES}


@pytest.mark.parametrize("name", sorted(documented_charges()))
def test_charges_are_those_documented(name: str) -> None:
    quarks, *leptons, interference, anomaly = documented_charges()[name]
    interaction = cevns.model(name).interactions[1]
    if isinstance(interaction, LeptonicVector):
        charges = [(f == interaction.plus) - (f == interaction.minus) for f in ("e", "mu", "tau")]
        assert (quarks, interference, anomaly) == ("loop", "by flavour", "0")
        assert [int(x) for x in leptons] == charges
    else:
        assert isinstance(interaction, LightVector)
        up, down = interaction.up_and_down
        assert (up, down) == (float(eval(quarks)), up)
        assert [float(x) for x in leptons] == list(interaction.lepton_charges)
        assert float(anomaly) == interaction.anomaly
        attractive = any(charge < 0 for charge in interaction.lepton_charges)
        assert interference == ("constructive" if attractive else "destructive")


def test_every_vector_model_is_documented() -> None:
    vectors = {
        name for name in MODEL_NAMES if isinstance(cevns.model(name).interactions[-1], LightVector | LeptonicVector)
    }
    assert set(documented_charges()) == vectors


def documented_mixings() -> Mapping[str, list[float]]:
    """Cells of the table of mixed bosons that are numbers, with s for sin^2 theta_W = 0.23857."""
    rows = table_rows(INTERACTIONS / "vector-mediators.md")
    numbers = {row[0].strip("`"): row[2:] for row in rows if len(row) == 10 and row[0].strip("`") in MIXINGS}
    return {
        name: [float(eval(re.sub(r"(\d)s", r"\1*s", cell), {"s": 0.23857})) for cell in cells]
        for name, cells in numbers.items()
    }


def test_charges_of_mixed_bosons_are_those_documented() -> None:
    documented = documented_mixings()
    assert set(documented) == set(MIXINGS)
    for name, cells in documented.items():
        mixing = MIXINGS[name](0.23857)
        up, down, electron = (mixing.vector(fermion) for fermion in ("u", "d", "e"))
        nucleons = (2 * up + down, up + 2 * down)
        expected = (mixing.electric, mixing.isospin, up, down, electron, mixing.neutrino, *nucleons)
        assert cells == pytest.approx(expected, abs=1e-12)


def documented_models() -> Mapping[str, tuple[str, list[str]]]:
    """Page and parameters of each model, from the table of the index of interactions."""
    rows = [row for row in table_rows(INTERACTIONS / "index.md") if row[0].startswith("`")]
    return {name: (row[1], re.findall(r"`(\w+)`", row[2])) for row in rows for name in re.findall("`(.+?)`", row[0])}


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_every_model_has_its_page_and_its_parameters(name: str) -> None:
    """The parameters are all listed, or some of them and an ellipsis."""
    link, parameters = documented_models()[name]
    target = re.fullmatch(r"\[\]\((.*?\.md)(?:#.*)?\)", link)
    assert target is not None, link
    assert f"`{name}`" in (INTERACTIONS / target[1]).read_text(encoding="utf-8")
    found = [parameter.name for parameter in cevns.model(name).parameters]
    assert set(parameters) <= set(found)
    assert len(parameters) >= min(len(found), 3)
