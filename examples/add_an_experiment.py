"""A new experiment: 10 kg of germanium at 20 m from the Spallation Neutron Source, and what it would tell.

Usage: python examples/add_an_experiment.py [DIRECTORY]

The directory gets ``experiment.yaml`` and ``bins.csv``, all that an experiment consists of. The "observed" counts are
the prediction of the Standard Model, so that the limits are those to expect.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

import cevns

CONFIG = """\
schema_version: 1
name: ge-forecast
title: 10 kg of germanium at the SNS, one year
source:
  kind: pion-decay-at-rest
  protons_on_target: 2.0e+23
  neutrinos_per_proton: 0.09
  distance: 20 m
  arrival: {kind: beam-pulse, mean: 440 ns, width: 150 ns}
target:
  mass: 10 kg
  material: Ge
  form_factor: helm
detector:
  signal_unit: keVee
  quenching: {kind: linear, constant: 0.2, slope: 1.0e-3}
  resolution: {kind: gaussian, constant: 0.1, stochastic: 0.05}
  efficiency: {kind: sigmoid, scale: 1, slope: 10, midpoint: 0.5}
data: bins.csv
backgrounds:
  steady_state: flat in energy and in time
statistic: {kind: poisson}
nuisances:
  - {name: ge_cevns, component: cevns, sigma: 0.10, includes: {sns_flux: 0.10}}
  - {name: ge_steady_state, component: steady_state, sigma: 0.01}
"""
ENERGY_EDGES = np.array([0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0])
TIME_EDGES = np.array([0.0, 0.5, 1.0, 2.0, 4.0, 6.0])
STEADY_STATE = 4.0
"""Events per keVee and us."""


def write_bins(path: Path, observed: np.ndarray, steady_state: np.ndarray) -> None:
    """One row per bin: energies in the outer loop, times in the inner one."""
    energy = np.repeat(np.stack([ENERGY_EDGES[:-1], ENERGY_EDGES[1:]]), len(TIME_EDGES) - 1, axis=1)
    time = np.tile(np.stack([TIME_EDGES[:-1], TIME_EDGES[1:]]), len(ENERGY_EDGES) - 1)
    table = np.column_stack([*energy, *time, observed.ravel(), steady_state.ravel()])
    header = "energy_low,energy_high,time_low,time_high,observed,steady_state"
    np.savetxt(path, table, fmt="%.10g", delimiter=",", header=header, comments="")


def make_experiment(directory: Path) -> cevns.Experiment:
    """Write the two files and load them."""
    directory.mkdir(parents=True, exist_ok=True)
    steady_state = STEADY_STATE * np.outer(np.diff(ENERGY_EDGES), np.diff(TIME_EDGES))
    (directory / "experiment.yaml").write_text(CONFIG, encoding="utf-8")
    write_bins(directory / "bins.csv", np.zeros_like(steady_state), steady_state)
    expected = cevns.experiment(directory).predict("sm").total
    write_bins(directory / "bins.csv", expected, steady_state)
    return cevns.experiment(directory)


def main(directory: Path) -> None:
    """Expected events and expected limits."""
    germanium = make_experiment(directory)
    events = germanium.predict("sm").cevns.sum()
    print(f"{events:.1f} events expected")

    (alone,) = cevns.limits("b-l", germanium, mass=10.0)
    print(f"expected g < {alone.upper_limit:.3g} at 10 MeV")

    csi = cevns.experiment("coherent-csi-2021")
    (separate,) = cevns.limits("b-l", [germanium, csi], mass=10.0)
    (together,) = cevns.limits("b-l", [germanium, csi], mass=10.0, shared=["sns_flux"])
    print(f"with CsI: {separate.upper_limit:.3g}, with the flux uncertainty in common: {together.upper_limit:.3g}")

    # Data equal to the Standard Model: it fits perfectly.
    assert cevns.Likelihood("sm", germanium)() < 1e-6
    assert alone.best_fit < 0.2 * alone.upper_limit
    assert separate.upper_limit < alone.upper_limit


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            main(Path(scratch))
