"""Recoil spectra before the detector."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from cevns.errors import InputError
from cevns.experiments import Experiment
from cevns.interactions import Interaction, Model
from cevns.kinematics import maximum_recoil
from cevns.nuclear import Electrons
from cevns.plot.style import LINES, house_style, keep_minor_ticks, new_figure, unit_text
from cevns.typing import FloatArray

_POINTS = 300


def recoil_spectra(
    experiment: Experiment,
    models: Mapping[str, tuple[str | Interaction | Model, Mapping[str, float]]],
    *,
    lowest_recoil: float = 0.1,
) -> Figure:
    """Draw dR/dT of the Standard Model and of other models, and, if there are any, their ratio.

    Parameters
    ----------
    experiment : Experiment
        Source, target and exposure.
    models : mapping
        Model and values of its parameters, by label.
    lowest_recoil : float
        Recoil energy at which the axis starts [keV].

    Raises
    ------
    InputError
        If the axis starts above the highest recoil energy, or a parameter is not one acceptable number.
    """
    highest = highest_recoil(experiment)
    if not 0.0 < lowest_recoil < highest:
        raise InputError("lowest_recoil", lowest_recoil, f"a number between 0 and {highest:.4g} [keV]")
    # The spectra vanish at the end point, which a logarithmic axis cannot show.
    energy = np.geomspace(lowest_recoil, 0.98 * highest, _POINTS)
    standard = summed_spectrum(experiment, "sm", energy, {})
    spectra = {label: summed_spectrum(experiment, model, energy, values) for label, (model, values) in models.items()}
    with house_style():
        figure = new_figure(3.9 if spectra else 2.6)
        heights = (2.2, 1.0) if spectra else (1.0,)
        upper, *lower = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights, squeeze=False)[:, 0]
        drawn = {"SM": standard, **spectra}
        for (label, spectrum), (colour, dashes) in zip(drawn.items(), cycle(LINES), strict=False):
            upper.plot(energy, spectrum, color=colour, linestyle=dashes, label=label)
            for axes in lower:
                axes.plot(energy, spectrum / standard, color=colour, linestyle=dashes)
        upper.set(xscale="log", yscale="log", xlim=(energy[0], energy[-1]), ylabel="d$R$/d$T$ [events / keV]")
        upper.set_ylim(bottom=1e-4 * standard.max())
        for axes in lower:
            axes.set(ylabel="ratio to SM")
            ratios = np.array([line.get_ydata() for line in axes.lines])
            if ratios.max() > 10.0 * ratios.min():
                axes.set_yscale("log")
                axes.yaxis.set_minor_formatter(NullFormatter())
        for axes in (upper, *lower):
            keep_minor_ticks(axes)
        lowest = figure.axes[-1]
        lowest.set_xlabel(f"recoil energy $T$ [{unit_text('keVnr' if experiment.nuclei else 'keV')}]")
        if energy[-1] < 100.0 * energy[0]:
            # Labels of all minor ticks, as matplotlib sets them over so few decades, would overlap.
            lowest.xaxis.set(
                major_locator=LogLocator(subs=(1.0, 2.0, 5.0)), major_formatter=StrMethodFormatter("{x:g}")
            )
            lowest.xaxis.set_minor_formatter(NullFormatter())
        upper.legend(loc="lower left")
        figure.align_ylabels((upper, *lower))
    return figure


def highest_recoil(experiment: Experiment) -> float:
    """Largest recoil energy of any nucleus of the target, or of the electrons if nuclear recoils do not count [keV]."""
    neutrino_energy = np.array(experiment.rates.source.energy_breakpoints)
    masses = [nucleus.isotope.mass for nucleus in experiment.rates.targets] or [Electrons.mass]
    return 1e3 * max(float(np.max(maximum_recoil(neutrino_energy, mass))) for mass in masses)


def summed_spectrum(
    experiment: Experiment, model: str | Interaction | Model, recoil_energy: FloatArray, parameters: Mapping[str, float]
) -> FloatArray:
    """dR/dT of all nuclei and flavours [events/keV], shape (recoil,).

    Raises
    ------
    InputError
        If a parameter is not one acceptable number.
    """
    spectrum = experiment.recoil_spectrum(model, recoil_energy, **parameters).sum(axis=(-3, -2))
    if spectrum.ndim != 1:
        raise InputError("parameters", dict(parameters), "one number for each")
    return spectrum
