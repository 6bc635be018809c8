"""From likelihoods to the panels of a figure: one function for each kind of panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from cevns.experiments import Experiment
from cevns.inference import coupling_limits, delta_chi2, intervals
from cevns.inference import region as plane
from cevns.interactions import Model
from cevns.interactions.muon_moment import muon_charge
from cevns.publications.figures import (
    Axis,
    Component,
    Curve,
    CurvesPanel,
    ExclusionCurve,
    ExclusionPanel,
    HistogramPanel,
    Intervals,
    Level,
    Mark,
    Region,
    RegionPanel,
)
from cevns.results import Ring
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

PROFILE_POINTS = 300
MASSES = 61
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
"""No published values."""


def mass_axis(low: float, high: float, *, name: str = "M") -> Axis:
    """Axis of the mass of a mediator [MeV]."""
    return Axis(name, "mediator mass $M$", "MeV", span=(low, high), scale="log")


def level(cl: float, dof: int) -> Level:
    """A confidence level with the rise of chi^2 that it means."""
    return Level(cl, dof, delta_chi2(cl, dof))


def profiles(
    x: Axis,
    curves: Mapping[str, tuple[Likelihood, str]],
    *,
    cl: Sequence[float],
    title: str = "",
    marks: Sequence[Mark] = (),
    published: Mapping[str, Mapping[float, Intervals]] = NOTHING,
) -> CurvesPanel:
    """chi^2 above its minimum as a function of one parameter, the others at their defaults, the pulls profiled.

    Parameters
    ----------
    x : Axis
        The parameter, with its span.
    curves : mapping
        Likelihood and name of the parameter, by the label of the curve.
    cl : sequence of float
        Confidence levels, for one degree of freedom.
    title : str
        Title of the panel.
    marks : sequence of Mark
        Values of reference.
    published : mapping of str to mapping of float to intervals
        Published intervals in the unit of the axis, by the label of the curve and the confidence level.
    """
    values = x.values(PROFILE_POINTS)

    def curve(label: str, likelihood: Likelihood, parameter: str) -> Curve:
        model, experiments, shared = likelihood.model, likelihood.experiments, likelihood.shared
        found = [r for one in cl for r in intervals(model, experiments, parameter, cl=one, shared=shared)]
        return Curve(
            label=label,
            values=_values(likelihood(**{parameter: values * x.factor}) - found[0].chi2_min),
            best_fit=found[0].best_fit / x.factor,
            intervals=tuple(tuple((a / x.factor, b / x.factor) for a, b in one.intervals) for one in found),
            published=tuple(published[label].get(one, ()) for one in cl) if label in published else (),
        )

    return CurvesPanel(
        title=title,
        x=x,
        y=Axis("delta_chi2"),
        values=_values(values),
        curves=tuple(curve(label, *described) for label, described in curves.items()),
        levels=tuple(level(one, 1) for one in cl),
        marks=tuple(marks),
    )


def region(
    x: Axis,
    y: Axis,
    likelihoods: Mapping[str, Likelihood],
    *,
    cl: Sequence[float],
    title: str = "",
    marks: Sequence[Mark] = (),
    best_fit: bool = True,
) -> RegionPanel:
    """Parts of a plane of two parameters that the data allow, the others at their defaults, the pulls profiled.

    chi^2 is counted from its minimum within the spans of the axes.

    Parameters
    ----------
    x, y : Axis
        The parameters, by the names that they have in the models, with their spans.
    likelihoods : mapping
        Likelihood of each region, by its label.
    cl : sequence of float
        Confidence levels, for two degrees of freedom.
    title : str
        Title of the panel.
    marks : sequence of Mark
        Points of reference.
    best_fit : bool
        Whether the data single out a point: one bin allows a curve of points that describe it equally well.
    """
    ranges = {axis.name: _range(axis) for axis in (x, y)}
    units = x.factor, y.factor

    def one_region(label: str, likelihood: Likelihood) -> Region:
        model, experiments, shared = likelihood.model, likelihood.experiments, likelihood.shared
        found = [plane(model, experiments, x.name, y.name, ranges=ranges, cl=one, shared=shared) for one in cl]
        pieces = (tuple(tuple(_scaled(ring, units) for ring in piece) for piece in each.pieces) for each in found)
        (best,) = _scaled((found[0].best_fit,), units)
        return Region(label, tuple(pieces), best if best_fit else None)

    return RegionPanel(
        title=title,
        x=x,
        y=y,
        regions=tuple(one_region(label, likelihood) for label, likelihood in likelihoods.items()),
        levels=tuple(level(one, 2) for one in cl),
        marks=tuple(marks),
    )


def _range(axis: Axis) -> tuple[float, float] | tuple[float, float, str]:
    """Span of an axis in units of the parameter."""
    low, high = (end * axis.factor for end in axis.ends)
    return (low, high, "log") if axis.scale == "log" else (low, high)


def _scaled(ring: Ring, units: tuple[float, float]) -> Ring:
    """Points in units of the axes."""
    return tuple((x / units[0], y / units[1]) for x, y in ring)


def exclusion(
    mass: Axis,
    coupling: Axis,
    likelihoods: Mapping[str, Likelihood],
    *,
    cl: float,
    power: int = 1,
    title: str = "",
    points: int | None = None,
    bands: Sequence[str] = (),
    published: Mapping[str, Intervals] = NOTHING,
) -> ExclusionPanel:
    """Limits on a coupling over a range of masses: a rise of chi^2, for two degrees of freedom, at fixed mass.

    Parameters
    ----------
    mass, coupling : Axis
        The mass, in MeV, with its span, and the coupling.
    likelihoods : mapping
        Likelihood of each curve, by its label.
    cl : float
        Confidence level.
    power : int
        Power of the coupling of the model that is on the axis: 2 for g^2.
    title : str
        Title of the panel.
    points : int, optional
        Number of masses, `MASSES` by default.
    bands : sequence of str
        Measurements of the magnetic moment of the muon; shown if all curves are of one coupling to it.
    published : mapping of str to tuple of (float, float)
        Published limits in the units of the axes, pairs of mass and coupling, by the label of the curve.
    """
    masses = mass.values(points or MASSES)
    charges = {muon_charge(likelihood.model) for likelihood in likelihoods.values()}
    muon = charges.pop() if bands and len(charges) == 1 else None

    def curve(label: str, likelihood: Likelihood) -> ExclusionCurve:
        found = coupling_limits(likelihood, cl=cl, dof=2, mass=masses * mass.factor)
        crossings = tuple(tuple(g**power / coupling.factor for g in limit.crossings) for limit in found)
        return ExclusionCurve(label, _values(masses), crossings, published.get(label, ()))

    curves = tuple(curve(label, likelihood) for label, likelihood in likelihoods.items())
    return ExclusionPanel(
        title=title,
        x=mass,
        y=coupling,
        curves=curves,
        level=level(cl, 2),
        muon=muon,
        bands=tuple(bands) if muon else (),
    )


def spectrum(
    x: Axis,
    experiment: Experiment,
    model: Model,
    *,
    subtract: Mapping[str, float],
    flavours: Mapping[str, str],
    title: str = "",
    **parameters: float,
) -> HistogramPanel:
    """Counts against energy, at all times, over what backgrounds and neutrinos are expected to give.

    Parameters
    ----------
    x : Axis
        The energy.
    experiment : Experiment
        Data and expected backgrounds.
    model : Model
        What the neutrino events are predicted with.
    subtract : mapping
        Backgrounds that are subtracted from the data, with their variance per event: 1 if they were counted for as long
        as the data.
    flavours : mapping
        Label of each neutrino component, in the order in which they are stacked on the backgrounds.
    title : str
        Title of the panel.
    **parameters
        Values of the parameters of the model.
    """
    signal = experiment.predict(model, **parameters).signal.sum(axis=(-4, -1))
    data, variance = experiment.observed.copy(), experiment.observed.copy()
    for name, per_event in subtract.items():
        data -= experiment.backgrounds[name]
        variance += per_event * experiment.backgrounds[name]
    components = {
        experiment.config.backgrounds[name]: counts.sum(axis=1)
        for name, counts in experiment.backgrounds.items()
        if name not in subtract
    }
    components |= {label: signal[experiment.flavours.index(name)] for name, label in flavours.items()}
    return HistogramPanel(
        title=title,
        x=x,
        y=Axis("counts", "counts / bin"),
        edges=_values(experiment.energy_edges),
        data=_values(data.sum(axis=1)),
        errors=_values(np.sqrt(variance.sum(axis=1))),
        components=tuple(Component(label, _values(counts)) for label, counts in components.items()),
        data_label="residual counts" if subtract else "counts",
    )


def _values(array: FloatArray) -> tuple[float, ...]:
    return tuple(array.tolist())
