"""Tables of the xenon detectors that see the Sun: lz-er, lz-er-2024, xenonnt-er-2022."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from cevns.errors import InputError
from cevns.experiments import experiment
from cevns.interactions import model
from cevns.io.releases.tables import Release, Table, bin_columns, efficiency_table, histogram, merging_energies
from cevns.predict import EnergyRates
from cevns.typing import FloatArray


def _less_the_sun(name: str, energies: FloatArray, observed: FloatArray, fitted: FloatArray) -> Table:
    """Bins of an experiment that sees the Sun, whose fitted background contains the neutrinos of the Standard Model.

    They are subtracted as this package predicts them, to a thousandth of an event.
    """
    rates = experiment(name).rates
    there = replace(rates.response, edges=energies)
    standard = EnergyRates(rates.source, rates.targets, there, rates.electrons).form(model("sm"), {}).counts({})
    neutrinos = np.round(standard.sum(axis=(0, 1)), 3)
    return {
        **bin_columns(energies),
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
    borders, rate = histogram(release / "bkg_model.txt")
    below = np.concatenate([[0.0], np.cumsum(XENONNT_EXPOSURE * rate * np.diff(borders))])
    return {
        "bins.csv": _less_the_sun("xenonnt-er-2022", energies, observed, np.diff(np.interp(energies, borders, below))),
        "efficiency.csv": efficiency_table(release / "efficiency.txt"),
    }


LZ_RELEASED: Final = tuple(float(edge) for edge in range(21))
"""Edges of the histograms [keVee]."""
LZ_ENERGY_EDGES: Final = LZ_RELEASED[1:17]


def _lz(name: str, run: str) -> Release:
    """Release of one of the runs of LZ."""

    def convert(release: Path, energies: FloatArray, _times: FloatArray) -> Mapping[str, Table]:
        merge = merging_energies(LZ_RELEASED, energies)

        def counts(file: str, delimiter: str | None = None) -> FloatArray:
            """The last column of a histogram of bins of 1 keV, in other bins."""
            return merge(np.loadtxt(release / file, delimiter=delimiter)[:, -1])

        observed, fitted = counts(f"{run}_data_hist_data.txt"), counts(f"BKG_FIT_{run}.csv", ",")
        return {
            "bins.csv": _less_the_sun(name, energies, observed, fitted),
            "efficiency.csv": efficiency_table(release / f"{run}_1DROI_eff_data.txt"),
        }

    return Release(convert, LZ_ENERGY_EDGES)


RELEASES: Final[Mapping[str, Release]] = {
    "lz-er": _lz("lz-er", "WS2022"),
    "lz-er-2024": _lz("lz-er-2024", "WS2024"),
    "xenonnt-er-2022": Release(_xenonnt_er_2022, XENONNT_ENERGY_EDGES),
}
