"""Likelihoods as workspaces of pyhf, HistFactory in JSON: the same function, not an approximation.

pyhf has the rates nu = sum_s kappa_s (N_s + sum_k alpha_k d_ks) of samples s. kappa is a factor; each d is a
`histosys`, interpolated piecewise linearly, as is pyhf's default, between N - d one sigma down and N + d one sigma up,
hence linear throughout. With alpha_k = eta_k/sigma_k and d_ks = sigma_k r_ks N_s the rates are our expectations, and
the unit Gaussian that constrains alpha_k is our eta_k^2/sigma_k^2: -2 ln L of pyhf is our chi^2 plus a constant.

A background that was counted is one sample in two channels, the counts with the beam and those without it: a
`shapefactor`, common to both, is its unknown mean in each bin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cevns.errors import InputError
from cevns.experiments import Experiment
from cevns.experiments.schema import GaussianBlock, PoissonOnOffBlock
from cevns.extras import optional
from cevns.interactions import common_shape
from cevns.statistics import Likelihood
from cevns.statistics.measurement import relative_change
from cevns.typing import JSON, FloatArray

if TYPE_CHECKING:
    from pyhf import Workspace

STRENGTH: Final = "signal_strength"
"""Parameter of interest: a factor on all neutrino events."""


def workspace(likelihood: Likelihood, **parameters: object) -> Workspace:
    """The likelihood at one point of the model parameters, as a workspace of pyhf.

    The parts of the signal, ``cevns`` and ``electron_scattering``, are samples with the free factor `STRENGTH`, the
    predicted backgrounds are samples by their names, and the pulls are parameters by theirs, in units of their sigma.
    An experiment is a channel, its bins in order of energy and, within an energy bin, of time. A background that was
    counted adds a channel of the same name with ``:off`` behind it.

    Parameters
    ----------
    likelihood : Likelihood
        Experiments with the statistic ``poisson``, or ``poisson-on-off`` with the background profiled.
    **parameters
        Model parameters, one value each.

    Raises
    ------
    InputError
        If pyhf cannot express a statistic or a pull, a parameter is wrong, or pyhf is not installed.
    """
    pyhf = optional("pyhf", "pyhf")
    for experiment in likelihood.experiments:
        _require_expressible(experiment)
    shape = common_shape(likelihood.model.complete(parameters))
    if shape:
        raise InputError("parameters", f"{np.prod(shape)} points", "one point")
    channels: dict[str, tuple[list[JSON], FloatArray]] = {}
    for experiment, parts in zip(likelihood.experiments, likelihood.parts({}, **parameters), strict=True):
        samples = _samples(experiment, parts, likelihood)
        counted = experiment.config.counted
        if counted is not None:
            times = experiment.config.off_exposure
            off = times * experiment.backgrounds[counted]
            free, best = f"{experiment.name}:{counted}", (experiment.observed + off) / (1.0 + times)
            best = np.where(best > 0, best, 1.0)
            samples.append(_counted(free, counted, best))
            channels[f"{experiment.name}:off"] = ([_counted(free, counted, times * best)], off)
        channels[experiment.name] = (samples, experiment.observed)
    return pyhf.Workspace(
        {
            "channels": [{"name": name, "samples": samples} for name, (samples, _) in channels.items()],
            "observations": [{"name": name, "data": _flat(counts)} for name, (_, counts) in channels.items()],
            "measurements": [{"name": likelihood.model.name, "config": {"poi": STRENGTH, "parameters": []}}],
            "version": "1.0.0",
        }
    )


def _require_expressible(experiment: Experiment) -> None:
    block = experiment.config.statistic
    marginalised = isinstance(block, PoissonOnOffBlock) and block.treatment == "marginalised"
    if isinstance(block, GaussianBlock) or marginalised:
        found = f"{block.kind}, marginalised" if marginalised else block.kind
        raise InputError(f"{experiment.name}: statistic", found, "for pyhf: poisson, or poisson-on-off, profiled")
    free = ", ".join(pull.name for pull in experiment.config.nuisances if not (pull.varies or pull.sigma))
    if free:
        raise InputError(f"{experiment.name}: nuisances", free, "for pyhf: pulls with a sigma")
    varied = ", ".join(pull.name for pull in experiment.config.nuisances if pull.varies)
    if varied:
        raise InputError(f"{experiment.name}: nuisances", varied, "for pyhf: pulls that scale components or add shapes")


def _samples(experiment: Experiment, parts: dict[str, FloatArray], likelihood: Likelihood) -> list[JSON]:
    """The parts of the signal and the predicted backgrounds, each with the pulls that change it."""
    sigmas = {name: sigma for _, data in likelihood.groups for name, sigma in zip(data.pulls, data.sigmas, strict=True)}
    predicted = {name: counts for name, counts in experiment.backgrounds.items() if name != experiment.config.counted}
    samples = []
    for component, counts in {**parts, **predicted}.items():
        modifiers: list[JSON] = [{"name": STRENGTH, "type": "normfactor", "data": None}] if component in parts else []
        for name, sigma in sigmas.items():
            acting = [
                pull
                for pull in experiment.config.nuisances
                if name == pull.name or (name in likelihood.shared and name in pull.includes)
            ]
            step = sigma * counts * sum(relative_change(experiment, pull, component) for pull in acting)
            if np.any(step):
                templates = {"hi_data": _flat(counts + step), "lo_data": _flat(counts - step)}
                modifiers.append({"name": name, "type": "histosys", "data": templates})
        samples.append({"name": component, "data": _flat(counts), "modifiers": modifiers})
    return samples


def _counted(factor: str, name: str, best: FloatArray) -> JSON:
    """A background that is free in each bin, in units of its best value without any signal."""
    modifier = {"name": factor, "type": "shapefactor", "data": None}
    return {"name": name, "data": _flat(best), "modifiers": [modifier]}


def _flat(counts: FloatArray) -> list[float]:
    return counts.ravel().tolist()
