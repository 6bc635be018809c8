"""Models of many interactions: amplitudes of one channel interfere, channels add, oscillation multiplies all."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cevns
from cevns import Experiment
from cevns.interactions import (
    ChargeRadius,
    DipolePortal,
    Interaction,
    LightScalar,
    LightVector,
    MagneticMoment,
    Millicharge,
    Model,
    NonStandardInteractions,
    StandardModel,
    SterileOscillation,
)
from cevns.kinematics import recoil_range
from cevns.typing import FloatArray
from tests import textbook
from tests.probe import NEUTRON, NUCLEI, PROTON, Line, rates_of, standard_model_and

ALPHA = 1.0 / 137.035999
BARYON = {"B": 1.0, "e": 3.0, "mu": 1.0}
EVERYTHING = (
    NonStandardInteractions(),
    ChargeRadius(),
    LightVector(BARYON, label="v"),
    LightScalar(label="s"),
    MagneticMoment(),
    DipolePortal(),
    SterileOscillation(),
)
LENGTH = 19.3


def dipole(bracket: float, moment: float, protons: float) -> float:
    """Pi alpha^2/m_e^2 mu^2 Z^2 F_Z^2 times the bracket, in cm^2/MeV."""
    return math.pi * (ALPHA * moment * protons / textbook.ELECTRON) ** 2 * bracket * textbook.MEV.cm2


@given(
    eps=st.tuples(*[st.floats(-0.5, 0.5)] * 3),
    radius=st.floats(-1e-30, 1e-30),
    couplings=st.tuples(st.floats(0.0, 1e-3), st.floats(0.0, 1e-4)),
    masses=st.tuples(st.floats(0.1, 300.0), st.floats(0.1, 300.0), st.floats(0.0, 20.0)),
    moments=st.tuples(st.floats(0.0, 1e-8), st.floats(0.0, 1e-8)),
    mixing=st.floats(0.0, 1.0),
    splitting=st.floats(0.0, 20.0),
    nucleus=st.sampled_from(sorted(NUCLEI)),
    fraction=st.floats(0.1, 0.9),
)
def test_the_cross_section_of_everything_is_written_down_once_more(
    eps: tuple[float, float, float],
    radius: float,
    couplings: tuple[float, float],
    masses: tuple[float, float, float],
    moments: tuple[float, float],
    mixing: float,
    splitting: float,
    nucleus: str,
    fraction: float,
) -> None:
    """P [|SM + NSI + radius + Z'|^2 + |NSI mu -> e|^2 + scalar^2 + moment^2 + portal^2] of a muon neutrino."""
    target, ours = NUCLEI[nucleus]
    energy = 42.0
    low, high = (float(end) for end in recoil_range(energy, target.mass, masses[2]))
    recoil = low + fraction * (high - low)
    model = standard_model_and(*EVERYTHING)
    values = model.complete(
        {
            "eps_mumu_uV": eps[0], "eps_mumu_dV": eps[1], "eps_emu_uV": eps[2], "r2_numu": radius,
            "g_v": couplings[0], "mass_v": masses[0], "g_s": couplings[1], "mass_s": masses[1],
            "mu_numu": moments[0], "mu_mu4": moments[1], "m4": masses[2],
            "sin2_2theta_mumu": mixing, "dm2": splitting,
        }
    )  # fmt: skip
    source = Line(energy, path=(100.0 * LENGTH, 0.0))
    found = rates_of(source, ours).recoil_spectrum(model, np.array([recoil]), values)[0, 1, 0]

    z, n = textbook.nucleons(target, recoil)
    proton = PROTON["mu"] - math.sqrt(2.0) * math.pi * ALPHA * radius / (3.0 * textbook.FERMI * textbook.MEV.cm2)
    parts = [
        proton * z + NEUTRON * n,
        eps[0] * (2.0 * z + n) + eps[1] * (z + 2.0 * n),
        textbook.vector_charge(couplings[0] ** 2, masses[0], (1 / 3, 1 / 3), {"mu": -1.0})(target, recoil, "mu"),
    ]
    charge = math.hypot(sum(parts), eps[2] * (2.0 * z + n))
    expected = textbook.vector_cross_section(charge, target, recoil, energy)
    scalar = textbook.scalar_charge(couplings[1] ** 2, masses[1])(target, recoil, "mu")
    expected += textbook.scalar_cross_section(scalar, target, recoil, energy)
    expected += dipole(1.0 / recoil - 1.0 / energy, moments[0], z)
    m, heavy = target.mass, masses[2] ** 2
    bracket = 1.0 / recoil - 1.0 / energy + heavy * (recoil - 2.0 * energy - m) / (4.0 * energy**2 * recoil * m)
    bracket += heavy**2 * (recoil - m) / (8.0 * energy**2 * recoil**2 * m**2)
    expected += dipole(bracket, moments[1], z)
    expected *= 1.0 - mixing * math.sin(1.266932679 * splitting * LENGTH / energy) ** 2
    scale = textbook.vector_cross_section(sum(map(abs, parts)) + z + n, target, recoil, energy)
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-9 * scale)


COHERENT: dict[str, tuple[Interaction, dict[str, float]]] = {
    "nsi": (NonStandardInteractions(), {"eps_ee_uV": 0.2, "eps_mumu_dV": -0.1, "eps_emu_uV": 0.1}),
    "radius": (ChargeRadius(), {"r2_nue": 2e-31, "r2_numu": -1e-31, "r2_emu": 1e-31}),
    "charge": (Millicharge(), {"q_nue": 1e-7, "q_numu": -5e-8, "q_emu": 5e-8}),
    "vector": (LightVector(BARYON, label="v"), {"g_v": 8e-5, "mass_v": 20.0}),
}
INCOHERENT: dict[str, tuple[Interaction, dict[str, float]]] = {
    "scalar": (LightScalar(label="s"), {"g_s": 2e-5, "mass_s": 5.0}),
    "moment": (MagneticMoment(), {"mu_nue": 4e-9, "mu_numu": 3e-9}),
    "portal": (DipolePortal(), {"mu_e4": 5e-9, "mu_mu4": 4e-9, "m4": 12.0}),
}
ALL = COHERENT | INCOHERENT


@pytest.fixture(scope="module")
def with_electrons() -> Experiment:
    return cevns.experiment("coherent-csi-2021", electron_scattering=True)


def signal(experiment: Experiment, *names: str, more: tuple[Interaction, ...] = (), **values: object) -> FloatArray:
    """Events of the Standard Model with some of the interactions, (..., scatterer, component, energy bin, time bin)."""
    parameters = {name: value for one in names for name, value in ALL[one][1].items()}
    model = Model("some", (StandardModel(), *(ALL[one][0] for one in names), *more))
    return experiment.predict(model, **parameters | values).signal


def test_counts_of_everything_follow_from_those_of_pairs_and_of_each_alone(with_electrons: Experiment) -> None:
    """|s + sum a|^2 is sum |s + a + b|^2 - (n - 2) sum |s + a|^2 + (n - 1)(n - 2)/2 |s|^2; the others just add."""
    number = len(COHERENT)
    standard = signal(with_electrons)
    pairs = sum(signal(with_electrons, *pair) for pair in combinations(COHERENT, 2))
    each = sum(signal(with_electrons, one) for one in COHERENT)
    expected = pairs - (number - 2) * each + (number - 1) * (number - 2) / 2 * standard
    expected = expected + sum(signal(with_electrons, one) - standard for one in INCOHERENT)
    found, added = signal(with_electrons, *ALL), standard + sum(signal(with_electrons, one) - standard for one in ALL)
    nuclei = np.s_[: len(with_electrons.nuclei)]
    for part in (nuclei, np.s_[len(with_electrons.nuclei) :]):
        np.testing.assert_allclose(found[part], expected[part], rtol=1e-9, atol=1e-10 * found[part].max())
    assert np.abs(found - added)[nuclei].sum() > 0.05 * found[nuclei].sum()


def test_fast_oscillations_scale_every_channel_of_a_flavour_alike(with_electrons: Experiment) -> None:
    mixings = {"sin2_2theta_ee": 0.3, "sin2_2theta_mumu": 0.8}
    found = signal(with_electrons, *ALL, more=(SterileOscillation(),), dm2=1e7, **mixings)
    survival = {"nu_e": 1.0 - 0.3 / 2.0, "nu_mu": 1.0 - 0.8 / 2.0, "nubar_mu": 1.0 - 0.8 / 2.0}
    factors = np.array([survival[flavour] for flavour in with_electrons.flavours])[:, None, None]
    np.testing.assert_allclose(found, factors * signal(with_electrons, *ALL), rtol=1e-9)


@pytest.mark.parametrize("m4", [60.0, [10.0, 60.0]])
def test_a_neutrino_too_heavy_to_be_made_leaves_the_oscillation_alone(csi: Experiment, m4: object) -> None:
    more = (SterileOscillation(universal=True),)
    found = signal(csi, "portal", more=more, m4=m4, sin2_2theta=0.5, dm2=2.0)
    without = signal(csi, more=more, sin2_2theta=0.5, dm2=2.0)
    np.testing.assert_allclose(found if found.ndim == 4 else found[-1], without, rtol=1e-12)


def test_oscillations_of_a_sum_are_the_sum_of_oscillations(csi: Experiment) -> None:
    """Between channels that do not interfere, at a splitting where the survival depends on the energy."""
    oscillation = {"sin2_2theta_ee": 0.9, "sin2_2theta_mumu": 0.6, "dm2": 2.5}

    def lost(*names: str) -> FloatArray:
        return signal(csi, *names, more=(SterileOscillation(),), **oscillation)

    expected = lost() + sum(lost(one) - lost() for one in INCOHERENT)
    np.testing.assert_allclose(lost(*INCOHERENT), expected, rtol=1e-9, atol=1e-9 * expected.max())
    ratios = [lost(one).sum() / signal(csi, one).sum() for one in ("scalar", "portal")]
    assert abs(ratios[0] - ratios[1]) > 1e-3


def test_the_order_of_the_interactions_does_not_matter(csi: Experiment) -> None:
    np.testing.assert_allclose(signal(csi, *reversed(ALL)), signal(csi, *ALL), rtol=1e-12)


def test_masses_and_splittings_of_several_interactions_are_varied_together(csi: Experiment) -> None:
    masses, splittings, heavy = np.array([1.0, 50.0, 900.0])[:, None], np.array([0.5, 4.0]), np.array([3.0, 30.0])
    more = (SterileOscillation(universal=True),)
    together = signal(csi, *ALL, more=more, sin2_2theta=0.7, mass_v=masses, dm2=splittings, m4=heavy)
    assert together.shape[:2] == (3, 2)
    for i, mass in enumerate(masses.ravel()):
        for j in range(2):
            shapes = {"mass_v": mass, "dm2": splittings[j], "m4": heavy[j]}
            alone = signal(csi, *ALL, more=more, sin2_2theta=0.7, **shapes)
            np.testing.assert_allclose(together[i, j], alone, rtol=1e-6, atol=1e-9 * alone.max())
