"""Neutrinos from pions and muons that decay at rest: prompt nu_mu, delayed nu_e and antinu_mu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from cevns.constants import CHARGED_PION_MASS, MUON_MASS
from cevns.errors import InputError
from cevns.sources.base import NEUTRINOS, NeutrinoFlavour
from cevns.typing import FloatArray

PROMPT_ENERGY = (CHARGED_PION_MASS**2 - MUON_MASS**2) / (2.0 * CHARGED_PION_MASS)
"""Energy of the nu_mu of pi+ -> mu+ nu_mu at rest: 29.79 MeV."""
ENDPOINT = MUON_MASS / 2.0
"""End point of the neutrino spectra of muon decay at rest (electron mass neglected): 52.83 MeV."""


@dataclass(frozen=True)
class PionDecayAtRest:
    """A pion-decay-at-rest source.

    Attributes
    ----------
    protons_on_target : float
        Number of protons during the exposure.
    neutrinos_per_proton : float
        Yield per flavour.
    distance : float
        From source to target [cm].
    path_spread : float
        Full width of the distribution of distances, from where neutrinos are made to where they scatter [cm].
    """

    protons_on_target: float
    neutrinos_per_proton: float
    distance: float
    path_spread: float = 0.0

    flavours: ClassVar[tuple[NeutrinoFlavour, ...]] = (NEUTRINOS["nu_e"], NEUTRINOS["nu_mu"], NEUTRINOS["nubar_mu"])
    energy_breakpoints: ClassVar[tuple[float, ...]] = (PROMPT_ENERGY, ENDPOINT)
    lines: ClassVar[Mapping[int, Mapping[float, float]]] = MappingProxyType({1: {PROMPT_ENERGY: 1.0}})

    def __post_init__(self) -> None:
        """Refuse values that are not positive."""
        for field in ("protons_on_target", "neutrinos_per_proton", "distance"):
            value = getattr(self, field)
            if not (np.isfinite(value) and value > 0):
                raise InputError(f"source.{field}", value, "a positive number")
        if not 0.0 <= self.path_spread < 2.0 * self.distance:
            raise InputError("source.path_spread", self.path_spread, "a length from 0 to twice the distance [cm]")

    @property
    def fluence(self) -> FloatArray:
        """Neutrinos per cm^2 at the target, r N_POT / (4 pi L^2), the same for each component; shape (3,)."""
        per_flavour = self.neutrinos_per_proton * self.protons_on_target / (4.0 * np.pi * self.distance**2)
        return np.full(len(self.flavours), per_flavour)

    @property
    def path(self) -> tuple[float, float]:
        """Distance and its spread [cm]."""
        return self.distance, self.path_spread

    @staticmethod
    def spectrum(energy: FloatArray) -> FloatArray:
        """Normalised spectra [1/MeV] of nu_e and antinu_mu, and zero for the line; see `cevns.sources.base.Source`.

        nu_e: 192 E^2/m_mu^3 (1/2 - E/m_mu); antinu_mu: 64 E^2/m_mu^3 (3/4 - E/m_mu).
        """
        x = np.atleast_2d(np.asarray(energy, dtype=float)) / ENDPOINT
        inside = (x >= 0.0) & (x <= 1.0)
        spectra = (12.0 * x**2 * (1.0 - x), np.zeros_like(x), 2.0 * x**2 * (3.0 - 2.0 * x))
        return np.concatenate(spectra, axis=-2) * inside / ENDPOINT

    def moments(self, lowest_energy: FloatArray) -> FloatArray:
        """Moments Phi_k in closed form; see `cevns.sources.base.Source.moments`.

        The integrals of the Michel spectra from the lowest energy to the end point are polynomials in
        y = 1 - E_low/E_max, written so that nothing cancels at the end point.

        Parameters
        ----------
        lowest_energy : array, shape (..., 1, recoil) or (recoil,)
            E_low [MeV].

        Returns
        -------
        array, shape (3, ..., 3, recoil)
            Axes: k = 0, 1, 2; ...; nu_e, nu_mu, antinu_mu; recoil. Unit MeV^-k.
        """
        lowest = np.atleast_2d(np.asarray(lowest_energy, dtype=float))
        y = np.clip(1.0 - lowest / ENDPOINT, 0.0, 1.0)
        reaches_line = (lowest <= PROMPT_ENERGY).astype(float)
        nu_e = (
            y**2 * (6.0 - 8.0 * y + 3.0 * y**2),
            y**2 * (6.0 - 4.0 * y) / ENDPOINT,
            6.0 * y**2 / ENDPOINT**2,
        )
        nubar_mu = (
            y * (2.0 - 2.0 * y**2 + y**3),
            y * (2.0 + y - 4.0 / 3.0 * y**2) / ENDPOINT,
            2.0 * y * (1.0 + y) / ENDPOINT**2,
        )
        nu_mu = tuple(reaches_line * PROMPT_ENERGY**-k for k in range(3))
        return np.stack([np.concatenate(parts, axis=-2) for parts in zip(nu_e, nu_mu, nubar_mu, strict=True)])
