"""``cevns list``, ``cevns show`` and ``cevns cite``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cevns.cli.options import DEFAULT_EXPERIMENTS, emit, format_option, output_options
from cevns.errors import InputError, meant
from cevns.io.tables import Row, render

if TYPE_CHECKING:
    from cevns.experiments import Experiment
    from cevns.experiments.schema import NuisanceBlock
    from cevns.nuclear import Nucleus

KINDS = ("models", "experiments", "papers")
"""What can be listed."""
_MANY = 16
"""Numbers above which only the first and the last are shown."""


def _listing(kind: str) -> list[Row]:
    from cevns.experiments import analysis_names, experiment, experiment_names
    from cevns.interactions import describe_models
    from cevns.io.papers import description
    from cevns.publications import publication_names, published

    if kind == "models":
        return [{"model": name, "description": line} for name, line in describe_models().items()]
    if kind == "experiments":
        names = [name for base in experiment_names() for name in (base, *analysis_names(base))]
        built = [experiment(name) for name in names]
        return [{"experiment": e.name, "data": _data(e), "title": e.config.title} for e in built]
    return [
        {"paper": name, "items": len(published(name)["items"]), "title": description(name)}
        for name in publication_names()
    ]


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@format_option
def list_command(kind: str, style: str) -> None:
    """Names of KIND: models, experiments or papers."""
    click.echo(render(_listing(kind), style))


@click.command("show")
@click.argument("name")
@output_options
def show_command(name: str, style: str, output: Path | None) -> None:
    """What is known under NAME: a model, an experiment (or a directory with one), a paper, a material or an isotope."""
    facts = _facts(name)
    lines = [{"quantity": key, "value": _brief(value)} for key, value in facts.items()]
    emit([facts], style, output, "facts", summary=lines)


def _brief(value: object) -> object:
    """A fact for the eye: numbers with nine digits, and of many of them the ends."""
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, tuple) and len(value) > _MANY and isinstance(value[0], float):
        return f"{value[0]:g}, {value[1]:g}, ..., {value[-1]:g} ({len(value)} values)"
    return value


def _facts(name: str) -> Mapping[str, object]:
    from cevns.experiments import analysis_names, experiment_names, is_experiment
    from cevns.interactions import MODEL_NAMES
    from cevns.interactions.own import is_in_file
    from cevns.nuclear import isotopes, materials
    from cevns.publications import publication_names

    if name in MODEL_NAMES or is_in_file(name):
        return _model_facts(name)
    if is_experiment(name) or ("/" in name and is_experiment(name.rpartition("/")[0])):
        return _experiment_facts(name)
    if name in publication_names():
        from cevns.io.papers import description
        from cevns.publications import published

        titles = {item: content["title"] for item, content in published(name)["items"].items()}
        return {"paper": name, "reference": description(name), **titles}
    if name in isotopes():
        from dataclasses import asdict

        found = isotopes()[name]
        return {**asdict(found), "mass [MeV]": found.mass}
    if name in materials():
        from cevns.nuclear import material

        return {"material": name, **{f"{i.name} [1/kg]": n for i, n in material(name).nuclei_per_kg().items()}}
    experiments = (name for base in experiment_names() for name in (base, *analysis_names(base)))
    known = (*MODEL_NAMES, *experiments, *publication_names(), *materials(), *isotopes())
    listed = f"a name that `cevns list` prints ({', '.join(KINDS)}), a material or an isotope"
    raise InputError("name", name, listed + meant(name, known))


def _data(experiment: Experiment) -> str:
    return "forecast" if experiment.is_forecast else "measured"


def _model_facts(name: str) -> Mapping[str, object]:
    from cevns.interactions import DarkVector, LightVector, describe_models, model

    chosen = model(name)
    facts: dict[str, object] = {"model": chosen.name, "description": describe_models().get(name, f"in {name}")}
    for interaction in chosen.interactions:
        if isinstance(interaction, LightVector):
            facts["charges of u, d"] = interaction.up_and_down
            facts["charges of e, mu, tau"] = interaction.lepton_charges
            facts["anomaly 3B-e-mu-tau"] = interaction.anomaly
        if isinstance(interaction, DarkVector):
            facts["vector charges of u, d"] = interaction.up_and_down
            facts["vector charge of e"] = interaction.electron_charge
            facts["charge of neutrinos through the mixing"] = interaction.couplings.neutrino
    for parameter in chosen.parameters:
        unit = f" [{parameter.unit}]" if parameter.unit else ""
        default = "free" if parameter.default is None else f"default {parameter.default:g}"
        span = f"{parameter.low:g} to {parameter.high:g}"
        facts[f"parameter {parameter.name}{unit}"] = f"{parameter.meaning}; {span}; {default}"
    return {**facts, "citations": chosen.citations}


def _experiment_facts(name: str) -> Mapping[str, object]:
    from cevns.experiments import analysis_names, experiment
    from cevns.experiments.schema import SteadyBlock
    from cevns.units import DAY

    loaded = experiment(name)
    block, others = loaded.config.source, () if loaded.config.analysis else analysis_names(name)
    times: dict[str, object] = {"time edges [us]": tuple(loaded.time_edges.tolist())}
    if isinstance(block, SteadyBlock):
        times = {"live time [d]": block.live_time / DAY}
    source, predicted = loaded.rates.source, loaded.predict("sm")
    signal = {"cevns": ("CEvNS", predicted.cevns), "electron_scattering": ("ES", predicted.electron_scattering)}
    return {
        "experiment": loaded.name,
        "title": loaded.config.title,
        "target": f"{loaded.config.target.mass:g} kg of {loaded.config.target.material}",
        **({"radii of p, n [fm]": tuple(map(_radii, loaded.rates.targets))} if loaded.rates.targets else {}),
        "source": block.kind,
        "distance [m]": source.path[0] / 100.0,
        "neutrinos [1/cm2]": tuple(
            f"{name} {number:.4g}" for name, number in zip(loaded.flavours, source.fluence, strict=True)
        ),
        f"energy edges [{loaded.config.detector.signal_unit}]": tuple(loaded.energy_edges.tolist()),
        **times,
        "data": _data(loaded),
        "observed": float(loaded.observed.sum()),
        **{f"expected {key}": float(counts.sum()) for key, counts in loaded.backgrounds.items()},
        **{f"expected {signal[part][0]} (sm)": float(signal[part][1].sum()) for part in loaded.parts},
        "statistic": loaded.config.statistic.kind,
        "pulls": tuple(_pull(pull) for pull in loaded.config.nuisances),
        **({"analyses": others} if others else {}),
        **({"citations": loaded.citations} if loaded.citations else {}),
    }


def _radii(nucleus: Nucleus) -> str:
    return f"{nucleus.isotope.name} {nucleus.proton_radius:g}, {nucleus.neutron_radius:g}"


def _pull(pull: NuisanceBlock) -> str:
    """A pull, with its width or, if it is free, its range if any."""
    if pull.sigma:
        return f"{pull.name} {pull.sigma:g}"
    return f"{pull.name} {pull.bounds[0]:g}..{pull.bounds[1]:g}" if pull.varies else f"{pull.name} free"


@click.command("cite")
@click.option("-m", "--model", "models", multiple=True, help="Name of a model, or FILE.py:NAME; repeat for several.")
@click.option("-e", "--experiment", "names", multiple=True, help="Name of an experiment; repeat for several.")
@click.option("--bibtex", is_flag=True, help="BibTeX entries in place of lines.")
def cite_command(models: Sequence[str], names: Sequence[str], bibtex: bool) -> None:
    """References of the models and experiments used; of the default experiments if none is named."""
    from cevns.experiments import experiment
    from cevns.interactions import model
    from cevns.io import citations

    keys = [key for name in models for key in model(name).citations]
    keys += [key for name in names or (() if models else DEFAULT_EXPERIMENTS) for key in experiment(name).citations]
    unique = list(dict.fromkeys(keys))
    click.echo(citations.bibtex(unique) if bibtex else "\n".join(f"[{k}] {citations.reference(k)}" for k in unique))
