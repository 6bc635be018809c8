"""Tables of COHERENT: coherent-csi-2017, coherent-csi-2021, coherent-lar-2020."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import yaml

from cevns.detector import Sigmoid
from cevns.io.releases.tables import Release, Table, bin_columns, efficiency_table, histogram, merging, rebinned
from cevns.typing import FloatArray

CSI_2017_RELEASED: Final = (tuple(range(0, 51, 2)), tuple(0.5 * step for step in range(25)))
"""Edges of the released histograms: PE, us."""
CSI_2017_ENERGY_EDGES: Final = tuple(range(6, 31, 2))
CSI_2017_TIME_EDGES: Final = tuple(0.5 * step for step in range(13))
CSI_2017_HALVED: Final = ((5.0, 0.0), (6.0, 0.5))
"""The modified step function of the acceptance: nothing below 5 PE, half of it up to 6 PE."""


def _csi_2017(release: Path, energies: FloatArray, times: FloatArray) -> Mapping[str, Table]:
    merge = merging(CSI_2017_RELEASED, energies, times)
    grid = (len(CSI_2017_RELEASED[0]) - 1, len(CSI_2017_RELEASED[1]) - 1)

    def column(file: str) -> FloatArray:
        """The last column of a released table, which holds what is in the bins."""
        return np.loadtxt(release / file, delimiter=",")[:, -1]

    parameters = yaml.safe_load((release / "coherent_parameters.yaml").read_text(encoding="utf-8"))
    acceptance = {p["name"]: p["value"] for p in parameters["acceptanceEfficiency"]["parameters"]}
    efficiency = Sigmoid(acceptance["a"], acceptance["k"], acceptance["x_0"], steps=CSI_2017_HALVED)
    released = column("promptPDF.txt")
    spectrum = parameters["beamExposure"]["value"] * released * efficiency(np.arange(0.5, len(released)))
    neutrons = np.outer(spectrum.reshape(grid[0], -1).sum(axis=1), column("arrivalTimePDF_promptNeutrons.txt"))
    bins = {
        **bin_columns(energies, times),
        "observed": merge(column("data_coincidence_beamOn.txt").reshape(grid)),
        "prompt_neutrons": merge(neutrons),
        "steady_state": merge(column("data_anticoincidence_beamOn.txt").reshape(grid)),
    }

    prompt, delayed = (column(f"arrivalTimePDF_{kind}Neutrinos.txt") for kind in ("prompt", "delayed"))
    borders = np.array(CSI_2017_RELEASED[1])
    arrival = {
        "time_low": borders[:-1],
        "time_high": borders[1:],
        "nu_e": delayed,
        "nu_mu": prompt,
        "nubar_mu": delayed,
    }
    return {"bins.csv": bins, "arrival_times.csv": arrival}


CSI_ENERGY_EDGES: Final = (0, 8, 12, 16, 20, 24, 32, 40, 50, 60)
CSI_TIME_EDGES: Final = (0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1, 2, 4, 6)
CSI_STEADY_STATE_RATE: Final = 0.0335
"""Rate of the exponential fall in time of the steady-state background [1/us], fitted to the anti-coincidence events."""
CSI_NEUTRONS: Final = {"beam_neutrons": ("brn", 18.4), "neutrino_induced_neutrons": ("nin", 5.6)}
"""Released tables, and expected events below 60 PE and 6 us (COHERENT, PRL 129 (2022) 081801)."""


def _csi_2021(release: Path, energies: FloatArray, times: FloatArray) -> Mapping[str, Table]:
    coincidence = np.loadtxt(release / "dataBeamOnC.txt")
    anticoincidence = np.loadtxt(release / "dataBeamOnAC.txt")
    observed, _, _ = np.histogram2d(coincidence[:, 0], coincidence[:, 1], bins=[energies, times])
    window = np.array([CSI_TIME_EDGES[0], CSI_TIME_EDGES[-1]], dtype=float)
    in_window = (anticoincidence[:, 1] >= window[0]) & (anticoincidence[:, 1] < window[1])
    spectrum, _ = np.histogram(anticoincidence[in_window, 0], bins=energies)
    fall = np.exp(-CSI_STEADY_STATE_RATE * times)
    whole = np.exp(-CSI_STEADY_STATE_RATE * window)
    backgrounds = {}
    for name, (prefix, expected) in CSI_NEUTRONS.items():
        energy, time = release / f"{prefix}PE.txt", release / f"{prefix}Trec.txt"
        all_energies = rebinned(energy, np.array([CSI_ENERGY_EDGES[0], CSI_ENERGY_EDGES[-1]], dtype=float))
        shape = np.outer(rebinned(energy, energies) / all_energies, rebinned(time, times) / rebinned(time, window))
        backgrounds[name] = (expected * shape).ravel()
    steady_state = np.outer(spectrum, (fall[:-1] - fall[1:]) / (whole[0] - whole[1]))
    bins = {
        **bin_columns(energies, times),
        "observed": observed.ravel(),
        **backgrounds,
        "steady_state": steady_state.ravel(),
    }

    flux = np.genfromtxt(release / "flux1d_time_10ns.csv", delimiter=",", names=True)
    arrival = {
        "time_low": flux["t_lo_ns"] * 1e-3,
        "time_high": flux["t_hi_ns"] * 1e-3,
        "nu_e": flux["nuE"],
        "nu_mu": flux["nuMu"],
        "nubar_mu": flux["nuMuBar"],
    }
    borders = np.round(histogram(release / "brnTrec.txt")[0], 6)
    neutrons = {
        "time_low": borders[:-1],
        "time_high": borders[1:],
        **{name: histogram(release / f"{prefix}Trec.txt")[1] for name, (prefix, _) in CSI_NEUTRONS.items()},
    }
    return {"bins.csv": bins, "arrival_times.csv": arrival, "neutron_times.csv": neutrons}


LAR_ENERGY_EDGES: Final = tuple(float(edge) for edge in range(0, 121, 10))
LAR_TIME_EDGES: Final = (-0.1, 0.4, 0.9, 1.4, 1.9, 2.4, 2.9, 3.4, 3.9, 4.4, 4.9)
LAR_COUNTS: Final = {
    "observed": "datanobkgsub.txt",
    "prompt_neutrons": "brnpdf.txt",
    "delayed_neutrons": "delbrnpdf.txt",
    "steady_state": "bkgpdf.txt",
}
LAR_VARIATIONS: Final = {
    "cevns_f90_up": ("cevnspdf+1sigF90.txt", "cevnspdf.txt"),
    "cevns_f90_down": ("cevnspdf-1sigF90.txt", "cevnspdf.txt"),
    "cevns_trigger_time": ("cevnspdfCEvNSTimingMeanSyst.txt", "cevnspdf.txt"),
    "prompt_neutrons_energy_up": ("brnpdf+1sigEnergy.txt", "brnpdf.txt"),
    "prompt_neutrons_energy_down": ("brnpdf-1sigEnergy.txt", "brnpdf.txt"),
    "prompt_neutrons_time_late": ("brnpdf+1sigBRNTimingMean.txt", "brnpdf.txt"),
    "prompt_neutrons_time_early": ("brnpdf-1sigBRNTimingMean.txt", "brnpdf.txt"),
    "prompt_neutrons_time_width": ("brnpdfBRNTimingWidthSyst.txt", "brnpdf.txt"),
}
"""Varied and central tables of each shape systematic."""


def _lar_2020(release: Path, energies: FloatArray, times: FloatArray) -> Mapping[str, Table]:
    merge = merging((LAR_ENERGY_EDGES, LAR_TIME_EDGES), energies, times)

    def counts(file: str) -> FloatArray:
        """Sum a released cube over F90 and merge its bins."""
        return merge(np.loadtxt(release / file)[:, 3].reshape(12, 8, 10).sum(axis=1))

    bins = {**bin_columns(energies, times), **{name: counts(file) for name, file in LAR_COUNTS.items()}}
    for name, (varied, central) in LAR_VARIATIONS.items():
        nominal = counts(central)
        bins[name] = np.divide(counts(varied) - nominal, nominal, out=np.zeros_like(nominal), where=nominal > 0)
    return {"bins.csv": bins, "efficiency.csv": efficiency_table(release / "CENNS10AnlAEfficiency.txt")}


RELEASES: Final[Mapping[str, Release]] = {
    "coherent-csi-2017": Release(_csi_2017, CSI_2017_ENERGY_EDGES, CSI_2017_TIME_EDGES),
    "coherent-csi-2021": Release(_csi_2021, CSI_ENERGY_EDGES, CSI_TIME_EDGES),
    "coherent-lar-2020": Release(_lar_2020, LAR_ENERGY_EDGES, LAR_TIME_EDGES),
}
