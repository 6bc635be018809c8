from __future__ import annotations

import json

import numpy as np
import pytest

from cevns import InputError, LimitResult
from cevns.inference import muon_band
from cevns.interactions.muon_moment import muon_moment_couplings
from cevns.results import MuonBandResult


def limit(mass: float, *crossings: float) -> LimitResult:
    return LimitResult(
        "lmu-ltau", ("x",), "g", mass, 0.9, 2, 4.6, crossings[0], crossings[-1], crossings, 0.0, 0.0, 1, "1"
    )


def test_muon_band_by_hand() -> None:
    """Excluded: all, the upper half, none, and half in the middle of it because of a second allowed region."""
    masses = np.array([1.0, 10.0, 100.0, 1000.0])
    low, high = muon_moment_couplings(masses, "2021", "vector", sigmas=1.0)
    at = [(lambda f, i=i: float(low[i] + f * (high[i] - low[i]))) for i in range(4)]
    limits = [
        limit(1.0, at[0](-0.1)),
        limit(10.0, at[1](0.5)),
        limit(100.0, at[2](1.5)),
        limit(1000.0, at[3](0.25), at[3](0.75), at[3](1.25)),
    ]
    found = muon_band(limits[::-1], "lmu-ltau", "2021", sigmas=1.0)
    assert found.masses == tuple(masses)
    assert found.fractions == pytest.approx((1.0, 0.5, 0.0, 0.5))
    assert found.fraction == pytest.approx(0.5)
    assert found.whole_band == found.lower_edge == ((1.0, 1.0),)
    assert MuonBandResult.from_dict(json.loads(found.to_json())) == found
    assert "excluded             50 %  (90 % CL, 2 dof)" in str(found)


def test_band_with_no_tension_has_no_lower_edge_to_exclude() -> None:
    found = muon_band([limit(1.0, 1e-9), limit(10.0, 1e-9)], "lmu-ltau", "2025")
    assert found.lower_edge == ()
    assert found.fraction == pytest.approx(1.0, abs=1e-4)


def test_muon_charge_scales_the_band() -> None:
    """Muons couple with 3 g in B - 3 L_mu: the band is at a third of the coupling."""
    edge = float(muon_moment_couplings(np.array(10.0), "2021", "vector")[0])
    assert muon_band([limit(10.0, 0.34 * edge)], "b-3lmu", "2021").lower_edge == ()
    assert muon_band([limit(10.0, 0.33 * edge)], "b-3lmu", "2021").lower_edge == ((10.0, 10.0),)


@pytest.mark.parametrize(
    ("model", "band", "message"),
    [
        ("b-3le", "2021", "model: got 'b-3le'; allowed: a model with one mediator that couples to muons"),
        ("lmu-ltau", "2023", "band: got '2023'; allowed: '2021', '2025'|one of: 2021, 2025"),
    ],
)
def test_wrong_band(model: str, band: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        muon_band([limit(1.0, 1e-3)], model, band)


def test_no_limits_for_a_band() -> None:
    with pytest.raises(InputError, match="limits"):
        muon_band([], "lmu-ltau", "2021")
