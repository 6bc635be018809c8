from __future__ import annotations

import pytest

from cevns.errors import InputError
from cevns.interactions import (
    MEDIATOR_NAMES,
    MODEL_NAMES,
    FreeMixingAngle,
    LightScalar,
    LightVector,
    Model,
    StandardModel,
    WeakCouplings,
    as_model,
    describe_models,
    model,
)

MEDIATORS = (
    "universal", "b-l", "b-3le", "b-3lmu", "b-2le-lmu", "b-le-2lmu", "by+lmu+ltau", "le-lmu", "le-ltau", "lmu-ltau",
    "scalar",
)  # fmt: skip


def test_names_that_scripts_of_users_depend_on() -> None:
    assert set(MEDIATOR_NAMES) == set(MEDIATORS)
    assert MODEL_NAMES[0] == "sm"
    assert set(MEDIATORS) < set(MODEL_NAMES)
    assert len(set(MODEL_NAMES)) == len(MODEL_NAMES)


@pytest.mark.parametrize("name", MEDIATORS)
def test_a_mediator_comes_on_top_of_the_standard_model(name: str) -> None:
    chosen = model(name)
    assert chosen.name == name
    assert chosen.interactions[0] == StandardModel()
    assert chosen.interactions[1].name == name
    assert [(p.name, p.unit, p.low) for p in chosen.parameters] == [("g", "", 0.0), ("mass", "MeV", 0.0)]
    assert chosen.coupling.name == "g"
    assert chosen.shapes == {"mass"}
    assert chosen.citations


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_every_model_can_be_made_and_cites_its_sources(name: str) -> None:
    chosen = model(name)
    assert chosen.name == name
    assert chosen.citations
    assert all(parameter.meaning for parameter in chosen.parameters)


def test_the_standard_model_has_no_parameters() -> None:
    assert model("sm").interactions == (StandardModel(),)
    assert model("sm").parameters == ()


def test_every_model_is_described() -> None:
    assert tuple(describe_models()) == MODEL_NAMES
    assert all(len(line) > 5 for line in describe_models().values())
    assert len(set(describe_models().values())) == len(MODEL_NAMES)


@pytest.mark.parametrize("name", MEDIATORS)
def test_a_label_goes_to_the_parameter_names(name: str) -> None:
    assert [p.name for p in model(name, label="z").parameters] == ["g_z", "mass_z"]


def test_weak_couplings_can_be_chosen() -> None:
    by_hand = WeakCouplings((0.0, 0.0, 0.0), -0.5)
    assert model("b-l", couplings="tree").interactions[0] == StandardModel("tree")
    assert model("nsi", couplings="tree").interactions[0] == StandardModel("tree")
    assert model("sm", couplings=by_hand).interactions[0] == StandardModel(by_hand)
    assert model("weak-mixing-angle", couplings="tree").interactions == (FreeMixingAngle("tree"),)


def test_what_can_stand_for_a_model() -> None:
    vector = LightVector({"B": 1.0, "e": 1.0}, name="mine")
    alone = Model("alone", (vector,))
    assert as_model("scalar") == Model("scalar", (StandardModel(), LightScalar()))
    assert as_model(vector) == Model("mine", (StandardModel(), vector))
    assert as_model(StandardModel("tree")) == Model("sm", (StandardModel("tree"),))
    assert as_model(alone) is alone


@pytest.mark.parametrize("choice", ["B-L", "b-l ", "", "standard model"])
def test_refuses_an_unknown_name(choice: str) -> None:
    with pytest.raises(InputError, match=r"^model: got .*; allowed: .*or one of: sm, universal, b-l"):
        model(choice)


@pytest.mark.parametrize("choice", [None, 3, {"B": 1.0}, ["b-l"]])
def test_refuses_what_is_no_model(choice: object) -> None:
    with pytest.raises(InputError, match="a model name, an Interaction or a Model"):
        as_model(choice)
