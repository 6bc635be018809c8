"""The Standard Model: weak vector couplings of proton and neutron, at tree level and with radiative corrections."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

import numpy as np

from cevns.constants import FAMILIES, FINE_STRUCTURE, LEPTON_MASS
from cevns.errors import InputError
from cevns.interactions.channels import AXIAL, VECTOR
from cevns.interactions.model import Parameter, Term, linear
from cevns.interactions.recoil import Recoil
from cevns.typing import FloatArray

SIN2_THETA_W_ZERO: Final = 0.23857
"""sin^2 theta_W at zero momentum transfer, MS-bar (Erler and Ramsey-Musolf; PDG)."""
ELECTRON_AXIAL: Final = (0.5, -0.5, -0.5)
"""g_A^e for nu_e, nu_mu, nu_tau, the charged current included."""


def _electron_couplings(sin2_theta_w: float) -> tuple[float, float, float]:
    """g_V^e for nu_e, nu_mu, nu_tau at tree level."""
    electron, muon, tau = (axial + 2.0 * sin2_theta_w for axial in ELECTRON_AXIAL)
    return electron, muon, tau


@dataclass(frozen=True)
class WeakCouplings:
    """Weak vector couplings of the nucleons and of the electron.

    Attributes
    ----------
    proton : tuple of float
        g_V^p for nu_e, nu_mu, nu_tau.
    neutron : float
        g_V^n.
    electron : tuple of float
        g_V^e for nu_e, nu_mu, nu_tau, the charged current included: 2 s_W^2 + 1/2 and 2 s_W^2 - 1/2 at tree level.
    """

    proton: tuple[float, float, float]
    neutron: float
    electron: tuple[float, float, float] = _electron_couplings(SIN2_THETA_W_ZERO)


def tree_couplings(sin2_theta_w: float = SIN2_THETA_W_ZERO) -> WeakCouplings:
    """Tree level: g_V^p = 1/2 - 2 s_W^2, g_V^n = -1/2.

    >>> round(tree_couplings().proton[0], 5)
    0.02286
    """
    if not 0.0 <= sin2_theta_w <= 1.0:
        raise InputError("sin2_theta_w", sin2_theta_w, "a number from 0 to 1")
    proton = 0.5 - 2.0 * sin2_theta_w
    return WeakCouplings((proton, proton, proton), -0.5, _electron_couplings(sin2_theta_w))


def radiative_couplings(sin2_theta_w: float = SIN2_THETA_W_ZERO, *, zz_boxes: bool = True) -> WeakCouplings:
    """MS-bar radiative corrections of Erler and Su (Prog. Part. Nucl. Phys. 71 (2013) 119), from their inputs.

    Parameters
    ----------
    sin2_theta_w : float
        sin^2 theta_W at zero momentum transfer.
    zz_boxes : bool
        Include the ZZ box diagrams. Without them the couplings are those of Atzori Corona et al. (JHEP 05 (2022) 109).

    Returns
    -------
    WeakCouplings
        The neutrino charge radius phi_l makes g_V^p depend on the flavour. The electron has its tree couplings.

    >>> [round(g, 4) for g in radiative_couplings().proton]
    [0.0382, 0.03, 0.0256]
    >>> [round(g, 4) for g in radiative_couplings(zz_boxes=False).proton]
    [0.0401, 0.0318, 0.0275]
    """
    rho, w_mass = 1.00063, 80.377e3
    alpha_z, s2, alpha_s_w, alpha_s_z = 1.0 / 127.95, 0.23122, 0.123, 0.1185
    ww_box = -alpha_z / (2.0 * math.pi * s2) * (1.0 - alpha_s_w / (2.0 * math.pi))
    ww_crossed = alpha_z / (8.0 * math.pi * s2) * (1.0 + alpha_s_w / math.pi)
    chiral = {"uL": 0.5 - 2.0 * s2 / 3.0, "dL": -0.5 + s2 / 3.0, "uR": -2.0 * s2 / 3.0, "dR": s2 / 3.0}
    scale = -3.0 * alpha_z / (8.0 * math.pi * s2 * (1.0 - s2)) * (1.0 - alpha_s_z / math.pi) if zz_boxes else 0.0
    zz = {quark: scale * g**2 for quark, g in chiral.items()}
    charge_radius = [
        -FINE_STRUCTURE / (6.0 * math.pi) * (math.log(w_mass**2 / LEPTON_MASS[family] ** 2) + 1.5)
        for family in FAMILIES
    ]
    zz_proton = rho * (2.0 * zz["uL"] + zz["dL"] - 2.0 * zz["uR"] - zz["dR"])
    zz_neutron = rho * (2.0 * zz["dL"] + zz["uL"] - 2.0 * zz["dR"] - zz["uR"])
    common = rho * (0.5 - 2.0 * sin2_theta_w) + 2.0 * ww_crossed + ww_box + zz_proton
    electron, muon, tau = (common - 2.0 * phi for phi in charge_radius)
    neutron = -0.5 * rho + 2.0 * ww_box + ww_crossed + zz_neutron
    return WeakCouplings((electron, muon, tau), neutron, _electron_couplings(sin2_theta_w))


_OF_MIXING_ANGLE: Final[Mapping[str, Callable[..., WeakCouplings]]] = MappingProxyType(
    {
        "radiative": radiative_couplings,
        "radiative-without-zz-boxes": partial(radiative_couplings, zz_boxes=False),
        "tree": tree_couplings,
    }
)
"""Weak couplings as functions of sin^2 theta_W at zero momentum transfer."""
COUPLING_SETS: Final[Mapping[str, Callable[..., WeakCouplings]]] = MappingProxyType(
    {**_OF_MIXING_ANGLE, "atzori-corona-2022": lambda: WeakCouplings((0.0401, 0.0318, 0.0275), -0.5094)}
)
"""Named sets of weak couplings; the last one has the digits printed in JHEP 05 (2022) 109.

Those digits are the set without ZZ boxes, but for g_V^n: the inputs give -0.50947, which rounds to -0.5095.
"""


@dataclass(frozen=True)
class StandardModel:
    """Standard Model: Q = g_V^p Z F_Z + g_V^n N F_N of nuclei in the vector channel (Freedman, PRD 9 (1974) 1389).

    Electrons have g_V^e in the vector and g_A^e in the axial channel, which interfere.

    Parameters
    ----------
    couplings : str or WeakCouplings
        A name from `COUPLING_SETS`, or values by hand.
    """

    couplings: str | WeakCouplings = "radiative"

    name = "sm"
    parameters: tuple[Parameter, ...] = ()
    citations = ("Freedman:1973yd", "Erler:2013xha")

    def __post_init__(self) -> None:
        """Refuse an unknown set."""
        if isinstance(self.couplings, str) and self.couplings not in COUPLING_SETS:
            raise InputError("couplings", self.couplings, COUPLING_SETS)

    @property
    def weak_couplings(self) -> WeakCouplings:
        """The values used."""
        return COUPLING_SETS[self.couplings]() if isinstance(self.couplings, str) else self.couplings

    @property
    def terms(self) -> tuple[Term, ...]:
        """The weak charges of nuclei and electrons, of strength one."""
        return _weak_terms(self.weak_couplings)


def _weak_terms(values: WeakCouplings) -> tuple[Term, ...]:
    """Terms of strength one with these couplings."""
    proton, electron, axial = (np.array(row)[:, None] for row in (values.proton, values.electron, ELECTRON_AXIAL))

    def nuclear(recoil: Recoil) -> FloatArray:
        return proton * recoil.protons + values.neutron * recoil.neutrons

    def unity() -> float:
        return 1.0

    return (
        Term(VECTOR, unity, (), nuclear),
        Term(VECTOR, unity, (), lambda _: electron, on=("electron",)),
        Term(AXIAL, unity, (), lambda _: axial, on=("electron",)),
    )


@dataclass(frozen=True)
class FreeMixingAngle:
    """The Standard Model with sin^2 theta_W at zero momentum transfer as a free parameter ``sin2_theta_w``.

    Parameters
    ----------
    couplings : {"radiative", "radiative-without-zz-boxes", "tree"}
        How the weak couplings depend on it.
    """

    couplings: str | WeakCouplings = "radiative"

    name = "weak-mixing-angle"
    citations = ("Freedman:1973yd", "Erler:2013xha")
    parameters = (
        Parameter(
            "sin2_theta_w", "weak mixing angle at zero momentum transfer", low=0.0, high=1.0, default=SIN2_THETA_W_ZERO
        ),
    )

    def __post_init__(self) -> None:
        """Refuse a set that does not depend on the angle."""
        if self.couplings not in _OF_MIXING_ANGLE:
            raise InputError("couplings", self.couplings, _OF_MIXING_ANGLE)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The weak charges without the angle, and what is proportional to sin^2 theta_W."""
        of_angle = _OF_MIXING_ANGLE[str(self.couplings)]
        at_zero, at_one = of_angle(0.0), of_angle(1.0)
        proton, electron = (
            np.array([[one - zero] for one, zero in zip(high, low, strict=True)])
            for high, low in ((at_one.proton, at_zero.proton), (at_one.electron, at_zero.electron))
        )
        return (
            *_weak_terms(at_zero),
            Term(VECTOR, linear, ("sin2_theta_w",), lambda recoil: proton * recoil.protons),
            Term(VECTOR, linear, ("sin2_theta_w",), lambda _: electron, on=("electron",)),
        )
