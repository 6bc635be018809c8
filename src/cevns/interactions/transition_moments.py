"""Magnetic moments of massive neutrinos: moments and transition moments between mass states."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import product
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cevns.errors import InputError
from cevns.interactions.channels import DIPOLE
from cevns.interactions.model import EVERYTHING, Model, Parameter, Term
from cevns.interactions.recoil import AnyRecoil
from cevns.typing import FloatArray, Scalar

ComplexArray: TypeAlias = NDArray[np.complex128]


@dataclass(frozen=True)
class LeptonMixing:
    """Mixing matrix of the leptons in the parametrisation of the PDG, without Majorana phases.

    The defaults are the best fit for normal ordering of de Salas et al., JHEP 02 (2021) 071.

    Parameters
    ----------
    sin2_theta12, sin2_theta23, sin2_theta13 : float
        sin^2 of the mixing angles.
    delta : float
        CP phase [rad].

    Raises
    ------
    InputError
        If a sin^2 is not between 0 and 1, or the phase is not finite.
    """

    sin2_theta12: float = 0.318
    sin2_theta23: float = 0.574
    sin2_theta13: float = 0.0220
    delta: float = 1.08 * np.pi

    def __post_init__(self) -> None:
        """Check the angles and the phase."""
        for name in (f.name for f in fields(self) if f.name.startswith("sin2")):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InputError(name, getattr(self, name), "a number from 0 to 1")
        if not np.isfinite(self.delta):
            raise InputError("delta", self.delta, "a finite number [rad]")

    @property
    def matrix(self) -> ComplexArray:
        """U_lj, shape (family, mass state): rotations in the planes 23, 13 (with the phase) and 12."""
        (s12, c12), (s23, c23), (s13, c13) = (
            (np.sqrt(value), np.sqrt(1.0 - value))
            for value in (self.sin2_theta12, self.sin2_theta23, self.sin2_theta13)
        )
        turn = s13 * np.exp(1j * self.delta)
        plane23 = np.array([[1.0, 0.0, 0.0], [0.0, c23, s23], [0.0, -s23, c23]])
        plane13 = np.array([[c13, 0.0, np.conj(turn)], [0.0, 1.0, 0.0], [-turn, 0.0, c13]])
        plane12 = np.array([[c12, s12, 0.0], [-s12, c12, 0.0], [0.0, 0.0, 1.0]])
        return plane23 @ plane13 @ plane12


@dataclass(frozen=True)
class TransitionMoments:
    """Magnetic moments lambda_jk of mass states; that of a flavour is mu_l^2 = sum_k |sum_j U*_lj lambda_jk|^2.

    Majorana: lambda_jk = eps_jkm |Lambda_m| exp(i zeta_m), so that mu_l^2 = |Lambda|^2 - |sum_m U_lm Lambda_m|^2;
    parameters ``Lambda_1``, ``Lambda_2``, ``Lambda_3`` [mu_B] and ``zeta_1``, ... [rad]. Dirac: all nine elements,
    ``lambda_11``, ``lambda_12``, ... and ``zeta_11``, ... (Grimus and Schwetz, Nucl. Phys. B 587 (2000) 45; Miranda et
    al., JHEP 07 (2019) 103). Antineutrinos have U* and lambda*, hence the same mu_l^2. The distance from the source is
    taken to be much shorter than an oscillation length.

    Parameters
    ----------
    mixing : LeptonMixing
        The mixing matrix.
    dirac : bool
        Dirac neutrinos, with moments and without antisymmetry, in place of Majorana neutrinos.
    """

    mixing: LeptonMixing = LeptonMixing()
    dirac: bool = False

    name: ClassVar[str] = "transition-moments"
    citations: ClassVar[tuple[str, ...]] = ("Grimus:2000tq", "Miranda:2019wdy", "deSalas:2020pgw")

    @property
    def _matrices(self) -> Mapping[tuple[str, str], FloatArray]:
        """The matrix lambda of each unit moment, by the names of its modulus and phase."""
        unit = np.eye(9).reshape(3, 3, 3, 3)
        if self.dirac:
            pairs = product(range(3), repeat=2)
            return {(f"lambda_{j + 1}{k + 1}", f"zeta_{j + 1}{k + 1}"): unit[j, k] for j, k in pairs}
        cyclic = ((m, (m + 1) % 3, (m + 2) % 3) for m in range(3))
        return {(f"Lambda_{m + 1}", f"zeta_{m + 1}"): unit[j, k] - unit[k, j] for m, j, k in cyclic}

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Moduli and phases, zero by default."""
        moduli = tuple(
            Parameter(modulus, f"modulus of the magnetic moment {modulus}", "mu_B", low=0.0, default=0.0)
            for modulus, _ in self._matrices
        )
        phases = tuple(
            Parameter(phase, f"phase of the magnetic moment {modulus}", "rad", low=0.0, high=2.0 * np.pi, default=0.0)
            for modulus, phase in self._matrices
        )
        return moduli + phases

    @property
    def terms(self) -> tuple[Term, ...]:
        """Real and imaginary part of the amplitude to each final state, times Lambda cos(zeta) and Lambda sin(zeta)."""
        to_mass_states = self.mixing.matrix.conj()
        return tuple(
            term
            for names, matrix in self._matrices.items()
            for final, amplitudes in enumerate((to_mass_states @ matrix).T, start=1)
            for term in _parts(names, f"nu_{final}", amplitudes)
        )

    def flavour_moments(self, **values: Scalar) -> FloatArray:
        """Effective moments mu_l [mu_B].

        Parameters
        ----------
        **values
            Moduli and phases, numbers or arrays that broadcast; those absent are zero.

        Returns
        -------
        array, shape (..., family)

        >>> TransitionMoments().flavour_moments(Lambda_3=1e-10).round(12).tolist()
        [9.9e-11, 6.6e-11, 7.6e-11]
        """
        given = Model(self.name, (self,)).complete(values)
        moments = sum(
            (given[modulus] * np.exp(1j * given[phase]))[..., None, None] * matrix
            for (modulus, phase), matrix in self._matrices.items()
        )
        return np.linalg.norm(self.mixing.matrix.conj() @ moments, axis=-1)


def _parts(names: tuple[str, str], final: str, amplitudes: ComplexArray) -> Iterator[Term]:
    """Real and imaginary part of Lambda exp(i zeta) times an amplitude of each family that leads to one final state."""
    for part, values in (("real", amplitudes), ("imaginary", -1j * amplitudes)):
        for wave, coefficients in ((np.cos, values.real), (np.sin, -values.imag)):
            if coefficients.any():
                yield _term(names, wave, coefficients, f"{final} {part}")


def _term(names: tuple[str, str], wave: Callable[[Scalar], Scalar], coefficients: FloatArray, coherence: str) -> Term:
    modulus, phase = names

    def strength(**couplings: Scalar) -> Scalar:
        return couplings[modulus] * wave(couplings[phase])

    def charge(recoil: AnyRecoil) -> FloatArray:
        return coefficients[:, None] * recoil.electric_charge

    return Term(DIPOLE, strength, names, charge, coherence=coherence, on=EVERYTHING, mixes_flavours=True)
