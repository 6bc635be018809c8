"""What the package predicts at one neutrino energy or per target nucleus, through its public interface alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cevns.detector import DetectorResponse, GaussianResolution, LinearQuenching, Sigmoid
from cevns.interactions import Interaction, Model, StandardModel, WeakCouplings
from cevns.nuclear import Nucleus, isotope, nucleus
from cevns.predict import EnergyRates
from cevns.sources import NeutrinoFlavour, PionDecayAtRest, Source
from cevns.typing import FloatArray
from tests import textbook

PRINTED = WeakCouplings((0.0401, 0.0318, 0.0275), -0.5094)
"""Weak couplings with the digits of the text the tests are written from."""
PROTON = {"e": 0.0401, "mu": 0.0318, "tau": 0.0275}
NEUTRON = -0.5094

NUCLEI = {
    "133Cs": (textbook.CAESIUM, nucleus(isotope("133Cs"), proton_radius=4.821, neutron_radius=5.09)),
    "127I": (textbook.IODINE, nucleus(isotope("127I"), proton_radius=4.766, neutron_radius=5.03)),
    "40Ar": (textbook.ARGON, nucleus(isotope("40Ar"), proton_radius=3.448, neutron_radius=3.55)),
}
"""The same nucleus for the textbook and for the package."""


@dataclass(frozen=True)
class Line:
    """One neutrino per cm^2 of each family, all of one energy."""

    energy: float
    path: tuple[float, float] = (1e3, 0.0)

    flavours: ClassVar[tuple[NeutrinoFlavour, ...]] = (
        NeutrinoFlavour("nu_e", "e", antineutrino=False),
        NeutrinoFlavour("nu_mu", "mu", antineutrino=False),
        NeutrinoFlavour("nu_tau", "tau", antineutrino=False),
    )

    @property
    def fluence(self) -> FloatArray:
        return np.ones(3)

    @property
    def energy_breakpoints(self) -> tuple[float, ...]:
        return (self.energy,)

    @property
    def lines(self) -> dict[int, dict[float, float]]:
        return {component: {self.energy: 1.0} for component in range(3)}

    @staticmethod
    def spectrum(energy: FloatArray) -> FloatArray:
        return np.zeros((*energy.shape[:-2], 3, energy.shape[-1]))

    def moments(self, lowest_energy: FloatArray) -> FloatArray:
        reached = np.atleast_2d(lowest_energy) <= self.energy
        return np.stack([np.repeat(reached * self.energy**-k, 3, axis=-2) for k in range(3)])


def one_neutrino_per_cm2() -> PionDecayAtRest:
    """Pion decay at rest with a fluence of one."""
    return PionDecayAtRest(protons_on_target=4.0 * np.pi, neutrinos_per_proton=1.0, distance=1.0)


def sees_everything() -> DetectorResponse:
    return DetectorResponse(
        edges=np.array([0.0, 1e3]),
        quenching=LinearQuenching(1.0),
        resolution=GaussianResolution(stochastic=1.0),
        efficiency=Sigmoid(scale=1.0, slope=1.0, midpoint=-100.0),
    )


def rates_of(source: Source, target: Nucleus) -> EnergyRates:
    """One nucleus of a kind in a beam."""
    return EnergyRates(source, {target: 1.0}, sees_everything())


def standard_model_and(*interactions: Interaction) -> Model:
    return Model("test", (StandardModel(PRINTED), *interactions))


def cross_section(
    model: Model, target: Nucleus, recoil_energy: FloatArray | float, neutrino_energy: float, **parameters: object
) -> FloatArray:
    """Cross section dsigma/dT [cm^2/MeV] per family, shape (..., 3, recoil); energies in MeV."""
    recoil = np.atleast_1d(np.asarray(recoil_energy, dtype=float))
    spectrum = rates_of(Line(neutrino_energy), target).recoil_spectrum(model, recoil, model.complete(parameters))
    return spectrum[..., 0, :, :]
