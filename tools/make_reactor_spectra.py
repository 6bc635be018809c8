"""Write the shipped tables of reactor antineutrino spectra.

    python tools/make_reactor_spectra.py RAW src/cevns/sources/reactor_spectra

RAW is a directory with the ancillary files of arXiv:1106.0687 (*-anti-neutrino-flux-250keV.dat), the Huber-Mueller
spectra on a 50 keV grid (dayabay_hm/*.tsv), spectraMeV*.txt, spectraMeVU238Ncapture.txt and kopeikin_spectrum.txt.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from cevns.typing import FloatArray

ISOTOPES = ("U235", "U238", "Pu239", "Pu241")
U238_ERROR = 0.0815
"""Relative uncertainty of U238, of its inverse-beta-decay yield: Mention et al., Phys. Rev. D 83 (2011) 073006."""
START = 0.007813
"""Where the spectrum of captures is closed [MeV]: the lowest energy of Vogel and Engel."""
TOLERANCE = 0.01
"""How far the thinned spectrum of captures may be from the digitised one, in units of its maximum."""
AT_2_MEV = {"U235": 1.26, "U238": 1.50, "Pu239": 1.08, "Pu241": 1.32}
"""The last entries of the table of Vogel and Engel [1/MeV]."""

HUBER_MUELLER = """\
# Antineutrinos per MeV and fission, and their relative uncertainty (1 sigma, total, mean of both signs). U235, Pu239,
# Pu241: P. Huber, Phys. Rev. C 84 (2011) 024617, ancillary files of arXiv:1106.0687. U238: T. A. Mueller et al.,
# Phys. Rev. C 83 (2011) 054615; its uncertainty is that of its inverse-beta-decay yield as given by G. Mention et al.,
# Phys. Rev. D 83 (2011) 073006, taken the same at all energies. Logarithms are linear between energies.
"""
VOGEL_ENGEL = """\
# Antineutrinos per MeV and fission: P. Vogel and J. Engel, Phys. Rev. D 39 (1989) 3378. Linear between energies.
"""
KOPEIKIN = """\
# Antineutrinos per MeV and fission of a power reactor, neutron capture of U238 included: V. I. Kopeikin, Phys. Atom.
# Nucl. 75 (2012) 143. Linear between energies.
"""
CAPTURE = """\
# Antineutrinos per MeV and neutron captured by U238 (decays of U239 and Np239): shape digitised from a figure, thinned
# to 1 % of its maximum, closed with a zero at 7.813 keV, normalised to two per capture. Linear between energies.
"""


def thinned(x: FloatArray, y: FloatArray, tolerance: float) -> list[int]:
    """Points to keep, but the last, such that none is farther than a tolerance from the lines between them."""
    deviation = np.abs(y - np.interp(x, x[[0, -1]], y[[0, -1]]))
    worst = int(np.argmax(deviation))
    if deviation[worst] <= tolerance:
        return [0]
    rest = thinned(x[worst:], y[worst:], tolerance)
    return thinned(x[: worst + 1], y[: worst + 1], tolerance) + [worst + point for point in rest]


def table(header: str, columns: dict[str, FloatArray]) -> str:
    """A table with its header."""
    rows = zip(*columns.values(), strict=True)
    return header + ",".join(columns) + "\n" + "".join(",".join(f"{x:.6g}" for x in row) + "\n" for row in rows)


def huber_mueller(raw: Path) -> str:
    """Above 2 MeV."""
    released = {
        name: np.loadtxt(raw / f"{name}-anti-neutrino-flux-250keV.dat").T for name in ISOTOPES if name != "U238"
    }
    energy = released["U235"][0]
    mueller = np.loadtxt(raw / "dayabay_hm" / "reactor_antineutrino_spectra_hm_U238.tsv", skiprows=1).T
    at = np.searchsorted(mueller[0], energy - 1e-6)
    spectra = {name: released[name][1] if name in released else mueller[1, at] for name in ISOTOPES}
    errors = {
        f"{name}_error": (released[name][-1] - released[name][-2]) / 2.0
        if name in released
        else np.full(len(energy), U238_ERROR)
        for name in ISOTOPES
    }
    return table(HUBER_MUELLER, {"energy_MeV": energy, **spectra, **errors})


def vogel_engel(raw: Path) -> str:
    """Up to 2 MeV; from there on, these files hold something else."""
    spectra = {name: np.loadtxt(raw / f"spectraMeV{name}.txt").T for name in ISOTOPES}
    low = spectra["U235"][0] < 2.0
    columns = {name: np.append(spectrum[1, : low.sum()], AT_2_MEV[name]) for name, spectrum in spectra.items()}
    return table(VOGEL_ENGEL, {"energy_MeV": np.append(spectra["U235"][0, low], 2.0), **columns})


def kopeikin(raw: Path) -> str:
    """The whole range."""
    energy, total, _ = np.loadtxt(raw / "kopeikin_spectrum.txt").T
    return table(KOPEIKIN, {"energy_MeV": energy, "total": total})


def capture(raw: Path) -> str:
    """Steep parts of the digitised curve run backwards here and there: its points are put in order of energy."""
    points = np.loadtxt(raw / "spectraMeVU238Ncapture.txt")
    energy, density = points[np.argsort(points[:, 0], kind="stable")].T
    keep = [*thinned(energy, density, TOLERANCE * density.max()), len(energy) - 1]
    energy, density = np.array([START, *energy[keep]]), np.array([0.0, *density[keep]])
    return table(CAPTURE, {"energy_MeV": energy, "total": 2.0 * density / np.trapezoid(density, energy)})


TABLES = {
    "huber-mueller": huber_mueller,
    "vogel-engel": vogel_engel,
    "kopeikin": kopeikin,
    "neutron-capture": capture,
}

if __name__ == "__main__":
    for name, make in TABLES.items():
        Path(sys.argv[2], f"{name}.csv").write_text(make(Path(sys.argv[1])), encoding="utf-8")
