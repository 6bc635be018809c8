"""Dutta et al., PRL 123 (2019) 061801 (arXiv:1903.10666): light mediators from energies and times of CsI 2017.

The question is that of the paper, which mediators of 1 to 1000 MeV describe the data better than the Standard Model;
the data, pulls and chi^2 are those of `coherent-csi-2017`. The mediator couples with g to quarks and to neutrinos of
one flavour, or of all: what arrives promptly is nu_mu alone, so that times tell flavours apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from cevns.experiments import experiment
from cevns.inference import coupling_limits
from cevns.interactions import LightVector, as_model
from cevns.publications.figures import Axis, Curve, CurvesPanel, Panel
from cevns.publications.panels import mass_axis, region
from cevns.publications.papers import Table, items
from cevns.statistics import Likelihood

CSI: Final = "coherent-csi-2017"
CLS: Final = (0.6827, 0.9545)
"""Of the regions, for two degrees of freedom."""
MEDIATORS: Final[Mapping[str, LightVector]] = MappingProxyType(
    {
        "all flavours": LightVector({"B": 3, "e": -1, "mu": -1, "tau": -1}),
        "nu_e": LightVector({"B": 3, "e": -1}),
        "nu_mu": LightVector({"B": 3, "mu": -1}),
    }
)
"""Charge 1 of quarks and of the neutrinos named."""
SPAN: Final = (1.0, 1000.0)
"""Of the masses [MeV]."""
_MASSES: Final = 31


def _likelihood(mediator: LightVector) -> Likelihood:
    return Likelihood(as_model(mediator), [experiment(CSI)])


def figure_regions() -> tuple[Panel, ...]:
    """Mass and coupling, both free."""
    mass, coupling = mass_axis(*SPAN, name="mass"), Axis("g", span=(3e-6, 1e-2), scale="log")
    return tuple(
        region(mass, coupling, {"CsI 2017": _likelihood(mediator)}, cl=CLS, title=f"quarks and {flavours}")
        for flavours, mediator in MEDIATORS.items()
    )


def figure_preference() -> tuple[Panel, ...]:
    """By how much the best coupling at each mass lowers chi^2 below that of the Standard Model."""
    mass = mass_axis(*SPAN)
    masses = mass.values(_MASSES)

    def curve(flavours: str, mediator: LightVector) -> Curve:
        likelihood = _likelihood(mediator)
        standard = float(likelihood(g=0.0, mass=masses[0]))
        found = coupling_limits(likelihood, cl=CLS[1], dof=1, mass=masses)
        return Curve(flavours, tuple(standard - limit.chi2_min for limit in found))

    return (
        CurvesPanel(
            title="CsI 2017, energies and times",
            x=mass,
            y=Axis("preference", r"$\chi^2_\mathrm{SM} - \chi^2_\mathrm{min}(M)$"),
            values=tuple(masses.tolist()),
            curves=tuple(curve(*one) for one in MEDIATORS.items()),
        ),
    )


TABLES: Final[Mapping[str, Table]] = items()
FIGURES: Final = items(figure_regions, figure_preference)
