"""Neutrinos from the Sun: fluxes of standard solar models, and flavour change in the Sun and on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from types import MappingProxyType
from typing import Final, Literal, get_args

import numpy as np

from cevns.errors import InputError
from cevns.shipped import shipped_rows
from cevns.sources.base import NEUTRINOS
from cevns.sources.tabulated import TableBuilder, TabulatedSource
from cevns.typing import FloatArray
from cevns.units import SECOND

SolarModel = Literal["gs98", "agss09met"]
"""Standard solar models B16 of arXiv:1611.09867, by their abundances."""
FlavourChange = Literal["lma-msw", "vacuum", "none"]
"""Adiabatic conversion in the Sun, averaged oscillation in vacuum, or none."""

LINES: Final[Mapping[str, Mapping[float, float]]] = MappingProxyType(
    {"pep": {1.44: 1.0}, "7Be": {0.3843: 0.103, 0.8613: 0.897}}
)
"""Neutrinos of electron capture: energy [MeV] and share (J. N. Bahcall, Phys. Rev. D 49 (1994) 3923)."""

PRODUCTION: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "pp": (4.68, 0.109),
        "pep": (5.13, 0.076),
        "hep": (3.96, 0.165),
        "7Be": (6.16, 0.029),
        "8B": (6.81, 0.010),
        "13N": (6.22, 0.054),
        "15O": (6.69, 0.013),
        "17F": (6.74, 0.012),
    }
)
"""Potential sqrt2 G_F n_e [1e-12 eV] where neutrinos are made: mean and relative variance.

P. C. de Holanda, W. Liao and A. Yu. Smirnov, hep-ph/0404042, table 1. 1e-12 eV is 13.10 mol/cm^3 of electrons.
"""

SIN2_THETA_12: Final = 0.318
SIN2_THETA_13: Final = 0.0220
SIN2_THETA_23: Final = 0.574
DM21: Final = 7.50e-5
"""Mixing and mass splitting [eV^2], normal ordering (P. F. de Salas et al., arXiv:2006.11237, table 3)."""
ERRORS: Final[Mapping[str, float]] = MappingProxyType(
    {"sin2_theta_12": 0.016, "sin2_theta_13": 0.00066, "sin2_theta_23": 0.014, "dm21": 0.21e-5}
)
"""Their standard deviations, means of the two sides."""

ASTRONOMICAL_UNIT: Final = 1.495978707e13
"""Mean distance to the Sun [cm] (exact)."""
ECCENTRICITY: Final = 0.01671
"""Eccentricity of the orbit of the Earth."""

_MATTERS: Final[Mapping[FlavourChange, tuple[str, ...]]] = MappingProxyType(
    {"lma-msw": tuple(ERRORS), "vacuum": tuple(ERRORS)[:3], "none": ()}
)
"""What each flavour change depends on."""

_BREAKPOINTS: Final = 64
"""Energies at which integrals are split, besides end points and lines: enough for counts right to 1e-6."""


@dataclass(frozen=True)
class Sun(TableBuilder):
    """The Sun, seen by day and averaged over the year.

    Attributes
    ----------
    live_time : float
        Exposure [us].
    model : {"gs98", "agss09met"}
        Fluxes and their errors, of the standard solar models B16.
    fluxes : mapping of str to float
        Fluxes at 1 AU [1/(cm^2 s)] in place of those of the model: pp, pep, hep, 7Be, 8B, 13N, 15O, 17F. They keep the
        relative error of the model.
    flavour_change : {"lma-msw", "vacuum", "none"}
        What becomes of the electron neutrinos.
    sin2_theta_12, sin2_theta_13, sin2_theta_23 : float
        Mixing.
    dm21 : float
        Mass splitting [eV^2].
    """

    live_time: float
    model: SolarModel = "gs98"
    fluxes: Mapping[str, float] = field(default_factory=dict)
    flavour_change: FlavourChange = "lma-msw"
    sin2_theta_12: float = SIN2_THETA_12
    sin2_theta_13: float = SIN2_THETA_13
    sin2_theta_23: float = SIN2_THETA_23
    dm21: float = DM21

    def __post_init__(self) -> None:
        """Refuse what no Sun can be."""
        for name, choices in (("model", get_args(SolarModel)), ("flavour_change", get_args(FlavourChange))):
            if getattr(self, name) not in choices:
                raise InputError(f"source.{name}", getattr(self, name), choices)
        for name in ("live_time", "dm21"):
            if not 0.0 < getattr(self, name) < np.inf:
                raise InputError(f"source.{name}", getattr(self, name), "a positive number")
        for name in ("sin2_theta_12", "sin2_theta_13", "sin2_theta_23"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InputError(f"source.{name}", getattr(self, name), "a number from 0 to 1")
        for reaction, flux in self.fluxes.items():
            if reaction not in PRODUCTION:
                raise InputError("source.fluxes", reaction, PRODUCTION)
            if not 0.0 <= flux < np.inf:
                raise InputError(f"source.fluxes.{reaction}", flux, "a flux that is not negative [1/(cm^2 s)]")

    def flux(self, reaction: str) -> float:
        """Flux of one reaction at 1 AU [1/(cm^2 s)]."""
        return self.fluxes.get(reaction, _model_fluxes(self.model)[reaction][0])

    def survival(self, reaction: str, energy: FloatArray) -> FloatArray:
        """Probability that an electron neutrino of one reaction is one still, at energies [MeV].

        c13^4 (1 + cos 2 theta_12 <cos 2 theta_12^M>)/2 + s13^4 (adiabatic conversion, arXiv:hep-ph/0404042), with
        cos 2 theta^M = (cos 2 theta - x)/sqrt((cos 2 theta - x)^2 + sin^2 2 theta), x = 2 E c13^2 sqrt2 G_F n_e/dm21.
        The mean is over the two densities with the mean and the variance of the region where the reaction takes place.
        """
        energy = np.asarray(energy, dtype=float)
        if self.flavour_change == "none":
            return np.ones_like(energy)
        cos2_13 = 1.0 - self.sin2_theta_13
        cosine = 1.0 - 2.0 * self.sin2_theta_12
        mean, variance = PRODUCTION[reaction]
        potentials = mean * (1.0 + np.sqrt(variance) * np.array([-1.0, 1.0])) * (self.flavour_change == "lma-msw")
        # 1e-12 eV times 1 MeV is 1e-6 eV^2.
        rest = cosine - 2e-6 * np.multiply.outer(potentials, energy) * cos2_13 / self.dm21
        in_matter = np.mean(rest / np.hypot(rest, np.sqrt(1.0 - cosine**2)), axis=0)
        return cos2_13**2 * (1.0 + cosine * in_matter) / 2.0 + self.sin2_theta_13**2

    def _shares(self, reaction: str, energy: FloatArray) -> FloatArray:
        """Share of each flavour in the neutrinos of one reaction, shape (3, energy)."""
        survival = self.survival(reaction, energy)
        gone = 1.0 - survival
        return np.stack([survival, (1.0 - self.sin2_theta_23) * gone, self.sin2_theta_23 * gone])

    @cached_property
    def table(self) -> TabulatedSource:
        """Spectra of nu_e, nu_mu and nu_tau at the detector."""
        energy = np.unique(np.concatenate([knots for knots, _ in _spectra().values()]))
        # Mean of 1/r^2 over the year.
        exposure = self.live_time / SECOND / np.sqrt(1.0 - ECCENTRICITY**2)
        flux: FloatArray = np.zeros((3, len(energy)))
        for reaction, (knots, density) in _spectra().items():
            spectrum = np.interp(energy, knots, density, left=0.0, right=0.0)
            neutrinos = exposure * self.flux(reaction) / np.trapezoid(spectrum, energy)
            flux += neutrinos * spectrum * self._shares(reaction, energy)
        ends = [float(knots[-1]) for knots, _ in _spectra().values()]
        lines: dict[int, dict[float, float]] = {component: {} for component in range(3)}
        for reaction, of_reaction in LINES.items():
            for line, share in of_reaction.items():
                for component, of_flavour in enumerate(self._shares(reaction, np.array(line)).tolist()):
                    lines[component][line] = exposure * self.flux(reaction) * share * of_flavour
        return TabulatedSource(
            flavours=tuple(NEUTRINOS[name] for name in ("nu_e", "nu_mu", "nu_tau")),
            energy=energy,
            flux=flux,
            line_flux=lines,
            path=(ASTRONOMICAL_UNIT, 2.0 * ECCENTRICITY * ASTRONOMICAL_UNIT),
            energy_breakpoints=(*ends, *np.geomspace(energy[0], energy[-1], _BREAKPOINTS).tolist()),
        )

    @property
    def mixed(self) -> bool:
        """Whether neutrinos arrive as mass states, which are superpositions of flavours."""
        return self.flavour_change != "none"

    @property
    def uncertainties(self) -> tuple[str, ...]:
        """The fluxes, "flux_pp" and so on, and the oscillation parameters that matter."""
        return (*(f"flux_{reaction}" for reaction in PRODUCTION), *_MATTERS[self.flavour_change])

    def varied(self, uncertainty: str, pull: float) -> Sun:
        """The Sun with a flux or an oscillation parameter changed by a number of standard deviations.

        Values stop where they would lose their meaning: fluxes at 0, sin^2 at 0 and 1.
        """
        if uncertainty not in self.uncertainties:
            raise InputError("uncertainty", uncertainty, self.uncertainties)
        reaction = uncertainty.removeprefix("flux_")
        if reaction != uncertainty:
            factor = max(1.0 + pull * _model_fluxes(self.model)[reaction][1], 0.0)
            return replace(self, fluxes={**self.fluxes, reaction: factor * self.flux(reaction)})
        value = getattr(self, uncertainty) + pull * ERRORS[uncertainty]
        return replace(self, **{uncertainty: value if uncertainty == "dm21" else min(max(value, 0.0), 1.0)})


@cache
def _model_fluxes(model: SolarModel) -> Mapping[str, tuple[float, float]]:
    """Flux at 1 AU [1/(cm^2 s)] and its relative error, by reaction."""
    return {
        row["reaction"]: (float(row[f"{model}_per_cm2_s"]), float(row[f"{model}_error"]))
        for row in shipped_rows("cevns.sources", "solar_fluxes.csv")
    }


@cache
def _spectra() -> Mapping[str, tuple[FloatArray, FloatArray]]:
    """Energies [MeV] and spectra of the reactions that emit a continuum."""
    points: dict[str, list[tuple[float, float]]] = {}
    for row in shipped_rows("cevns.sources", "solar_spectra.csv"):
        points.setdefault(row["reaction"], []).append((float(row["energy_MeV"]), float(row["density_per_MeV"])))
    return {reaction: (*np.array(of_reaction).T,) for reaction, of_reaction in points.items()}
