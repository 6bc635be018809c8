"""Backgrounds from rates: per keVee, kg and day to counts in the bins."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from cevns.detector import DetectorResponse
from cevns.errors import DataError, InputError
from cevns.experiments import schema
from cevns.experiments.tables import Tables
from cevns.experiments.variations import ArrivalTimes
from cevns.sources import UniformTimes
from cevns.typing import FloatArray
from cevns.units import DAY

_PROMPT = 1
"""Which component of `cevns.sources.PionDecayAtRest` comes with the protons: nu_mu."""


def background_counts(
    config: schema.ExperimentBlock, response: DetectorResponse, arrival: ArrivalTimes, columns: Tables
) -> Mapping[str, FloatArray]:
    """Expected counts (energy bin, time bin) of the backgrounds that are given as rates, by name."""
    counts = {}
    for name, block in config.rates.items():
        spectrum = config.target.mass * _per_kg(block, response, columns)
        counts[name] = np.outer(spectrum, _times(name, block, config.source, arrival))
    return counts


def _per_kg(block: schema.AnyRate, response: DetectorResponse, columns: Tables) -> FloatArray:
    """Recorded in each bin per kg and day, or MW d; shape (energy bin,)."""
    shape, knots = _shape(block, columns)
    per_signal = 1.0 / response.light_yield
    return response.recorded(
        lambda signal: block.rate * per_signal * shape(per_signal * signal),
        tuple((response.light_yield * knots).tolist()),
    )


def _shape(block: schema.AnyRate, columns: Tables) -> tuple[Callable[[FloatArray], FloatArray], FloatArray]:
    """The rate over ``rate`` as a function of the energy [keVee], and where it is not smooth."""
    if isinstance(block, schema.FlatRateBlock):
        return np.ones_like, np.zeros(0)
    if isinstance(block, schema.ExponentialRateBlock):
        return lambda energy: np.exp(-energy / block.scale), np.zeros(0)
    table = columns(block.file, "energy_keVee", "rate")
    knots, rate = table["energy_keVee"], table["rate"]
    if not (np.all(np.diff(knots) > 0) and np.all(rate >= 0)):
        raise DataError(block.file, "a rate", "increasing energies, and rates that are not negative")
    return lambda energy: np.interp(energy, knots, rate, left=0.0, right=0.0), knots


def _times(name: str, block: schema.AnyRate, source: schema.AnySource, arrival: ArrivalTimes) -> FloatArray:
    """Days in each time bin, or MW d of protons whose background comes in it, times the efficiency there."""
    if isinstance(source, schema.SteadyBlock):
        if block.time == "beam":
            raise InputError(f"rates.{name}.time", block.time, "'uniform' at a steady source")
        pulses = 1.0
    else:
        if source.beam is None:
            raise InputError("source.beam", None, f"the plan of the beam, for the rate of {name}")
        if block.time == "beam":
            return arrival.fractions()[_PROMPT] * source.beam.energy / DAY
        pulses = source.beam.pulses
    window = float(arrival.edges[-1])
    uniform = ArrivalTimes(UniformTimes(1, window), arrival.edges, arrival.efficiency)
    return uniform.fractions()[0] * pulses * window / DAY
