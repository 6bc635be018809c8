"""Electron scattering: cross sections, bound electrons, and what is counted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

import cevns
from cevns.constants import ELECTRON_MASS, FERMI_CONSTANT, FINE_STRUCTURE, MEV2_CM2
from cevns.errors import InputError
from cevns.interactions import (
    ChargeRadius,
    Interaction,
    LeptonicVector,
    LightScalar,
    LightVector,
    MagneticMoment,
    Millicharge,
)
from cevns.nuclear import electrons
from cevns.predict import EnergyRates
from cevns.sources.pion_decay_at_rest import ENDPOINT
from tests.probe import NUCLEI, Line, one_neutrino_per_cm2, sees_everything, standard_model_and

S2 = 0.23857
VECTOR = (0.5 + 2.0 * S2, -0.5 + 2.0 * S2, -0.5 + 2.0 * S2)
AXIAL = (0.5, -0.5, -0.5)
ATOM = electrons({"Cs": 1.0})


def standard(vector: float, axial: float, recoil: float, energy: float) -> float:
    """G_F^2 m/(2 pi) [(gV + gA)^2 + (gV - gA)^2 (1 - T/E)^2 - (gV^2 - gA^2) m T/E^2], in cm^2/MeV."""
    bracket = (vector + axial) ** 2 + (vector - axial) ** 2 * (1.0 - recoil / energy) ** 2
    bracket -= (vector**2 - axial**2) * ELECTRON_MASS * recoil / energy**2
    return FERMI_CONSTANT**2 * ELECTRON_MASS / (2.0 * math.pi) * bracket * MEV2_CM2


def on_one_caesium_atom(recoil: float, energy: float, interaction: Interaction | None = None, **values: float) -> list:
    """dsigma/dT [cm^2/MeV] per family on the electrons of one atom."""
    rates = EnergyRates(Line(energy), {NUCLEI["133Cs"][1]: 1.0}, sees_everything(), ATOM)
    model = standard_model_and(*(() if interaction is None else (interaction,)))
    return rates.recoil_spectrum(model, np.array([recoil]), model.complete(values))[1, :, 0].tolist()


@pytest.mark.parametrize(("recoil", "bound"), [(1e-3, 37.0), (4.9e-3, 45.0), (0.05, 55.0), (5.0, 55.0)])
def test_standard_model(recoil: float, bound: float) -> None:
    found = on_one_caesium_atom(recoil, 20.0)
    assert ATOM.number(np.array([recoil]))[0] == bound
    for value, vector, axial in zip(found, VECTOR, AXIAL, strict=True):
        assert value == pytest.approx(bound * standard(vector, axial, recoil, 20.0), rel=1e-12, abs=0.0)


def test_antineutrinos_have_the_opposite_axial_coupling() -> None:
    rates = EnergyRates(one_neutrino_per_cm2(), {NUCLEI["133Cs"][1]: 1.0}, sees_everything(), ATOM)
    model = standard_model_and()
    found = rates.recoil_spectrum(model, np.array([2.0]), {})[1, 2, 0]
    spectrum = one_neutrino_per_cm2().spectrum
    lowest = 0.5 * (2.0 + math.sqrt(4.0 + 4.0 * ELECTRON_MASS))
    expected, _ = quad(
        lambda e: float(spectrum(np.array([e]))[2, 0]) * standard(VECTOR[1], -AXIAL[1], 2.0, e), lowest, ENDPOINT
    )
    assert found == pytest.approx(55.0 * expected, rel=1e-9, abs=0.0)


def shift(charge: float, g: float, mass: float, recoil: float) -> float:
    return g**2 * charge / (math.sqrt(2.0) * FERMI_CONSTANT * (2.0 * ELECTRON_MASS * recoil + mass**2))


RECOIL, ENERGY = 2e-2, 20.0
BOUND = 53.0
"""Electrons of caesium that 20 keV can free: all but those of the K shell."""


@pytest.mark.parametrize(
    ("interaction", "values", "shifts"),
    [
        (
            LightVector({"B": 1, "e": 1, "mu": 1, "tau": 1}),
            {"g": 1e-5, "mass": 0.3},
            [shift(1.0, 1e-5, 0.3, RECOIL)] * 3,
        ),
        (LightVector({"B": 1, "e": 3}), {"g": 1e-5, "mass": 0.3}, [shift(9.0, 1e-5, 0.3, RECOIL), 0.0, 0.0]),
        (
            ChargeRadius(),
            {"r2_nue": 3e-32},
            [math.sqrt(2) * math.pi * FINE_STRUCTURE * 3e-32 / MEV2_CM2 / (3 * FERMI_CONSTANT), 0.0, 0.0],
        ),
        (
            Millicharge(),
            {"q_numu": 2e-11},
            [0.0, -math.sqrt(2) * math.pi * FINE_STRUCTURE * 2e-11 / (FERMI_CONSTANT * ELECTRON_MASS * RECOIL), 0.0],
        ),
    ],
)
def test_what_shifts_the_vector_coupling(
    interaction: Interaction, values: dict[str, float], shifts: list[float]
) -> None:
    found = on_one_caesium_atom(RECOIL, ENERGY, interaction, **values)
    for value, vector, axial, new in zip(found, VECTOR, AXIAL, shifts, strict=True):
        assert value == pytest.approx(BOUND * standard(vector + new, axial, RECOIL, ENERGY), rel=1e-10, abs=0.0)


def test_moments_and_scalars_add() -> None:
    plain = np.array(on_one_caesium_atom(RECOIL, ENERGY))
    moment = np.array(on_one_caesium_atom(RECOIL, ENERGY, MagneticMoment(), mu_nue=1e-9)) - plain
    expected = math.pi * FINE_STRUCTURE**2 / ELECTRON_MASS**2 * 1e-18 * (1 / RECOIL - 1 / ENERGY) * MEV2_CM2
    np.testing.assert_allclose(moment, [BOUND * expected, 0.0, 0.0], rtol=1e-9, atol=1e-56)
    scalar = np.array(on_one_caesium_atom(RECOIL, ENERGY, LightScalar(), g=1e-5, mass=0.3)) - plain
    q2 = 2.0 * ELECTRON_MASS * RECOIL
    expected = ELECTRON_MASS**2 * RECOIL * (1e-5) ** 4 / (4 * math.pi * ENERGY**2 * (q2 + 0.09) ** 2) * MEV2_CM2
    np.testing.assert_allclose(scalar, BOUND * expected * (1.0 + RECOIL / (2.0 * ELECTRON_MASS)), rtol=1e-7)


def test_leptonic_bosons_act_on_electrons_at_tree_level() -> None:
    with_electron, without = (
        on_one_caesium_atom(RECOIL, ENERGY, LeptonicVector(*pair), g=1e-5, mass=0.3)
        for pair in (("e", "mu"), ("mu", "tau"))
    )
    tree = shift(1.0, 1e-5, 0.3, RECOIL)
    # The loop is alpha times smaller than the tree, which the second model does not have.
    assert with_electron[0] == pytest.approx(
        BOUND * standard(VECTOR[0] + tree, AXIAL[0], RECOIL, ENERGY), rel=0.03, abs=0.0
    )
    assert without[1] == pytest.approx(BOUND * standard(VECTOR[1], AXIAL[1], RECOIL, ENERGY), rel=0.5, abs=0.0)


def test_electrons_count_only_if_asked_for_and_only_where_they_pass() -> None:
    plain, with_electrons = (cevns.experiment("coherent-csi-2021", electron_scattering=es) for es in (False, True))
    values = {"q_nue": 1e-9}
    assert plain.parts == ("cevns",)
    assert with_electrons.parts == ("cevns", "electron_scattering")
    assert not plain.predict("millicharge", **values).electron_scattering.any()
    prediction = with_electrons.predict("millicharge", **values)
    np.testing.assert_allclose(prediction.cevns, plain.predict("millicharge", **values).cevns, rtol=1e-13)
    assert prediction.electron_scattering.sum() > 100.0
    together = sum(counts for name, counts in prediction.components.items() if "/" in name)
    np.testing.assert_allclose(together, prediction.cevns + prediction.electron_scattering, rtol=1e-13)
    argon = (cevns.experiment("coherent-lar-2020", electron_scattering=es).predict("sm").total for es in (False, True))
    np.testing.assert_array_equal(*argon)


def test_counts_are_the_spectrum_times_the_response() -> None:
    csi = cevns.experiment("coherent-csi-2021", electron_scattering=True)
    edges = np.unique(np.concatenate([np.geomspace(1e-2, 25.0, 4001), 1e3 * np.array(csi.rates.electrons.breakpoints)]))
    edges = edges[(edges >= 1e-2) & (edges <= 25.0)]
    middle = (edges[1:] + edges[:-1]) / 2.0
    spectrum = csi.recoil_spectrum("magnetic-moment", middle, mu_nue=1e-9)[-1].sum(axis=0)
    response = cevns.experiment("coherent-csi-2021", {"detector.quenching": {"kind": "linear", "constant": 1.0}})
    expected = (spectrum * np.diff(edges)) @ response.rates.response.matrix(1e-3 * middle)
    ours = csi.predict("magnetic-moment", mu_nue=1e-9).signal[-1, 0].sum(axis=-1)
    late = csi.arrival[0].sum()
    np.testing.assert_allclose(ours / late, expected, rtol=2e-4)


def test_elements_without_shells_are_refused() -> None:
    with pytest.raises(InputError, match=r"target.material: got 'U'"):
        electrons({"U": 1.0})


def test_shells_hold_every_electron() -> None:
    for element, number in (
        ("Cs", 55),
        ("I", 53),
        ("Ar", 18),
        ("Ge", 32),
        ("Xe", 54),
        ("W", 74),
        ("Na", 11),
        ("Si", 14),
    ):
        assert sum(electrons({element: 1.0}).numbers) == number
