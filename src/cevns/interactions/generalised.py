"""Neutrino generalised interactions: every Lorentz structure of a contact interaction with quarks and electrons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final

import numpy as np

from cevns.constants import CHARGED_PION_MASS, FAMILIES, FERMI_CONSTANT
from cevns.errors import InputError
from cevns.interactions.channels import AXIAL, PSEUDOSCALAR, SCALAR, TENSOR, VECTOR, Channel
from cevns.interactions.model import Parameter, Term, among, linear
from cevns.interactions.recoil import AnyRecoil, ElectronRecoil, TargetKind
from cevns.nuclear import DOWN_SPIN, QUARK_MASSES, TENSOR_CHARGES, UP_SPIN, scalar_charges
from cevns.typing import FloatArray

_CONTACT: Final = FERMI_CONSTANT / np.sqrt(2.0)


def _scalar(recoil: AnyRecoil, fermion: str) -> FloatArray:
    """G_F/sqrt2 sum_N (m_N/m_q) f_q^N N F_N; G_F/sqrt2 of the electron."""
    proton, neutron = scalar_charges(up=float(fermion == "u"), down=float(fermion == "d"))
    return _CONTACT * recoil.scalar_charge(proton=proton, neutron=neutron, electron=1.0)


def _pseudoscalar(recoil: AnyRecoil, fermion: str) -> FloatArray:
    """G_F/sqrt2 M g_A/(m_u + m_d) m_pi^2/(m_pi^2 + q^2) of the isovector spin (PCAC); G_F/sqrt2 of the electron."""
    if isinstance(recoil, ElectronRecoil):
        return np.full_like(recoil.energy, _CONTACT)
    isospin = 1.0 if fermion == "u" else -1.0
    nucleon = isospin * (UP_SPIN - DOWN_SPIN) * recoil.mass / sum(QUARK_MASSES.values())
    pole = CHARGED_PION_MASS**2 / (CHARGED_PION_MASS**2 + recoil.momentum_transfer_squared)
    return _CONTACT * pole * recoil.spin_charge(nucleon, -nucleon)


def _tensor(recoil: AnyRecoil, fermion: str) -> FloatArray:
    """Sum_N delta_q^N N F_N/sqrt2; 1/sqrt2 of the electron."""
    proton, neutron = TENSOR_CHARGES.get(fermion, (0.0, 0.0))
    return np.sqrt(0.5) * recoil.scalar_charge(proton=proton, neutron=neutron, electron=1.0)


def _half(fermion: str) -> dict[str, float]:
    """Charge 1/2 of one fermion, as its current is called."""
    return {{"u": "up", "d": "down", "e": "electron"}[fermion]: 0.5}


@dataclass(frozen=True)
class _Structure:
    """One coupling of the Lagrangian.

    Attributes
    ----------
    meaning : str
        Of the coupling.
    channel : Channel
        Where it acts.
    charge : callable
        ``charge(recoil, fermion)`` per unit coupling.
    coherence : str
        ``"diagonal"``, or ``"imaginary"`` where the amplitude is imaginary.
    spin : bool
        Whether nuclei feel it through their spin only, apart from what they feel coherently.
    """

    meaning: str
    channel: Channel
    charge: Callable[[AnyRecoil, str], FloatArray]
    coherence: str = "diagonal"
    spin: bool = False


_STRUCTURES: Final[Mapping[str, _Structure]] = MappingProxyType(
    {
        "C_{}S": _Structure("scalar", SCALAR, _scalar),
        "D_{}P": _Structure("pseudoscalar of neutrinos, scalar of the target", SCALAR, _scalar, "imaginary"),
        "C_{}P": _Structure("pseudoscalar", PSEUDOSCALAR, _pseudoscalar, spin=True),
        "D_{}S": _Structure(
            "scalar of neutrinos, pseudoscalar of the target", PSEUDOSCALAR, _pseudoscalar, "imaginary", spin=True
        ),
        "C_{}V": _Structure("vector", VECTOR, lambda recoil, fermion: recoil.vector_charge(**_half(fermion))),
        "C_{}A": _Structure("axial", AXIAL, lambda recoil, fermion: recoil.axial_charge(**_half(fermion)), spin=True),
        "C_{}T": _Structure("tensor", TENSOR, _tensor),
        "D_{}T": _Structure(
            "tensor, odd under CP", TENSOR, lambda recoil, fermion: -_tensor(recoil, fermion), "imaginary"
        ),
    }
)


@dataclass(frozen=True)
class GeneralisedInteractions:
    """Neutrino generalised interactions G_F/sqrt2 [nubar Gamma^X nu] [fbar Gamma_X (C_fX + i gamma5 D_fX) f].

    X = S, P, V, A, T: Gamma = 1, i gamma5, gamma^mu, gamma^mu gamma5, sigma^(mu nu) (Lindner, Rodejohann and Xu, JHEP
    03 (2017) 097); f = u, d, e; flavour-diagonal. On nuclei

    dsigma/dT = G_F^2 M/(4 pi) {(C_S^2 + D_P^2) M T/(2 E^2) + (2 Q_V + C_V)^2 (1 - T/E - M T/(2 E^2))
    + 8 (C_T^2 + D_T^2) (1 - T/E - M T/(4 E^2)) -+ 2 (C_S C_T - D_P D_T) T/E},

    with the upper sign for neutrinos, and C_A, C_P and D_S through the spin. Left-handed neutrinos cannot tell D_V and
    D_A from C_A and C_V: they are left out.

    Parameters
    ----------
    common : bool
        One coupling ``C_qX`` to both quarks, in place of ``C_uX`` and ``C_dX``.
    families : tuple of str
        The neutrinos that have the couplings.

    Raises
    ------
    InputError
        If a family is unknown.
    """

    common: bool = False
    families: tuple[str, ...] = FAMILIES

    citations: ClassVar[tuple[str, ...]] = ("Lindner:2016wff", "DeRomeri:2022twg")

    def __post_init__(self) -> None:
        """Check the families."""
        for family in self.families:
            if family not in FAMILIES:
                raise InputError("families", family, FAMILIES)

    @property
    def name(self) -> str:
        """Name for listings."""
        return "ngi" if self.common else "ngi-quarks"

    def _couplings(self) -> Iterator[tuple[str, _Structure, tuple[str, ...]]]:
        """Name, structure and fermions of each coupling."""
        quarks = {"q": ("u", "d")} if self.common else {"u": ("u",), "d": ("d",)}
        for letter, fermions in {**quarks, "e": ("e",)}.items():
            for pattern, structure in _STRUCTURES.items():
                yield pattern.format(letter), structure, fermions

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every coupling, zero by default."""
        return tuple(
            Parameter(name, f"{structure.meaning} coupling to {', '.join(fermions)}", default=0.0)
            for name, structure, fermions in self._couplings()
        )

    @property
    def terms(self) -> tuple[Term, ...]:
        """A term for each coupling."""
        return tuple(self._term(*entry) for entry in self._couplings())

    def _term(self, name: str, structure: _Structure, fermions: tuple[str, ...]) -> Term:
        on: TargetKind = "electron" if fermions == ("e",) else "nucleus"

        def charge(recoil: AnyRecoil) -> FloatArray:
            return among(self.families) * sum(structure.charge(recoil, fermion) for fermion in fermions)

        coherence = f"spin {structure.coherence}" if structure.spin and on == "nucleus" else structure.coherence
        return Term(structure.channel, linear, (name,), charge, coherence=coherence, on=(on,))


@dataclass(frozen=True)
class NuclearAxial:
    """The axial current of the Standard Model on the spins of odd nuclei: Q_A = g_A sqrt((J+1)/(3J)) (<S_p> - <S_n>).

    It is below a per mille of CsI or Ge and not part of the Standard Model models; add it to one. The dependence on the
    momentum transfer is taken to be that of the protons.
    """

    name: ClassVar[str] = "nuclear-axial"
    citations: ClassVar[tuple[str, ...]] = ("Hoferichter:2020osn",)
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        """One term of strength one."""
        return (
            Term(
                AXIAL, lambda: 1.0, (), lambda recoil: recoil.axial_charge(up=0.5, down=-0.5), coherence="spin diagonal"
            ),
        )
