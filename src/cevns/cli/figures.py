"""Figures that commands write beside their tables; imported only to draw, because matplotlib is slow to load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import ascii_lowercase
from typing import Any, Final

import numpy as np

from cevns.cli.progress import tracked
from cevns.experiments import Experiment
from cevns.inference import coupling_limits
from cevns.interactions import Model
from cevns.interactions.catalogue import standard_part
from cevns.io.files import write_text
from cevns.io.overlays import Overlay
from cevns.io.tables import render
from cevns.plot import exclusion, forecast, muon_charge, projections, recoil_spectra, reproduced, save
from cevns.publications import FigureData
from cevns.results import ForecastResult
from cevns.statistics import Likelihood

MASSES: Final = np.geomspace(0.1, 1e4, 61)
"""Masses [MeV] of the exclusion curves."""


def draw_exclusions(
    likelihoods: Sequence[Sequence[Likelihood]],
    labels: Mapping[tuple[str, ...], str],
    output: Path,
    settings: Mapping[str, Any],
    *,
    bands: Sequence[str],
    overlays: Sequence[Overlay],
) -> None:
    """Exclusion curves of each model, one for each set of experiments, at some settings of `limits`; also as JSON."""
    records = []
    for group in tracked(likelihoods, "curves", lambda g: g[0].model.name):
        curves = {
            labels[tuple(e.name for e in likelihood.experiments)]: coupling_limits(likelihood, mass=MASSES, **settings)
            for likelihood in group
        }
        records += [result.to_dict() for results in curves.values() for result in results]
        model = group[0].model
        figure = exclusion(curves, title=model.name, muon=muon_charge(model), bands=bands, overlays=overlays)
        save(figure, output / f"exclusion-{model.name.replace('/', '-')}")
    write_text(output / "exclusion.json", render(records, "json") + "\n")


def draw_forecasts(
    found: Sequence[ForecastResult], output: Path, *, model: str, bands: Sequence[str], sigmas: float
) -> None:
    """Expected limits against what was varied; with bands, against the mass, with the bands."""
    if not bands:
        save(forecast(found), output / "forecast")
        return
    curves: dict[str, list[ForecastResult]] = {}
    for one in found:
        varied = (f"{key} = {value}" for key, value in one.varied.items())
        curves.setdefault(", ".join((" + ".join(one.experiments), *varied)), []).append(one)
    figure = exclusion(curves, title=model, muon=muon_charge(model), bands=bands, sigmas=sigmas)
    save(figure, output / "forecast")


def draw_projections(
    experiments: Sequence[Experiment], model: Model, parameters: Mapping[str, float], output: Path
) -> None:
    """Projections of each experiment with the Standard Model, and the recoil spectra, with the model on top."""
    standard = standard_part(model)
    overlay = None if model.interactions == standard.interactions else model
    models = {} if overlay is None else {model.name: (model, parameters)}
    for experiment in experiments:
        figure = projections(
            experiment,
            standard,
            overlay=overlay,
            overlay_parameters=parameters if overlay else None,
            subtract="steady_state" if "steady_state" in experiment.backgrounds else None,
        )
        stem = experiment.name.replace("/", "-")
        save(figure, output / f"projections-{stem}")
        save(recoil_spectra(experiment, models), output / f"recoils-{stem}")


def write_reproduced(figures: Sequence[FigureData], output: Path) -> None:
    """Draw figures of publications, and write each as JSON and each of its panels as CSV."""
    for figure in tracked(figures, "figures", lambda f: f.item):
        write_figure(figure, output)


def write_figure(figure: FigureData, output: Path) -> None:
    """One of them."""
    stem = f"{figure.paper}-{figure.item}"
    write_text(output / f"{stem}.json", figure.to_json() + "\n")
    letters = ascii_lowercase if len(figure.panels) > 1 else ("",)
    for letter, panel in zip(letters, figure.panels, strict=False):
        write_text(output / f"{stem}{letter}.csv", render(list(panel.rows()), "csv") + "\n")
    save(reproduced(figure), output / stem)
