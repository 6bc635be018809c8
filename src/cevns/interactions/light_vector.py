"""Light vector mediators of U(1)' models that couple to quarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np

from cevns.constants import FAMILIES
from cevns.errors import InputError
from cevns.interactions.channels import VECTOR
from cevns.interactions.mediator import mediator_parameters, product_of_two, vector_exchange
from cevns.interactions.model import EVERYTHING, Parameter, Term

_CHARGE_KEYS: Final = ("B", *FAMILIES)

VECTOR_NORMALISATIONS: Final[Mapping[str, float]] = MappingProxyType(
    {"atzori-corona": 1.0, "liao-marfatia": 0.5, "papoulias-kosmas": -0.5}
)
"""Shift of the weak charge in units of that of the Lagrangian of `LightVector`.

``"atzori-corona"``: the Lagrangian's own, as in Atzori Corona et al., JHEP 05 (2022) 109.
``"liao-marfatia"``: g^2/(2 sqrt2 G_F (q^2 + M^2)) in place of g^2/(sqrt2 G_F (q^2 + M^2)) (PLB 775 (2017) 54).
``"papoulias-kosmas"``: the amplitude of the Standard Model times 1 - Q_Z' g_nu/(2 sqrt2 G_F Q_W (2 M T + M^2)), with
Q_W = g_V^p Z F_Z + g_V^n N F_N and Q_Z' the quark charges of the nucleus (PRD 97 (2018) 033003).
"""
_SOURCES: Final = {
    "atzori-corona": "AtzoriCorona:2022moj",
    "liao-marfatia": "Liao:2017uzy",
    "papoulias-kosmas": "Papoulias:2017qdn",
}


def _finite(*values: object) -> bool:
    return all(isinstance(value, int | float | np.number) and np.isfinite(value) for value in values)


@dataclass(frozen=True)
class LightVector:
    """A vector mediator Z' of mass M: L = -g Z'_mu [sum_l Q'_l nubar_l gamma^mu P_L nu_l + sum_q Q'_q qbar gamma^mu q].

    It shifts the weak charge by g^2 Q'_l/(sqrt2 G_F (q^2 + M^2)) [(2 Q'_u + Q'_d) Z F_Z + (Q'_u + 2 Q'_d) N F_N]
    (Atzori Corona et al., JHEP 05 (2022) 109, eq. 12).

    Parameters
    ----------
    charges : mapping
        Coefficients c of the gauged combination c_B B - sum_l c_l L_l, keys ``"B"``, ``"e"``, ``"mu"``, ``"tau"``;
        those absent are zero. Hence Q'_q = c_B/3 and Q'_l = -c_l: ``{"B": 1, "e": 1, "mu": 1, "tau": 1}`` is B-L.
    quark_charges : tuple of float, optional
        Q'_u and Q'_d where they differ; instead of ``"B"``.
    separate_couplings : bool
        Couple neutrinos with g_nu and quarks with g_q in place of one g: the strength is g_nu g_q.
    label : str
        Suffix for the parameter names, to put two of a kind in one model.
    electron : float, optional
        Vector charge of the electron where it is not that of nu_e.
    normalisation : str
        One of `VECTOR_NORMALISATIONS`.

    Raises
    ------
    InputError
        If a key or the normalisation is unknown, a charge is not finite, or no quark or no neutrino is charged.
    """

    charges: Mapping[str, float]
    quark_charges: tuple[float, float] | None = None
    separate_couplings: bool = False
    label: str = ""
    name: str = field(default="vector")
    electron: float | None = None
    normalisation: str = "atzori-corona"

    def __post_init__(self) -> None:
        """Check the charges."""
        allowed = [key for key in _CHARGE_KEYS if not (key == "B" and self.quark_charges is not None)]
        for key, value in self.charges.items():
            if key not in allowed:
                raise InputError("charges", key, allowed)
            if not _finite(value):
                raise InputError(f"charges.{key}", value, "a finite number")
        quarks: tuple[object, ...] = (0.0, 0.0) if self.quark_charges is None else self.quark_charges
        if not (len(quarks) == 2 and _finite(*quarks)):
            raise InputError("quark_charges", self.quark_charges, "two finite numbers, of u and of d")
        if not _finite(self.electron_charge):
            raise InputError("electron", self.electron, "a finite number")
        if self.normalisation not in VECTOR_NORMALISATIONS:
            raise InputError("normalisation", self.normalisation, VECTOR_NORMALISATIONS)
        if not (any(self.up_and_down) and any(self.lepton_charges)):
            raise InputError("charges", dict(self.charges), "charges of at least one quark and one neutrino")
        object.__setattr__(self, "charges", MappingProxyType(dict(self.charges)))

    @property
    def citations(self) -> tuple[str, ...]:
        """The work whose normalisation is taken."""
        return (_SOURCES[self.normalisation],)

    @property
    def up_and_down(self) -> tuple[float, float]:
        """Q'_u and Q'_d."""
        baryon = self.charges.get("B", 0.0) / 3.0
        return self.quark_charges if self.quark_charges is not None else (baryon, baryon)

    @property
    def lepton_charges(self) -> tuple[float, float, float]:
        """Q'_e, Q'_mu, Q'_tau."""
        electron, muon, tau = (0.0 - self.charges.get(family, 0.0) for family in FAMILIES)
        return electron, muon, tau

    @property
    def electron_charge(self) -> float:
        """Vector charge of the electron, which couples with the strength of the quarks."""
        return self.lepton_charges[0] if self.electron is None else self.electron

    @property
    def anomaly(self) -> float:
        """3 c_B - c_e - c_mu - c_tau: zero if the model is free of anomalies with three right-handed neutrinos.

        The condition takes the quarks of all generations to have the charge given; it does not hold for B_y, whose
        generations differ.
        """
        return 3.0 * self.charges.get("B", 0.0) + sum(self.lepton_charges)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Coupling(s) and mass."""
        return mediator_parameters(separate=self.separate_couplings, label=self.label)

    @property
    def terms(self) -> tuple[Term, ...]:
        """One term, of strength g^2 or g_nu g_q."""
        *couplings, mass = (parameter.name for parameter in self.parameters)
        factor = VECTOR_NORMALISATIONS[self.normalisation]
        up, down = self.up_and_down
        charge = vector_exchange(
            self.lepton_charges, mass, up=up, down=down, electron=self.electron_charge, factor=factor
        )
        return (Term(VECTOR, product_of_two, tuple(couplings), charge, (mass,), on=EVERYTHING),)
