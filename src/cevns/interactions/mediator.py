"""What light mediators have in common: their parameters, and strengths with two vertices."""

from __future__ import annotations

from cevns.interactions.model import Parameter, labelled
from cevns.typing import Scalar


def coupling_names(*, separate: bool, label: str) -> tuple[str, ...]:
    """Names of the couplings: g, or g_nu to neutrinos and g_q to quarks."""
    return tuple(labelled(name, label) for name in (("g_nu", "g_q") if separate else ("g",)))


def mass_name(label: str) -> str:
    """Name of the mass."""
    return labelled("mass", label)


def mediator_parameters(
    *, separate: bool = False, label: str = "", to: str = "neutrinos and quarks"
) -> tuple[Parameter, ...]:
    """Coupling(s), positive by convention, and mass of a mediator.

    Parameters
    ----------
    separate : bool
        Whether neutrinos and quarks have couplings of their own.
    label : str
        Suffix for the names.
    to : str
        What the one coupling is to.
    """
    meanings = ("neutrinos", "quarks") if separate else (to,)
    couplings = (
        Parameter(name, f"coupling of the mediator to {whom}", low=0.0, is_coupling=True)
        for name, whom in zip(coupling_names(separate=separate, label=label), meanings, strict=True)
    )
    return (*couplings, Parameter(mass_name(label), "mass of the mediator", "MeV", low=0.0))


def product_of_two(**couplings: Scalar) -> Scalar:
    """g^2 of one coupling, g_nu g_q of two: the strength of an amplitude with two vertices."""
    values = tuple(couplings.values())
    return values[0] * values[-1]
