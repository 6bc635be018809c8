"""What a source and a time profile must offer to the rest of the package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, Protocol, runtime_checkable

from cevns.typing import FloatArray


@dataclass(frozen=True)
class NeutrinoFlavour:
    """One component of a source.

    Attributes
    ----------
    name : str
        ``"nu_e"``, ``"nu_mu"``, ``"nubar_mu"``, ...
    family : {"e", "mu", "tau"}
        Lepton family.
    antineutrino : bool
        Whether these are antineutrinos.
    """

    name: str
    family: Literal["e", "mu", "tau"]
    antineutrino: bool


NEUTRINOS: Final[Mapping[str, NeutrinoFlavour]] = MappingProxyType(
    {
        f"{kind}_{family}": NeutrinoFlavour(f"{kind}_{family}", family, antineutrino=kind == "nubar")
        for kind in ("nu", "nubar")
        for family in ("e", "mu", "tau")
    }
)
"""Neutrinos and antineutrinos by name: nu_e, nu_mu, nu_tau, nubar_e, nubar_mu, nubar_tau."""


class Source(Protocol):
    """A neutrino source seen by a target."""

    @property
    def flavours(self) -> tuple[NeutrinoFlavour, ...]:
        """The components, in the order of every component axis."""

    @property
    def fluence(self) -> FloatArray:
        """Neutrinos per cm^2 through the target during the exposure, shape (component,)."""

    @property
    def energy_breakpoints(self) -> tuple[float, ...]:
        """Neutrino energies [MeV] at which a spectrum is not smooth, in increasing order; the last is the end point."""

    @property
    def lines(self) -> Mapping[int, Mapping[float, float]]:
        """Lines of the components that have some, by index: energy [MeV] and share of the component's neutrinos."""

    @property
    def path(self) -> tuple[float, float]:
        """Mean distance to the target and full width of its distribution, taken as uniform [cm]."""

    def spectrum(self, energy: FloatArray) -> FloatArray:
        """Normalised spectra phi(E) [1/MeV] without the lines; shape (..., component, energy) for (..., 1, energy)."""

    def moments(self, lowest_energy: FloatArray) -> FloatArray:
        """Moments Phi_k = int_{E_low} dE phi(E) E^-k of the normalised spectra, k = 0, 1, 2.

        Shape (k, ..., component, recoil) for lowest energies [MeV] of shape (..., 1, recoil) or (recoil,), unit MeV^-k.
        """


@runtime_checkable
class UncertainSource(Source, Protocol):
    """What a source offers besides if it knows its uncertainties."""

    @property
    def uncertainties(self) -> tuple[str, ...]:
        """Names of what is uncertain."""

    def varied(self, uncertainty: str, pull: float) -> UncertainSource:
        """The source with one thing a number of standard deviations from where it is without pulls."""


@runtime_checkable
class MixedSource(Source, Protocol):
    """What a source offers besides if its neutrinos may arrive as superpositions of flavours."""

    @property
    def mixed(self) -> bool:
        """Whether they do: the components then are what each flavour contains, without the phases between them."""


class TimeProfile(Protocol):
    """When the neutrinos of each component arrive."""

    def fractions(
        self,
        edges: FloatArray,
        efficiency: Callable[[FloatArray], FloatArray] | None,
        breakpoints: tuple[float, ...],
    ) -> FloatArray:
        """Fraction of each component in each time bin, times the efficiency there; shape (component, bin).

        Parameters
        ----------
        edges : array, shape (bin + 1,)
            Bin edges [us].
        efficiency : callable or None
            Detection efficiency as a function of time [us].
        breakpoints : tuple of float
            Times at which the efficiency is not smooth.
        """
