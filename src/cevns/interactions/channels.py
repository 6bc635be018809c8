"""Lorentz channels: the only place that knows how a cross section depends on the neutrino energy.

At fixed recoil energy every cross section is ``dsigma/dT = |Q|^2 sum_k c_k(T) E^-k`` with k = 0, 1, 2: a channel gives
the coefficients c_k, an interaction gives the charge Q. Charges in one channel add before they are squared, so that
interactions interfere; different channels add incoherently.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from cevns.constants import ELECTRON_MASS, FERMI_CONSTANT, FINE_STRUCTURE, MEV2_CM2
from cevns.kinematics import momentum_transfer_squared
from cevns.nuclear import Nucleus
from cevns.typing import FloatArray


@dataclass(frozen=True)
class Recoil:
    """A nucleus recoiling with given energies: what a charge may depend on.

    Attributes
    ----------
    nucleus : Nucleus
        The target nucleus.
    energy : array, shape (recoil,)
        Recoil energies T [MeV].
    neutron_radius : array, shape (..., 1, 1), optional
        Root-mean-square radius of the neutrons [fm], in place of that of the nucleus; the neutrons then have the same
        leading axes.
    """

    nucleus: Nucleus
    energy: FloatArray
    neutron_radius: FloatArray | None = None

    @property
    def mass(self) -> float:
        """Nuclear mass [MeV]."""
        return self.nucleus.isotope.mass

    @cached_property
    def momentum_transfer_squared(self) -> FloatArray:
        """q^2 = 2 M T [MeV^2]."""
        return momentum_transfer_squared(self.energy, self.mass)

    @cached_property
    def protons(self) -> FloatArray:
        """Z F_Z(q)."""
        return self.nucleus.protons(np.sqrt(self.momentum_transfer_squared))

    @cached_property
    def neutrons(self) -> FloatArray:
        """N F_N(q)."""
        return self.nucleus.neutrons(np.sqrt(self.momentum_transfer_squared), self.neutron_radius)


@dataclass(frozen=True)
class Channel:
    """One Lorentz structure.

    Attributes
    ----------
    name : str
        ``"vector"``, ``"scalar"``, ...
    coefficients : callable
        ``coefficients(recoil, keep_T_over_E)`` returns c_k(T), shape (3, recoil), in cm^2 MeV^(k-1) per unit charge
        squared. With ``keep_T_over_E=False`` the term T/E, which some works neglect, is dropped.
    charge_unit : str
        Unit of the charge.
    """

    name: str
    coefficients: Callable[[Recoil, bool], FloatArray]
    charge_unit: str


def _vector(recoil: Recoil, keep_T_over_E: bool) -> FloatArray:
    """G_F^2 M/pi (1 - T/E - M T/(2 E^2))."""
    energy, mass = recoil.energy, recoil.mass
    linear = -energy if keep_T_over_E else np.zeros_like(energy)
    shape = np.stack([np.ones_like(energy), linear, -0.5 * mass * energy])
    return FERMI_CONSTANT**2 * mass / np.pi * MEV2_CM2 * shape


def _scalar(recoil: Recoil, _keep_T_over_E: bool) -> FloatArray:
    """M^2 T/(4 pi E^2)."""
    energy = recoil.energy
    nothing = np.zeros_like(energy)
    return MEV2_CM2 * np.stack([nothing, nothing, recoil.mass**2 * energy / (4.0 * np.pi)])


def _tensor(recoil: Recoil, _keep_T_over_E: bool) -> FloatArray:
    """4 G_F^2 M/pi (1 - M T/(4 E^2))."""
    energy, mass = recoil.energy, recoil.mass
    shape = np.stack([np.ones_like(energy), np.zeros_like(energy), -0.25 * mass * energy])
    return 4.0 * FERMI_CONSTANT**2 * mass / np.pi * MEV2_CM2 * shape


def _dipole(recoil: Recoil, _keep_T_over_E: bool) -> FloatArray:
    """Pi alpha^2/m_e^2 (1/T - 1/E)."""
    energy = recoil.energy
    shape = np.stack([1.0 / energy, -np.ones_like(energy), np.zeros_like(energy)])
    return np.pi * FINE_STRUCTURE**2 / ELECTRON_MASS**2 * MEV2_CM2 * shape


VECTOR: Final = Channel("vector", _vector, "dimensionless")
"""Vector channel, the Standard Model's: dsigma/dT = G_F^2 M/pi |Q|^2 (1 - T/E - M T/(2 E^2))."""
SCALAR: Final = Channel("scalar", _scalar, "MeV^-2")
"""Scalar channel: dsigma/dT = M^2 T/(4 pi E^2) |Q|^2 (Cerdeno et al., JHEP 05 (2016) 118)."""
TENSOR: Final = Channel("tensor", _tensor, "dimensionless")
"""Tensor channel of Papoulias and Kosmas: dsigma/dT = 4 G_F^2 M/pi |Q|^2 (1 - M T/(4 E^2)) (PRD 97 (2018) 033003)."""
DIPOLE: Final = Channel("dipole", _dipole, "Bohr magnetons")
"""Dipole channel: dsigma/dT = pi alpha^2/m_e^2 |Q|^2 (1/T - 1/E) (Vogel and Engel, PRD 39 (1989) 3378)."""
