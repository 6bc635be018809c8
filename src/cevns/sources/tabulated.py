"""Sources whose spectra are tables: linear between their points, with lines on top, and moments that are exact."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from cevns.errors import InputError
from cevns.sources.base import NeutrinoFlavour
from cevns.typing import FloatArray


@dataclass(frozen=True)
class TabulatedSource:
    """A source of components with a spectrum each, linear between common energies and zero beyond them.

    Attributes
    ----------
    flavours : tuple of NeutrinoFlavour
        The components.
    energy : array, shape (knot,)
        E [MeV], positive and not decreasing; an energy given twice is a jump.
    flux : array, shape (component, knot)
        Neutrinos per cm^2 and MeV through the target during the exposure.
    line_flux : mapping of int to mapping of float to float
        Neutrinos per cm^2 in lines, by component and energy [MeV].
    path : (float, float)
        Mean distance to the target and full width of its distribution [cm].
    energy_breakpoints : tuple of float
        Energies [MeV] at which integrals over the recoil are split. The spectra have a kink at every knot: leave out
        only those too small to matter. All energies if absent; the lines and the last energy are always among them.
    """

    flavours: tuple[NeutrinoFlavour, ...]
    energy: FloatArray
    flux: FloatArray
    line_flux: Mapping[int, Mapping[float, float]] = field(default_factory=dict)
    path: tuple[float, float] = (0.0, 0.0)
    energy_breakpoints: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check the tables, and complete the breakpoints."""
        if self.energy.ndim != 1 or self.flux.shape != (len(self.flavours), len(self.energy)):
            raise InputError("source.flux", self.flux.shape, f"({len(self.flavours)}, {len(self.energy)}) values")
        if not (np.all(np.isfinite(self.energy)) and self.energy[0] > 0.0 and np.all(np.diff(self.energy) >= 0.0)):
            raise InputError("source.energy", "not increasing", "positive energies [MeV] that do not decrease")
        if not np.all(np.isfinite(self.flux) & (self.flux >= 0.0)):
            raise InputError("source.flux", float(self.flux.min()), "values that are finite and not negative")
        lines = [energy for of_component in self.line_flux.values() for energy in of_component]
        chosen = self.energy_breakpoints or tuple(self.energy.tolist())
        every = sorted({*chosen, *lines, float(self.energy[-1])})
        object.__setattr__(self, "energy_breakpoints", tuple(every))

    @cached_property
    def fluence(self) -> FloatArray:
        """Neutrinos per cm^2 at the target, shape (component,)."""
        continuum = np.sum((self.flux[:, 1:] + self.flux[:, :-1]) * np.diff(self.energy), axis=1) / 2.0
        lines = [sum(self.line_flux.get(component, {}).values()) for component in range(len(self.flavours))]
        return np.asarray(continuum + np.array(lines), dtype=float)

    @cached_property
    def _total(self) -> FloatArray:
        """The fluence, or 1 where there is none."""
        return np.where(self.fluence > 0.0, self.fluence, 1.0)

    @property
    def lines(self) -> Mapping[int, Mapping[float, float]]:
        """Lines of each component: energy [MeV] and share of its neutrinos."""
        return {
            component: {energy: flux / float(self._total[component]) for energy, flux in of_component.items()}
            for component, of_component in self.line_flux.items()
        }

    @cached_property
    def _density(self) -> FloatArray:
        """Normalised spectra at the knots [1/MeV], shape (component, knot)."""
        return self.flux / self._total[:, None]

    def spectrum(self, energy: FloatArray) -> FloatArray:
        """Normalised spectra [1/MeV] without the lines; see `cevns.sources.base.Source`."""
        wanted = np.atleast_2d(np.asarray(energy, dtype=float))
        spectra = [np.interp(wanted, self.energy, row, left=0.0, right=0.0) for row in self._density]
        return np.concatenate(spectra, axis=-2)

    def moments(self, lowest_energy: FloatArray) -> FloatArray:
        """Moments Phi_k, exact for spectra that are linear between their points; see `cevns.sources.base.Source`.

        With phi = a + b E between two points the moments are those of a polynomial (k = 0), and with a logarithm.
        """
        wanted = np.atleast_2d(np.asarray(lowest_energy, dtype=float))[..., 0, :]
        lowest = np.clip(wanted, self.energy[0], self.energy[-1])
        interval = np.clip(np.searchsorted(self.energy, lowest, side="right") - 1, 0, len(self.energy) - 2)
        above = np.concatenate([self._above[..., 1:], np.zeros_like(self._above[..., :1])], axis=-1)
        constant, slope = (coefficient[:, interval] for coefficient in self._linear)
        rest = _integrals(constant, slope, lowest, self.energy[interval + 1])
        moments = np.moveaxis(rest + above[..., interval], 1, -2)
        for component, lines in self.lines.items():
            for energy, share in lines.items():
                for k in range(3):
                    moments[k, ..., component, :] += share * (wanted <= energy) * energy**-k
        return moments

    @cached_property
    def _linear(self) -> tuple[FloatArray, FloatArray]:
        """Coefficients of phi = a + b E in each interval, shape (component, interval); any will do where E jumps."""
        lengths = np.diff(self.energy)
        slope = np.diff(self._density, axis=1) / np.where(lengths > 0.0, lengths, np.inf)
        return self._density[:, :-1] - slope * self.energy[:-1], slope

    @cached_property
    def _above(self) -> FloatArray:
        """Moments from each knot but the last to the end, shape (3, component, interval)."""
        pieces = _integrals(*self._linear, self.energy[:-1], self.energy[1:])
        return np.cumsum(pieces[..., ::-1], axis=-1)[..., ::-1]


def _integrals(constant: FloatArray, slope: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Integrals of (a + b E) E^-k between two energies, k = 0, 1, 2 along the first axis."""
    length = high - low
    logarithm = np.log1p(length / low)
    return np.stack(
        [
            (constant + slope * (low + high) / 2.0) * length,
            constant * logarithm + slope * length,
            constant * length / (low * high) + slope * logarithm,
        ]
    )


class TableBuilder(ABC):
    """A source that makes its tables from what it knows of itself: the methods of `cevns.sources.base.Source`."""

    @property
    @abstractmethod
    def table(self) -> TabulatedSource:
        """Its spectra; made once."""

    @property
    def flavours(self) -> tuple[NeutrinoFlavour, ...]:
        """The components."""
        return self.table.flavours

    @property
    def fluence(self) -> FloatArray:
        """Neutrinos per cm^2 at the target, shape (component,)."""
        return self.table.fluence

    @property
    def energy_breakpoints(self) -> tuple[float, ...]:
        """Energies [MeV] at which integrals over the recoil are split."""
        return self.table.energy_breakpoints

    @property
    def lines(self) -> Mapping[int, Mapping[float, float]]:
        """Lines of each component."""
        return self.table.lines

    @property
    def path(self) -> tuple[float, float]:
        """Mean distance to the target and full width of its distribution [cm]."""
        return self.table.path

    def spectrum(self, energy: FloatArray) -> FloatArray:
        """Normalised spectra [1/MeV] without the lines."""
        return self.table.spectrum(energy)

    def moments(self, lowest_energy: FloatArray) -> FloatArray:
        """Moments of the normalised spectra."""
        return self.table.moments(lowest_energy)
