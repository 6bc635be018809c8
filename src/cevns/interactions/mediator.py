"""What light mediators have in common: their parameters, strengths with two vertices, the exchange of a vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from cevns.constants import FERMI_CONSTANT
from cevns.interactions.model import Parameter, labelled
from cevns.interactions.recoil import AnyRecoil
from cevns.typing import FloatArray, Scalar


def mediator_parameters(
    *, separate: bool = False, label: str = "", to: str = "neutrinos and quarks"
) -> tuple[Parameter, ...]:
    """Coupling(s) g, or g_nu and g_q, positive by convention, and mass of a mediator.

    Parameters
    ----------
    separate : bool
        Whether neutrinos and quarks have couplings of their own.
    label : str
        Suffix for the names.
    to : str
        What the one coupling is to.
    """
    targets = {"g_nu": "neutrinos", "g_q": "quarks"} if separate else {"g": to}
    couplings = (
        Parameter(labelled(name, label), f"coupling of the mediator to {whom}", low=0.0, is_coupling=True)
        for name, whom in targets.items()
    )
    return (*couplings, mediator_mass(label))


def mediator_mass(label: str) -> Parameter:
    """Mass of a mediator."""
    return Parameter(labelled("mass", label), "mass of the mediator", "MeV", low=0.0)


def product_of_two(**couplings: Scalar) -> Scalar:
    """g^2 of one coupling, g_nu g_q of two: the strength of an amplitude with two vertices."""
    values = tuple(couplings.values())
    return values[0] * values[-1]


def vector_exchange(
    neutrinos: Sequence[float],
    mass: str,
    *,
    up: float = 0.0,
    down: float = 0.0,
    electron: float = 0.0,
    factor: float = 1.0,
    axial: bool = False,
) -> Callable[..., FloatArray]:
    """Charge of a vector mediator: factor Q_l Q/(sqrt2 G_F (q^2 + M^2)), Q = (2 Q_u + Q_d) Z F_Z + (Q_u + 2 Q_d) N F_N.

    Parameters
    ----------
    neutrinos : sequence of float
        Q_l of the left-handed neutrinos e, mu, tau.
    mass : str
        Name of the parameter M.
    up, down, electron : float
        Charges of u, d and e; on electrons Q is the last.
    factor : float
        Couplings that are not free.
    axial : bool
        Whether these are the axial charges, in place of the vector charges.
    """
    leptons = factor * np.array(neutrinos)[:, None]

    def charge(recoil: AnyRecoil, **shape: FloatArray) -> FloatArray:
        current = recoil.axial_charge if axial else recoil.vector_charge
        propagator = recoil.momentum_transfer_squared + shape[mass] ** 2
        return leptons * current(up=up, down=down, electron=electron) / (np.sqrt(2.0) * FERMI_CONSTANT * propagator)

    return charge
