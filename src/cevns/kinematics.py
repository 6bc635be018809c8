"""Kinematics of a massless neutrino that scatters off a target of mass M at rest. Everything in MeV.

The outgoing lepton is massless too (elastic scattering), unless its mass is given: a sterile neutrino.
"""

from __future__ import annotations

import numpy as np

from cevns.typing import FloatArray, Scalar


def maximum_recoil(neutrino_energy: Scalar, mass: Scalar) -> FloatArray:
    """Largest recoil energy T_max = 2 E^2 / (M + 2 E) that a neutrino of energy E can give.

    >>> round(float(maximum_recoil(52.83, 123_801.0)), 5)
    0.04505
    """
    energy = np.asarray(neutrino_energy, dtype=float)
    return 2.0 * energy**2 / (mass + 2.0 * energy)


def minimum_energy(recoil_energy: Scalar, mass: Scalar, lepton_mass: Scalar = 0.0) -> FloatArray:
    """Smallest neutrino energy that can give a recoil T and a lepton of mass m_4.

    E_min = (1 + m_4^2/(2 M T)) (T + sqrt(T^2 + 2 M T))/2; for a massless lepton the inverse of `maximum_recoil`.
    """
    recoil = np.asarray(recoil_energy, dtype=float)
    massless = 0.5 * (recoil + np.sqrt(recoil**2 + 2.0 * mass * recoil))
    if np.all(np.asarray(lepton_mass) == 0.0):
        return massless
    return (1.0 + np.asarray(lepton_mass) ** 2 / (2.0 * mass * recoil)) * massless


def recoil_range(neutrino_energy: Scalar, mass: Scalar, lepton_mass: Scalar) -> tuple[FloatArray, FloatArray]:
    """Smallest and largest recoil that a neutrino can give when a lepton of mass m_4 goes out; zeros below threshold.

    >>> low, high = recoil_range(30.0, 123_801.0, 10.0)
    >>> bool(abs(minimum_energy(low, 123_801.0, 10.0) - 30.0) < 1e-9)
    True
    """
    energy, lepton = np.asarray(neutrino_energy, dtype=float), np.asarray(lepton_mass, dtype=float)
    invariant = mass**2 + 2.0 * mass * energy
    root = (2.0 * mass * energy - lepton**2) ** 2 - 4.0 * mass**2 * lepton**2
    open_channel = (root >= 0.0) & (2.0 * mass * energy >= lepton**2)
    share = mass * energy / invariant
    total = share * (2.0 * mass * energy + lepton**2) - lepton**2 + share * np.sqrt(np.maximum(root, 0.0))
    high = np.where(open_channel, total, 0.0) / (2.0 * mass)
    # The product of the two ends is m_4^4/(4 s): the lower one without cancellation.
    low = np.divide(lepton**4, 4.0 * invariant * high, out=np.zeros_like(high), where=high > 0.0)
    return low, high


def momentum_transfer_squared(recoil_energy: Scalar, mass: Scalar) -> FloatArray:
    """Squared momentum transfer q^2 = 2 M T [MeV^2] (minus the squared four-momentum transfer, exactly)."""
    return 2.0 * np.asarray(mass, dtype=float) * recoil_energy
