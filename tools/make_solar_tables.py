"""Write the shipped tables of the Sun: neutrino spectra and fluxes.

    python tools/make_solar_tables.py RELEASE src/cevns/sources

RELEASE holds the spectra (pp.txt, ...: energy [MeV], density [1/MeV]) and fluxes_b16.dat.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

REACTIONS = ("pp", "pep", "hep", "7Be", "8B", "13N", "15O", "17F")
POWERS = (10, 8, 3, 9, 6, 8, 8, 6)
"""Powers of ten of the fluxes, in the order of their lines; the file says so in words."""
CONTINUOUS = ("pp", "hep", "8B", "13N", "15O", "17F")
TOLERANCE = 2e-4
"""Largest relative error of the spectrum between the points that are kept."""

SPECTRA = """\
# Spectra of solar neutrinos, linear between the points. Sources: J. N. Bahcall, Phys. Rev. C 56 (1997) 3391 (pp, 13N,
# 15O, 17F); J. N. Bahcall et al., Phys. Rev. C 54 (1996) 411 (8B); J. N. Bahcall and R. K. Ulrich, Rev. Mod. Phys. 60
# (1988) 297 (hep). Written by tools/make_solar_tables.py: each spectrum ends at zero one step of the
# original table after its last point; points that straight lines between the others meet to 2e-4 are left out.
"""
FLUXES = """\
# Fluxes at 1 AU and their relative errors in the standard solar models B16-GS98 and B16-AGSS09met.
# Source: N. Vinyoles et al., Astrophys. J. 835 (2017) 202, arXiv:1611.09867.
"""


def thinned(energy: NDArray[np.float64], density: NDArray[np.float64]) -> list[int]:
    """Indices of the points between which the others lie on straight lines."""
    line = np.interp(energy, energy[[0, -1]], density[[0, -1]])
    off = np.abs(line - density) / np.maximum(density, np.finfo(float).tiny)
    worst = int(off[1:-1].argmax()) + 1 if len(energy) > 2 else 0
    if worst == 0 or off[worst] <= TOLERANCE:
        return [0, len(energy) - 1]
    left, right = thinned(energy[: worst + 1], density[: worst + 1]), thinned(energy[worst:], density[worst:])
    return left + [worst + index for index in right[1:]]


def spectra(release: Path) -> str:
    """The table of spectra."""
    rows = ["reaction,energy_MeV,density_per_MeV"]
    for reaction in CONTINUOUS:
        energy, density = np.loadtxt(release / f"{reaction}.txt", delimiter=",", unpack=True)
        # The tables start one of their original steps above zero, and stop one below the end point.
        energy, density = np.append(energy, energy[-1] + energy[0]), np.append(density, 0.0)
        rows += [f"{reaction},{energy[index]:.7g},{density[index]:.5g}" for index in thinned(energy, density)]
    return SPECTRA + "\n".join(rows) + "\n"


def fluxes(release: Path) -> str:
    """The table of fluxes."""
    rows = ["reaction,gs98_per_cm2_s,gs98_error,agss09met_per_cm2_s,agss09met_error"]
    table = np.loadtxt(release / "fluxes_b16.dat")
    for reaction, power, (gs98, gs98_error, agss09met, agss09met_error) in zip(REACTIONS, POWERS, table, strict=True):
        rows.append(f"{reaction},{gs98}e{power},{gs98_error:g},{agss09met}e{power},{agss09met_error:g}")
    return FLUXES + "\n".join(rows) + "\n"


def main(release: Path, target: Path) -> None:
    """Write both tables."""
    (target / "solar_spectra.csv").write_text(spectra(release))
    (target / "solar_fluxes.csv").write_text(fluxes(release))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
