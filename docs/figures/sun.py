"""Fluxes of solar neutrinos, and how many electron neutrinos arrive."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cevns.plot.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY_BLUE, VERMILLION, house_style, new_figure
from cevns.sources import Sun
from cevns.sources.sun import LINES, PRODUCTION
from cevns.units import SECOND

SUN = Sun(SECOND)
COLOURS = dict(zip(PRODUCTION, (BLUE, PURPLE, BLACK, ORANGE, VERMILLION, GREEN, SKY_BLUE, "0.55"), strict=True))
NAMES = {"7Be": r"$^7$Be", "8B": r"$^8$B", "13N": r"$^{13}$N", "15O": r"$^{15}$O", "17F": r"$^{17}$F"}
ENERGY = np.geomspace(0.05, 18.78, 1500)
PLACES = {
    "pp": (0.15, 1.6),
    "hep": (9.0, 1.6),
    "8B": (6.0, 1.6),
    "13N": (0.15, 1.6),
    "15O": (0.15, 0.25),
    "17F": (0.15, 1.6),
}
"""Energies and heights above the curves where their names stand."""
RANGES = {"pp": (0.05, 0.42), "hep": (0.1, 18.7), "8B": (0.1, 16.3), "13N": (0.05, 1.19), "15O": (0.05, 1.73),
          "17F": (0.05, 1.74), "7Be": (0.384, 0.861), "pep": (1.44, 1.44)}  # fmt: skip


def draw_fluxes(axes: Axes) -> None:
    """Fluxes at 1 AU by reaction, as they leave the Sun; lines per cm^2 and s."""
    for reaction, colour in COLOURS.items():
        name = NAMES.get(reaction, reaction)
        for energy, share in LINES.get(reaction, {}).items():
            axes.vlines(energy, 1.0, share * SUN.flux(reaction), color=colour, ls="--", lw=1.2)
            axes.annotate(name, (energy, 1.6 * share * SUN.flux(reaction)), color=colour, ha="center")
        if reaction not in LINES:
            one = Sun(SECOND, fluxes=dict.fromkeys(PRODUCTION, 0.0) | {reaction: SUN.flux(reaction)})
            flux = one.fluence @ one.spectrum(ENERGY)
            axes.plot(ENERGY, np.where(flux > 0.0, flux, np.nan), color=colour)
            place, shift = PLACES[reaction]
            height = shift * np.interp(place, ENERGY, flux)
            axes.annotate(name, (place, height), color=colour, ha="center")
    axes.set(xscale="log", yscale="log", xlim=(0.05, 20.0), ylim=(10.0, 1e12))
    axes.set(xlabel=r"$E$ [MeV]", ylabel=r"flux [cm$^{-2}$ s$^{-1}$ MeV$^{-1}$; lines cm$^{-2}$ s$^{-1}$]")


def draw_survival(axes: Axes) -> None:
    """Survival by reaction, over the energies of its neutrinos."""
    for reaction, colour in COLOURS.items():
        low, high = RANGES[reaction]
        energy = np.geomspace(low, high, 200)
        label = NAMES.get(reaction, reaction)
        if reaction in LINES:
            lines = np.array(list(LINES[reaction]))
            axes.plot(lines, SUN.survival(reaction, lines), "o", ms=5, color=colour, label=label)
        else:
            axes.plot(energy, SUN.survival(reaction, energy), color=colour, label=label)
    vacuum, matter = SUN.survival("8B", np.array([1e-9, 1e9]))
    for limit, words in ((vacuum, "averaged in vacuum"), (matter, "matter-dominated")):
        axes.axhline(limit, color="0.6", lw=0.8, ls=":")
        axes.annotate(words, (0.06, limit + 0.004), color="0.4")
    axes.set(xscale="log", xlim=(0.05, 20.0), ylim=(0.28, 0.58), xlabel=r"$E$ [MeV]", ylabel=r"$P_{ee}$ (day)")
    axes.legend(ncols=2, loc="lower left", bbox_to_anchor=(0.0, 0.1))


def draw() -> Figure:
    """The whole figure."""
    with house_style():
        figure = new_figure(3.5, columns=2)
        left, right = figure.subplots(1, 2)
        draw_fluxes(left)
        draw_survival(right)
    return figure
