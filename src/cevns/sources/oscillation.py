"""Flux moments of neutrinos that oscillate on the way to the target, averaged over energy and path."""

from __future__ import annotations

from typing import Final

import numpy as np

from cevns.constants import HBAR_C
from cevns.sources.base import Source
from cevns.typing import FloatArray

PHASE_PER_CM: Final = 1e-12 / (4.0 * HBAR_C * 1e-13)
"""Phase of sin^2 for a splitting of 1 eV^2, 1 cm and 1 MeV: Delta m^2 L/(4 E), 1.267 per metre."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_STEP: Final = 4.0
"""Most radians of the phase Delta m^2 L/(2 E) between two knots of the energy integral."""
_FASTEST: Final = 1024.0
"""Phase [rad] above which sin^2 is taken at its average, 1/2."""


def mean_sine_squared(source: Source, energy: FloatArray, splitting: FloatArray) -> FloatArray:
    """sin^2(Delta m^2 L/(4 E)) averaged over the path, [1 - cos(2 k L) sin(k w)/(k w)]/2 with k = Delta m^2/(4 E).

    Phases 2 k L above 1024 are taken as averaged out.

    Parameters
    ----------
    source : Source
        Mean distance L and width w of a uniform distribution of distances.
    energy : array
        E [MeV], positive.
    splitting : array
        Delta m^2 [eV^2]; broadcasts against the energy.
    """
    distance, spread = source.path
    wavenumber = PHASE_PER_CM * splitting / energy
    phase = 2.0 * wavenumber * distance
    return 0.5 * (1.0 - np.where(phase > _FASTEST, 0.0, np.cos(phase) * np.sinc(wavenumber * spread / np.pi)))


def oscillating_moments(source: Source, lowest_energy: FloatArray, splitting: FloatArray) -> FloatArray:
    """Moments int_{E_low} dE phi(E) E^-k <sin^2(Delta m^2 L/(4 E))>: what disappears at full mixing.

    Parameters
    ----------
    source : Source
        Spectra and path.
    lowest_energy : array, shape (..., 1, recoil) or (recoil,)
        E_low [MeV], positive; there may be no recoil at all.
    splitting : array, shape (..., 1, 1) or ()
        Delta m^2 [eV^2].

    Returns
    -------
    array, shape (3, ..., component, recoil)
        As `cevns.sources.base.Source.moments`.
    """
    lowest_energy = np.atleast_2d(lowest_energy)
    knots = _knots(source, float(lowest_energy.min(initial=np.inf)), float(np.max(splitting)))

    def integrals(low: FloatArray, high: FloatArray) -> FloatArray:
        """Integrals over intervals, shape (3, ..., component, interval) for ends (..., 1, interval)."""
        half = np.maximum(high - low, 0.0) / 2.0
        total: FloatArray = np.zeros(())
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            energy = low + half * (1.0 + node)
            density = weight * half * mean_sine_squared(source, energy, splitting) * source.spectrum(energy)
            total = total + np.stack([density, density / energy, density / energy**2])
        return total

    pieces = integrals(knots[None, :-1], knots[None, 1:])
    above = np.concatenate([np.cumsum(pieces[..., ::-1], axis=-1)[..., ::-1], np.zeros((*pieces.shape[:-1], 1))], -1)
    first = np.minimum(np.searchsorted(knots, lowest_energy, side="right"), len(knots) - 1)
    # Complete intervals above E_low, and the part of the interval that holds it.
    complete = above[..., first[0]] if first.ndim == 2 else _take(above, first)
    moments = complete + integrals(lowest_energy, knots[first])
    for component, lines in source.lines.items():
        for energy, share in lines.items():
            reached = share * (lowest_energy <= energy) * mean_sine_squared(source, np.array(energy), splitting)
            for k in range(3):
                moments[k, ..., component, :] += reached[..., 0, :] * energy**-k
    return moments


def _take(above: FloatArray, first: np.ndarray) -> FloatArray:
    """Values at the knots that belong to each point's own recoils, shape (3, ..., component, recoil)."""
    points = np.broadcast_shapes(above.shape[1:-2], first.shape[:-2])
    rows = np.broadcast_to(above, (3, *points, *above.shape[-2:]))
    columns = np.broadcast_to(first, (3, *points, above.shape[-2], first.shape[-1]))
    return np.take_along_axis(rows, columns, axis=-1)


def _knots(source: Source, lowest: float, splitting: float) -> FloatArray:
    """Knots of the energy integral, in geometric steps that resolve every phase that is not averaged."""
    end = source.energy_breakpoints[-1]
    lowest = min(lowest, end)
    phase = min(2.0 * PHASE_PER_CM * splitting * source.path[0] / lowest, _FASTEST)
    number = int(np.ceil(np.log(end / lowest) * max(phase / _STEP, 8.0))) + 1
    knots = np.concatenate([np.geomspace(lowest, end, number + 1), source.energy_breakpoints])
    return np.unique(np.clip(knots, lowest, end))
