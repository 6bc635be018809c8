"""Write the counts of CsI 2017 in bins of two photoelectrons, for figure 1 of arXiv:1711.09773.

    python tools/make_residual_spectrum.py RELEASE src/cevns/publications/1711.09773-figure-1.csv

RELEASE is the directory of arXiv:1804.09459.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from cevns.detector import Sigmoid
from cevns.typing import FloatArray

HEADER = """\
# Counts of COHERENT CsI[Na] (2017) in 25 bins of 2 photoelectrons, at times below 6 us: coincidence (observed) and
# anti-coincidence (steady_state) windows with beam, and beam-related neutrons: the released density per GWh, times
# 7.47594 GWh, times the released efficiency at the centres of its bins of 1 photoelectron. Release: arXiv:1804.09459,
# doi 10.5281/zenodo.1228631, CC-BY-4.0 (data_coincidence_beamOn.txt, data_anticoincidence_beamOn.txt, promptPDF.txt,
# coherent_parameters.yaml). Written by tools/make_residual_spectrum.py.
energy_low,energy_high,time_low,time_high,observed,beam_neutrons,steady_state
"""
EDGES = np.arange(0, 51, 2)
EXPOSURE = 7.47594
"""Beam on target [GWh]."""
EFFICIENCY = Sigmoid(0.6655, 0.4942, 10.8507, 0.0, ((5.0, 0.0), (6.0, 0.5)))


def released(file: Path) -> FloatArray:
    """The columns of a released table, whose headers and comments do not start with a digit."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return np.array([line.split(",") for line in lines if line[:1].isdigit()], dtype=float).T


def table(release: Path) -> str:
    """The table with its header."""

    def early_counts(window: str) -> FloatArray:
        signal, time, counts = released(release / f"data_{window}_beamOn.txt")
        return np.histogram(signal, EDGES, weights=counts * (time < 6.0))[0]

    signal, density = released(release / "promptPDF.txt")
    neutrons, _ = np.histogram(signal, EDGES, weights=EXPOSURE * density * EFFICIENCY(signal))
    columns = (EDGES, EDGES[1:], early_counts("coincidence"), neutrons, early_counts("anticoincidence"))
    rows = zip(*columns, strict=False)
    return HEADER + "".join(f"{low},{high},0,6,{n:.0f},{b:.6g},{s:.0f}\n" for low, high, n, b, s in rows)


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(table(Path(sys.argv[1])), encoding="utf-8")
