"""Papoulias and Kosmas, PRD 97 (2018) 033003 (arXiv:1711.09773): the CsI counts of 2017 and one parameter at a time.

The recipe is that of the paper: one bin with two pulls (`coherent-csi-2017-counting`), tree couplings with
sin^2 theta_W = 0.2312, Engel's form factor, and a rise of chi^2 by 2.71, or 4.61 for two parameters. Edges are compared
one by one, and those of single flavours also with the spectra of nu_e and nubar_mu exchanged; figures are redrawn, with
the pairs of parameters of `figure_4` chosen here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import ClassVar, Final

import numpy as np

from cevns.experiments import Experiment, experiment
from cevns.inference import intervals
from cevns.interactions import (
    ChargeRadius,
    FreeMixingAngle,
    Interaction,
    LightScalar,
    LightVector,
    MagneticMoment,
    Model,
    NonStandardInteractions,
    StandardModel,
    SterileOscillation,
    tree_couplings,
)
from cevns.interactions.nonstandard import Structure
from cevns.publications.figures import Axis, Intervals, Mark, Panel, RegionPanel
from cevns.publications.panels import exclusion, mass_axis, profiles, region, spectrum
from cevns.publications.papers import items, published
from cevns.publications.values import Progress, ReproducedValue
from cevns.results import IntervalResult
from cevns.sources import NEUTRINOS, NeutrinoFlavour, PionDecayAtRest
from cevns.statistics import Likelihood, measurement
from cevns.typing import FloatArray

PAPER: Final = "1711.09773"
COUNTING: Final = "coherent-csi-2017-counting"
CL: Final = 0.90
SIN2_THETA_W: Final = 0.2312
STANDARD_MODEL: Final = StandardModel(tree_couplings(SIN2_THETA_W))


@cache
def _counting() -> Experiment:
    return experiment(COUNTING)


@dataclass(frozen=True)
class _Exchanged(PionDecayAtRest):
    """nu_e with the spectrum of nubar_mu and the other way round; no component but one, if it is named."""

    alone: str = ""

    flavours: ClassVar[tuple[NeutrinoFlavour, ...]] = tuple(NEUTRINOS[n] for n in ("nubar_mu", "nu_mu", "nu_e"))

    @property
    def fluence(self) -> FloatArray:
        """Neutrinos per cm^2 at the target; shape (3,)."""
        return super().fluence * [self.alone in ("", flavour.name) for flavour in self.flavours]


def _exchanged(data: Experiment, alone: str) -> Experiment:
    source = data.rates.source
    assert isinstance(source, PionDecayAtRest)
    new = _Exchanged(source.protons_on_target, source.neutrinos_per_proton, source.distance, alone=alone)
    return replace(data, rates=replace(data.rates, source=new))


def _model(*new: Interaction) -> Model:
    """New physics on top of the Standard Model, which a free mixing angle contains."""
    standard = () if any(isinstance(one, FreeMixingAngle) for one in new) else (STANDARD_MODEL,)
    return Model(" + ".join(one.name for one in new), (*standard, *new))


@dataclass(frozen=True)
class _Row:
    """What a row of the table is about.

    Attributes
    ----------
    parameter : str
        The parameter that is bounded.
    interaction : Interaction
        The new physics.
    reason : str
        Why its edges differ.
    unit : str
        Unit of the table.
    scale : float
        To it from the unit of the parameter.
    exchanged : str or None
        The row is computed again with the spectra of nu_e and nubar_mu exchanged: of all neutrinos, or of those named
        alone.
    """

    parameter: str
    interaction: Interaction
    reason: str = ""
    unit: str = ""
    scale: float = 1.0
    exchanged: str | None = None


_TENSOR: Final = (
    "the printed formula gives {events:.1f} events at the published edge, on {sm:.0f} +- {error:.0f}: no bound there"
)
_MOMENT: Final = (
    "the formula gives {events:.2f} events at the published edge, on {sm:.0f} +- {error:.0f}; read in 1e-9 mu_B "
    "the ratio would be {tenth:.2f}, and {exchanged:.2f} with {text}, but the three moments contradict each other: "
    "1/mu^2 of all flavours is the sum of those of nu_e and nu_mu, whatever the spectra"
)
_EXCHANGED: Final = "the spectra of nu_e and nubar_mu exchanged"


def _rows() -> Mapping[str, _Row]:
    """Rows by name."""
    vector, tensor = NonStandardInteractions(), NonStandardInteractions("tensor")
    rows = {"sin2_theta_w": _Row("sin2_theta_w", FreeMixingAngle("tree"))}
    for name in ("eps_ee_uV", "eps_ee_dV", "eps_mumu_uV", "eps_mumu_dV"):
        rows[name] = _Row(name, vector, exchanged="")
    for name in ("eps_ee_uT", "eps_ee_dT", "eps_mumu_uT", "eps_mumu_dT"):
        rows[name] = _Row(name, tensor, _TENSOR)
    for name in ("mu_nu", "mu_nue", "mu_numu"):
        moment = MagneticMoment(universal=name == "mu_nu")
        rows[f"{name}_1e-10_muB"] = _Row(name, moment, _MOMENT, "1e-10 mu_B", 1e10, exchanged="")
    for name in ("r2_nu", "r2_nue", "r2_numu"):
        radius = ChargeRadius("papoulias-kosmas", universal=name == "r2_nu")
        alone = "nu_e" if name == "r2_nue" else None
        rows[f"{name}_1e-32cm2"] = _Row(name, radius, unit="1e-32 cm^2", scale=1e32, exchanged=alone)
    return rows


def table_1(progress: Progress) -> Iterator[ReproducedValue]:
    """Table I: 90 % bounds on one parameter at a time."""
    theirs = published(PAPER)["items"]["table-1"]["rows"]
    for name, row in _rows().items():
        progress(f"table-1: {name}")
        yield _value(name, row, _counting(), theirs[name])


def _value(name: str, row: _Row, data: Experiment, theirs: list[list[float]] | None) -> ReproducedValue:
    model = _model(row.interaction)
    (found,) = intervals(model, data, row.parameter, cl=CL)
    ours = tuple((low * row.scale, high * row.scale) for low, high in found.intervals)
    return ReproducedValue(
        paper=PAPER,
        item="table-1",
        row=name,
        column="90 % CL",
        unit=row.unit,
        published=None if theirs is None else tuple((float(low), float(high)) for low, high in theirs),
        ours=ours,
        note="" if theirs is None else _note(row, model, data, found, np.ravel(theirs), np.ravel(ours)),
    )


def _note(
    row: _Row, model: Model, data: Experiment, found: IntervalResult, theirs: FloatArray, ours: FloatArray
) -> str:
    """Largest difference between their edges and ours, and chi^2 there, or the reason if it is large."""
    again = None if row.exchanged is None else _edges_of_exchanged(row, model, data)
    if row.reason:
        none, some = data.predict(model, **{row.parameter: [0.0, theirs[-1] / row.scale]}).cevns.sum(axis=(-2, -1))
        return row.reason.format(
            events=some - none,
            sm=none,
            error=_error(data, none),
            tenth=ours[-1] / theirs[-1] / 10.0,
            exchanged=None if again is None else again[-1] / theirs[-1] / 10.0,
            text=_EXCHANGED,
        )
    if len(theirs) > len(ours):
        outer = np.abs(theirs[[0, -1]] - ours[[0, -1]]).max()
        text = (
            f"chi2 rises by less than 2.71 between the two published intervals, which are one; its outer edges differ "
            f"by at most {outer:.2g}"
        )
    else:
        chi2 = Likelihood(model, data)(**{row.parameter: theirs / row.scale}) - found.chi2_min
        rises = ", ".join(f"{rise:.2f}" for rise in chi2)
        difference = np.abs(theirs - ours).max()
        text = f"edges differ by at most {difference:.2g}; chi2 has risen by {rises} at the published ones"
    if again is None:
        return text
    shown = ", ".join(f"[{low:.3g}, {high:.3g}]" for low, high in again.reshape(-1, 2))
    alone = f", and no neutrinos but {row.exchanged}" if row.exchanged else ""
    return f"{text}; with {_EXCHANGED}{alone}: {shown}, at most {np.abs(theirs - again).max():.2g}"


def _edges_of_exchanged(row: _Row, model: Model, data: Experiment) -> FloatArray:
    """Edges in the unit of the table with exchanged spectra."""
    (found,) = intervals(model, _exchanged(data, row.exchanged or ""), row.parameter, cl=CL)
    return np.ravel(found.intervals) * row.scale


def _error(data: Experiment, signal: float) -> float:
    """Error of the number of neutrino events: counting, and the pulls."""
    one_bin = measurement(data)
    pulls = (signal * one_bin.signal_change + one_bin.background_change)[:, 0] * one_bin.sigmas
    _, curvature = one_bin.statistic.derivatives(np.array([[signal]]))
    return float(np.sqrt(2.0 / curvature[0, 0] + np.square(pulls).sum()))


SPECTRUM: Final = "1711.09773-figure-1.csv", "f5ccf31d229079562407679a2aedd9350c79658d781e7ae07c902ce5ddd160a8"
"""Table of the counts in bins of two photoelectrons, and its SHA-256."""
VECTOR_MEDIATOR: Final = LightVector({"B": 3, "e": -1, "mu": -1, "tau": -1}, normalisation="papoulias-kosmas")
"""The same charge for all quarks and neutrinos; with the factor of the paper it adds events."""
SCALAR_MEDIATOR: Final = LightScalar(convention="cerdeno")
"""Scalar charge of a nucleus 15.1 Z + 14 N per unit coupling to quarks."""
_PROFILE_CLS: Final = (0.6827, CL)


def _likelihood(*new: Interaction) -> Likelihood:
    return Likelihood(_model(*new), _counting())


def _published(rows: Mapping[str, str]) -> dict[str, dict[float, Intervals]]:
    """Intervals of Table I by the label of the curve, from the names of the rows."""
    table = published(PAPER)["items"]["table-1"]["rows"]
    return {label: {CL: tuple(map(tuple, table[row]))} for label, row in rows.items() if table[row]}


def _moment(name: str, highest: float, label: str = "") -> Axis:
    return Axis(name, label, unit="1e-10 mu_B", span=(0.0, highest), factor=1e-10)


def _radius(name: str, label: str = "") -> Axis:
    return Axis(name, label, unit="1e-32 cm^2", span=(-60.0, 30.0), factor=1e-32)


def _plane(
    x: Axis, y: Axis, *new: Interaction, at: float = 0.0, title: str = "", best_fit: bool = False
) -> RegionPanel:
    """Two parameters of which the one bin constrains a combination, so that as a rule no point is the best."""
    marks = (Mark("SM", at, 0.0),)
    return region(x, y, {"CsI 2017": _likelihood(*new)}, cl=(CL,), title=title, marks=marks, best_fit=best_fit)


def figure_1() -> tuple[Panel, ...]:
    """Residual counts, and the prediction, which ends at 6 photoelectrons below and at 30 above in the fits."""
    file, digest = SPECTRUM
    table = str(resources.files("cevns.publications").joinpath(file))
    residual = experiment(COUNTING, {"data": table, "sha256": {table: digest}})
    labels = {"nu_mu": "CEvNS of nu_mu", "nubar_mu": "CEvNS of nubar_mu", "nu_e": "CEvNS of nu_e"}
    axis = Axis("signal", unit="PE")
    return (spectrum(axis, residual, _model(), subtract={"steady_state": 1.0}, flavours=labels),)


def figure_2() -> tuple[Panel, ...]:
    """The weak mixing angle."""
    angle = {"CsI 2017": (_likelihood(FreeMixingAngle("tree")), "sin2_theta_w")}
    axis = Axis("sin2_theta_w", span=(0.0, 0.5))
    theirs = _published({"CsI 2017": "sin2_theta_w"})
    return (profiles(axis, angle, cl=_PROFILE_CLS, marks=(Mark("SM", SIN2_THETA_W),), published=theirs),)


def figure_3() -> tuple[Panel, ...]:
    """Flavour-diagonal couplings, one at a time."""

    def panel(structure: Structure, low: float, high: float) -> Panel:
        likelihood, letter = _likelihood(NonStandardInteractions(structure)), structure[0].upper()
        names = [f"eps_{flavour}_{quark}{letter}" for flavour in ("ee", "mumu") for quark in "ud"]
        axis = Axis("eps", r"$\varepsilon$", span=(low, high))
        curves, theirs = {name: (likelihood, name) for name in names}, _published({name: name for name in names})
        return profiles(axis, curves, cl=_PROFILE_CLS, title=f"{structure} NSI", published=theirs)

    return panel("vector", -0.3, 0.7), panel("tensor", -0.15, 0.15)


def figure_4() -> tuple[Panel, ...]:
    """Couplings to u and to d quarks: vector on the left, tensor on the right; the lowest row changes the flavour."""

    def panel(flavours: str, structure: Structure, reach: float) -> Panel:
        x, y = (Axis(f"eps_{flavours}_{quark}{structure[0].upper()}", span=(-reach, reach)) for quark in ("u", "d"))
        return _plane(x, y, NonStandardInteractions(structure), title=f"{structure} NSI")

    kinds: tuple[tuple[Structure, float], ...] = (("vector", 1.0), ("tensor", 0.5))
    return tuple(panel(flavours, *kind) for flavours in ("ee", "mumu", "emu") for kind in kinds)


def figure_5() -> tuple[Panel, ...]:
    """Magnetic moments and charge radii, one at a time."""
    one, each = _likelihood(MagneticMoment(universal=True)), _likelihood(MagneticMoment())
    moments = {"mu_nu": (one, "mu_nu"), "mu_nue": (each, "mu_nue"), "mu_numu": (each, "mu_numu")}
    one, each = (_likelihood(ChargeRadius("papoulias-kosmas", universal=universal)) for universal in (True, False))
    radii = {"r2_nu": (one, "r2_nu"), "r2_nue": (each, "r2_nue"), "r2_numu": (each, "r2_numu")}
    axes = _moment("mu", 100.0, r"$\mu$"), _radius("r2", r"$\langle r^2 \rangle$")
    theirs = (
        _published({name: f"{name}_{unit}" for name in curves})
        for curves, unit in ((moments, "1e-10_muB"), (radii, "1e-32cm2"))
    )
    return tuple(
        profiles(axis, curves, cl=_PROFILE_CLS, title=title, published=found)
        for axis, curves, title, found in zip(
            axes, (moments, radii), ("magnetic moments", "charge radii"), theirs, strict=True
        )
    )


def figure_6() -> tuple[Panel, ...]:
    """Magnetic moments, and charge radii, of nu_e and nu_mu."""
    return (
        _plane(_moment("mu_nue", 100.0), _moment("mu_numu", 100.0), MagneticMoment(), best_fit=True),
        _plane(_radius("r2_nue"), _radius("r2_numu"), ChargeRadius("papoulias-kosmas")),
    )


def figure_7() -> tuple[Panel, ...]:
    """A magnetic moment of all flavours with the mixing angle, and with a charge radius of all flavours."""
    moment = MagneticMoment(universal=True)
    angle, radius = FreeMixingAngle("tree"), ChargeRadius("papoulias-kosmas", universal=True)
    return (
        _plane(Axis("sin2_theta_w", span=(0.0, 0.5)), _moment("mu_nu", 80.0), angle, moment, at=SIN2_THETA_W),
        _plane(_radius("r2_nu"), _moment("mu_nu", 80.0), radius, moment),
    )


def figure_8() -> tuple[Panel, ...]:
    """Mixing with a sterile neutrino: one angle for all flavours, and one flavour alone."""

    def panel(mixing: str, title: str) -> Panel:
        likelihood = _likelihood(SterileOscillation(universal=mixing == "sin2_2theta"))
        x, y = Axis(mixing, span=(0.01, 1.0), scale="log"), Axis("dm2", unit="eV^2", span=(0.1, 10.0), scale="log")
        return region(x, y, {"CsI 2017": likelihood}, cl=(CL,), title=title, best_fit=False)

    titles = {"sin2_2theta": "all flavours alike", "sin2_2theta_ee": "nu_e alone", "sin2_2theta_mumu": "nu_mu alone"}
    return tuple(panel(*one) for one in titles.items())


def figure_9() -> tuple[Panel, ...]:
    """Vector and scalar mediators."""
    mass, coupling = mass_axis(0.1, 1e4), Axis("g2")
    return tuple(
        exclusion(mass, coupling, {"CsI 2017": _likelihood(mediator)}, cl=CL, power=2, title=f"{name} mediator")
        for name, mediator in (("vector", VECTOR_MEDIATOR), ("scalar", SCALAR_MEDIATOR))
    )


TABLES: Final = items(table_1)
FIGURES: Final = items(figure_1, figure_2, figure_3, figure_4, figure_5, figure_6, figure_7, figure_8, figure_9)
