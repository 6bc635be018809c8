"""Tables of the germanium detectors at reactors: dresden-ii, conus-plus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from scipy.special import ndtr

from cevns.io.releases.tables import Release, Table, bin_columns, merging_energies
from cevns.typing import FloatArray


@dataclass(frozen=True)
class Continuum:
    """What the background of a germanium detector at a reactor looks like, per bin of 10 eV and day.

    Attributes
    ----------
    flat : float
        The part that does not depend on the energy.
    amplitude, decay : float
        Of the exponential amplitude exp(-E/decay) of epithermal neutrons; decay in keV.
    area, energy, width : float
        Counts in the L1 peak of electron capture in 71Ge, its position and its width [keV].
    """

    flat: float
    amplitude: float
    decay: float
    area: float
    energy: float
    width: float

    def columns(self, edges: FloatArray) -> Table:
        """Counts per day in bins, and relative changes of the two components by what they depend on."""
        ends = edges / self.decay
        below = -(1.0 + ends) * np.exp(-ends)
        exponential = -np.diff(np.exp(-ends))
        pull = (edges - self.energy) / self.width
        density = np.exp(-0.5 * pull**2) / np.sqrt(2.0 * np.pi)
        l2 = (edges - L2_ENERGY) / self.width
        l2_density = np.exp(-0.5 * l2**2) / np.sqrt(2.0 * np.pi)
        m_shell = self.area * M_TO_L1 * _normal((edges - M_ENERGY) / NOISE)
        capture = self.area * (_normal(pull) + L2_TO_L1 * _normal(l2)) + m_shell
        return {
            "flat": self.flat * np.diff(edges) / STEP,
            "epithermal": self.amplitude * self.decay / STEP * exponential,
            "electron_capture": capture,
            "epithermal_decay": np.diff(below) / exponential,
            "l1_energy": _tidy(-1e-3 * self.area * np.diff(density) / self.width / capture),
            "l1_width": _tidy(-0.01 * self.area * np.diff(pull * density + L2_TO_L1 * l2 * l2_density) / capture),
            "m_shell": _tidy(m_shell / capture),
        }


def _normal(pull: FloatArray) -> FloatArray:
    """Integrals of the normal distribution between ends, which keep their digits in both tails."""
    return np.where(pull[1:] > 0.0, -np.diff(ndtr(-pull)), np.diff(ndtr(pull)))


def _tidy(change: FloatArray) -> FloatArray:
    """Relative changes without those that are nothing."""
    return np.where(np.abs(change) < 1e-9, 0.0, change)


STEP: Final = 0.01
"""Width of the released bins [keV]."""
DRESDEN_ENERGY_EDGES: Final = tuple(round(0.2 + STEP * step, 2) for step in range(131))
DRESDEN_LIVE_TIME: Final = 96.4
"""Days with the reactor on."""
NOISE: Final = 0.0685
"""Width of the electronic noise [keV], which is that of the M-shell peak."""
L2_ENERGY: Final = 1.142
M_ENERGY: Final = 0.158
"""Peaks of electron capture in 71Ge [keV]."""
L2_TO_L1: Final = 0.008
M_TO_L1: Final = 0.16
"""Counts in these peaks, relative to the one of the L1 shell."""
DRESDEN_ON: Final = Continuum(flat=13.93, amplitude=141.8, decay=0.2550, area=1474.0, energy=1.2923, width=0.06946)
"""Best fit with the signal of the Standard Model, iron-filter quenching: where the background is expanded."""
DRESDEN_ON_OFF: Final = Continuum(flat=10.59, amplitude=101.2, decay=0.2784, area=1726.0, energy=1.3077, width=0.06554)
"""The same with the spectrum of reactor outages subtracted; the peak is negative then, and this its size."""


def _dresden_ii(release: Path, energies: FloatArray, _times: FloatArray) -> Mapping[str, Table]:
    """Tables of dresden-ii: rates times the live time, a model of the background, two quenching factors."""
    merge = merging_energies(DRESDEN_ENERGY_EDGES, energies)
    _, on, on_error, off, off_error = np.loadtxt(release / "data_release.txt").T

    def bins(rate: FloatArray, error: FloatArray, background: Continuum) -> Table:
        counts = {
            "observed": DRESDEN_LIVE_TIME * merge(rate),
            "error": DRESDEN_LIVE_TIME * np.sqrt(merge(error**2)),
        }
        days = dict.fromkeys(("flat", "epithermal", "electron_capture"), DRESDEN_LIVE_TIME)
        columns = {name: days.get(name, 1.0) * column for name, column in background.columns(energies).items()}
        return {**bin_columns(energies), **counts, **columns}

    recoil, iron_filter, photoneutron = np.loadtxt(release / "QF_Fef_YBe.txt").T
    return {
        "bins.csv": bins(on, on_error, DRESDEN_ON),
        "on_off.csv": bins(on - off, np.hypot(on_error, off_error), DRESDEN_ON_OFF),
        "quenching_iron_filter.csv": {"recoil_keV": recoil, "factor": iron_filter},
        "quenching_photoneutron.csv": {"recoil_keV": recoil, "factor": photoneutron},
    }


CONUS_ENERGY_EDGES: Final = tuple(round(0.16 + STEP * step, 2) for step in range(20))


def _conus_plus(release: Path, energies: FloatArray, _times: FloatArray) -> Mapping[str, Table]:
    """The table of conus-plus: the digitised excess over the background."""
    merge = merging_energies(CONUS_ENERGY_EDGES, energies)
    _, _, _, excess, error = np.loadtxt(release / "conusplus_excess_digitised.csv", delimiter=",", skiprows=5).T
    bins = {
        **bin_columns(energies),
        "observed": merge(excess),
        "error": np.sqrt(merge(error**2)),
    }
    return {"bins.csv": bins}


RELEASES: Final[Mapping[str, Release]] = {
    "conus-plus": Release(_conus_plus, CONUS_ENERGY_EDGES),
    "dresden-ii": Release(_dresden_ii, DRESDEN_ENERGY_EDGES),
}
