"""A light scalar mediator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final

import numpy as np

from cevns.constants import FAMILIES
from cevns.errors import InputError
from cevns.interactions.channels import SCALAR
from cevns.interactions.mediator import mediator_parameters, product_of_two
from cevns.interactions.model import EVERYTHING, Parameter, Term, among
from cevns.interactions.recoil import AnyRecoil
from cevns.nuclear import scalar_charges
from cevns.typing import FloatArray

SCALAR_CONVENTIONS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {"hoferichter": (17.3, 17.3), "cerdeno": (15.1, 14.0), "quark-by-quark": scalar_charges()}
)
"""Scalar charges f_p and f_n of the nucleons per unit of a universal quark coupling.

``"hoferichter"``: 17.3 A, the pion-nucleon sigma term over the mean mass of u and d (Hoferichter et al., PRL 115,
092301), as in Atzori Corona et al., JHEP 05 (2022) 109.
``"cerdeno"``: 14 A + 1.1 Z = 14 N + 15.1 Z (Cerdeno et al., JHEP 05 (2016) 118; Papoulias and Kosmas).
``"quark-by-quark"``: `cevns.nuclear.scalar_charges`.
"""


@dataclass(frozen=True)
class LightScalar:
    """A scalar mediator of mass M, coupled alike to all quarks, to the electron and to neutrinos.

    dsigma/dT = M_N^2 T/(4 pi E^2) g^4/(q^2 + M^2)^2 [f_p Z F_Z + f_n N F_N]^2, with f_p = f_n = 17.3 as reference
    (Atzori Corona et al., JHEP 05 (2022) 109, eq. 17). It does not interfere with the Standard Model.

    Parameters
    ----------
    proton_factor, neutron_factor : float, optional
        Scalar charges f_p and f_n of the nucleons by hand, in place of those of the convention.
    separate_couplings : bool
        Use g_nu and g_q in place of one g.
    label : str
        Suffix for the parameter names.
    convention : str
        f_p and f_n by name, from `SCALAR_CONVENTIONS`.
    families : tuple of str
        The neutrinos that it couples to.
    electron_charge : float
        Coupling of the electron in units of that of the quarks.

    Raises
    ------
    InputError
        If the convention or a family is unknown, there is no family, or a number is not finite.
    """

    proton_factor: float | None = None
    neutron_factor: float | None = None
    separate_couplings: bool = False
    label: str = ""
    name: str = "scalar"
    convention: str = "hoferichter"
    families: tuple[str, ...] = FAMILIES
    electron_charge: float = 1.0

    citations: ClassVar[tuple[str, ...]] = ("AtzoriCorona:2022moj", "Cerdeno:2016sfi", "Hoferichter:2015dsa")

    def __post_init__(self) -> None:
        """Check the charges."""
        if self.convention not in SCALAR_CONVENTIONS:
            raise InputError("convention", self.convention, SCALAR_CONVENTIONS)
        for field in ("proton_factor", "neutron_factor", "electron_charge"):
            value = getattr(self, field)
            if value is not None and not np.isfinite(value):
                raise InputError(field, value, "a finite number")
        if not self.families or not set(self.families) <= set(FAMILIES):
            raise InputError("families", self.families, FAMILIES)

    @property
    def nucleon_factors(self) -> tuple[float, float]:
        """f_p and f_n."""
        by_name = SCALAR_CONVENTIONS[self.convention]
        by_hand = (self.proton_factor, self.neutron_factor)
        proton, neutron = (name if hand is None else hand for name, hand in zip(by_name, by_hand, strict=True))
        return proton, neutron

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Coupling(s) and mass."""
        return mediator_parameters(separate=self.separate_couplings, label=self.label)

    @property
    def terms(self) -> tuple[Term, ...]:
        """One term, of strength g^2 or g_nu g_q; the electron goes with the quarks."""
        *couplings, mass = (parameter.name for parameter in self.parameters)
        proton, neutron = self.nucleon_factors

        def charge(recoil: AnyRecoil, **shape: FloatArray) -> FloatArray:
            target = recoil.scalar_charge(proton=proton, neutron=neutron, electron=self.electron_charge)
            return among(self.families) * target / (recoil.momentum_transfer_squared + shape[mass] ** 2)

        return (Term(SCALAR, product_of_two, tuple(couplings), charge, (mass,), on=EVERYTHING),)
