"""Heavy new physics: non-standard interactions of neutrinos with u and d quarks, vector and tensor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar, Final, Literal, TypeAlias, get_args

import numpy as np

from cevns.constants import FAMILIES
from cevns.errors import InputError
from cevns.interactions.channels import TENSOR, VECTOR
from cevns.interactions.model import Parameter, Term, among, linear
from cevns.interactions.recoil import Recoil
from cevns.typing import FloatArray

Structure: TypeAlias = Literal["vector", "tensor"]
"""Lorentz structure."""
_QUARKS: Final = ("u", "d")


@dataclass(frozen=True)
class NonStandardInteractions:
    """Neutral-current NSI with couplings eps^{qV}_{ll'} or eps^{qT}_{ll'}, relative to G_F.

    Vector: Q_ll' is shifted by (2 eps^u + eps^d) Z F_Z + (eps^u + 2 eps^d) N F_N. The flavour-diagonal shifts interfere
    with the Standard Model, the flavour-changing ones add incoherently (Barranco, Miranda and Rashba, JHEP 12 (2005)
    021). Tensor: dsigma/dT = 4 G_F^2 M/pi |Q_T|^2 (1 - T/E - M T/(4 E^2)), in the normalisation of Papoulias and Kosmas
    (Phys. Rev. D 97 (2018) 033003, eq. 9).

    The matrices are Hermitian: the diagonal couplings are real, and a flavour-changing one has a real part, named
    ``eps_emu_uV``, and an imaginary one, ``eps_emu_uV_im``. All are zero unless given.

    Parameters
    ----------
    structure : {"vector", "tensor"}
        Lorentz structure.
    """

    structure: Structure = "vector"

    citations: ClassVar[tuple[str, ...]] = ("Barranco:2005yy", "Papoulias:2017qdn")

    def __post_init__(self) -> None:
        """Check the structure."""
        if self.structure not in get_args(Structure):
            raise InputError("structure", self.structure, get_args(Structure))

    @property
    def name(self) -> str:
        """Name for listings."""
        return "nsi" if self.structure == "vector" else "tensor-nsi"

    def _names(self) -> Iterator[tuple[str, tuple[str, ...], str, str]]:
        """Name, families, quark and part of each coupling."""
        letter = self.structure[0].upper()
        for quark in _QUARKS:
            for family in FAMILIES:
                yield f"eps_{family}{family}_{quark}{letter}", (family,), quark, "real"
            for pair in combinations(FAMILIES, 2):
                for part, suffix in (("real", ""), ("imaginary", "_im")):
                    yield f"eps_{''.join(pair)}_{quark}{letter}{suffix}", pair, quark, part

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every coupling, zero by default."""
        return tuple(
            Parameter(name, f"{part} coupling of {'-'.join(families)} neutrinos to {quark} quarks", default=0.0)
            for name, families, quark, part in self._names()
        )

    @property
    def terms(self) -> tuple[Term, ...]:
        """A term for each coupling."""
        return tuple(self._term(*entry) for entry in self._names())

    def _term(self, name: str, families: tuple[str, ...], quark: str, part: str) -> Term:
        def charge(recoil: Recoil) -> FloatArray:
            return among(families) * recoil.vector_charge(up=float(quark == "u"), down=float(quark == "d"))

        channel = VECTOR if self.structure == "vector" else TENSOR
        coherence = "diagonal" if len(families) == 1 else f"{'-'.join(families)} {part}"
        return Term(channel, linear, (name,), charge, coherence=coherence, mixes_flavours=len(families) > 1)


def nsi_parameters(up: FloatArray, down: FloatArray, structure: Structure = "vector") -> Mapping[str, float]:
    """Parameter values of `NonStandardInteractions` from Hermitian matrices.

    Parameters
    ----------
    up, down : array, shape (3, 3)
        eps^u and eps^d in the order e, mu, tau, complex.
    structure : {"vector", "tensor"}
        Lorentz structure.

    Raises
    ------
    InputError
        If a matrix is not 3 x 3 and Hermitian.
    """
    matrices = {}
    for quark, matrix in zip(_QUARKS, (up, down), strict=True):
        array = np.asarray(matrix, dtype=complex)
        if array.shape != (3, 3) or not np.array_equal(array, array.conj().T):
            raise InputError(f"eps_{quark}", np.asarray(matrix).tolist(), "a Hermitian 3 x 3 matrix")
        matrices[quark] = array
    values = {}
    for name, families, quark, part in NonStandardInteractions(structure)._names():
        element = matrices[quark][FAMILIES.index(families[0]), FAMILIES.index(families[-1])]
        values[name] = float(element.real if part == "real" else element.imag)
    return values
