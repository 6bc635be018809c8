"""Data and expectation bin by bin, before or after the pulls are fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import numpy as np

from cevns.errors import InputError
from cevns.experiments import Experiment
from cevns.interactions import Interaction, Model
from cevns.statistics.likelihood import Likelihood
from cevns.statistics.measurement import relative_change
from cevns.typing import FloatArray

Pulls: TypeAlias = Literal["prior", "best"]
"""Pulls at zero, or where chi^2 is smallest."""


def expected_parts(
    experiment: Experiment, model: str | Interaction | Model, parameters: Mapping[str, object], pulls: Pulls
) -> dict[str, FloatArray]:
    """Expected counts of each background, then of each part of the signal, shape (energy bin, time bin).

    Raises
    ------
    InputError
        If a parameter is not one acceptable number, or there are no such pulls.
    """
    if pulls not in ("prior", "best"):
        raise InputError("pulls", pulls, ("prior", "best"))
    prediction = experiment.predict(model, **parameters)
    prior = {part: getattr(prediction, part) for part in experiment.parts}
    if prediction.total.shape != experiment.observed.shape:
        raise InputError("parameters", dict(parameters), "one number for each")
    if pulls == "prior":
        return {**experiment.backgrounds, **prior}
    likelihood = Likelihood(model, experiment)
    best = likelihood.profiled(**parameters).pulls
    (parts,) = likelihood.parts(best, **parameters)
    expected = {**experiment.backgrounds, **parts}
    for pull in experiment.config.nuisances:
        for name, counts in {**experiment.backgrounds, **parts}.items():
            expected[name] = expected[name] + best[pull.name] * relative_change(experiment, pull, name) * counts
    return expected


def table_of_bins(
    experiment: Experiment, model: str | Interaction | Model = "sm", *, pulls: Pulls = "prior", **parameters: object
) -> list[dict[str, float]]:
    """One row for each bin: its edges, what was observed, what is expected of each component, and the sum of these.

    Parameters
    ----------
    experiment : Experiment
        Data and expected backgrounds.
    model : str, Interaction or Model
        What the neutrino events are predicted with.
    pulls : {"prior", "best"}
        Whether the expectation is taken before the fit of the pulls, or after it.
    **parameters
        Values of the model parameters, one each.

    Returns
    -------
    list of dict
        ``energy_low``, ``energy_high`` in units of the signal; ``time_low``, ``time_high`` [us] if there are several
        times; ``observed``; ``error``, where the data have errors of their own; the components; ``expected``.

    Raises
    ------
    InputError
        If a parameter is not one acceptable number, or there are no such pulls.
    """
    parts = expected_parts(experiment, model, parameters, pulls)
    edges = {"energy": experiment.energy_edges[:, None], "time": experiment.time_edges}
    if experiment.observed.shape[1] == 1:
        del edges["time"]
    columns = {
        f"{axis}_{end}": values
        for axis, all_edges in edges.items()
        for end, values in (("low", all_edges[:-1]), ("high", all_edges[1:]))
    }
    columns["observed"] = experiment.observed
    if experiment.errors is not None:
        columns["error"] = experiment.errors
    columns |= {**parts, "expected": sum(parts.values(), start=np.zeros_like(experiment.observed))}
    arrays = (np.broadcast_to(values, experiment.observed.shape).ravel().tolist() for values in columns.values())
    return [dict(zip(columns, row, strict=True)) for row in zip(*arrays, strict=True)]
