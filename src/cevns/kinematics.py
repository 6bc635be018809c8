"""Kinematics of elastic scattering of a massless neutrino off a target of mass M at rest. Everything in MeV."""

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


def minimum_energy(recoil_energy: Scalar, mass: Scalar) -> FloatArray:
    """Smallest neutrino energy E_min = (T + sqrt(T^2 + 2 M T)) / 2 that can give a recoil T, the inverse of T_max."""
    recoil = np.asarray(recoil_energy, dtype=float)
    return 0.5 * (recoil + np.sqrt(recoil**2 + 2.0 * mass * recoil))


def momentum_transfer_squared(recoil_energy: Scalar, mass: Scalar) -> FloatArray:
    """Squared momentum transfer q^2 = 2 M T [MeV^2] (minus the squared four-momentum transfer, exactly)."""
    return 2.0 * np.asarray(mass, dtype=float) * recoil_energy
