"""Light vectors that couple to matter because they mix with the photon, the hypercharge boson or the Z."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Final

from cevns.constants import FAMILIES, FERMI_CONSTANT, FINE_STRUCTURE, Z_MASS
from cevns.errors import InputError
from cevns.interactions.channels import AXIAL, VECTOR
from cevns.interactions.mediator import mediator_mass, product_of_two, vector_exchange
from cevns.interactions.model import EVERYTHING, Parameter, Term, labelled
from cevns.interactions.standard_model import SIN2_THETA_W_ZERO

_ELECTRIC_CHARGE_AND_ISOSPIN: Final = {"u": (2.0 / 3.0, 0.5), "d": (-1.0 / 3.0, -0.5), "e": (-1.0, -0.5)}


@dataclass(frozen=True)
class Mixing:
    """Current that a mixed boson couples to: coupling times epsilon times fbar gamma^mu (a Q + b T3 P_L) f.

    Attributes
    ----------
    coupling : float
        Gauge coupling.
    electric, isospin : float
        The coefficients a of the electric charge Q and b of the weak isospin T3 of left-handed fermions.
    """

    coupling: float
    electric: float
    isospin: float

    def vector(self, fermion: str) -> float:
        """Vector charge v = a Q + b T3/2 of u, d or e, in gamma^mu (v - a gamma5)."""
        charge, isospin = _ELECTRIC_CHARGE_AND_ISOSPIN[fermion]
        return self.electric * charge + 0.5 * self.isospin * isospin

    def axial(self, fermion: str) -> float:
        """Axial charge b T3/2 of u, d or e, in the same convention."""
        return 0.5 * self.isospin * _ELECTRIC_CHARGE_AND_ISOSPIN[fermion][1]

    @property
    def neutrino(self) -> float:
        """Charge b/2 of left-handed neutrinos."""
        return 0.5 * self.isospin


_ELEMENTARY_CHARGE: Final = math.sqrt(4.0 * math.pi * FINE_STRUCTURE)

MIXINGS: Final[Mapping[str, Callable[[float], Mixing]]] = MappingProxyType(
    {
        "photon": lambda _: Mixing(_ELEMENTARY_CHARGE, 1.0, 0.0),
        "hypercharge": lambda _: Mixing(_ELEMENTARY_CHARGE, 1.0, -1.0),
        "hypercharge-g-prime": lambda s2: Mixing(_ELEMENTARY_CHARGE / math.sqrt(1.0 - s2), 1.0, -1.0),
        "z": lambda s2: Mixing(math.sqrt(4.0 * math.sqrt(2.0) * FERMI_CONSTANT) * Z_MASS, -s2, 1.0),
    }
)
"""What the boson mixes with, as a function of sin^2 theta_W.

``"photon"``: e epsilon Q (Holdom, Phys. Lett. B 166 (1986) 196).
``"hypercharge"``: e epsilon Y, Y = Q - T3, normalised as the dark photon.
``"hypercharge-g-prime"``: g' epsilon Y with g' = e/cos theta_W, the coupling of a boson whose kinetic mixing with the
hypercharge boson is epsilon.
``"z"``: (g/cos theta_W) epsilon_Z (T3 - sin^2 theta_W Q), (g/cos theta_W)^2 = 4 sqrt2 G_F M_Z^2 (Davoudiasl, Lee and
Marciano, PRD 85 (2012) 115019).
"""


@dataclass(frozen=True)
class DarkVector:
    """A vector X of mass M that matter feels through mixing: L = -epsilon g_0 X_mu fbar gamma^mu (a Q + b T3 P_L) f.

    g_0, a and b belong to the boson it mixes with: see `MIXINGS`, and Abdullah et al., PRD 98 (2018) 015005. The weak
    charge is shifted as by a `LightVector` with g = epsilon g_0, vector charges a Q + b T3/2 of the quarks, and b/2 of
    the neutrinos. The photon does not couple to neutrinos: these then need charges Q'_l of their own, and couple with
    g_nu Q'_l.

    Parameters
    ----------
    mixing : str
        A name from `MIXINGS`.
    neutrinos : mapping, optional
        Charges Q'_l of the neutrinos under X itself, keys ``"e"``, ``"mu"``, ``"tau"``; those absent are zero.
    sin2_theta_w : float
        sin^2 theta_W at zero momentum transfer.
    label : str
        Suffix for the parameter names.

    Raises
    ------
    InputError
        If the mixing or a key is unknown, a number is out of range, or no neutrino is coupled.
    """

    mixing: str
    neutrinos: Mapping[str, float] = field(default_factory=dict)
    sin2_theta_w: float = SIN2_THETA_W_ZERO
    label: str = ""
    name: str = "dark vector"

    citations: ClassVar[tuple[str, ...]] = ("Holdom:1985ag", "Davoudiasl:2012ag", "Abdullah:2018ykz")

    def __post_init__(self) -> None:
        """Check the mixing and the charges."""
        if self.mixing not in MIXINGS:
            raise InputError("mixing", self.mixing, MIXINGS)
        if not 0.0 <= self.sin2_theta_w < 1.0:
            raise InputError("sin2_theta_w", self.sin2_theta_w, "a number from 0 to below 1")
        for key, value in self.neutrinos.items():
            if key not in FAMILIES:
                raise InputError("neutrinos", key, FAMILIES)
            if not math.isfinite(value):
                raise InputError(f"neutrinos.{key}", value, "a finite number")
        if not (self.couplings.neutrino or any(self.neutrinos.values())):
            raise InputError("neutrinos", dict(self.neutrinos), "a charge of at least one neutrino: photons have none")
        object.__setattr__(self, "neutrinos", MappingProxyType(dict(self.neutrinos)))

    @property
    def couplings(self) -> Mixing:
        """Couplings to fermions, per epsilon."""
        return MIXINGS[self.mixing](self.sin2_theta_w)

    @property
    def up_and_down(self) -> tuple[float, float]:
        """Vector charges of u and d."""
        return self.couplings.vector("u"), self.couplings.vector("d")

    @property
    def electron_charge(self) -> float:
        """Vector charge of the electron, which couples with the strength of the quarks."""
        return self.couplings.vector("e")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The mixing, the coupling of neutrinos if they have charges of their own, and the mass."""
        epsilon, g_nu, _ = self._names
        own = Parameter(g_nu, "coupling of neutrinos to the mediator per unit charge", default=1.0)
        return (
            Parameter(epsilon, f"mixing of the mediator ({self.mixing})", low=0.0, is_coupling=True),
            *((own,) if any(self.neutrinos.values()) else ()),
            mediator_mass(self.label),
        )

    @property
    def terms(self) -> tuple[Term, ...]:
        """Neutrinos coupled through the mixing, epsilon^2, and by charges of their own, epsilon g_nu.

        Axial charges are those of electrons; the spins of nuclei are left out.
        """
        epsilon, g_nu, mass = self._names
        mixed = self.couplings
        own = [self.neutrinos.get(family, 0.0) for family in FAMILIES]
        vertices = [
            ((epsilon,), [mixed.neutrino] * len(FAMILIES), mixed.coupling**2),
            ((epsilon, g_nu), own, mixed.coupling),
        ]
        up, down = self.up_and_down
        terms = []
        for names, charges, factor in vertices:
            if any(charges):
                vector = vector_exchange(charges, mass, up=up, down=down, electron=self.electron_charge, factor=factor)
                axial = vector_exchange(charges, mass, electron=mixed.axial("e"), factor=factor, axial=True)
                terms.append(Term(VECTOR, product_of_two, names, vector, (mass,), on=EVERYTHING))
                terms.append(Term(AXIAL, product_of_two, names, axial, (mass,), on=("electron",)))
        return tuple(terms)

    @property
    def _names(self) -> tuple[str, str, str]:
        return labelled("epsilon", self.label), labelled("g_nu", self.label), mediator_mass(self.label).name
