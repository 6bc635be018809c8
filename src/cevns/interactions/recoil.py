"""What recoils: a nucleus or an electron, and all of it that a charge may depend on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal, TypeAlias

import numpy as np

from cevns.constants import ELECTRON_MASS
from cevns.kinematics import momentum_transfer_squared
from cevns.nuclear import DOWN_SPIN, UP_SPIN, Nucleus, nuclear_spin
from cevns.typing import FloatArray

TargetKind: TypeAlias = Literal["nucleus", "electron"]
"""What a term can act on."""


@dataclass(frozen=True)
class Recoil:
    """A nucleus recoiling with given energies.

    Attributes
    ----------
    nucleus : Nucleus
        The target nucleus.
    energy : array, shape (recoil,) or (..., 1, recoil)
        Recoil energies T [MeV].
    neutron_radius : array, shape (..., 1, 1), optional
        Root-mean-square radius of the neutrons [fm], in place of that of the nucleus; the neutrons then have the same
        leading axes.
    """

    nucleus: Nucleus
    energy: FloatArray
    neutron_radius: FloatArray | None = None

    kind: ClassVar[TargetKind] = "nucleus"

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

    @property
    def electric_charge(self) -> FloatArray:
        """Electric charge seen by a photon [e]: that of the protons."""
        return self.protons

    def vector_charge(self, *, up: float = 0.0, down: float = 0.0, electron: float = 0.0) -> FloatArray:
        """Charge under a vector current with these charges of u, d and e: (2u + d) Z F_Z + (u + 2d) N F_N."""
        del electron
        return (2.0 * up + down) * self.protons + (up + 2.0 * down) * self.neutrons

    def scalar_charge(self, *, proton: float = 0.0, neutron: float = 0.0, electron: float = 0.0) -> FloatArray:
        """Charge of nucleons that add coherently, proton Z F_Z + neutron N F_N."""
        del electron
        return proton * self.protons + neutron * self.neutrons

    def spin_charge(self, proton: float, neutron: float) -> FloatArray:
        """Charge of the spins of protons and neutrons, 2 sqrt((J+1)/(3J)) (proton <S_p> + neutron <S_n>) F_Z.

        That of a free proton is ``proton``. Zero for isotopes whose spins are not in `cevns.nuclear.spins`.
        """
        spin = nuclear_spin(self.nucleus.isotope.name)
        charge = spin.weight * (proton * spin.protons + neutron * spin.neutrons)
        return charge * self.protons / self.nucleus.isotope.protons

    def axial_charge(self, *, up: float = 0.0, down: float = 0.0, electron: float = 0.0) -> FloatArray:
        """Charge under an axial current with these charges of u, d and e: that of the spins, by the quarks' shares."""
        del electron
        return self.spin_charge(UP_SPIN * up + DOWN_SPIN * down, UP_SPIN * down + DOWN_SPIN * up)


@dataclass(frozen=True)
class ElectronRecoil:
    """An electron recoiling with given energies.

    Attributes
    ----------
    energy : array, shape (recoil,) or (..., 1, recoil)
        Recoil energies T [MeV].
    """

    energy: FloatArray

    kind: ClassVar[TargetKind] = "electron"
    mass: ClassVar[float] = ELECTRON_MASS

    @cached_property
    def momentum_transfer_squared(self) -> FloatArray:
        """q^2 = 2 m_e T [MeV^2]."""
        return momentum_transfer_squared(self.energy, self.mass)

    @property
    def electric_charge(self) -> FloatArray:
        """Electric charge [e]: -1."""
        return np.full_like(self.energy, -1.0)

    def vector_charge(self, *, up: float = 0.0, down: float = 0.0, electron: float = 0.0) -> FloatArray:
        """Charge under a vector current with these charges of u, d and e: that of the electron."""
        del up, down
        return np.full_like(self.energy, electron)

    axial_charge = vector_charge

    def scalar_charge(self, *, proton: float = 0.0, neutron: float = 0.0, electron: float = 0.0) -> FloatArray:
        """Charge of the electron."""
        del proton, neutron
        return np.full_like(self.energy, electron)


AnyRecoil: TypeAlias = Recoil | ElectronRecoil
"""A nucleus or an electron."""
