"""A likelihood that keeps counts at points of masses, against one that does not."""

from __future__ import annotations

import numpy as np
import pytest

import cevns
from cevns.statistics import Likelihood, likelihood

COUNTING = "coherent-csi-2017-counting"


@pytest.mark.parametrize("room", [4096, 3])
@pytest.mark.parametrize(
    ("model", "shape", "coupling"), [("b-l", "mass", "g"), ("universal-dipole-portal", "m4", "mu_4")]
)
def test_values_are_those_of_the_plain_likelihood(
    model: str, shape: str, coupling: str, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old points, new ones and both in one call, in any order; with room for three of them what is kept is given up."""
    monkeypatch.setattr(likelihood, "_REMEMBERED", room)
    plain = Likelihood(model, cevns.experiment(COUNTING))
    kept = plain.remembering()
    strength = {"g": [1e-5, 1e-4], "mu_4": [1e-9, 4e-9]}[coupling]
    for masses in ([3.0, 20.0], [20.0], [40.0, 3.0, 1.0, 20.0], [1.0, 1.0], 5.0):
        point = {shape: np.asarray(masses)[..., None], coupling: strength}
        np.testing.assert_allclose(kept(**point), plain(**point), rtol=1e-11)


def test_without_masses_there_is_one_point() -> None:
    plain = Likelihood("universal-magnetic-moment", cevns.experiment(COUNTING))
    kept = plain.remembering()
    for moment in (1e-9, [0.0, 2e-9]):
        np.testing.assert_array_equal(kept(mu_nu=moment), plain(mu_nu=moment))
