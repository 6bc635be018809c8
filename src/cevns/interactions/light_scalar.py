"""A light scalar mediator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from cevns.errors import InputError
from cevns.interactions.channels import SCALAR
from cevns.interactions.mediator import coupling_names, mass_name, mediator_parameters, product_of_two
from cevns.interactions.model import Parameter, Term
from cevns.interactions.recoil import Recoil
from cevns.typing import FloatArray

REFERENCE_NUCLEON_FACTOR: Final = 17.3
"""sigma_piN/mbar_ud, the scalar charge of a nucleon per unit quark coupling (Hoferichter et al., PRL 115, 092301)."""


@dataclass(frozen=True)
class LightScalar:
    """A scalar mediator of mass M, coupled alike to all neutrinos and to all quarks.

    dsigma/dT = M_N^2 T/(4 pi E^2) g^4/(q^2 + M^2)^2 [f_p Z F_Z + f_n N F_N]^2, with f_p = f_n = 17.3 as reference
    (Atzori Corona et al., JHEP 05 (2022) 109, eq. 17). It does not interfere with the Standard Model.

    Parameters
    ----------
    proton_factor, neutron_factor : float
        f_p and f_n, scalar charges of the nucleons per unit quark coupling.
    separate_couplings : bool
        Use g_nu and g_q in place of one g.
    label : str
        Suffix for the parameter names.
    """

    proton_factor: float = REFERENCE_NUCLEON_FACTOR
    neutron_factor: float = REFERENCE_NUCLEON_FACTOR
    separate_couplings: bool = False
    label: str = ""
    name: str = "scalar"

    citations: ClassVar[tuple[str, ...]] = ("AtzoriCorona:2022moj", "Cerdeno:2016sfi", "Hoferichter:2015dsa")

    def __post_init__(self) -> None:
        """Check the nucleon factors."""
        for field in ("proton_factor", "neutron_factor"):
            if not np.isfinite(getattr(self, field)):
                raise InputError(field, getattr(self, field), "a finite number")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Coupling(s) and mass."""
        return mediator_parameters(separate=self.separate_couplings, label=self.label)

    @property
    def terms(self) -> tuple[Term, ...]:
        """One term, of strength g^2 or g_nu g_q."""
        mass = mass_name(self.label)
        couplings = coupling_names(separate=self.separate_couplings, label=self.label)

        def charge(recoil: Recoil, **shape: FloatArray) -> FloatArray:
            nucleons = self.proton_factor * recoil.protons + self.neutron_factor * recoil.neutrons
            return nucleons / (recoil.momentum_transfer_squared + shape[mass] ** 2)

        return (Term(SCALAR, product_of_two, couplings, charge, (mass,)),)
