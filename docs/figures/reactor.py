"""Reactor antineutrinos by isotope, and of a power reactor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cevns.plot.style import BLUE, GREEN, PURPLE, VERMILLION, house_style, new_figure
from cevns.sources import Reactor, TabulatedSource
from cevns.sources.reactor import FISSION_ENERGY, TAKEOVER
from cevns.typing import FloatArray

COLOURS = dict(zip(FISSION_ENERGY, (BLUE, VERMILLION, GREEN, PURPLE), strict=True))
FUEL = {"U235": 0.56, "U238": 0.08, "Pu239": 0.30, "Pu241": 0.06}
ENERGY = np.concatenate([np.geomspace(0.01, TAKEOVER, 600, endpoint=False), np.linspace(TAKEOVER, 8.0, 400)])


def without_captures(source: Reactor) -> Reactor:
    """The same fissions, and nothing else."""
    return replace(source, below="vogel-engel", neutron_capture=0.0)


def per_fission(source: Reactor, varied: TabulatedSource | None = None) -> FloatArray:
    """Antineutrinos per MeV and fission, of the source or of a variation of it."""
    # One capture per fission makes two antineutrinos, which counts the fissions.
    alone = without_captures(source)
    fissions = (replace(alone, neutron_capture=1.0).fluence[0] - alone.fluence[0]) / 2.0
    shown = varied or source.table
    return np.asarray(shown.spectrum(ENERGY)[0] * shown.fluence[0] / fissions)


def draw_isotopes(axes: Axes) -> None:
    """Each isotope with both bands."""
    for isotope, colour in COLOURS.items():
        source = Reactor(1.0, 1.0, 1.0, {isotope: 1.0}, neutron_capture=0.0)
        ends = [
            np.where(
                ENERGY < TAKEOVER,
                per_fission(source, source.varied("low_energy", sign)),
                per_fission(source, source.varied("spectrum", sign)),
            )
            for sign in (-1.0, 1.0)
        ]
        axes.fill_between(ENERGY, *ends, color=colour, alpha=0.3, lw=0)
        axes.plot(ENERGY, per_fission(source), color=colour, lw=1.2, label=isotope)
    axes.set(yscale="log", xlim=(0.0, 8.0), ylim=(1e-3, 8.0), title="fission, Vogel-Engel and Huber-Mueller")
    axes.set(xlabel="$E$ [MeV]", ylabel="antineutrinos / MeV / fission")
    axes.legend(loc="lower left")


def draw_plant(axes: Axes) -> None:
    """A power reactor, and its captures."""
    plant = Reactor(1.0, 1.0, 1.0, FUEL)
    alone = per_fission(without_captures(plant))
    axes.plot(ENERGY, per_fission(plant), color="black", label="Vogel-Engel and captures")
    axes.plot(ENERGY, per_fission(replace(plant, below="kopeikin")), color=VERMILLION, lw=1.0, label="Kopeikin")
    axes.plot(ENERGY, per_fission(plant) - alone, color="black", ls=":", label="captures of U238")
    axes.axvline(TAKEOVER, color="0.6", lw=0.8, ls="--")
    axes.set(xlim=(0.0, 2.5), ylim=(0.0, 6.5), xlabel="$E$ [MeV]", title="power reactor")
    axes.legend()


def draw() -> Figure:
    """The whole figure."""
    with house_style():
        figure = new_figure(3.2, columns=2)
        left, right = figure.subplots(1, 2)
        draw_isotopes(left)
        draw_plant(right)
    return figure
