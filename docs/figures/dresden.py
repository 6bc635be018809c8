"""The spectrum of Dresden-II, and what is left of it above the fitted background."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import cevns
from cevns.plot.style import BLUE, VERMILLION, house_style, new_figure, unit_text
from cevns.statistics import measurement, profile
from cevns.typing import FloatArray

QUENCHING = {"dresden-ii": ("iron filter", VERMILLION), "dresden-ii/photoneutron": ("photoneutrons", BLUE)}
DAYS = 96.4
MULTIPLES = np.linspace(0.0, 4.0, 401)
LAST = 0.6
"""End of the lower panels [keVee]."""


def fits(one: cevns.Experiment) -> tuple[FloatArray, dict[str, tuple[float, FloatArray]]]:
    """CEvNS of the Standard Model, and for it and for its best multiple the multiple and the background."""
    predicted = one.predict(cevns.model("sm", couplings="radiative-without-zz-boxes"))
    parts = [predicted.cevns.ravel(), predicted.electron_scattering.ravel()]
    signals = np.concatenate([MULTIPLES[:, None] * parts[0], np.tile(parts[1], (len(MULTIPLES), 1))], axis=1)
    data = measurement(one)
    result = profile(data, signals)
    found = {}
    for label, index in {"SM": int(np.argmin(np.abs(MULTIPLES - 1.0))), "best": int(result.chi2.argmin())}.items():
        background = data.expected(0.0 * signals[index], result.pulls[index])
        found[label] = (float(MULTIPLES[index]), background)
    return parts[0], found


def draw_panels(spectrum: Axes, excess: Axes, name: str) -> None:
    """The whole spectrum above, the excess over the background of the fit with the Standard Model below."""
    label, colour = QUENCHING[name]
    one = cevns.experiment(name)
    assert one.errors is not None
    energy = (one.energy_edges[1:] + one.energy_edges[:-1]) / 2.0
    counts, errors = one.observed.ravel() / DAYS, one.errors.ravel() / DAYS
    signal, found = fits(one)
    _, background = found["SM"]
    spectrum.errorbar(energy, counts, errors, fmt=".", color="black", ms=3, lw=0.8, label="data, reactor on")
    spectrum.step(energy, (background + signal) / DAYS, where="mid", color=colour, label="background and SM")
    spectrum.step(energy, background / DAYS, where="mid", color="grey", lw=1, ls="--", label="background")
    spectrum.set(title=f"quenching from {label}", yscale="log", xlim=(0.2, 1.5), ylim=(8, 200))
    first = energy < LAST
    excess.axhline(0.0, color="grey", lw=0.8)
    left = (counts - background / DAYS)[first]
    excess.errorbar(energy[first], left, errors[first], fmt=".", color="black", ms=3, lw=0.8)
    excess.step(energy[first], signal[first] / DAYS, where="mid", color=colour, label="SM")
    multiple, other = found["best"]
    change = (multiple * signal + other - background)[first] / DAYS
    label = f"best fit, {multiple:.1f} x SM, and the change of its background"
    excess.step(energy[first], change, where="mid", color=colour, ls=":", label=label)
    excess.set(xlabel=f"energy [{unit_text('keVee')}]", xlim=(0.2, LAST), ylim=(-20, 40))
    for axes in (spectrum, excess):
        axes.legend()


def draw() -> Figure:
    """Both quenching factors side by side."""
    with house_style():
        figure = new_figure(4.6, columns=2)
        panels = figure.subplots(2, 2)
        for column, name in enumerate(QUENCHING):
            draw_panels(*panels[:, column], name)
        panels[0, 0].set_ylabel("counts / 10 eV / day")
        panels[1, 0].set_ylabel("above the background of the SM fit")
    return figure
