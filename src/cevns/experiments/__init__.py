"""Experiments: measured data with everything needed to predict it."""

from cevns.experiments.experiment import Experiment
from cevns.experiments.loader import CONFIG_FILE, experiment, experiment_directory, experiment_names

__all__ = ["CONFIG_FILE", "Experiment", "experiment", "experiment_directory", "experiment_names"]
