"""L_a - L_b gauge bosons, which couple to quarks through kinetic mixing at one loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cevns.constants import FAMILIES, FERMI_CONSTANT, FINE_STRUCTURE, LEPTON_MASS
from cevns.errors import InputError
from cevns.interactions.channels import VECTOR
from cevns.interactions.mediator import mediator_parameters, product_of_two
from cevns.interactions.model import EVERYTHING, Parameter, Term
from cevns.interactions.recoil import AnyRecoil
from cevns.typing import FloatArray, Scalar


def vacuum_polarisation(t: FloatArray) -> FloatArray:
    """int_0^1 x (1-x) ln(1 + x (1-x) t) dx for t >= 0, in closed form; by its series below t = 0.01.

    >>> vacuum_polarisation(np.array([0.0, 10.0])).round(6).tolist()
    [0.0, 0.179806]
    """
    small = t < 1e-2
    safe = np.where(small, 1.0, t)
    beta = np.sqrt(1.0 + 4.0 / safe)
    closed = -5.0 / 18.0 + 2.0 / (3.0 * safe) + (1.0 - 2.0 / safe) * beta * np.log((beta + 1.0) / (beta - 1.0)) / 6.0
    series = t / 30.0 - t**2 / 280.0 + t**3 / 1890.0 - t**4 / 11088.0 + t**5 / 60060.0
    return np.where(small, series, closed)


def loop_mixing(momentum_transfer_squared: FloatArray, light: str, heavy: str) -> FloatArray:
    """Kinetic-mixing integral e(q) = int_0^1 x (1-x) ln[(m_heavy^2 + x(1-x) q^2)/(m_light^2 + x(1-x) q^2)] dx.

    Parameters
    ----------
    momentum_transfer_squared : array
        q^2 [MeV^2].
    light, heavy : {"e", "mu", "tau"}
        Families in the denominator and in the numerator.
    """
    q2 = momentum_transfer_squared
    light2, heavy2 = LEPTON_MASS[light] ** 2, LEPTON_MASS[heavy] ** 2
    return np.log(heavy2 / light2) / 6.0 + vacuum_polarisation(q2 / heavy2) - vacuum_polarisation(q2 / light2)


@dataclass(frozen=True)
class LeptonicVector:
    """Gauge boson of L_a - L_b, mixed with the photon by loops of the charged leptons a and b.

    Only protons feel it: g_V^p(l) is shifted by sqrt2 alpha g^2 (d_la e_ba(q) + d_lb e_ab(q))/(pi G_F (q^2 + M^2))
    (Atzori Corona et al., JHEP 05 (2022) 109, eq. 14; Banerjee, Dutta and Roy, PRD 104 (2021) 015015).

    Parameters
    ----------
    plus, minus : {"e", "mu", "tau"}
        The families a and b.
    label : str
        Suffix for the parameter names.

    Raises
    ------
    InputError
        If a family is unknown or both are the same.
    """

    plus: str
    minus: str
    label: str = ""
    name: str = "leptonic vector"

    citations: ClassVar[tuple[str, ...]] = ("AtzoriCorona:2022moj", "Banerjee:2021laz")

    def __post_init__(self) -> None:
        """Check the families."""
        for field, value in (("plus", self.plus), ("minus", self.minus)):
            if value not in FAMILIES:
                raise InputError(field, value, FAMILIES)
        if self.plus == self.minus:
            raise InputError("minus", self.minus, [family for family in FAMILIES if family != self.plus])

    @property
    def electron_charge(self) -> float:
        """Vector charge of the electron at tree level; that through the loop, as for protons, comes on top."""
        return float((self.plus == "e") - (self.minus == "e"))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Coupling and mass."""
        return mediator_parameters(label=self.label, to="leptons")

    @property
    def terms(self) -> tuple[Term, ...]:
        """One term of strength g^2: electric charge through the loop, and the electron's own charge."""
        coupling, mass = (parameter.name for parameter in self.parameters)
        sign = np.array([(family == self.plus) * 1.0 - (family == self.minus) for family in FAMILIES])[:, None]

        def charge(recoil: AnyRecoil, **shape: Scalar) -> FloatArray:
            q2 = recoil.momentum_transfer_squared
            mixing = loop_mixing(q2, light=self.plus, heavy=self.minus)
            loop = 2.0 * FINE_STRUCTURE / np.pi * mixing * recoil.electric_charge
            target = loop + recoil.vector_charge(electron=self.electron_charge)
            return sign * target / (np.sqrt(2.0) * FERMI_CONSTANT * (q2 + np.square(shape[mass])))

        return (Term(VECTOR, product_of_two, (coupling,), charge, (mass,), on=EVERYTHING),)
