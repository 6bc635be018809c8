"""Lorentz channels: the only place that knows how a cross section depends on the neutrino energy.

At fixed recoil energy every cross section is ``dsigma/dT = sum_k c_k(T) E^-k`` with k = 0, 1, 2, times a product of two
charges: a channel gives the coefficients c_k, an interaction gives the charge Q. Charges in one channel add before they
are squared, so that interactions interfere; charges in different channels add incoherently, but for the pairs of
`interference`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np

from cevns.constants import ELECTRON_MASS, FERMI_CONSTANT, FINE_STRUCTURE, MEV2_CM2
from cevns.interactions.recoil import AnyRecoil
from cevns.typing import FloatArray, Scalar

Coefficients: TypeAlias = Callable[[AnyRecoil, bool, Scalar], FloatArray]
"""``coefficients(recoil, keep_T_over_E, lepton_mass)`` returns c_k(T), shape (3, ..., recoil), in cm^2 MeV^(k-1) per
unit charge squared. With ``keep_T_over_E=False`` the term T/E of nuclei, which some works neglect, is dropped."""


@dataclass(frozen=True)
class Channel:
    """One Lorentz structure.

    Attributes
    ----------
    name : str
        ``"vector"``, ``"scalar"``, ...
    coefficients : callable
        See `Coefficients`.
    charge_unit : str
        Unit of the charge.
    lepton_mass : str
        Name of the parameter that is the mass of the outgoing lepton [MeV]; empty for a neutrino.
    """

    name: str
    coefficients: Coefficients
    charge_unit: str
    lepton_mass: str = ""


@dataclass(frozen=True)
class Product:
    """What two amplitudes give together, per unit of each charge (and, of two different ones, per unit of 2 Q Q').

    Attributes
    ----------
    coefficients : callable
        See `Coefficients`.
    odd : bool
        Whether it changes its sign for antineutrinos.
    lepton_mass : str
        As for `Channel`.
    """

    coefficients: Coefficients
    odd: bool = False
    lepton_mass: str = ""


def _in_energy(constant: FloatArray, linear: FloatArray, quadratic: FloatArray) -> FloatArray:
    """Coefficients of E^0, E^-1, E^-2."""
    return np.stack(np.broadcast_arrays(constant, linear, quadratic))


def _current(recoil: AnyRecoil, keep_T_over_E: bool, sign: float, divisor: float) -> FloatArray:
    """G_F^2 M/pi (1 - T/E + (sign M T + T^2)/(divisor E^2)), T^2 for electrons only: they are Dirac particles."""
    energy, mass = recoil.energy, recoil.mass
    electron = recoil.kind == "electron"
    linear = -energy if keep_T_over_E or electron else np.zeros_like(energy)
    squared = energy**2 if electron else 0.0
    shape = _in_energy(np.ones_like(energy), linear, (sign * mass * energy + squared) / divisor)
    return FERMI_CONSTANT**2 * mass / np.pi * MEV2_CM2 * shape


def _vector(recoil: AnyRecoil, keep_T_over_E: bool, _lepton_mass: Scalar) -> FloatArray:
    return _current(recoil, keep_T_over_E, -1.0, 2.0)


def _axial(recoil: AnyRecoil, keep_T_over_E: bool, _lepton_mass: Scalar) -> FloatArray:
    return _current(recoil, keep_T_over_E, 1.0, 2.0)


def _tensor(recoil: AnyRecoil, keep_T_over_E: bool, _lepton_mass: Scalar) -> FloatArray:
    return 4.0 * _current(recoil, keep_T_over_E, -1.0, 4.0)


def _scalar(recoil: AnyRecoil, _keep_T_over_E: bool, _lepton_mass: Scalar) -> FloatArray:
    """M^2 T/(4 pi E^2), and 1 + T/(2 M) times that for an electron."""
    energy, mass = recoil.energy, recoil.mass
    nothing = np.zeros_like(energy)
    dirac = 1.0 + energy / (2.0 * mass) if recoil.kind == "electron" else 1.0
    return MEV2_CM2 * _in_energy(nothing, nothing, dirac * mass**2 * energy / (4.0 * np.pi))


def _pseudoscalar(recoil: AnyRecoil, _keep_T_over_E: bool, _lepton_mass: Scalar) -> FloatArray:
    """M T^2/(8 pi E^2)."""
    energy = recoil.energy
    nothing = np.zeros_like(energy)
    return MEV2_CM2 * _in_energy(nothing, nothing, recoil.mass * energy**2 / (8.0 * np.pi))


def _dipole(recoil: AnyRecoil, _keep_T_over_E: bool, lepton_mass: Scalar) -> FloatArray:
    """Pi alpha^2/m_e^2 [1/T - 1/E + m^2 (T - 2E - M)/(4 E^2 T M) + m^4 (T - M)/(8 E^2 T^2 M^2)]."""
    energy, mass = recoil.energy, recoil.mass
    ratio = np.square(lepton_mass) / (2.0 * mass * energy)
    shape = _in_energy(1.0 / energy, -1.0 - ratio, 0.5 * (energy - mass) * ratio * (1.0 + ratio))
    return np.pi * FINE_STRUCTURE**2 / ELECTRON_MASS**2 * MEV2_CM2 * shape


def _helicity(recoil: AnyRecoil, keep_T_over_E: bool) -> FloatArray:
    """M (T/E - T^2/(2 E^2)), the second for electrons only: what changes its sign with the helicity of the neutrino."""
    energy = recoil.energy
    electron = recoil.kind == "electron"
    nothing = np.zeros_like(energy)
    linear = energy if keep_T_over_E or electron else nothing
    return recoil.mass * MEV2_CM2 * _in_energy(nothing, linear, -0.5 * energy**2 if electron else nothing)


def _vector_axial(recoil: AnyRecoil, keep_T_over_E: bool, _lepton_mass: Scalar) -> FloatArray:
    return FERMI_CONSTANT**2 / np.pi * _helicity(recoil, keep_T_over_E)


def _scalar_tensor(recoil: AnyRecoil, keep_T_over_E: bool, _lepton_mass: Scalar) -> FloatArray:
    return -FERMI_CONSTANT / (2.0 * np.pi) * _helicity(recoil, keep_T_over_E)


def _pseudoscalar_tensor(recoil: AnyRecoil, keep_T_over_E: bool, _lepton_mass: Scalar) -> FloatArray:
    return FERMI_CONSTANT / (2.0 * np.pi) * _helicity(recoil, keep_T_over_E)


VECTOR: Final = Channel("vector", _vector, "dimensionless")
"""Vector channel, the Standard Model's: dsigma/dT = G_F^2 M/pi |Q|^2 (1 - T/E - M T/(2 E^2))."""
AXIAL: Final = Channel("axial", _axial, "dimensionless")
"""Axial channel: dsigma/dT = G_F^2 M/pi |Q|^2 (1 - T/E + M T/(2 E^2))."""
SCALAR: Final = Channel("scalar", _scalar, "MeV^-2")
"""Scalar channel: dsigma/dT = M^2 T/(4 pi E^2) |Q|^2 (Cerdeno et al., JHEP 05 (2016) 118)."""
PSEUDOSCALAR: Final = Channel("pseudoscalar", _pseudoscalar, "MeV^-2")
"""Pseudoscalar channel: dsigma/dT = M T^2/(8 pi E^2) |Q|^2."""
TENSOR: Final = Channel("tensor", _tensor, "dimensionless")
"""Tensor channel: dsigma/dT = 4 G_F^2 M/pi |Q|^2 (1 - T/E - M T/(4 E^2)) (Papoulias and Kosmas, PRD 97, 033003)."""
DIPOLE: Final = Channel("dipole", _dipole, "Bohr magnetons")
"""Dipole channel: dsigma/dT = pi alpha^2/m_e^2 |Q|^2 (1/T - 1/E) (Vogel and Engel, PRD 39 (1989) 3378)."""


def dipole_portal(lepton_mass: str) -> Channel:
    """Dipole channel into a heavy neutrino (McKeen and Pospelov, PRD 82 (2010) 113018).

    Parameters
    ----------
    lepton_mass : str
        Name of the parameter that is its mass.
    """
    return Channel("dipole portal", _dipole, "Bohr magnetons", lepton_mass)


_INTERFERENCE: Final[Mapping[frozenset[Channel], Product]] = MappingProxyType(
    {
        frozenset((VECTOR, AXIAL)): Product(_vector_axial, odd=True),
        frozenset((SCALAR, TENSOR)): Product(_scalar_tensor, odd=True),
        frozenset((PSEUDOSCALAR, TENSOR)): Product(_pseudoscalar_tensor, odd=True),
    }
)
"""Per unit of 2 Q Q': M/pi (T/E) times G_F^2, - G_F/2 and G_F/2, from the traces of spin-1/2 targets."""


def interference(first: Channel, second: Channel) -> Product | None:
    """How amplitudes of two channels combine; None if they add incoherently."""
    if first == second:
        return Product(first.coefficients, lepton_mass=first.lepton_mass)
    return _INTERFERENCE.get(frozenset((first, second)))
