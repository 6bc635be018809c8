"""Experiments that see the Sun."""

from pathlib import Path

import numpy as np
import pytest

import cevns
from cevns.errors import InputError
from cevns.sources import Sun
from tests.experiments.test_steady import DETECTOR, make
from tests.experiments.test_wrong_input import refusal

SUN = {"kind": "sun", "live_time": "97.1 d"}
ALONE = {
    **{key: value for key, value in DETECTOR.items() if key != "quenching"},
    "nuclear_recoils": "rejected",
    "electron_recoils": "counted",
}


def test_the_block_is_the_source(tmp_path: Path) -> None:
    settings = {"model": "agss09met", "fluxes": {"8B": 5.2e6}, "flavour_change": "vacuum", "sin2_theta_12": 0.3}
    one = make(tmp_path, source={**SUN, **settings})
    assert one.rates.source == Sun(97.1 * 8.64e10, "agss09met", {"8B": 5.2e6}, "vacuum", 0.3)
    assert make(tmp_path, source=SUN).rates.source == Sun(97.1 * 8.64e10)
    assert one.flavours == ("nu_e", "nu_mu", "nu_tau")
    np.testing.assert_array_equal(one.arrival, [[1.0]] * 3)


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        ("transition-moments", "Lambda_1", 1e-11),
        ("charge-radius", "r2_etau", 1e-31),
        ("millicharge", "q_emu", 1e-12),
        ("nsi", "eps_emu_dV_im", 0.1),
    ],
)
def test_flavours_that_interfere_are_refused(model: str, name: str, value: float, tmp_path: Path) -> None:
    """Mass states have phases between flavours: mu^2 of Lambda_1 alone is 1 - P_1 = 0.35, and 0.56 without them."""
    detector = {**DETECTOR, "electron_recoils": "counted"}
    sun = make(tmp_path, source=SUN, detector=detector)
    np.testing.assert_array_equal(sun.predict(model, **{name: 0.0}).signal, sun.predict("sm").signal)
    refused = f"{name}: .* allowed: 0: neutrinos arrive as mixtures of flavours"
    with pytest.raises(InputError, match=refused):
        sun.predict(model, **{name: [0.0, value]})
    with pytest.raises(InputError, match=refused):
        cevns.Likelihood(model, sun)(**{name: value})
    unmixed = make(tmp_path, source={**SUN, "flavour_change": "none"}, detector=detector)
    assert unmixed.predict(model, **{name: value}).total.sum() > unmixed.predict("sm").total.sum()


def test_pulls_are_in_standard_deviations(tmp_path: Path) -> None:
    """Recoils of electrons below 1.2 keV: pp makes almost all, and few more if more electron neutrinos survive."""
    names = {"flux_pp": "pp", "sin2_theta_12": "mixing"}
    pulls = [
        {"name": name, "varies": {"kind": "source", "uncertainty": uncertainty}, "sigma": 1.0}
        for uncertainty, name in names.items()
    ]
    one = make(tmp_path, source=SUN, detector=ALONE, nuisances=pulls)
    sun = one.rates.source
    assert isinstance(sun, Sun)
    nominal = one.predict("sm").electron_scattering
    for uncertainty, variation in zip(names, one.spectrum_variations.values(), strict=True):
        varied = variation.rates(one.rates, 2.0).source
        assert varied == sun.varied(uncertainty, 2.0)
    changed = make(tmp_path, source={**SUN, "fluxes": {"pp": 1.012 * sun.flux("pp")}}, detector=ALONE)
    ratio = changed.predict("sm").electron_scattering / nominal
    assert np.all((ratio > 1.010) & (ratio < 1.012))
    assert np.isfinite(cevns.Likelihood("sm", one).profiled().chi2)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"live_time": "97.1"}, "source.live_time"),
        ({"model": "bs05"}, "source.model"),
        ({"fluxes": {"9C": 1.0}}, "source.fluxes"),
        ({"fluxes": {"8B": -1.0}}, "source.fluxes.8B"),
        ({"flavour_change": "lma"}, "source.flavour_change"),
        ({"sin2_theta_13": 1.5}, "source.sin2_theta_13"),
        ({"dm21": 0.0}, "source.dm21"),
        ({"distance": "1 m"}, "source.distance"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, settings: dict[str, object], field: str) -> None:
    error = refusal(lambda: make(tmp_path, source={**SUN, **settings}))
    assert field.split(".", maxsplit=1)[1] in error.field
