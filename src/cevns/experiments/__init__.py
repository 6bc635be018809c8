"""Experiments: measured data with everything needed to predict it."""

from cevns.experiments.experiment import Experiment
from cevns.experiments.loader import (
    ANALYSES,
    CONFIG_FILE,
    analysis_names,
    experiment,
    experiment_directory,
    experiment_names,
    is_experiment,
)

__all__ = [
    "ANALYSES",
    "CONFIG_FILE",
    "Experiment",
    "analysis_names",
    "experiment",
    "experiment_directory",
    "experiment_names",
    "is_experiment",
]
