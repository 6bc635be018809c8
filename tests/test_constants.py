from __future__ import annotations

import pytest
from scipy import constants as codata

from cevns import constants

# scipy ships the CODATA adjustment; 1e-9 holds across its issues of 2018 and 2022. Heavier particles are from the PDG.


@pytest.mark.parametrize(
    ("value", "name", "rel"),
    [
        (constants.FINE_STRUCTURE, "fine-structure constant", 1e-9),
        (constants.ELECTRON_MASS, "electron mass energy equivalent in MeV", 1e-9),
        (constants.MUON_MASS, "muon mass energy equivalent in MeV", 1e-8),
        (constants.ATOMIC_MASS_UNIT, "atomic mass constant energy equivalent in MeV", 2e-9),
        (constants.HBAR_C, "reduced Planck constant times c in MeV fm", 1e-9),
        (constants.AVOGADRO, "Avogadro constant", 0.0),
        (constants.FERMI_CONSTANT * 1e6, "Fermi coupling constant", 2e-7),
    ],
)
def test_agrees_with_codata(value: float, name: str, rel: float) -> None:
    assert value == pytest.approx(codata.value(name), rel=rel)


def test_agrees_with_the_review_of_particle_physics() -> None:
    assert pytest.approx(139.57039, abs=2e-5) == constants.CHARGED_PION_MASS
    assert pytest.approx(91188.0, abs=2.0) == constants.Z_MASS
    assert pytest.approx(1776.93, abs=0.09) == constants.TAU_MASS
    assert pytest.approx(2.1969811, abs=2e-6) == constants.MUON_LIFETIME
    assert pytest.approx(0.026033, abs=5e-6) == constants.CHARGED_PION_LIFETIME


def test_a_cross_section_of_one_per_gev_squared_is_0_389_millibarn() -> None:
    assert pytest.approx(0.3893794e-27, rel=1e-7) == constants.MEV2_CM2 * 1e-6


def test_families_have_masses_in_their_order() -> None:
    assert tuple(constants.LEPTON_MASS) == constants.FAMILIES == ("e", "mu", "tau")
    assert list(constants.LEPTON_MASS.values()) == sorted(constants.LEPTON_MASS.values())
