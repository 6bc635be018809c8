"""The Sun: fluxes, spectra, flavour change, and what a pull does to them."""

from __future__ import annotations

import math
import pickle
import runpy
import subprocess
import sys
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cevns.constants import AVOGADRO, FERMI_CONSTANT, HBAR_C
from cevns.detector import DetectorResponse, GaussianResolution, LinearQuenching, NoResolution, Sigmoid
from cevns.errors import InputError
from cevns.nuclear import electrons, isotope, nucleus
from cevns.predict import EnergyRates
from cevns.sources import Sun, UncertainSource
from cevns.sources.sun import ERRORS, LINES, PRODUCTION, FlavourChange
from cevns.typing import FloatArray
from tests.probe import standard_model_and

SECOND = 1e6
SUN = Sun(SECOND)
ORBIT = 1.0 / math.sqrt(1.0 - 0.01671**2)
GS98 = {
    "pp": 5.98e10, "pep": 1.44e8, "hep": 7.98e3, "7Be": 4.93e9, "8B": 5.46e6, "13N": 2.78e8, "15O": 2.05e8,
    "17F": 5.28e6
}  # fmt: skip
AGSS09MET = {
    "pp": 6.03e10, "pep": 1.46e8, "hep": 8.25e3, "7Be": 4.50e9, "8B": 4.50e6, "13N": 2.04e8, "15O": 1.44e8,
    "17F": 3.26e6
}  # fmt: skip
"""Table 6 of arXiv:1611.09867 [1/(cm^2 s)]."""
ENERGY_FROM_FUSION = {
    "pp": 13.0987, "pep": 11.9193, "hep": 3.7370, "7Be": 12.6008, "8B": 6.6305, "13N": 3.4577, "15O": 21.5706,
    "17F": 2.363
}  # fmt: skip
"""Energy that the Sun radiates per neutrino [MeV] (J. N. Bahcall, Phys. Rev. C 65 (2002) 025801)."""
IRRADIANCE = 8.5272e11
"""Of the Sun at 1 AU [MeV/(cm^2 s)], ibid."""


def only(reaction: str, **options: object) -> Sun:
    """A Sun in which one reaction goes on, once per cm^2."""
    fluxes = {**dict.fromkeys(PRODUCTION, 0.0), reaction: 1.0 / ORBIT}
    return replace(SUN, fluxes=fluxes, **options)


@pytest.mark.parametrize(("model", "fluxes"), [("gs98", GS98), ("agss09met", AGSS09MET)])
def test_fluxes_are_those_of_the_standard_solar_models(model: str, fluxes: dict[str, float]) -> None:
    sun = replace(SUN, model=model)
    assert {reaction: sun.flux(reaction) for reaction in PRODUCTION} == pytest.approx(fluxes)
    assert sun.fluence.sum() == pytest.approx(ORBIT * sum(fluxes.values()))
    assert replace(sun, live_time=3.0 * SECOND).fluence == pytest.approx(3.0 * sun.fluence)
    radiated = sum(ENERGY_FROM_FUSION[reaction] * flux for reaction, flux in fluxes.items())
    assert radiated == pytest.approx(IRRADIANCE, rel=2e-3)


def test_the_year_is_averaged() -> None:
    anomaly = np.linspace(0.0, 2.0 * np.pi, 1000, endpoint=False)
    distance = 1.0 - 0.01671 * np.cos(anomaly)
    # Equal steps of the eccentric anomaly take times in proportion to the distance.
    mean = np.average(distance**-2, weights=distance)
    assert only("8B").fluence.sum() == pytest.approx(mean / ORBIT, rel=1e-12)
    assert SUN.path[0] - SUN.path[1] / 2.0 == pytest.approx(distance.min() * 1.496e13, rel=1e-3)


@pytest.mark.parametrize(
    ("reaction", "mean", "end"),
    [
        ("pp", 0.2667, 0.4234),
        ("hep", 9.63, 18.784),
        ("8B", 6.735, 16.36),
        ("13N", 0.7067, 1.199),
        ("15O", 0.9965, 1.732),
        ("17F", 0.9994, 1.740),
    ],
)
def test_spectra(reaction: str, mean: float, end: float) -> None:
    """Mean energies [MeV] of J. N. Bahcall, Phys. Rev. C 56 (1997) 3391, and of C 54 (1996) 411 for 8B."""
    sun = only(reaction, flavour_change="none")
    np.testing.assert_allclose(sun.fluence, [1.0, 0.0, 0.0], rtol=1e-12)
    energy = np.linspace(1e-3, 20.0, 400_001)
    spectrum = sun.spectrum(energy)[0]
    assert np.trapezoid(spectrum, energy) == pytest.approx(1.0, abs=3e-5)
    assert np.trapezoid(energy * spectrum, energy) == pytest.approx(mean, rel=3e-4)
    assert energy[spectrum > 0.0].max() == pytest.approx(end, abs=1e-3)


@pytest.mark.parametrize("reaction", LINES)
def test_lines(reaction: str) -> None:
    sun = only(reaction, flavour_change="none")
    assert sun.lines[0] == pytest.approx({**dict.fromkeys(SUN.lines[0], 0.0), **LINES[reaction]})
    assert sun.moments(np.array([0.1]))[0, 0, 0] == pytest.approx(1.0)
    assert set(LINES[reaction]) <= set(sun.energy_breakpoints)


@pytest.mark.parametrize("lowest", [0.004, 0.1, 0.4, 0.8614, 1.5, 10.0, 17.0])
def test_moments_are_the_integrals_of_the_spectra(lowest: float) -> None:
    found = SUN.moments(np.array([lowest]))[..., 0]
    knots = [lowest, *(energy for energy in SUN.table.energy if energy > lowest)]
    nodes, weights = np.polynomial.legendre.leggauss(8)
    middle, half = np.array([np.add(knots[1:], knots[:-1]) / 2.0, np.diff(knots) / 2.0])
    energy = middle[:, None] + half[:, None] * nodes
    spectrum = SUN.spectrum(energy.reshape(1, -1))
    for k in range(3):
        expected = spectrum @ ((half[:, None] * weights) * energy**-k).ravel()
        expected += [sum(share * e**-k for e, share in SUN.lines[c].items() if e >= lowest) for c in range(3)]
        np.testing.assert_allclose(found[k], expected, rtol=1e-10)


def textbook(reaction: str, energy: float) -> float:
    """Survival in the form of hep-ph/0404042: at the mean potential, with the variance as a correction (1 - delta)."""
    s12, s13, dm21 = 0.318, 0.0220, 7.50e-5
    potential, variance = PRODUCTION[reaction]
    x = 2.0 * 1e6 * energy * 1e-12 * potential * (1.0 - s13) / dm21
    cosine, sine2 = 1.0 - 2.0 * s12, 4.0 * s12 * (1.0 - s12)
    root = math.hypot(cosine - x, math.sqrt(sine2))
    delta = 1.5 * x**2 * sine2 / root**4 * variance
    return (1.0 - s13) ** 2 * (0.5 + 0.5 * (1.0 - delta) * cosine * (cosine - x) / root) + s13**2


@pytest.mark.parametrize(
    ("reaction", "energy", "expected"),
    [
        ("pp", 0.267, 0.537),
        ("7Be", 0.8613, 0.520),
        ("pep", 1.44, 0.510),
        ("8B", 6.7, 0.364),
        ("8B", 10.0, 0.334),
        ("hep", 9.6, 0.393),
    ],
)
def test_survival(reaction: str, energy: float, expected: float) -> None:
    found = float(SUN.survival(reaction, np.array(energy)))
    assert found == pytest.approx(expected, abs=1e-3)
    # The two differ in the fourth order of the relative spread of the density only.
    assert found == pytest.approx(textbook(reaction, energy), abs=0.15 * PRODUCTION[reaction][1] ** 2 + 1e-4)


@pytest.mark.parametrize("reaction", PRODUCTION)
def test_survival_between_its_limits(reaction: str) -> None:
    cos4, sin4 = 0.978**2, 0.022**2
    vacuum = cos4 * (1.0 - 2.0 * 0.318 * 0.682) + sin4
    energy = np.geomspace(1e-6, 1e6, 200)
    survival = SUN.survival(reaction, energy)
    assert survival[0] == pytest.approx(vacuum, rel=1e-6)
    assert survival[-1] == pytest.approx(cos4 * 0.318 + sin4, rel=1e-6)
    assert np.all(np.diff(survival) < 0.0)
    np.testing.assert_allclose(replace(SUN, flavour_change="vacuum").survival(reaction, energy), vacuum, rtol=1e-12)
    np.testing.assert_array_equal(replace(SUN, flavour_change="none").survival(reaction, energy), 1.0)


def test_potentials_are_densities_of_the_core() -> None:
    """Electrons per cm^3: 8B close to the centre, whose density is 101 mol/cm^3, pp and hep further out."""
    per_mole = math.sqrt(2.0) * FERMI_CONSTANT * 1e-12 * AVOGADRO * (HBAR_C * 1e-7) ** 3
    density = {reaction: 1e-12 * potential / per_mole for reaction, (potential, _) in PRODUCTION.items()}
    assert density["8B"] == pytest.approx(89.2, abs=0.1)
    assert density["pp"] == pytest.approx(61.3, abs=0.1)
    order = ["hep", "pp", "pep", "7Be", "13N", "15O", "17F", "8B"]
    assert sorted(density, key=lambda reaction: density[reaction]) == order


# Mean and relative variance of the electron density [mol/cm^3] over the neutrinos made, summed by hand in steps of
# 0.01 solar radii from the distribution of B16-GS98: an older solar model gave the shipped values.
@pytest.mark.parametrize(
    ("reaction", "density", "variance"),
    [("pp", 60.8, 0.107), ("pep", 66.5, 0.076), ("hep", 51.3, 0.165), ("7Be", 79.7, 0.028), ("8B", 87.9, 0.0104),
     ("15O", 86.2, 0.0139)],
)  # fmt: skip
def test_production_agrees_with_the_solar_model_of_the_fluxes(reaction: str, density: float, variance: float) -> None:
    assert PRODUCTION[reaction][0] / 0.07632467 == pytest.approx(density, rel=0.02)
    assert PRODUCTION[reaction][1] == pytest.approx(variance, rel=0.08)


@given(
    st.sampled_from(["lma-msw", "vacuum", "none"]),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.floats(1e-6, 1e-3),
)
def test_no_neutrino_is_lost(change: FlavourChange, s12: float, s13: float, s23: float, dm21: float) -> None:
    sun = Sun(SECOND, "gs98", {}, change, s12, s13, s23, dm21)
    unchanged = replace(SUN, flavour_change="none")
    assert np.all(sun.fluence >= 0.0)
    assert sun.fluence.sum() == pytest.approx(unchanged.fluence.sum(), rel=1e-12)
    np.testing.assert_allclose(
        sun.fluence @ np.moveaxis(sun.moments(np.array([0.1, 5.0])), 1, -2),
        unchanged.fluence @ np.moveaxis(unchanged.moments(np.array([0.1, 5.0])), 1, -2),
        rtol=1e-12,
    )
    if change != "none":
        assert sun.fluence[2] * (1.0 - s23) == pytest.approx(sun.fluence[1] * s23, abs=1.0)


XENON = (nucleus(isotope("132Xe"), proton_radius=4.79, neutron_radius=4.87), electrons({"Xe": 1.0}))


def counts(sun: Sun, edges: FloatArray, resolution: GaussianResolution | NoResolution, *, nuclei: bool) -> FloatArray:
    """Counts on one atom of xenon, shape (bin,), with the quadrature split at the breakpoints of the source."""
    everything = Sigmoid(scale=1.0, slope=1.0, midpoint=-100.0)
    response = DetectorResponse(edges, LinearQuenching(1.0), resolution, everything)
    rates = EnergyRates(sun.table, {XENON[0]: 1.0} if nuclei else {}, response, None if nuclei else XENON[1])
    return rates.form(standard_model_and(), {}).counts({})[-1].sum(axis=0)


@pytest.mark.parametrize("nuclei", [True, False], ids=["nuclei", "electrons"])
@pytest.mark.parametrize("resolution", [NoResolution(), GaussianResolution(stochastic=0.31)], ids=["sharp", "smeared"])
def test_the_breakpoints_are_enough(resolution: GaussianResolution | NoResolution, *, nuclei: bool) -> None:
    edges = np.linspace(0.5, 4.0, 8) if nuclei else np.array([0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 70.0, 100.0, 140.0])
    every_knot = replace(SUN)
    object.__setattr__(every_knot, "table", replace(SUN.table, energy_breakpoints=tuple(SUN.table.energy.tolist())))
    expected = counts(every_knot, edges, resolution, nuclei=nuclei)
    np.testing.assert_allclose(counts(SUN, edges, resolution, nuclei=nuclei), expected, rtol=1e-6)


def test_what_is_uncertain() -> None:
    assert isinstance(SUN, UncertainSource)
    fluxes = tuple(f"flux_{reaction}" for reaction in GS98)
    assert SUN.uncertainties == (*fluxes, "sin2_theta_12", "sin2_theta_13", "sin2_theta_23", "dm21")
    assert replace(SUN, flavour_change="vacuum").uncertainties == SUN.uncertainties[:-1]
    assert replace(SUN, flavour_change="none").uncertainties == fluxes


@pytest.mark.parametrize(
    ("reaction", "gs98", "agss09met"),
    [("pp", 0.006, 0.005), ("pep", 0.010, 0.009), ("hep", 0.30, 0.30), ("7Be", 0.06, 0.06), ("8B", 0.12, 0.12),
     ("13N", 0.15, 0.14), ("15O", 0.17, 0.16), ("17F", 0.20, 0.18)],
)  # fmt: skip
def test_a_pull_on_a_flux(reaction: str, gs98: float, agss09met: float) -> None:
    assert SUN.varied(f"flux_{reaction}", 2.0).flux(reaction) == pytest.approx((1.0 + 2.0 * gs98) * GS98[reaction])
    low = replace(SUN, model="agss09met", fluxes={reaction: 7.0}).varied(f"flux_{reaction}", -1.0)
    assert low.flux(reaction) == pytest.approx((1.0 - agss09met) * 7.0)
    assert SUN.varied(f"flux_{reaction}", -1000.0).flux(reaction) == 0.0
    changed = SUN.varied(f"flux_{reaction}", 1.0)
    assert {other for other in GS98 if changed.flux(other) != SUN.flux(other)} == {reaction}


@pytest.mark.parametrize("name", ERRORS)
def test_a_pull_on_an_oscillation_parameter(name: str) -> None:
    changed = SUN.varied(name, -1.0)
    assert getattr(changed, name) == pytest.approx(getattr(SUN, name) - ERRORS[name])
    assert replace(changed, **{name: getattr(SUN, name)}) == SUN
    assert not np.allclose(changed.fluence, SUN.fluence, rtol=1e-6)
    np.testing.assert_allclose(changed.fluence.sum(), SUN.fluence.sum(), rtol=1e-12)


def test_mixing_stays_mixing() -> None:
    assert SUN.varied("sin2_theta_13", -100.0).sin2_theta_13 == 0.0
    assert SUN.varied("sin2_theta_23", 100.0).sin2_theta_23 == 1.0


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("live_time", 0.0, "positive"),
        ("live_time", math.inf, "positive"),
        ("model", "bs05", "gs98, agss09met"),
        ("flavour_change", "lma", "lma-msw, vacuum, none"),
        ("sin2_theta_12", 1.2, "from 0 to 1"),
        ("sin2_theta_13", -0.1, "from 0 to 1"),
        ("sin2_theta_23", math.nan, "from 0 to 1"),
        ("dm21", -7.5e-5, "positive"),
        ("fluxes", {"9C": 1.0}, "pp, pep, hep, 7Be"),
        ("fluxes", {"8B": -1.0}, "not negative"),
    ],
)
def test_bad_input_is_refused(field: str, value: object, allowed: str) -> None:
    with pytest.raises(InputError, match=f"source.{field}.*{allowed}"):
        replace(SUN, **{field: value})


def test_an_unknown_uncertainty_is_refused() -> None:
    with pytest.raises(InputError, match=r"uncertainty: got 'flux_9C'; allowed: one of: flux_pp"):
        SUN.varied("flux_9C", 1.0)


def test_goes_to_other_processes() -> None:
    used = replace(SUN)
    expected = used.moments(np.array([0.1, 1.0]))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(used)).moments(np.array([0.1, 1.0])), expected)


def test_tables_are_read_when_needed() -> None:
    caches = "sun._spectra.cache_info().currsize, sun._model_fluxes.cache_info().currsize"
    code = f"from cevns.sources import sun; print({caches})"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert printed.stdout.split() == ["0", "0"]


def test_the_shipped_tables_are_those_of_the_release(shared: Path) -> None:
    release = shared / "data" / "solar"
    script = runpy.run_path(str(Path(__file__).resolve().parents[2] / "tools" / "make_solar_tables.py"))
    for table in ("spectra", "fluxes"):
        shipped = resources.files("cevns.sources").joinpath(f"solar_{table}.csv").read_text(encoding="utf-8")
        assert shipped == script[table](release)
    for reaction, names in (("pep", ("pep",)), ("7Be", ("7Be1", "7Be2"))):
        energies = [float((release / f"{name}.txt").read_text().split(",", maxsplit=1)[0]) for name in names]
        assert sorted(LINES[reaction]) == energies
    for reaction in script["CONTINUOUS"]:
        energy, density = np.loadtxt(release / f"{reaction}.txt", delimiter=",", unpack=True)
        found = only(reaction, flavour_change="none").spectrum(energy)[0]
        left_out = density[-1] * energy[0] / 2.0
        np.testing.assert_allclose(found * (np.trapezoid(density, energy) + left_out), density, rtol=4e-4)
