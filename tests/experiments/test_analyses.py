"""Alternative analyses of the data of one experiment, by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

import cevns
from cevns import InputError, Likelihood
from cevns.experiments import ANALYSES, analysis_names, experiment_directory, is_experiment
from cevns.io.citations import reference
from tests.experiments.editing import copy_experiment

CSI, LAR = "coherent-csi-2021", "coherent-lar-2020"
SHIPPED = [name for base in cevns.experiment_names() for name in analysis_names(base)]
DE_ROMERI = [f"{name}/de-romeri-2023" for name in (CSI, LAR)]
STANDARD_MODEL_CHI2 = {
    f"{CSI}/de-romeri-2023": 80.8908,
    f"{LAR}/de-romeri-2023": 106.3020,
    "dresden-ii/on-off": 94.1075,
    "dresden-ii/photoneutron": 106.4821,
}
"""Smallest chi^2 of the Standard Model with the default couplings: a change of any of them must be on purpose."""


def test_shipped_analyses() -> None:
    assert sorted(STANDARD_MODEL_CHI2) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_analysis_is_of_its_experiment(name: str) -> None:
    base, _, short = name.partition("/")
    loaded, original = cevns.experiment(name), cevns.experiment(base)
    assert loaded.name == name
    assert (loaded.config.name, loaded.config.analysis) == (base, short)
    assert loaded.config.title != original.config.title
    assert float(Likelihood("sm", loaded)()) == pytest.approx(STANDARD_MODEL_CHI2[name], abs=1e-3)


@pytest.mark.parametrize("name", DE_ROMERI)
def test_other_pulls_on_the_same_data_and_prediction(name: str) -> None:
    loaded, original = cevns.experiment(name), cevns.experiment(name.partition("/")[0])
    assert np.array_equal(loaded.observed, original.observed)
    assert loaded.config.nuisances != original.config.nuisances
    assert "2211.11905" in " ".join(reference(key) for key in loaded.citations)
    assert np.array_equal(loaded.predict("sm").total, original.predict("sm").total)


def test_pulls_of_csi_are_those_of_the_paper() -> None:
    sigmas = {p.name: p.sigma for p in cevns.experiment(f"{CSI}/de-romeri-2023").config.nuisances}
    assert list(sigmas.values()) == [0.11, 0.25, 0.35, 0.021, 0.05, 0.038, None, None]


def test_pulls_of_lar_combine_variants_up_and_down() -> None:
    lar = cevns.experiment(f"{LAR}/de-romeri-2023")
    data = cevns.statistics.measurement(lar)
    assert len(data.pulls) == 9
    changes = dict(zip(data.pulls, data.signal_change + data.background_change, strict=True))
    shapes = {name: values.ravel() for name, values in cevns.experiment(LAR).shapes.items()}
    neutrons = lar.backgrounds["prompt_neutrons"].ravel()
    f90 = (shapes["cevns_f90_up"] - shapes["cevns_f90_down"]) / 2.0
    late = (shapes["prompt_neutrons_time_late"] - shapes["prompt_neutrons_time_early"]) / 2.0
    assert changes["lar_cevns_f90"] == pytest.approx(f90)
    assert changes["lar_prompt_neutrons_time"] == pytest.approx(late * neutrons)
    assert changes["lar_cevns_time"] == pytest.approx(shapes["cevns_trigger_time"])


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return copy_experiment(LAR, tmp_path)


def write(directory: Path, name: str, content: object) -> str:
    """Write an analysis, and return its name."""
    (directory / ANALYSES).mkdir(exist_ok=True)
    text = content if isinstance(content, str) else yaml.safe_dump(content)
    (directory / ANALYSES / f"{name}.yaml").write_text(text, encoding="utf-8")
    return f"{directory}/{name}"


def test_analysis_of_ones_own(mine: Path) -> None:
    """Nested keys are replaced one by one, blocks of another kind as a whole, lists as a whole."""
    efficiency = {"kind": "sigmoid", "scale": 1.0, "slope": 0.3, "midpoint": 5.0}
    name = write(
        mine,
        "tight",
        {
            "target": {"mass": "12.2 kg"},
            "detector": {"quenching": {"constant": 0.25}, "efficiency": efficiency},
            "nuisances": [{"name": "norm", "component": "cevns", "sigma": 0.01}],
        },
    )
    loaded, base = cevns.experiment(name), cevns.experiment(mine)
    assert loaded.name == f"{LAR}/tight"
    assert loaded.config.target.mass == base.config.target.mass / 2.0
    assert loaded.config.target.form_factor == base.config.target.form_factor
    assert loaded.config.detector.quenching.constant == 0.25
    assert loaded.config.detector.quenching.slope == base.config.detector.quenching.slope
    assert loaded.config.detector.efficiency.kind == "sigmoid"
    assert [pull.name for pull in loaded.config.nuisances] == ["norm"]
    assert loaded.config.title == base.config.title
    assert analysis_names(mine) == (f"{mine}/de-romeri-2023", f"{mine}/tight")


def test_overrides_come_on_top(mine: Path) -> None:
    name = write(mine, "light", {"target": {"mass": "1 kg"}})
    assert cevns.experiment(name).config.target.mass == 1.0
    assert cevns.experiment(name, {"target.mass": "2 kg"}).config.target.mass == 2.0


def test_path_as_a_path(mine: Path) -> None:
    assert cevns.experiment(mine / "de-romeri-2023").name == f"{LAR}/de-romeri-2023"


@pytest.mark.parametrize(
    "name", [f"{CSI}/nobody-1900", f"{CSI}/", f"{CSI}/de-romeri-2023/more", "nothing/de-romeri-2023"]
)
def test_unknown_analysis(name: str) -> None:
    with pytest.raises(InputError) as caught:
        cevns.experiment(name)
    assert caught.value.field == "experiment"
    assert caught.value.value == name
    assert f"{CSI}/de-romeri-2023" in caught.value.allowed


def test_unknown_experiment_tells_the_analyses() -> None:
    with pytest.raises(InputError, match=f"{LAR}/de-romeri-2023") as caught:
        experiment_directory("nothing")
    assert f"{CSI}, {CSI}/de-romeri-2023" in caught.value.allowed


def test_what_is_an_experiment(mine: Path, tmp_path: Path) -> None:
    assert is_experiment(CSI)
    assert is_experiment(mine)
    assert not is_experiment(tmp_path)
    assert not is_experiment(f"{CSI}/de-romeri-2023")
    assert analysis_names("coherent-csi-2017-counting") == ()


@pytest.mark.parametrize(
    ("content", "field", "allowed"),
    [
        ({"name": "other"}, "name", "no name"),
        ({"detector": {"gain": 2}}, "detector.gain", "light_yield"),
        ({"detector": 2}, "detector", "keys with values"),
        ({"target": {"mass": "1 m"}}, "target.mass", "a unit of mass"),
        ("", "analyses/wrong.yaml", "a mapping"),
        ("- 1\n", "analyses/wrong.yaml", "a mapping"),
        ("a: [", "analyses/wrong.yaml", "valid YAML"),
    ],
)
def test_wrong_analysis(mine: Path, content: object, field: str, allowed: str) -> None:
    name = write(mine, "wrong", content)
    with pytest.raises(InputError) as caught:
        cevns.experiment(name)
    assert f"{ANALYSES}/wrong.yaml" in caught.value.field
    assert field in caught.value.field
    assert allowed in caught.value.allowed


def test_the_same_data_are_not_fitted_twice() -> None:
    both = [cevns.experiment(name) for name in (CSI, f"{CSI}/de-romeri-2023")]
    with pytest.raises(InputError, match="each once and in one analysis") as caught:
        Likelihood("sm", both)
    assert caught.value.value == [CSI, f"{CSI}/de-romeri-2023"]


def test_analyses_of_different_data_are_fitted_together() -> None:
    joint = Likelihood("sm", [cevns.experiment(name) for name in DE_ROMERI])
    assert float(joint()) == pytest.approx(sum(STANDARD_MODEL_CHI2[name] for name in DE_ROMERI), abs=2e-3)
    assert cevns.limits("b-l", joint.experiments, mass=10.0)[0].experiments == tuple(DE_ROMERI)
