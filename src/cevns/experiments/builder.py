"""Building an experiment: its blocks and tables become a source, a target, a detector and data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from cevns.detector import (
    Curve,
    DetectorResponse,
    ExponentialDecay,
    GammaResolution,
    GaussianResolution,
    GaussianSumResolution,
    LindhardQuenching,
    LinearQuenching,
    NoResolution,
    PoissonResolution,
    PolynomialQuenching,
    Quenching,
    Resolution,
    ScaledQuenching,
    Sigmoid,
    TabulatedEfficiency,
    TabulatedQuenching,
)
from cevns.errors import DataError, InputError, naming
from cevns.experiments import schema
from cevns.experiments.experiment import Experiment
from cevns.experiments.rates import background_counts
from cevns.experiments.tables import BinTable, Tables, bin_table, require_non_negative
from cevns.experiments.variations import (
    ArrivalTimes,
    BeamTime,
    EfficiencyCurve,
    EnergyVariation,
    NuclearRadius,
    QuenchingModel,
    SourceUncertainty,
)
from cevns.kinematics import maximum_recoil
from cevns.nuclear import Electrons, Nucleus, electrons, material, nucleus
from cevns.predict import EnergyRates
from cevns.sources import (
    NEUTRINOS,
    BeamPulse,
    PionDecayAtRest,
    Reactor,
    Source,
    Sun,
    TabulatedSource,
    TabulatedTimes,
    TimeProfile,
    UniformTimes,
)
from cevns.typing import FloatArray
from cevns.units import SECOND


def build(config: schema.ExperimentBlock, directory: Path, *, asimov: bool = False) -> Experiment:
    """Build an experiment from its validated configuration and the tables in its directory.

    With ``asimov`` its data are what the Standard Model makes expected; see `cevns.experiments.Experiment.asimov`.
    """
    if config.exposure != 1.0 and config.bins is None and not asimov:
        raise InputError("exposure", config.exposure, "1: data were taken once (or Asimov data in place of them)")
    columns = Tables(directory, config.sha256)
    shapes = tuple(dict.fromkeys(column for pull in config.nuisances for column in pull.columns))
    errors = config.statistic.errors if isinstance(config.statistic, schema.GaussianBlock) else None
    table = _table(config, (*shapes, *filter(None, [errors])), columns)
    for file in config.sha256:
        columns(file)
    rates = _rates(config, table.energy_edges, columns)
    _require_quenching(config, rates, columns)
    arrival = _arrival(config, rates.source, table.time_edges, columns)
    expected = {**table.columns, **background_counts(config, rates.response, arrival, columns)}
    if config.counted is not None and config.counted in table.columns:
        expected[config.counted] = table.columns[config.counted] / config.off_exposure
    backgrounds = {name: config.exposure * expected[name] for name in config.backgrounds}
    built = Experiment(
        config=config,
        rates=rates,
        arrival=arrival.fractions(),
        energy_edges=table.energy_edges,
        time_edges=table.time_edges,
        observed=table.columns["observed"],
        errors=table.columns[errors] if errors else None,
        backgrounds=MappingProxyType(backgrounds),
        shapes=MappingProxyType({name: table.columns[name] for name in shapes}),
        spectrum_variations=MappingProxyType(_spectrum_variations(config, columns)),
        time_variations=MappingProxyType(_time_variations(config, arrival, backgrounds, columns)),
        tables=MappingProxyType(dict(sorted(columns.hashes.items()))),
    )
    return built.asimov() if asimov or config.bins else built


def _table(config: schema.ExperimentBlock, more: tuple[str, ...], columns: Tables) -> BinTable:
    """The table of data, with the columns named besides counts and backgrounds; or bins alone, of a forecast."""
    live_time = config.source.live_time if isinstance(config.source, schema.SteadyBlock) else 0.0
    if config.bins:
        energy = np.array(config.bins.energy)
        time = np.array(config.bins.time or (0.0, live_time))
        return BinTable(energy, time, {"observed": np.zeros((len(energy) - 1, len(time) - 1))})
    file, errors = config.data or "", getattr(config.statistic, "errors", None)
    table = bin_table(columns(file, "observed", *config.tabulated, *more), file, live_time or None)
    require_non_negative(table, (*(() if errors else ("observed",)), *config.tabulated), file)
    if errors and not np.all(table.columns[errors] > 0):
        raise DataError(f"{file}, {errors}", float(table.columns[errors].min()), "positive standard deviations")
    return table


def _rates(config: schema.ExperimentBlock, edges: FloatArray, columns: Tables) -> EnergyRates:
    detector = config.detector
    response = DetectorResponse(
        edges=edges,
        quenching=_quenching(detector.quenching, config.target, columns),
        resolution=_resolution(detector.resolution),
        efficiency=_efficiency(detector.efficiency, columns),
        light_yield=detector.light_yield,
        lowest=detector.lowest_energy,
    )
    targets = _targets(config.target, config.exposure)
    nuclei = targets if detector.nuclear_recoils == "counted" else {}
    of_atoms = _electrons(targets) if detector.electron_recoils == "counted" else None
    return EnergyRates(_source(config.source, columns), MappingProxyType(nuclei), response, of_atoms)


def _source(block: schema.AnySource, columns: Tables) -> Source:
    if isinstance(block, schema.PionDecayBlock):
        return PionDecayAtRest(block.protons, block.neutrinos_per_proton, block.distance, block.path_spread)
    if isinstance(block, schema.ReactorBlock):
        return Reactor(**block.model_dump(exclude={"kind"}))
    if isinstance(block, schema.SunBlock):
        return Sun(**block.model_dump(exclude={"kind"}))
    table = columns(block.file, "energy_MeV")
    names = [name for name in table if name != "energy_MeV"]
    for name in names:
        if name not in NEUTRINOS:
            raise DataError(f"{block.file}, columns", name, NEUTRINOS)
    flux = np.reshape([table[name] for name in names], (len(names), -1)) * block.live_time / SECOND
    flavours = tuple(NEUTRINOS[name] for name in names)
    return TabulatedSource(flavours, table["energy_MeV"], flux, path=(block.distance, 0.0))


def _quenching(block: schema.AnyQuenching, target: schema.TargetBlock, columns: Tables) -> Quenching:
    model = _unscaled(block, target, columns)
    return model if block.scale == 1.0 else ScaledQuenching(model, block.scale)


def _unscaled(block: schema.AnyQuenching, target: schema.TargetBlock, columns: Tables) -> Quenching:
    if isinstance(block, schema.PolynomialQuenchingBlock):
        return PolynomialQuenching(block.coefficients)
    if isinstance(block, schema.LinearQuenchingBlock):
        return LinearQuenching(block.constant, block.slope)
    if isinstance(block, schema.LindhardQuenchingBlock):
        protons = {iso.protons for iso in material(target.material).nuclei_per_kg()}
        if len(protons) > 1:
            raise InputError("detector.quenching.kind", block.kind, "another kind: the target has several elements")
        return LindhardQuenching(block.k, *protons)
    table = columns(block.file, "recoil_keV", "factor")
    with naming(f"{block.file}, "):
        return TabulatedQuenching(table["recoil_keV"], table["factor"])


def _require_quenching(config: schema.ExperimentBlock, rates: EnergyRates, columns: Tables) -> None:
    """Raise `DataError` if recoils have a mean signal that is seen and are not in a table of the quenching."""
    end_point = rates.source.energy_breakpoints[-1]
    highest = max((1e3 * float(maximum_recoil(end_point, kind.isotope.mass)) for kind in rates.targets), default=0.0)
    signals = np.linspace(rates.response.edges[0], rates.response.edges[-1], 1001)
    seen = signals[rates.response.efficiency(signals) > 0]
    variants = [pull.varies for pull in config.nuisances if isinstance(pull.varies, schema.QuenchingVariation)]
    for block in (config.detector.quenching, *(block for one in variants for block in (one.up, one.down))):
        if isinstance(block, schema.TableQuenchingBlock) and seen.size:
            ends = columns(block.file, "recoil_keV")["recoil_keV"][[0, -1]]
            low, high = rates.response.light_yield * _quenching(block, config.target, columns)(1e-3 * ends)
            if low > seen[0] or (high < seen[-1] and ends[1] < highest):
                needed = (
                    f"all recoils with a signal from {seen[0]:g} to {seen[-1]:g}, up to the largest, {highest:.4g} keV"
                )
                raise DataError(f"{block.file}, recoil_keV", f"{ends[0]:g} to {ends[1]:g}", needed)


def _resolution(block: schema.AnyResolution) -> Resolution | NoResolution:
    if isinstance(block, schema.NoResolutionBlock):
        return NoResolution()
    if isinstance(block, schema.PoissonResolutionBlock):
        return PoissonResolution()
    if isinstance(block, schema.GammaResolutionBlock):
        return GammaResolution(block.shape_slope)
    kind = GaussianSumResolution if isinstance(block, schema.GaussianSumResolutionBlock) else GaussianResolution
    return kind(block.constant, block.stochastic, block.proportional, block.truncated)


def _efficiency(block: schema.AnyEfficiency, columns: Tables) -> Curve:
    if isinstance(block, schema.SigmoidEfficiencyBlock):
        return Sigmoid(block.scale, block.slope, block.midpoint, block.offset, block.steps)
    if isinstance(block, schema.ConstantEfficiencyBlock):
        return TabulatedEfficiency(np.zeros(1), np.array([block.value]))
    table = columns(block.file, "signal", "efficiency")
    with naming(f"{block.file}, "):
        return TabulatedEfficiency(table["signal"], table["efficiency"])


def _targets(block: schema.TargetBlock, exposure: float) -> Mapping[Nucleus, float]:
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
        targets[kind] = number * block.mass * exposure
    return MappingProxyType(targets)


def _electrons(targets: Mapping[Nucleus, float]) -> Electrons:
    atoms: dict[str, float] = {}
    for kind, number in targets.items():
        atoms[kind.isotope.element] = atoms.get(kind.isotope.element, 0.0) + number
    return electrons(atoms)


def _arrival(config: schema.ExperimentBlock, source: Source, edges: FloatArray, columns: Tables) -> ArrivalTimes:
    block, efficiency = config.source, config.detector.time_efficiency
    decay = ExponentialDecay(efficiency.start, efficiency.rate) if efficiency else None
    if isinstance(block, schema.SteadyBlock):
        return ArrivalTimes(UniformTimes(len(source.flavours), block.live_time), edges, decay)
    profile: TimeProfile
    if isinstance(block.arrival, schema.PulseArrival):
        profile = BeamPulse(block.arrival.mean, block.arrival.width)
    elif isinstance(block.arrival, schema.LongPulseArrival):
        profile = UniformTimes(len(source.flavours), block.arrival.length)
    else:
        profile = _times(block.arrival.file, [flavour.name for flavour in source.flavours], columns)
    return ArrivalTimes(profile, edges, decay, block.normalise_arrival_to_window)


def _times(file: str, names: Sequence[str], columns: Tables) -> TabulatedTimes:
    table = columns(file, "time_low", "time_high", *names)
    if not np.array_equal(table["time_low"][1:], table["time_high"][:-1]):
        raise DataError(f"{file}, time_low", "bins with gaps or overlaps", "adjoining bins")
    edges = np.append(table["time_low"], table["time_high"][-1])
    return TabulatedTimes(edges, np.stack([table[name] for name in names]))


def _spectrum_variations(config: schema.ExperimentBlock, columns: Tables) -> dict[str, EnergyVariation]:
    found: dict[str, EnergyVariation] = {}
    for pull in config.nuisances:
        if isinstance(pull.varies, schema.RadiusVariation):
            found[pull.name] = NuclearRadius()
        elif isinstance(pull.varies, schema.EfficiencyVariation):
            blocks = (config.detector.efficiency, pull.varies.up, pull.varies.down)
            found[pull.name] = EfficiencyCurve(*(_efficiency(block, columns) for block in blocks))
        elif isinstance(pull.varies, schema.QuenchingVariation):
            models = (config.detector.quenching, pull.varies.up, pull.varies.down)
            found[pull.name] = QuenchingModel(*(_quenching(one, config.target, columns) for one in models))
        elif isinstance(pull.varies, schema.SourceVariation):
            found[pull.name] = SourceUncertainty(pull.varies.uncertainty)
    return found


def _time_variations(
    config: schema.ExperimentBlock,
    arrival: ArrivalTimes,
    backgrounds: Mapping[str, FloatArray],
    columns: Tables,
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
