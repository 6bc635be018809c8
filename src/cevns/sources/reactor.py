"""Antineutrinos from nuclear reactors: fissions of four isotopes, and neutrons captured by U238."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from cevns.constants import MEV_JOULE
from cevns.errors import InputError
from cevns.shipped import shipped_rows
from cevns.sources.base import NEUTRINOS, NeutrinoFlavour
from cevns.sources.tabulated import TableBuilder, TabulatedSource
from cevns.typing import FloatArray
from cevns.units import SECOND

FISSION_ENERGY: Mapping[str, float] = MappingProxyType(
    {"U235": 202.36, "U238": 205.99, "Pu239": 211.12, "Pu241": 214.26}
)
"""Energy released per fission [MeV]; X. B. Ma et al., Phys. Rev. C 88 (2013) 014605."""
TAKEOVER = 2.0
"""Energy [MeV] from which on the spectrum is that of `Reactor.above`: the lowest of the published ones."""
STEP = 0.005
"""Distance of the knots [MeV] above: exponentials between the published energies are linear there to 4e-5."""
CAPTURES_PER_FISSION = 0.6
"""Neutrons captured by U238 per fission in a power reactor; V. I. Kopeikin, Phys. Atom. Nucl. 75 (2012) 143."""
LOW_ENERGY_UNCERTAINTY = 0.05
"""Relative uncertainty of the spectrum below `TAKEOVER`, where nobody has measured it: an assumption."""
ABOVE = ("huber-mueller",)
BELOW = ("vogel-engel", "kopeikin")
_ROUNDING = 2e-3
"""How far from one the sum of four fractions with three digits may be."""


@cache
def _columns(name: str) -> Mapping[str, FloatArray]:
    """A shipped table by column; see the comments in the files."""
    rows = list(shipped_rows("cevns.sources", f"reactor_spectra/{name}.csv"))
    return MappingProxyType({column: np.array([float(row[column]) for row in rows]) for column in rows[0]})


@dataclass(frozen=True)
class Reactor(TableBuilder):
    """A reactor seen from afar, at constant power.

    Attributes
    ----------
    thermal_power : float
        P [MW].
    distance : float
        L from core to target [cm].
    live_time : float
        Time with the reactor on [us].
    fission_fractions : mapping of str to float
        Shares of ``"U235"``, ``"U238"``, ``"Pu239"`` and ``"Pu241"`` in the fissions; those left out are zero.
    flux : float, optional
        Antineutrinos per cm^2 and s at the target, at all energies, in place of P / (4 pi L^2) times the yield.
    above : {"huber-mueller"}
        Spectrum from 2 to 8 MeV: Huber (U235, Pu239, Pu241), Phys. Rev. C 84 (2011) 024617, and Mueller et al. (U238),
        Phys. Rev. C 83 (2011) 054615. Nothing is added above 8 MeV.
    below : {"vogel-engel", "kopeikin"}
        Spectrum below 2 MeV: Vogel and Engel, Phys. Rev. D 39 (1989) 3378, by isotope; or Kopeikin, Phys. Atom. Nucl.
        75 (2012) 143, for the fuel of a power reactor, whatever the fractions, with captures.
    neutron_capture : float, optional
        Neutrons captured by U238 per fission, of which each makes two antineutrinos below 1.3 MeV; 0.6 if absent. Not
        with ``"kopeikin"``.
    pulls : mapping of str to float
        Standard deviations by which the uncertain parts of the spectrum are off; see `varied`.
    """

    thermal_power: float
    distance: float
    live_time: float
    fission_fractions: Mapping[str, float]
    flux: float | None = None
    above: str = "huber-mueller"
    below: str = "vogel-engel"
    neutron_capture: float | None = None
    pulls: Mapping[str, float] = field(default_factory=dict)

    flavours: ClassVar[tuple[NeutrinoFlavour, ...]] = (NEUTRINOS["nubar_e"],)
    uncertainties: ClassVar[tuple[str, ...]] = ("spectrum", "low_energy")

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        for name in ("thermal_power", "distance", "live_time", "flux"):
            value = getattr(self, name)
            if not (value is None or (np.isfinite(value) and value > 0.0)):
                raise InputError(f"source.{name}", value, "a positive number")
        for name, allowed in (("above", ABOVE), ("below", BELOW)):
            if getattr(self, name) not in allowed:
                raise InputError(f"source.{name}", getattr(self, name), allowed)
        for isotope, fraction in self.fission_fractions.items():
            if isotope not in FISSION_ENERGY:
                raise InputError("source.fission_fractions", isotope, FISSION_ENERGY)
            if not 0.0 <= fraction <= 1.0:
                raise InputError(f"source.fission_fractions.{isotope}", fraction, "a number from 0 to 1")
        total = sum(self.fission_fractions.values())
        if not abs(total - 1.0) <= _ROUNDING:
            raise InputError("source.fission_fractions", f"a sum of {total:g}", "numbers that sum to 1")
        capture = self.neutron_capture
        if capture is not None and self.below == "kopeikin":
            raise InputError("source.neutron_capture", capture, "nothing: captures are part of the spectrum 'kopeikin'")
        if not (capture is None or (np.isfinite(capture) and capture >= 0.0)):
            raise InputError("source.neutron_capture", capture, "a number that is not negative")

    @cached_property
    def table(self) -> TabulatedSource:
        """Its spectrum."""
        low_energy, low = self._low
        high_energy, high, error = self._high
        changed = (
            low * (1.0 + LOW_ENERGY_UNCERTAINTY * self.pulls.get("low_energy", 0.0)),
            high + error * self.pulls.get("spectrum", 0.0),
        )
        return TabulatedSource(
            self.flavours,
            np.concatenate([low_energy, high_energy]),
            self._fissions * np.concatenate(changed)[None],
            path=(self.distance, 0.0),
            # The kinks in between, of exponentials made of lines, matter by less than 1e-6.
            energy_breakpoints=(*low_energy.tolist(), *_columns(self.above)["energy_MeV"].tolist()),
        )

    def varied(self, uncertainty: str, pull: float) -> Reactor:
        """The reactor with part of its spectrum changed by a number of standard deviations.

        ``"spectrum"``: above 2 MeV, by the band of the publications, taken as fully correlated between energies and
        isotopes; ``"low_energy"``: below 2 MeV, by 5 %. The rest of the spectrum stays, also where a flux is given.
        """
        if uncertainty not in self.uncertainties:
            raise InputError("source.uncertainty", uncertainty, self.uncertainties)
        return replace(self, pulls={**self.pulls, uncertainty: pull})

    @cached_property
    def _shares(self) -> dict[str, float]:
        """Fission fractions that sum to one."""
        total = sum(self.fission_fractions.values())
        return {isotope: fraction / total for isotope, fraction in self.fission_fractions.items()}

    @property
    def _fissions(self) -> float:
        """Fissions during the live time over 4 pi L^2 [1/cm^2]: P / <E>, or the flux over the yield per fission."""
        if self.flux is not None:
            yields = sum(np.trapezoid(part[1], part[0]) for part in (self._low, self._high))
            return self.flux * self.live_time / SECOND / float(yields)
        energy = MEV_JOULE * sum(share * FISSION_ENERGY[isotope] for isotope, share in self._shares.items())
        return self.thermal_power * self.live_time / energy / (4.0 * np.pi * self.distance**2)

    @cached_property
    def _low(self) -> tuple[FloatArray, FloatArray]:
        """Energies up to 2 MeV and antineutrinos per MeV and fission."""
        fission = _columns(self.below)
        parts = [(fission["energy_MeV"], fission["total"] if "total" in fission else self._mixed(fission))]
        if self.below != "kopeikin":
            capture = _columns("neutron-capture")
            number = CAPTURES_PER_FISSION if self.neutron_capture is None else self.neutron_capture
            parts.append((capture["energy_MeV"], number * capture["total"]))
        energy = np.unique(np.concatenate([knots for knots, _ in parts]))
        energy = energy[energy <= TAKEOVER]
        return energy, np.sum([np.interp(energy, *part, left=0.0, right=0.0) for part in parts], axis=0)

    @cached_property
    def _high(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Energies from 2 MeV on, antineutrinos per MeV and fission, and their band."""
        published = _columns(self.above)
        knots = published["energy_MeV"]
        energy = np.linspace(knots[0], knots[-1], 1 + round((knots[-1] - knots[0]) / STEP))
        spectra = {isotope: np.exp(np.interp(energy, knots, np.log(published[isotope]))) for isotope in self._shares}
        bands = {
            isotope: spectrum * np.interp(energy, knots, published[f"{isotope}_error"])
            for isotope, spectrum in spectra.items()
        }
        return energy, self._mixed(spectra), self._mixed(bands)

    def _mixed(self, spectra: Mapping[str, FloatArray]) -> FloatArray:
        """Mean over the fissions of what is given for each isotope."""
        return np.asarray(sum(share * spectra[isotope] for isotope, share in self._shares.items()))
