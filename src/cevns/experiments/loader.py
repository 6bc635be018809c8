"""Finding an experiment by name or directory, and building it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import numpy as np
import yaml

from cevns.detector import (
    DetectorResponse,
    Efficiency,
    ExponentialDecay,
    GammaResolution,
    GaussianResolution,
    LinearQuenching,
    NoResolution,
    PoissonResolution,
    PolynomialQuenching,
    Quenching,
    Resolution,
    Sigmoid,
    TabulatedEfficiency,
    TabulatedQuenching,
)
from cevns.errors import DataError, InputError
from cevns.experiments import schema
from cevns.experiments.experiment import Experiment
from cevns.experiments.tables import bin_table, read_columns, require_columns, require_non_negative
from cevns.nuclear import Electrons, Nucleus, electrons, material, nucleus
from cevns.predict import EnergyRates
from cevns.sources import BeamPulse, PionDecayAtRest, TabulatedTimes, TimeProfile
from cevns.typing import JSON, FloatArray


class _Columns(Protocol):
    """Reads a table of the experiment and checks that it has the columns named."""

    def __call__(self, file: str, *names: str) -> dict[str, FloatArray]: ...


CONFIG_FILE = "experiment.yaml"
"""Name of the file that makes a directory an experiment."""


def shipped_directory() -> Path:
    """Directory of the experiments shipped with the package."""
    return Path(str(resources.files("cevns.experiments")))


def experiment_names() -> tuple[str, ...]:
    """Names of the experiments shipped with the package."""
    return tuple(sorted(path.parent.name for path in shipped_directory().glob(f"*/{CONFIG_FILE}")))


def experiment_directory(name: str | Path) -> Path:
    """Directory of an experiment: a shipped one by name, or any directory that holds an ``experiment.yaml``.

    Raises
    ------
    InputError
        If there is no such experiment.
    """
    if str(name) in experiment_names():
        return shipped_directory() / str(name)
    if (Path(str(name)) / CONFIG_FILE).is_file():
        return Path(str(name))
    raise InputError(
        "experiment", str(name), f"one of: {', '.join(experiment_names())}; or a directory with {CONFIG_FILE}"
    )


def experiment(
    name: str | Path, overrides: Mapping[str, object] | None = None, *, electron_scattering: bool = False
) -> Experiment:
    """Load an experiment.

    Parameters
    ----------
    name : str or Path
        Name of a shipped experiment, or a directory with an ``experiment.yaml`` and its tables.
    overrides : mapping, optional
        Values to put in place of those of the file, by dotted path: ``{"target.form_factor": "klein-nystrand"}``.
    electron_scattering : bool
        Count electron recoils too, if they pass the selection of the experiment; others do not change.

    Raises
    ------
    InputError
        If the experiment is unknown, or the file or an override does not satisfy the schema.
    DataError
        If a table is missing, altered, truncated, of the wrong shape or holds values that are not allowed.
    """
    directory = experiment_directory(name)
    document = _document(directory / CONFIG_FILE)
    for path, value in (overrides or {}).items():
        _override(document, path, value)
    detector = document.get("detector")
    if electron_scattering and isinstance(detector, dict) and detector.get("electron_recoils") == "selectable":
        detector["electron_recoils"] = "counted"
    return build(schema.read_experiment(document, f"{directory.name}/{CONFIG_FILE}"), directory)


def _document(path: Path) -> JSON:
    """The content of a configuration file."""
    try:
        document = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise InputError(str(path), " ".join(str(error).split()), "valid YAML") from None
    if not isinstance(document, dict):
        raise InputError(str(path), document, "a mapping of the keys of an experiment")
    return document


def _override(document: JSON, path: str, value: object) -> None:
    *parents, last = path.split(".")
    block = document
    for depth, key in enumerate(parents):
        if not isinstance(block.get(key), dict):
            raise InputError(
                "overrides", path, f"a path of existing blocks (no block {'.'.join(parents[: depth + 1])!r})"
            )
        block = block[key]
    block[last] = value


def build(config: schema.ExperimentBlock, directory: Path) -> Experiment:
    """Build an experiment from its validated configuration and the tables in its directory."""

    def columns(file: str, *names: str) -> dict[str, FloatArray]:
        table = read_columns(directory / file, config.sha256.get(file))
        require_columns(table, names, file)
        return table

    shapes = tuple(pull.shape for pull in config.nuisances if pull.shape is not None)
    table = bin_table(columns(config.data, "observed", *config.backgrounds, *shapes), config.data)
    require_non_negative(table, ("observed", *config.backgrounds), config.data)

    detector = config.detector
    response = DetectorResponse(
        edges=table.energy_edges,
        quenching=_quenching(detector.quenching, columns),
        resolution=_resolution(detector.resolution),
        efficiency=_efficiency(detector.efficiency, columns),
        light_yield=detector.light_yield,
    )
    source = PionDecayAtRest(
        config.source.protons_on_target,
        config.source.neutrinos_per_proton,
        config.source.distance,
        config.source.path_spread,
    )
    targets, counted = _targets(config.target), config.detector.electron_recoils
    return Experiment(
        config=config,
        rates=EnergyRates(source, targets, response, _electrons(targets) if counted == "counted" else None),
        arrival=_arrival(config, source, table.time_edges, columns),
        energy_edges=table.energy_edges,
        time_edges=table.time_edges,
        observed=table.columns["observed"],
        backgrounds=MappingProxyType({name: table.columns[name] for name in config.backgrounds}),
        shapes=MappingProxyType({name: table.columns[name] for name in shapes}),
    )


def _quenching(
    block: schema.PolynomialQuenchingBlock | schema.LinearQuenchingBlock | schema.TableQuenchingBlock,
    columns: _Columns,
) -> Quenching:
    if isinstance(block, schema.PolynomialQuenchingBlock):
        return PolynomialQuenching(block.coefficients)
    if isinstance(block, schema.LinearQuenchingBlock):
        return LinearQuenching(block.constant, block.slope)
    table = columns(block.file, "recoil_keV", "factor")
    return TabulatedQuenching(table["recoil_keV"], table["factor"])


def _resolution(
    block: schema.GammaResolutionBlock
    | schema.GaussianResolutionBlock
    | schema.NoResolutionBlock
    | schema.PoissonResolutionBlock,
) -> Resolution | NoResolution:
    if isinstance(block, schema.NoResolutionBlock):
        return NoResolution()
    if isinstance(block, schema.PoissonResolutionBlock):
        return PoissonResolution()
    if isinstance(block, schema.GammaResolutionBlock):
        return GammaResolution(block.shape_slope)
    return GaussianResolution(block.constant, block.stochastic, block.proportional)


def _efficiency(block: schema.SigmoidEfficiencyBlock | schema.TableEfficiencyBlock, columns: _Columns) -> Efficiency:
    if isinstance(block, schema.SigmoidEfficiencyBlock):
        return Sigmoid(block.scale, block.slope, block.midpoint, block.offset, block.steps)
    table = columns(block.file, "signal", "efficiency")
    return TabulatedEfficiency(table["signal"], table["efficiency"])


def _targets(block: schema.TargetBlock) -> Mapping[Nucleus, float]:
    numbers = material(block.material).nuclei_per_kg()
    names = [iso.name for iso in numbers]
    for name in block.radii:
        if name not in names:
            raise InputError("target.radii", name, names)
    targets = {}
    for iso, number in numbers.items():
        radii = block.radii.get(iso.name)
        kind = nucleus(
            iso,
            form=block.form_factor,
            proton_radius=radii.proton if radii else None,
            neutron_radius=radii.neutron if radii else None,
        )
        targets[kind] = number * block.mass
    return MappingProxyType(targets)


def _electrons(targets: Mapping[Nucleus, float]) -> Electrons:
    atoms: dict[str, float] = {}
    for kind, number in targets.items():
        atoms[kind.isotope.element] = atoms.get(kind.isotope.element, 0.0) + number
    return electrons(atoms)


def _arrival(
    config: schema.ExperimentBlock, source: PionDecayAtRest, edges: FloatArray, columns: _Columns
) -> FloatArray:
    block = config.source.arrival
    profile: TimeProfile
    if isinstance(block, schema.PulseArrival):
        profile = BeamPulse(block.mean, block.width)
    else:
        flavours = [flavour.name for flavour in source.flavours]
        table = columns(block.file, "time_low", "time_high", *flavours)
        if not np.array_equal(table["time_low"][1:], table["time_high"][:-1]):
            raise DataError(f"{block.file}, time_low", "bins with gaps or overlaps", "adjoining bins")
        profile = TabulatedTimes(
            np.append(table["time_low"], table["time_high"][-1]), np.stack([table[name] for name in flavours])
        )
    efficiency = config.detector.time_efficiency
    decay = ExponentialDecay(efficiency.start, efficiency.rate) if efficiency else None
    fractions = profile.fractions(edges, decay, decay.breakpoints if decay else ())
    if config.source.normalise_arrival_to_window:
        inside = profile.fractions(edges[[0, -1]], None, ())
        fractions = fractions / inside
    return fractions
