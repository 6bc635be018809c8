"""Sterile neutrinos: oscillation on the way to the target, and a heavy one made in the target by a dipole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cevns.constants import FAMILIES
from cevns.interactions.channels import dipole_portal
from cevns.interactions.electromagnetic import Element, diagonal_elements, photon_terms
from cevns.interactions.model import Disappearance, Parameter, Term, labelled, linear


@dataclass(frozen=True)
class SterileOscillation:
    """Disappearance into one sterile neutrino: P_ll = 1 - sin^2(2 theta_ll) sin^2(Delta m^2 L/(4 E)).

    The probability is averaged over the energies that can give a recoil and over the paths of the source. What arrives
    as another active flavour scatters alike in CEvNS; in electron scattering such appearance is left out.

    Parameters
    ----------
    universal : bool
        One ``sin2_2theta`` for all flavours, in place of ``sin2_2theta_ee`` and ``sin2_2theta_mumu``.
    label : str
        Suffix for the parameter names, to have two sterile neutrinos.
    """

    universal: bool = False
    label: str = ""

    name: ClassVar[str] = "sterile"
    citations: ClassVar[tuple[str, ...]] = ("Anderson:2012pn", "Papoulias:2017qdn")
    terms: ClassVar[tuple[Term, ...]] = ()

    def _names(self) -> dict[str, tuple[str, ...]]:
        if self.universal:
            return {labelled("sin2_2theta", self.label): FAMILIES}
        return {labelled(f"sin2_2theta_{one}{one}", self.label): (one,) for one in FAMILIES if one != "tau"}

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The mixings, zero by default, and the splitting."""
        mixings = (
            Parameter(name, f"sin^2 2theta of {', '.join(families)} neutrinos", low=0.0, high=1.0, default=0.0)
            for name, families in self._names().items()
        )
        splitting = Parameter(labelled("dm2", self.label), "Delta m^2 of the sterile neutrino", "eV^2", low=0.0)
        return (*mixings, splitting)

    @property
    def disappearances(self) -> tuple[Disappearance, ...]:
        """One for each mixing."""
        splitting = labelled("dm2", self.label)
        return tuple(Disappearance(linear, (name,), splitting, families) for name, families in self._names().items())


@dataclass(frozen=True)
class DipolePortal:
    """Up-scattering nu_l A -> N A into a heavy neutrino of mass m_4 by a transition magnetic moment.

    dsigma/dT = pi alpha^2/m_e^2 (mu/mu_B)^2 Z^2 F_Z^2 [1/T - 1/E + m_4^2 (T - 2E - M)/(4 E^2 T M)
    + m_4^4 (T - M)/(8 E^2 T^2 M^2)] above E_min = (1 + m_4^2/(2 M T)) (T + sqrt(T^2 + 2 M T))/2; at m_4 = 0 it is
    `MagneticMoment`.

    Parameters
    ----------
    universal : bool
        One moment ``mu_4`` for all flavours, in place of ``mu_e4``, ``mu_mu4`` and ``mu_tau4``.
    label : str
        Suffix for the parameter names.
    """

    universal: bool = False
    label: str = ""

    name: ClassVar[str] = "dipole-portal"
    citations: ClassVar[tuple[str, ...]] = ("McKeen:2010rx", "DeRomeri:2022twg")

    @property
    def _elements(self) -> list[Element]:
        return diagonal_elements("mu_{}4", universal=self.universal, label=self.label)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The moments, zero by default, and the mass of the heavy neutrino."""
        moments = (
            Parameter(name, f"transition moment of {', '.join(families)} neutrinos", "mu_B", low=0.0, default=0.0)
            for name, families, _ in self._elements
        )
        return (*moments, Parameter(labelled("m4", self.label), "mass of the heavy neutrino", "MeV", low=0.0))

    @property
    def terms(self) -> tuple[Term, ...]:
        """A term for each moment."""
        return photon_terms(dipole_portal(labelled("m4", self.label)), self._elements)
