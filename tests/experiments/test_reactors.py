"""Experiments at reactors."""

from pathlib import Path

import numpy as np
import pytest

import cevns
from cevns.experiments.variations import SourceUncertainty
from cevns.sources import Reactor
from tests.experiments.test_steady import make
from tests.experiments.test_wrong_input import refusal

FRACTIONS = {"U235": 0.56, "U238": 0.08, "Pu239": 0.30, "Pu241": 0.06}
SOURCE: dict[str, object] = {
    "kind": "reactor",
    "thermal_power": "2.96 GW",
    "distance": "10.39 m",
    "live_time": "96.4 d",
    "fission_fractions": FRACTIONS,
}


def test_keys_are_those_of_a_reactor(tmp_path: Path) -> None:
    plain = make(tmp_path, source=SOURCE)
    assert plain.rates.source == Reactor(2960.0, 1039.0, 96.4 * 8.64e10, FRACTIONS)
    choices = {"flux": 4.8e13, "above": "huber-mueller", "below": "kopeikin"}
    chosen = make(tmp_path, source={**SOURCE, **choices})
    assert chosen.rates.source == Reactor(2960.0, 1039.0, 96.4 * 8.64e10, FRACTIONS, flux=4.8e13, below="kopeikin")
    captures = cevns.experiment(tmp_path, {"source.below": "vogel-engel", "source.neutron_capture": 0.5})
    assert captures.rates.source == Reactor(2960.0, 1039.0, 96.4 * 8.64e10, FRACTIONS, 4.8e13, neutron_capture=0.5)


def test_counts_are_inverse_to_the_distance_squared(tmp_path: Path) -> None:
    near, far = (make(tmp_path, source={**SOURCE, "distance": distance}) for distance in ("10 m", "20 m"))
    assert near.predict("sm").cevns == pytest.approx(4.0 * far.predict("sm").cevns, rel=1e-12)


def test_bands_of_the_spectrum_are_pulls(tmp_path: Path) -> None:
    band = {"name": "band", "varies": {"kind": "source", "uncertainty": "spectrum"}, "sigma": 1}
    one = make(tmp_path, source=SOURCE, nuisances=[band])
    plant, up = one.rates.source, SourceUncertainty("spectrum").rates(one.rates, 1.0)
    # Of the bins with events, up to 0.6 keVee: recoils above 0.2 keVee at a factor of 0.2 need more than 5 MeV.
    ratio = up.form(cevns.model("sm"), {}).counts({})[0, 0, :2] / one.predict("sm").cevns[:2, 0]
    ends = np.array([5.0, 8.0])
    low, high = (up.source.spectrum(ends) * up.source.fluence / (plant.spectrum(ends) * plant.fluence))[0]
    assert 1.02 < low < ratio[0] < ratio[1] < high < 1.11
    assert np.isfinite(cevns.Likelihood("sm", one).profiled().chi2)


@pytest.mark.parametrize(
    ("changes", "field", "allowed"),
    [
        ({"thermal_power": "2.96 GJ"}, "source.thermal_power", "a unit of power (GW, MW, kW, W)"),
        ({"fission_fractions": {"U235": 0.5}}, "source.fission_fractions", "sum to 1"),
        ({"fission_fractions": {"U233": 1.0}}, "source.fission_fractions", "U235, U238, Pu239, Pu241"),
        ({"flux": 0}, "source.flux", "greater than 0"),
        ({"below": "estienne-fallot"}, "source.below", "vogel-engel, kopeikin"),
        ({"spectrum": "huber-mueller"}, "source.spectrum", "fission_fractions"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changes: dict[str, object], field: str, allowed: str) -> None:
    error = refusal(lambda: make(tmp_path, source={**SOURCE, **changes}))
    assert error.field.endswith(field)
    assert allowed in error.allowed
