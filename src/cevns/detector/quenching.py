"""Quenching: the electron-equivalent energy that a nuclear recoil leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from cevns.errors import InputError
from cevns.typing import FloatArray


@dataclass(frozen=True)
class PolynomialQuenching:
    """E_ee = c_1 T + c_2 T^2 + ..., both energies in MeV.

    Attributes
    ----------
    coefficients : tuple of float
        c_1, c_2, ... [MeV^(1-n)].
    """

    coefficients: tuple[float, ...]

    def __call__(self, recoil_energy: FloatArray) -> FloatArray:
        """Electron-equivalent energy [keVee] of recoils T [MeV]."""
        return np.asarray(1e3 * np.polyval((*self.coefficients[::-1], 0.0), recoil_energy), dtype=float)


@dataclass(frozen=True)
class LinearQuenching:
    """E_ee = (a + b T) T with T in keV: a quenching factor linear in the recoil energy.

    Attributes
    ----------
    constant : float
        a, dimensionless.
    slope : float
        b [1/keV].
    """

    constant: float
    slope: float = 0.0

    def __call__(self, recoil_energy: FloatArray) -> FloatArray:
        """Electron-equivalent energy [keVee] of recoils T [MeV]."""
        recoil_kev = 1e3 * recoil_energy
        return (self.constant + self.slope * recoil_kev) * recoil_kev


@dataclass(frozen=True)
class LindhardQuenching:
    """E_ee = k g T/(1 + k g), g = 3 eps^0.15 + 0.7 eps^0.6 + eps, eps = 11.5 Z^(-7/3) T/keV.

    Lindhard et al., Mat. Fys. Medd. Dan. Vid. Selsk. 33 (1963) no. 10, for nuclei that recoil in their own element.

    >>> round(float(LindhardQuenching(0.162, 32)(np.array(1e-3))), 4)
    0.1755

    Attributes
    ----------
    k : float
        Strength of the electronic stopping, positive; 0.133 Z^(2/3) A^(-1/2) in the original theory.
    protons : int
        Z.
    """

    k: float
    protons: int

    def __post_init__(self) -> None:
        """Check the strength."""
        if not (np.isfinite(self.k) and self.k > 0.0):
            raise InputError("quenching.k", self.k, "a positive number")

    def __call__(self, recoil_energy: FloatArray) -> FloatArray:
        """Electron-equivalent energy [keVee] of recoils T [MeV]."""
        recoil_kev = 1e3 * recoil_energy
        reduced = 11.5 * self.protons ** (-7.0 / 3.0) * recoil_kev
        electronic = self.k * (3.0 * reduced**0.15 + 0.7 * reduced**0.6 + reduced)
        return np.asarray(recoil_kev * electronic / (1.0 + electronic), dtype=float)


@dataclass(frozen=True)
class TabulatedQuenching:
    """E_ee = QF(T) T with the factor interpolated linearly in a table, constant beyond its ends.

    Attributes
    ----------
    recoil_energy : array
        T [keV], increasing.
    factor : array
        Quenching factor, 0..1.
    """

    recoil_energy: FloatArray
    factor: FloatArray

    def __post_init__(self) -> None:
        """Check the table."""
        if self.recoil_energy.shape != self.factor.shape or self.recoil_energy.ndim != 1:
            raise InputError(
                "quenching.factor",
                self.factor.shape,
                f"as many values as energies, {self.recoil_energy.shape}",
            )
        if not np.all(np.diff(self.recoil_energy) > 0):
            raise InputError("quenching.recoil_energy", "not increasing", "increasing energies [keV]")
        outside = self.factor[~((self.factor >= 0) & (self.factor <= 1))]
        if outside.size:
            raise InputError("quenching.factor", float(outside[0]), "numbers from 0 to 1")

    def __call__(self, recoil_energy: FloatArray) -> FloatArray:
        """Electron-equivalent energy [keVee] of recoils T [MeV]."""
        recoil_kev = 1e3 * recoil_energy
        return np.interp(recoil_kev, self.recoil_energy, self.factor) * recoil_kev


class Quenching(Protocol):
    """Electron-equivalent energy of a recoil."""

    def __call__(self, recoil_energy: FloatArray) -> FloatArray:
        """E_ee [keVee] of T [MeV]."""


@dataclass(frozen=True)
class ScaledQuenching:
    """The quenching factor of a model times a number.

    Attributes
    ----------
    model : Quenching
        Where it is one.
    scale : float
        The number.
    """

    model: Quenching
    scale: float

    def __call__(self, recoil_energy: FloatArray) -> FloatArray:
        """Electron-equivalent energy [keVee] of recoils T [MeV]."""
        return self.scale * self.model(recoil_energy)
