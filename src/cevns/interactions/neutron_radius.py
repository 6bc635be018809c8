"""The neutron radius of target nuclei as a free parameter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from cevns.errors import InputError
from cevns.interactions.model import Parameter, Term, labelled
from cevns.interactions.recoil import Recoil
from cevns.nuclear import isotope
from cevns.nuclear.form_factors import helm_engel
from cevns.typing import FloatArray


@dataclass(frozen=True)
class NeutronRadius:
    """Root-mean-square radius ``R_n`` [fm] of the neutrons of some isotopes, in place of that of the experiment.

    It has no amplitude of its own: it changes the neutrons that every other interaction sees. Give two of them with
    different isotopes and labels to move nuclei apart.

    Parameters
    ----------
    isotopes : tuple of str
        The isotopes that have this radius.
    label : str
        Suffix for the parameter name.

    Raises
    ------
    InputError
        If an isotope is unknown.
    """

    isotopes: tuple[str, ...] = ("133Cs", "127I")
    label: str = ""

    name: ClassVar[str] = "neutron-radius"
    citations: ClassVar[tuple[str, ...]] = ()
    terms: ClassVar[tuple[Term, ...]] = ()

    def __post_init__(self) -> None:
        """Check the isotopes."""
        for name in self.isotopes:
            isotope(name)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The radius."""
        meaning = f"rms radius of the neutrons in {', '.join(self.isotopes)}"
        return (Parameter(labelled("R_n", self.label), meaning, "fm", low=2.0, high=10.0),)

    def adjust(self, recoil: Recoil, **shape: FloatArray) -> Recoil:
        """The recoil with this radius, if the nucleus is one of the isotopes.

        Raises
        ------
        InputError
            If its form factor does not depend on the radius.
        """
        if recoil.nucleus.isotope.name not in self.isotopes:
            return recoil
        if recoil.nucleus.form_factor is helm_engel:
            raise InputError("target.form_factor", "helm-engel", "a form factor that depends on the neutron radius")
        return replace(recoil, neutron_radius=shape[self.parameters[0].name])
