"""Pseudo-data along a line: chunks, seeds, and chi^2 of single sets."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest

import cevns
from cevns import InputError, Likelihood, NumericalError
from cevns.inference import Line, ToyScan
from cevns.inference.executors import run
from cevns.inference.toys.line import lines
from cevns.statistics import descent

GRID = np.linspace(0.0, 8e-5, 9)


def line(names: tuple[str, ...] = ("coherent-csi-2021", "coherent-lar-2020"), shared: tuple[str, ...] = ()) -> Line:
    likelihood = Likelihood("b-l", [cevns.experiment(name) for name in names], shared=shared)
    return Line(likelihood, "g", GRID, {"mass": 10.0})


def scan(chosen: Line, **changes: object) -> ToyScan:
    truths = (0, 4)
    default = ToyScan(chosen, truths, chosen.true_pulls("profiled", truths), toys=11, seed=7, chunk=4)
    return replace(default, **changes)


@pytest.fixture(scope="module")
def joint() -> Line:
    return line()


@pytest.fixture(scope="module")
def whole(joint: Line) -> np.ndarray:
    return np.asarray(run(scan(joint))["chi2"])


def test_bits_do_not_depend_on_the_order(joint: Line, whole: np.ndarray) -> None:
    work = scan(joint)
    assert (work.chunks, whole.shape) == (6, (2, 11, 9))
    backwards = np.empty_like(whole)
    for chunk in reversed(range(work.chunks)):
        backwards[work.arrays["chi2"].region(chunk)] = scan(joint).compute(chunk)["chi2"]
    assert np.array_equal(backwards, whole)


def test_every_set_is_another(joint: Line, whole: np.ndarray) -> None:
    assert len(np.unique(whole[:, :, 0])) == 22
    other = run(scan(joint, seed=8))["chi2"]
    assert not np.any(other == whole)
    # The random numbers of a chunk are those of its own seed: with more chunks the first stay what they are.
    more = run(scan(joint, truths=(0,), pulls=scan(joint).pulls[:1], toys=16))["chi2"]
    assert np.array_equal(more[0, :8], whole[0, :8])


def test_the_chunk_is_the_seed_sequence_of_its_number(joint: Line, whole: np.ndarray) -> None:
    work = scan(joint)
    generator = np.random.default_rng(np.random.SeedSequence(7, spawn_key=(4,)))
    thrown = joint.throw(4, work.pulls[1], 4, generator, centres=True)
    assert np.array_equal(joint.chi2(thrown), whole[1, 4:8])


def test_survives_a_journey_with_everything_computed(joint: Line, whole: np.ndarray) -> None:
    work = scan(joint)
    work.compute(0)
    from cevns.inference.executors import _pickled

    again = pickle.loads(_pickled(work))
    assert np.array_equal(again.compute(5)["chi2"][0], whole[1, 8:])
    assert again.card == work.card


def test_card_says_everything(joint: Line) -> None:
    cards = [
        json.dumps(each.card, allow_nan=False)
        for each in (
            scan(joint),
            scan(joint, toys=12),
            scan(joint, seed=8),
            scan(joint, chunk=5),
            scan(joint, centres=False),
            scan(joint, truths=(1, 4)),
            scan(joint, pulls=np.zeros((2, 16))),
            scan(replace(joint, grid=GRID * 1.1)),
            scan(replace(joint, fixed={"mass": 11.0})),
            scan(line(("coherent-lar-2020", "coherent-csi-2021"))),
        )
    ]
    assert len(set(cards)) == len(cards)
    assert json.dumps(scan(joint).card) == cards[0]


@pytest.mark.parametrize(
    ("names", "shared"),
    [
        (("coherent-csi-2021",), ()),
        (("coherent-csi-2021", "coherent-lar-2020"), ("sns_flux",)),
        (("coherent-csi-2017",), ()),
    ],
)
def test_chi2_is_that_of_an_experiment_with_these_counts(names: tuple[str, ...], shared: tuple[str, ...]) -> None:
    """As if the counts had been observed, with the constraints where they are."""
    chosen = line(names, shared)
    pulls = chosen.true_pulls("profiled", [3])[0]
    thrown = chosen.throw(3, pulls, 2, np.random.default_rng(2), centres=False)
    found = chosen.chi2(thrown)
    for toy in range(2):
        statistic = thrown[0].statistic
        parts = getattr(statistic, "parts", [statistic])
        experiments = []
        for one, part in zip(chosen.likelihood.experiments, parts, strict=True):
            shape = one.observed.shape
            observed, backgrounds = part.observed[toy], dict(one.backgrounds)
            if hasattr(part, "off"):
                backgrounds["steady_state"] = part.off[toy].reshape(shape)
            if hasattr(part, "variance"):
                # What is subtracted of measured backgrounds is known from the variance, max(n, 1) + SS/5.
                counts = part.variance[toy] - part.background
                assert np.all(counts >= 1.0)
                continue
            experiments.append(replace(one, observed=observed.reshape(shape), backgrounds=backgrounds))
        if len(experiments) == len(names):
            expected = Likelihood("b-l", experiments, shared=shared)(g=GRID, mass=10.0)
            assert found[toy] == pytest.approx(expected, rel=0.0, abs=1e-8)
    assert np.all(found > 20.0)


def test_true_pulls(joint: Line) -> None:
    best = joint.likelihood.profiled(g=GRID[[2, 5]], mass=10.0).pulls
    assert np.array_equal(joint.true_pulls("nominal", [2, 5]), np.zeros((2, 16)))
    np.testing.assert_allclose(joint.true_pulls("profiled", [2, 5]).T, list(best.values()), atol=1e-5)
    with pytest.raises(InputError, match="pulls: got 'best'; allowed: one of: profiled, nominal"):
        joint.true_pulls("best", [0])


def test_asimov_data_are_best_fitted_by_the_truth(joint: Line) -> None:
    chi2 = joint.asimov(5, joint.true_pulls("profiled", [5])[0])
    assert chi2[5] == pytest.approx(0.0, abs=1e-8)
    assert np.all(np.delete(chi2, 5) > 1e-3)


def test_pulls_that_do_not_converge_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = line(("coherent-csi-2021",))
    monkeypatch.setattr(descent, "_MAXIMUM_STEPS", 1)
    with pytest.raises(NumericalError, match=r"pulls of pseudo-data did not converge at \{'mass': 10.0, 'g': "):
        chosen.asimov(8, np.array([0.3, 0.0, 0.0, 0.0]))


@pytest.mark.parametrize(
    ("name", "value", "least"), [("toys", 0, 1), ("chunk", 0, 1), ("seed", -1, 0), ("toys", 2.5, 1)]
)
def test_wrong_numbers(joint: Line, name: str, value: float, least: int) -> None:
    with pytest.raises(InputError, match=f"{name}: got {value}; allowed: an integer of at least {least}"):
        scan(joint, **{name: value})


def test_lines_of_several_points() -> None:
    likelihood = Likelihood("b-l", cevns.experiment("coherent-csi-2021"))
    found = list(lines(likelihood, "g", {"mass": [1.0, 100.0]}, GRID, include=[1e-5, 3e-5]))
    assert [one.fixed for one in found] == [{"mass": 1.0}, {"mass": 100.0}]
    # 3e-5 takes the place of a point of the grid that differs from it by rounding only.
    assert len(found[0].grid) == 9
    assert (found[0].index(1e-5), found[0].index(3e-5)) == (1, 3)
    assert len(found[0].including(3.1e-5).grid) == 10


def test_default_grid_holds_all_values_that_data_like_these_could_allow() -> None:
    likelihood = Likelihood("b-l", cevns.experiment("coherent-csi-2021"))
    (found,) = lines(likelihood, "g", {"mass": 10.0}, None)
    rise = found.observed - found.observed.min()
    assert (found.grid[0], len(found.grid)) == (0.0, 61)
    assert rise[-1] == pytest.approx(36.0, abs=0.01)


@pytest.mark.parametrize(
    ("parameter", "fixed", "grid", "message"),
    [
        ("g", {"mass": 1.0, "g": 1e-5}, None, "g: got 1e-05; allowed: no value"),
        ("g", {}, None, "mass: got None; allowed: a value"),
        ("g", {"mass": 1.0}, [0.0, 0.0, 1e-5], "grid: got .* allowed: increasing numbers"),
        ("g", {"mass": 1.0}, [[0.0, 1e-5]], "grid: got .* allowed: increasing numbers"),
        ("g", {"mass": 1.0}, [-1e-5, 1e-5], "g: got .* allowed: "),
        (None, {"mass": 1.0}, None, "g: got None; allowed: a value"),
        ("charge", {"mass": 1.0}, None, "parameter: got 'charge'; allowed: one of: g, mass"),
    ],
)
def test_wrong_lines(parameter: str | None, fixed: dict[str, float], grid: object, message: str) -> None:
    likelihood = Likelihood("b-l", cevns.experiment("coherent-csi-2021"))
    with pytest.raises(InputError, match=message):
        list(lines(likelihood, parameter, fixed, grid))
    with pytest.raises(InputError, match=r"g: got 0\.5; allowed: a value on the grid"):
        line(("coherent-csi-2021",)).index(0.5)
