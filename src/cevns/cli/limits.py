"""``cevns limits``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

import cevns
from cevns.cli.flags import card_of, field_options, parameter_option
from cevns.cli.options import emit, output_options
from cevns.cli.progress import tracked
from cevns.errors import InputError
from cevns.io.cards import DrawnCard, LimitsCard
from cevns.io.files import writable_directory
from cevns.io.tables import Row

if TYPE_CHECKING:
    from cevns.experiments import Experiment
    from cevns.results import LimitResult
    from cevns.statistics import Likelihood

LOW_MASS: Final = 0.01
"""Mass [MeV] that stands for the regime far below the momentum transfer, where limits do not depend on it."""
HIGH_MASS: Final = 1e4
"""Mass [MeV] that stands for the regime far above it, where limits depend on coupling/mass only."""
_STAR: Final = "* chi2 crosses the level more than once: the first crossing is given, all of them with --format json"
_BANDS: Final = ("2021", "2025")
"""Names of the bands of (g-2)_mu: writing them here keeps the physics unloaded until it is needed."""


@click.command("limits")
@field_options(LimitsCard, "experiments")
@click.option(
    *("-m", "--model", "models"),
    multiple=True,
    help="Name of a model, or FILE.py:NAME; repeat for several. Default: all mediators.",
)
@field_options(LimitsCard, "couplings", "cl", "dof", "shared")
@click.option("--mass", "masses", type=float, multiple=True, help="Mass of the mediator [MeV]; repeat for several.")
@parameter_option
@field_options(DrawnCard, "profiled", "each", "plots")
@click.option(
    "--overlay",
    "overlay_paths",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="A limit of others, to be drawn on the figures; repeat for several.",
)
@click.option(
    "--muon-band",
    "bands",
    type=click.Choice((*_BANDS, "none")),
    default=_BANDS,
    multiple=True,
    help="Measurement of (g-2)_mu whose band is drawn on the figures; repeat for several. Default: all of them.",
)
@output_options
def limits_command(
    models: Sequence[str],
    masses: Sequence[float],
    each: bool,
    plots: bool,
    overlay_paths: Sequence[Path],
    bands: Sequence[str],
    style: str,
    output: Path | None,
    **flags: Any,
) -> None:
    """Limits on the coupling of each model, pulls profiled, at fixed mediator mass.

    Without --mass the two regimes are given: the coupling g at 0.01 MeV, and g/M at 10 GeV. The other parameters are
    profiled where --profile names them, and otherwise as given or at their defaults.
    """
    from cevns.inference import coupling_limits, delta_chi2
    from cevns.interactions import MEDIATOR_NAMES
    from cevns.io.overlays import read_limits
    from cevns.results.base import level_words

    card = card_of(LimitsCard, model="sm", mass=None, **flags)
    delta_chi2(card.cl, card.dof)
    settings: dict[str, Any] = {"cl": card.cl, "dof": card.dof, "profiled": card.profiled, **card.fixed}
    if "mass" in settings:
        raise InputError("parameter", "mass", "any but the mass, which --mass gives")
    if overlay_paths and (output is None or not plots):
        raise InputError("overlay", str(overlay_paths[0]), "figures to draw it on: -o DIR, without --no-plots")
    overlays = [read_limits(path) for path in overlay_paths]
    chosen = [cevns.model(name, couplings=card.couplings) for name in models or MEDIATOR_NAMES]
    tested = card.tested
    joint = [cevns.Likelihood(**{**tested, "model": one}) for one in chosen]
    likelihoods = [(*(whole.alone if each else ()), whole) for whole in joint]
    if output is not None:
        writable_directory(output)
    at_masses: dict[str, Any] = {} if "mass" in card.profiled else {"mass": masses or (LOW_MASS, HIGH_MASS)}
    results = [
        result
        for group in tracked(likelihoods, "limits", lambda g: g[0].model.name)
        for likelihood in group
        for result in coupling_limits(likelihood, **at_masses, **settings)
    ]
    labels = _labels(likelihoods[0])
    summary = _by_mass(results, labels) if masses or not at_masses else _by_regime(results, labels)
    notes = [level_words([card.cl], card.dof)]
    if any(len(result.crossings) > 1 for result in results):
        notes.append(_STAR)
    emit([result.to_dict() for result in results], style, output, "limits", summary=summary, notes=notes)
    if output is not None and plots and at_masses:
        from cevns.cli.figures import draw_exclusions

        shown = [band for band in bands if band != "none"]
        draw_exclusions(likelihoods, labels, output, settings, bands=shown, overlays=overlays)


def carry_out(card: LimitsCard, *, style: str, output: Path | None) -> None:
    """Find the limits of a card and print them."""
    results = card.results()
    lines = [{"quantity": name, "value": value} for result in results for name, value in result.lines()]
    emit([result.to_dict() for result in results], style, output, "limits", summary=lines)


def _labels(likelihoods: Sequence[Likelihood]) -> dict[tuple[str, ...], str]:
    """Short name of each set of experiments: what their targets are made of, where that tells them apart."""
    materials = {e.name: _material(e) for one in likelihoods for e in one.experiments}
    short = {name: m if list(materials.values()).count(m) == 1 else name for name, m in materials.items()}
    sets = [tuple(e.name for e in one.experiments) for one in likelihoods]
    return {names: "+".join(short[name] for name in names) for names in sets}


def _material(experiment: Experiment) -> str:
    """What the target is made of, without mass numbers."""
    material = experiment.config.target.material
    return material.lstrip("0123456789") if isinstance(material, str) else experiment.name


def _coupling(results: Sequence[LimitResult]) -> str:
    """Name of the coupling, or of couplings in general if the models have several."""
    names = {result.parameter for result in results}
    return names.pop() if len(names) == 1 else "coupling"


def _upper(result: LimitResult, scale: float = 1.0) -> str:
    return f"{result.upper_limit * scale:#.3g}" + ("*" if len(result.crossings) > 1 else "")


def _by_regime(results: Sequence[LimitResult], labels: dict[tuple[str, ...], str]) -> list[Row]:
    """A row for each model, two columns for each set of experiments."""
    name = _coupling(results)
    rows: dict[str, dict[str, object]] = {}
    for result in results:
        row = rows.setdefault(result.model, {"model": result.model})
        label = labels[result.experiments]
        if result.mass_MeV == LOW_MASS:
            row[f"{label} {name} [1e-5]"] = _upper(result, 1e5)
        else:
            row[f"{label} {name}/M [1e-3/GeV]"] = _upper(result, 1e6 / HIGH_MASS)
    return list(rows.values())


def _by_mass(results: Sequence[LimitResult], labels: dict[tuple[str, ...], str]) -> list[Row]:
    """A row for each model and mass, one column for each set of experiments."""
    name = _coupling(results)
    rows: dict[tuple[str, float | None], dict[str, object]] = {}
    for result in results:
        mass = {} if result.mass_MeV is None else {"M [MeV]": f"{result.mass_MeV:g}"}
        row = rows.setdefault((result.model, result.mass_MeV), {"model": result.model, **mass})
        row[f"{labels[result.experiments]} {name} <"] = _upper(result)
    return list(rows.values())
