"""From an official data release to the tables of an experiment, in the binning of the analysis or in another."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import yaml

from cevns.detector import Sigmoid
from cevns.errors import DataError, InputError
from cevns.experiments import ANALYSES, CONFIG_FILE, experiment, experiment_directory
from cevns.interactions import model
from cevns.io import germanium
from cevns.io.binning import Table, merging
from cevns.io.files import writable_directory, write_text
from cevns.predict import EnergyRates
from cevns.typing import FloatArray


@dataclass(frozen=True)
class Release:
    """How one release becomes tables.

    Attributes
    ----------
    convert : callable
        ``convert(directory, energy_edges, time_edges)`` returns the tables by file name.
    energy_edges, time_edges : tuple of float
        The binning of the analysis; signal unit and us. No times if the data have none.
    """

    convert: Callable[[Path, FloatArray, FloatArray], Mapping[str, Table]]
    energy_edges: tuple[float, ...]
    time_edges: tuple[float, ...] = ()


def release_hashes(name: str) -> Mapping[str, str]:
    """SHA-256 of the files of the official release that an experiment was made from."""
    document = yaml.safe_load((experiment_directory(name) / "release.yaml").read_text(encoding="utf-8"))
    return {str(file): str(digest) for file, digest in document["sha256"].items()}


def verify_release(name: str, directory: Path) -> None:
    """Check every file of a release directory against its hash.

    Raises
    ------
    DataError
        If a file is missing or altered.
    """
    for file, expected in release_hashes(name).items():
        path = directory / file
        if not path.is_file():
            raise DataError(file, str(path), "an existing file of the release")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != expected:
            raise DataError(file, found, f"the released file, SHA-256 {expected} (it is altered or truncated)")


def import_release(
    name: str,
    release: Path,
    output: Path,
    *,
    energy_edges: Sequence[float] | None = None,
    time_edges: Sequence[float] | None = None,
) -> Path:
    """Make an experiment directory from an official release.

    Parameters
    ----------
    name : str
        Experiment whose release this is.
    release : Path
        Directory with the released files; their hashes are checked.
    output : Path
        Directory to write ``experiment.yaml`` and the tables to.
    energy_edges, time_edges : sequence of float, optional
        Another binning; signal unit of the experiment, and us.

    Returns
    -------
    Path
        The experiment directory.

    Raises
    ------
    InputError
        If the experiment has no converter, or the edges are not increasing or not compatible with the release.
    DataError
        If a released file is missing or altered.
    """
    if name not in RELEASES:
        raise InputError("experiment", name, RELEASES)
    converter = RELEASES[name]
    energies = _edges("energy_edges", converter.energy_edges if energy_edges is None else energy_edges)
    if time_edges is not None and not converter.time_edges:
        raise InputError("time_edges", list(time_edges), "none: these data have no times")
    chosen = converter.time_edges if time_edges is None else time_edges
    times = _edges("time_edges", chosen) if converter.time_edges else np.zeros(0)
    verify_release(name, release)
    tables = converter.convert(release, energies, times)
    config = (experiment_directory(name) / CONFIG_FILE).read_text(encoding="utf-8")
    directory = writable_directory(output)
    digests = []
    for file, table in tables.items():
        text = _csv(table)
        write_text(directory / file, text)
        digests.append(f"  {file}: {hashlib.sha256(text.encode()).hexdigest()}")
    config = re.sub(r"^sha256:.*", "sha256:\n" + "\n".join(digests) + "\n", config, flags=re.MULTILINE | re.DOTALL)
    write_text(directory / CONFIG_FILE, config)
    for overlay in (experiment_directory(name) / ANALYSES).glob("*.yaml"):
        write_text(writable_directory(directory / ANALYSES) / overlay.name, overlay.read_text(encoding="utf-8"))
    return directory


def compare_with_release(name: str, release: Path) -> int:
    """Make the tables of an experiment again from its release, compare them, and return how many there are.

    Raises
    ------
    DataError
        If a released file is altered, or a table differs.
    """
    directory = experiment_directory(name)
    with tempfile.TemporaryDirectory() as scratch:
        remade = import_release(name, release, Path(scratch))
        tables = sorted(remade.glob("*.csv"))
        for table in tables:
            if table.read_bytes() != (directory / table.name).read_bytes():
                raise DataError(table.name, str(directory / table.name), "the table that the release gives")
    return len(tables)


def _edges(field: str, values: Sequence[float]) -> FloatArray:
    edges = np.asarray(values, dtype=float)
    if edges.ndim != 1 or len(edges) < 2 or not np.all(np.isfinite(edges)) or not np.all(np.diff(edges) > 0):
        raise InputError(field, list(values), "at least two increasing numbers")
    return edges


def _csv(table: Table) -> str:
    lines = [",".join(table)]
    lines += [",".join(f"{value:.10g}" for value in row) for row in zip(*table.values(), strict=True)]
    return "\n".join(lines) + "\n"


def _grid(energies: FloatArray, times: FloatArray) -> dict[str, FloatArray]:
    """The edge columns of a bin table, two if there are no times."""
    if not len(times):
        return {"energy_low": energies[:-1], "energy_high": energies[1:]}
    number_e, number_t = len(energies) - 1, len(times) - 1
    return {
        "energy_low": np.repeat(energies[:-1], number_t),
        "energy_high": np.repeat(energies[1:], number_t),
        "time_low": np.tile(times[:-1], number_e),
        "time_high": np.tile(times[1:], number_e),
    }


def _rebin(path: Path, edges: FloatArray) -> FloatArray:
    """Contents of a released histogram (bin centre, content) in other bins, uniform within its own bins."""
    borders, contents = _histogram(path)
    return np.diff(np.interp(edges, borders, np.concatenate([[0.0], np.cumsum(contents)])))


def _histogram(path: Path) -> tuple[FloatArray, FloatArray]:
    """Borders and contents of a released histogram (bin centre, content)."""
    centres, contents = np.loadtxt(path).T
    step = centres[1] - centres[0]
    return np.append(centres - step / 2.0, centres[-1] + step / 2.0), contents


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
        **_grid(energies, times),
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
        all_energies = _rebin(energy, np.array([CSI_ENERGY_EDGES[0], CSI_ENERGY_EDGES[-1]], dtype=float))
        shape = np.outer(_rebin(energy, energies) / all_energies, _rebin(time, times) / _rebin(time, window))
        backgrounds[name] = (expected * shape).ravel()
    steady_state = np.outer(spectrum, (fall[:-1] - fall[1:]) / (whole[0] - whole[1]))
    bins = {
        **_grid(energies, times),
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
    borders = np.round(_histogram(release / "brnTrec.txt")[0], 6)
    neutrons = {
        "time_low": borders[:-1],
        "time_high": borders[1:],
        **{name: _histogram(release / f"{prefix}Trec.txt")[1] for name, (prefix, _) in CSI_NEUTRONS.items()},
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

    bins = {**_grid(energies, times), **{name: counts(file) for name, file in LAR_COUNTS.items()}}
    for name, (varied, central) in LAR_VARIATIONS.items():
        nominal = counts(central)
        bins[name] = np.divide(counts(varied) - nominal, nominal, out=np.zeros_like(nominal), where=nominal > 0)
    signal, _, efficiency = np.loadtxt(release / "CENNS10AnlAEfficiency.txt").T
    return {"bins.csv": bins, "efficiency.csv": {"signal": signal, "efficiency": efficiency}}


def _less_the_sun(name: str, energies: FloatArray, observed: FloatArray, fitted: FloatArray) -> Table:
    """Bins of an experiment that sees the Sun, whose fitted background contains the neutrinos of the Standard Model.

    They are subtracted as this package predicts them, to a thousandth of an event.
    """
    rates = experiment(name).rates
    there = replace(rates.response, edges=energies)
    standard = EnergyRates(rates.source, rates.targets, there, rates.electrons).form(model("sm"), {}).counts({})
    neutrinos = np.round(standard.sum(axis=(0, 1)), 3)
    return {
        **_grid(energies, np.zeros(0)),
        "observed": observed,
        "fitted": fitted,
        "solar_neutrinos": neutrinos,
        "background": fitted - neutrinos,
    }


XENONNT_ENERGY_EDGES: Final = tuple(float(edge) for edge in range(1, 31))
XENONNT_EXPOSURE: Final = 1.16
"""Tonne years."""


def _xenonnt_er_2022(release: Path, energies: FloatArray, _times: FloatArray) -> Mapping[str, Table]:
    first, last = XENONNT_ENERGY_EDGES[0], XENONNT_ENERGY_EDGES[-1]
    if energies[0] < first or energies[-1] > last:
        raise InputError(
            "energy_edges", energies.tolist(), f"edges from {first} to {last}, where the events are listed"
        )
    observed, _ = np.histogram(np.loadtxt(release / "data_unbinned_1to30kev.txt"), energies)
    borders, rate = _histogram(release / "bkg_model.txt")
    below = np.concatenate([[0.0], np.cumsum(XENONNT_EXPOSURE * rate * np.diff(borders))])
    signal, efficiency = np.loadtxt(release / "efficiency.txt").T
    return {
        "bins.csv": _less_the_sun("xenonnt-er-2022", energies, observed, np.diff(np.interp(energies, borders, below))),
        "efficiency.csv": {"signal": signal, "efficiency": efficiency},
    }


LZ_RELEASED: Final = tuple(float(edge) for edge in range(21))
"""Edges of the histograms [keVee]."""
LZ_ENERGY_EDGES: Final = LZ_RELEASED[1:17]


def _lz(name: str, run: str) -> Release:
    """Release of one of the runs of LZ."""

    def convert(release: Path, energies: FloatArray, _times: FloatArray) -> Mapping[str, Table]:
        one_time = np.array([0.0, 1.0])
        merge = merging((LZ_RELEASED, (0.0, 1.0)), energies, one_time)

        def counts(file: str, delimiter: str | None = None) -> FloatArray:
            """The last column of a histogram of bins of 1 keV, in other bins."""
            return merge(np.loadtxt(release / file, delimiter=delimiter)[:, -1:])

        observed, fitted = counts(f"{run}_data_hist_data.txt"), counts(f"BKG_FIT_{run}.csv", ",")
        signal, efficiency = np.loadtxt(release / f"{run}_1DROI_eff_data.txt").T
        return {
            "bins.csv": _less_the_sun(name, energies, observed, fitted),
            "efficiency.csv": {"signal": signal, "efficiency": efficiency},
        }

    return Release(convert, LZ_ENERGY_EDGES)


RELEASES: Final[Mapping[str, Release]] = {
    "coherent-csi-2017": Release(_csi_2017, CSI_2017_ENERGY_EDGES, CSI_2017_TIME_EDGES),
    "coherent-csi-2021": Release(_csi_2021, CSI_ENERGY_EDGES, CSI_TIME_EDGES),
    "coherent-lar-2020": Release(_lar_2020, LAR_ENERGY_EDGES, LAR_TIME_EDGES),
    "conus-plus": Release(germanium.conus_plus, germanium.CONUS_ENERGY_EDGES),
    "dresden-ii": Release(germanium.dresden_ii, germanium.DRESDEN_ENERGY_EDGES),
    "lz-er": _lz("lz-er", "WS2022"),
    "lz-er-2024": _lz("lz-er-2024", "WS2024"),
    "xenonnt-er-2022": Release(_xenonnt_er_2022, XENONNT_ENERGY_EDGES),
}
"""Converters by experiment."""
