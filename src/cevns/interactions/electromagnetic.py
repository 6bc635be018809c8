"""Electromagnetic properties of neutrinos: magnetic moments, charge radii and millicharges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import ClassVar, Final, TypeAlias

import numpy as np

from cevns.constants import FAMILIES, FERMI_CONSTANT, FINE_STRUCTURE, MEV2_CM2
from cevns.errors import InputError
from cevns.interactions.channels import DIPOLE, VECTOR, Channel
from cevns.interactions.model import EVERYTHING, Parameter, Term, among, labelled, linear
from cevns.interactions.recoil import AnyRecoil
from cevns.typing import FloatArray, Scalar

CHARGE_RADIUS_NORMALISATIONS: Final[Mapping[str, float]] = MappingProxyType({"cadeddu": 1.0, "papoulias-kosmas": 2.0})
"""Shift of the weak charge in units of sqrt2 pi alpha <r^2>/(3 G_F) Z F_Z.

``"cadeddu"``: Cadeddu et al., Phys. Rev. D 98 (2018) 113010, and De Romeri et al., JHEP 04 (2023) 035.
``"papoulias-kosmas"``: sin^2 theta_W is shifted by that much, and so g_V^p by twice as much (PRD 97 (2018) 033003).
"""

Element: TypeAlias = tuple[str, tuple[str, ...], str]
"""Of a matrix of couplings: parameter name, families and coherence."""


def diagonal_elements(pattern: str, *, universal: bool = False, label: str = "") -> list[Element]:
    """One element for each family, whose name fills the gap of the pattern, or one for all, which closes it."""
    by_name = {"": FAMILIES} if universal else {family: (family,) for family in FAMILIES}
    return [(labelled(pattern.format(name), label), families, "diagonal") for name, families in by_name.items()]


def photon_terms(
    channel: Channel, elements: Sequence[Element], factor: Callable[[AnyRecoil], Scalar] = lambda _: 1.0
) -> tuple[Term, ...]:
    """A term for each element of a matrix of couplings: a factor times the electric charge of the target."""

    def term(name: str, families: tuple[str, ...], coherence: str) -> Term:
        def charge(recoil: AnyRecoil) -> FloatArray:
            return among(families) * factor(recoil) * recoil.electric_charge

        mixes = coherence != "diagonal"
        return Term(channel, linear, (name,), charge, coherence=coherence, on=EVERYTHING, mixes_flavours=mixes)

    return tuple(term(*element) for element in elements)


def _matrix(stem: str) -> list[Element]:
    """Elements of a real symmetric matrix, the diagonal first."""
    pairs = combinations(FAMILIES, 2)
    flavour_changing = ((f"{stem}_{''.join(pair)}", pair, f"{'-'.join(pair)} real") for pair in pairs)
    return [*diagonal_elements(f"{stem}_nu{{}}"), *flavour_changing]


@dataclass(frozen=True)
class MagneticMoment:
    """Effective magnetic moments: dsigma/dT = pi alpha^2/m_e^2 (mu/mu_B)^2 Z^2 F_Z^2 (1/T - 1/E).

    The scattering flips the helicity and does not interfere with the Standard Model (Vogel and Engel, PRD 39 (1989)
    3378).

    Parameters
    ----------
    universal : bool
        One moment ``mu_nu`` for all flavours, in place of ``mu_nue``, ``mu_numu`` and ``mu_nutau``.
    """

    universal: bool = False

    citations: ClassVar[tuple[str, ...]] = ("Vogel:1989iv",)

    @property
    def name(self) -> str:
        """Name for listings."""
        return "universal-magnetic-moment" if self.universal else "magnetic-moment"

    @property
    def _elements(self) -> list[Element]:
        return diagonal_elements("mu_nu{}", universal=self.universal)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The moments, zero by default."""
        return tuple(
            Parameter(name, f"magnetic moment of {', '.join(families)} neutrinos", "mu_B", low=0.0, default=0.0)
            for name, families, _ in self._elements
        )

    @property
    def terms(self) -> tuple[Term, ...]:
        """A term for each moment."""
        return photon_terms(DIPOLE, self._elements)


@dataclass(frozen=True)
class ChargeRadius:
    """Neutrino charge radii <r^2>, which shift the weak charge by - sqrt2 pi alpha <r^2>/(3 G_F) Z F_Z.

    The diagonal radii ``r2_nue``, ``r2_numu``, ``r2_nutau`` interfere with the Standard Model; those that change the
    flavour, ``r2_emu``, ``r2_etau``, ``r2_mutau``, add incoherently. They come on top of the Standard Model values that
    the radiative weak couplings contain.

    Parameters
    ----------
    normalisation : str
        One of `CHARGE_RADIUS_NORMALISATIONS`.
    universal : bool
        One diagonal radius ``r2_nu`` for all flavours, in place of the matrix.
    """

    normalisation: str = "cadeddu"
    universal: bool = False

    name: ClassVar[str] = "charge-radius"
    citations: ClassVar[tuple[str, ...]] = ("Cadeddu:2018dux", "Papoulias:2017qdn")

    def __post_init__(self) -> None:
        """Check the normalisation."""
        if self.normalisation not in CHARGE_RADIUS_NORMALISATIONS:
            raise InputError("normalisation", self.normalisation, CHARGE_RADIUS_NORMALISATIONS)

    @property
    def _elements(self) -> list[Element]:
        return diagonal_elements("r2_nu{}", universal=True) if self.universal else _matrix("r2")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The radii, zero by default."""
        return tuple(
            Parameter(name, f"charge radius of {'-'.join(families)} neutrinos", "cm^2", default=0.0)
            for name, families, _ in self._elements
        )

    @property
    def terms(self) -> tuple[Term, ...]:
        """A term for each radius."""
        per_cm2 = np.sqrt(2.0) * np.pi * FINE_STRUCTURE / (3.0 * FERMI_CONSTANT) / MEV2_CM2
        factor = CHARGE_RADIUS_NORMALISATIONS[self.normalisation] * per_cm2
        return photon_terms(VECTOR, self._elements, lambda _: -factor)


@dataclass(frozen=True)
class Millicharge:
    """Neutrino electric charges q [e], which shift g_V^p by - 2 sqrt2 pi alpha q/(G_F q_mu^2), q_mu^2 = -2 M T.

    The diagonal charges ``q_nue``, ``q_numu``, ``q_nutau`` interfere with the Standard Model; those that change the
    flavour, ``q_emu``, ``q_etau``, ``q_mutau``, add incoherently (De Romeri et al., JHEP 04 (2023) 035).
    """

    name: ClassVar[str] = "millicharge"
    citations: ClassVar[tuple[str, ...]] = ("DeRomeri:2022twg",)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The charges, zero by default."""
        return tuple(
            Parameter(name, f"electric charge of {'-'.join(families)} neutrinos", "e", default=0.0)
            for name, families, _ in _matrix("q")
        )

    @property
    def terms(self) -> tuple[Term, ...]:
        """A term for each charge."""

        def factor(recoil: AnyRecoil) -> FloatArray:
            return 2.0 * np.sqrt(2.0) * np.pi * FINE_STRUCTURE / (FERMI_CONSTANT * recoil.momentum_transfer_squared)

        return photon_terms(VECTOR, _matrix("q"), factor)
