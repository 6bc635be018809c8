"""Building an experiment: its blocks and tables become a source, a target, a detector and data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import numpy as np

from cevns.detector import (
    Curve,
    DetectorResponse,
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
from cevns.experiments.tables import bin_table, read_columns, require_columns, require_non_negative, table_hash
from cevns.experiments.variations import (
    ArrivalTimes,
    BeamTime,
    EfficiencyCurve,
    EnergyVariation,
    NuclearRadius,
    SourceUncertainty,
)
from cevns.nuclear import Electrons, Nucleus, electrons, material, nucleus
from cevns.predict import EnergyRates
from cevns.sources import (
    NEUTRINOS,
    BeamPulse,
    PionDecayAtRest,
    Reactor,
    Source,
    TabulatedSource,
    TabulatedTimes,
    TimeProfile,
    UniformTimes,
)
from cevns.typing import FloatArray
from cevns.units import SECOND


class _Columns(Protocol):
    """Reads a table of the experiment and checks that it has the columns named."""

    def __call__(self, file: str, *names: str) -> dict[str, FloatArray]: ...


def build(config: schema.ExperimentBlock, directory: Path) -> Experiment:
    """Build an experiment from its validated configuration and the tables in its directory."""
    hashes: dict[str, str] = {}

    @cache
    def whole(file: str) -> dict[str, FloatArray]:
        table = read_columns(directory / file, config.sha256.get(file))
        hashes[file] = table_hash(directory / file)
        return table

    def columns(file: str, *names: str) -> dict[str, FloatArray]:
        require_columns(whole(file), names, file)
        return whole(file)

    shapes = tuple(dict.fromkeys(column for pull in config.nuisances for column in pull.columns))
    errors = config.statistic.errors if isinstance(config.statistic, schema.GaussianBlock) else None
    needed = ("observed", *config.backgrounds, *shapes, *filter(None, [errors]))
    live_time = config.source.live_time if isinstance(config.source, schema.SteadyBlock) else None
    table = bin_table(columns(config.data, *needed), config.data, live_time)
    require_non_negative(table, (*(() if errors else ("observed",)), *config.backgrounds), config.data)
    if errors and not np.all(table.columns[errors] > 0):
        raise DataError(f"{config.data}, {errors}", float(table.columns[errors].min()), "positive standard deviations")

    for file in config.sha256:
        columns(file)
    detector = config.detector
    response = DetectorResponse(
        edges=table.energy_edges,
        quenching=_quenching(detector.quenching, columns),
        resolution=_resolution(detector.resolution),
        efficiency=_efficiency(detector.efficiency, columns),
        light_yield=detector.light_yield,
    )
    source = _source(config.source, columns)
    targets = _targets(config.target)
    nuclei = targets if detector.nuclear_recoils == "counted" else {}
    of_atoms = _electrons(targets) if detector.electron_recoils == "counted" else None
    arrival = _arrival(config, source, table.time_edges, columns)
    backgrounds = {name: table.columns[name] for name in config.backgrounds}
    return Experiment(
        config=config,
        rates=EnergyRates(source, MappingProxyType(nuclei), response, of_atoms),
        arrival=arrival.fractions(),
        energy_edges=table.energy_edges,
        time_edges=table.time_edges,
        observed=table.columns["observed"],
        errors=table.columns[errors] if errors else None,
        backgrounds=MappingProxyType(backgrounds),
        shapes=MappingProxyType({name: table.columns[name] for name in shapes}),
        spectrum_variations=MappingProxyType(_spectrum_variations(config, columns)),
        time_variations=MappingProxyType(_time_variations(config, arrival, backgrounds, columns)),
        tables=MappingProxyType(dict(sorted(hashes.items()))),
    )


def _source(block: schema.AnySource, columns: _Columns) -> Source:
    if isinstance(block, schema.PionDecayBlock):
        return PionDecayAtRest(block.protons_on_target, block.neutrinos_per_proton, block.distance, block.path_spread)
    if isinstance(block, schema.ReactorBlock):
        return Reactor(**block.model_dump(exclude={"kind"}))
    table = columns(block.file, "energy_MeV")
    names = [name for name in table if name != "energy_MeV"]
    for name in names:
        if name not in NEUTRINOS:
            raise DataError(f"{block.file}, columns", name, NEUTRINOS)
    flux = np.reshape([table[name] for name in names], (len(names), -1)) * block.live_time / SECOND
    flavours = tuple(NEUTRINOS[name] for name in names)
    return TabulatedSource(flavours, table["energy_MeV"], flux, path=(block.distance, 0.0))


def _quenching(block: schema.AnyQuenching, columns: _Columns) -> Quenching:
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


def _efficiency(block: schema.SigmoidEfficiencyBlock | schema.TableEfficiencyBlock, columns: _Columns) -> Curve:
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


def _arrival(config: schema.ExperimentBlock, source: Source, edges: FloatArray, columns: _Columns) -> ArrivalTimes:
    block, efficiency = config.source, config.detector.time_efficiency
    decay = ExponentialDecay(efficiency.start, efficiency.rate) if efficiency else None
    if isinstance(block, schema.SteadyBlock):
        return ArrivalTimes(UniformTimes(len(source.flavours), block.live_time), edges, decay)
    profile: TimeProfile
    if isinstance(block.arrival, schema.PulseArrival):
        profile = BeamPulse(block.arrival.mean, block.arrival.width)
    else:
        profile = _times(block.arrival.file, [flavour.name for flavour in source.flavours], columns)
    return ArrivalTimes(profile, edges, decay, block.normalise_arrival_to_window)


def _times(file: str, names: Sequence[str], columns: _Columns) -> TabulatedTimes:
    table = columns(file, "time_low", "time_high", *names)
    if not np.array_equal(table["time_low"][1:], table["time_high"][:-1]):
        raise DataError(f"{file}, time_low", "bins with gaps or overlaps", "adjoining bins")
    edges = np.append(table["time_low"], table["time_high"][-1])
    return TabulatedTimes(edges, np.stack([table[name] for name in names]))


def _spectrum_variations(config: schema.ExperimentBlock, columns: _Columns) -> dict[str, EnergyVariation]:
    found: dict[str, EnergyVariation] = {}
    for pull in config.nuisances:
        if isinstance(pull.varies, schema.RadiusVariation):
            found[pull.name] = NuclearRadius()
        elif isinstance(pull.varies, schema.EfficiencyVariation):
            blocks = (config.detector.efficiency, pull.varies.up, pull.varies.down)
            found[pull.name] = EfficiencyCurve(*(_efficiency(block, columns) for block in blocks))
        elif isinstance(pull.varies, schema.SourceVariation):
            found[pull.name] = SourceUncertainty(pull.varies.uncertainty)
    return found


def _time_variations(
    config: schema.ExperimentBlock,
    arrival: ArrivalTimes,
    backgrounds: Mapping[str, FloatArray],
    columns: _Columns,
) -> dict[str, BeamTime]:
    found = {}
    for pull in config.nuisances:
        if isinstance(pull.varies, schema.BeamTimeVariation):
            times, names, file = None, [], pull.varies.backgrounds
            if file is not None:
                names = [name for name in columns(file) if name not in ("time_low", "time_high")]
                times = ArrivalTimes(_times(file, names, columns), arrival.edges)
                for name in names:
                    if name not in backgrounds:
                        raise DataError(f"{file}, columns", name, backgrounds)
            found[pull.name] = BeamTime.of(arrival, times, {name: backgrounds[name] for name in names})
    return found
