from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns import InputError, Likelihood
from cevns.experiments import Experiment
from cevns.inference import ArraySpec
from cevns.inference.work import Memory, identity
from cevns.interactions import LightVector, Model
from tests.inference.works import Squares

SIZES = st.lists(st.tuples(st.integers(1, 7), st.integers(1, 9)), min_size=1, max_size=3)


@given(sizes=SIZES, undivided=st.lists(st.integers(1, 3), max_size=2))
def test_chunks_cover_an_array_once(sizes: list[tuple[int, int]], undivided: list[int]) -> None:
    shape, chunk = (tuple(part) for part in zip(*sizes, strict=True))
    spec = ArraySpec((*shape, *undivided), chunk)
    visits = np.zeros(spec.shape, int)
    for number in range(spec.chunks):
        visits[spec.region(number)] += 1
        assert all(n <= most for n, most in zip(visits[spec.region(number)].shape, spec.block, strict=True))
    assert np.all(visits == 1)


def test_chunks_follow_each_other_along_the_first_axis() -> None:
    spec = ArraySpec((5, 3), (2,))
    assert [spec.region(number)[0] for number in range(spec.chunks)] == [slice(0, 2), slice(2, 4), slice(4, 5)]


def test_memory_puts_chunks_into_their_place() -> None:
    work = Squares()
    memory = Memory(work)
    for chunk in reversed(range(work.chunks)):
        memory.write(chunk, work.compute(chunk))
    assert memory.done == set(range(work.chunks))
    for name, expected in work.expected().items():
        np.testing.assert_array_equal(memory.arrays[name], expected)
        assert memory.arrays[name].dtype == work.arrays[name].dtype


def test_identity_tells_likelihoods_apart(csi: Experiment, lar: Experiment) -> None:
    likelihoods = [
        Likelihood("b-l", csi),
        Likelihood("universal", csi),
        Likelihood("b-l", [csi, lar]),
        Likelihood("b-l", [csi, lar], shared=["sns_flux"]),
    ]
    seen = [identity(each) for each in likelihoods]
    assert seen[0] == identity(Likelihood("b-l", csi))
    assert all(a != b for i, a in enumerate(seen) for b in seen[:i])


def test_identity_needs_a_model_that_says_what_it_is(csi: Experiment) -> None:
    class Nameless(LightVector):
        __repr__ = object.__repr__

    with pytest.raises(InputError, match="repr tells what they are"):
        identity(Likelihood(Model("mine", (Nameless({"B": 1, "e": 1}),)), csi))


def test_identity_tells_apart_what_classes_of_ones_own_compute(
    csi: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    text = "from cevns.interactions import LightVector\n\n\nclass Mine(LightVector):\n    factor = {}\n"
    seen = []
    for number, name in enumerate(("one_of_mine", "another_of_mine", "the_same_as_the_first")):
        (tmp_path / f"{name}.py").write_text(text.format(number % 2))
        mine = import_module(name).Mine({"B": 1, "e": 1})
        seen.append(identity(Likelihood(mine, csi)))
    assert seen[0] == seen[2]
    assert seen[0]["model"] == seen[1]["model"]
    assert seen[0] != seen[1]
    assert "own" not in identity(Likelihood("b-l", csi))
