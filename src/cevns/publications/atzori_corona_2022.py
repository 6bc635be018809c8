"""Atzori Corona et al., JHEP 05 (2022) 109 (arXiv:2202.11002): light mediators from COHERENT CsI 2021 and LAr 2020.

One set of choices serves every row of Table II: the weak couplings as printed in the paper, the shipped experiments as
they are, uncorrelated pulls, the minimum of chi^2 at the mass in question, and a rise of 6.18 (95.45 %, two degrees of
freedom). Where an entry differs by more than 5 %, it is computed again
with one other choice at a time, and the note says which one brings it closest to the published value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from cevns.experiments import Experiment, experiment
from cevns.inference import confidence_level, limits
from cevns.interactions import Model, model
from cevns.publications.figures import Axis, Component, Curve, CurvesPanel, Panel
from cevns.publications.panels import exclusion, mass_axis, spectrum
from cevns.publications.papers import items, published
from cevns.publications.values import Progress, ReproducedValue
from cevns.results import LimitResult
from cevns.statistics import Likelihood
from cevns.typing import FloatArray

PAPER: Final = "2202.11002"
_TABLE: Final = published(PAPER)["items"]["table-2"]
CSI: Final = "coherent-csi-2021"
CSI_2017: Final = "coherent-csi-2017"
LAR: Final = "coherent-lar-2020"
EXPERIMENTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"Ar": (LAR,), "CsI": (CSI,), "CsI+Ar": (CSI, LAR)}
)
"""Experiments of each group of columns."""
REGIMES: Final[Mapping[str, tuple[float, float]]] = MappingProxyType({"low": (1e-3, 1e5), "high": (1e6, 1.0)})
"""Mass [MeV] that stands for each regime, and the factor from a coupling to the unit of the table."""
CL: Final = 0.9545
TOLERANCE: Final = 0.05
"""Relative difference above which an entry is examined."""
_MASSES: Final = tuple(np.geomspace(1.0, 1e4, 25).tolist())
"""Masses [MeV] among which the minimum over all masses is sought."""
RECOILS: Final = 200
"""Points of a recoil spectrum."""
_STEADY_STATE_OF_AR: Final = 0.2
"""Variance per steady-state event of Ar, which was counted for five times as long as the data."""


def _lar_variance(steady_state: float) -> Mapping[str, object]:
    return {"statistic.background_variance": {"steady_state": steady_state}}


def _csi_efficiency(scale: float, slope: float, midpoint: float, offset: float) -> Mapping[str, object]:
    curve = {"kind": "sigmoid", "scale": scale, "slope": slope, "midpoint": midpoint, "offset": offset}
    return {"detector.efficiency": curve}


def _other_choices() -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    """Choices that the paper does not spell out, by description: the changes of each experiment."""
    pulls = tuple(pull.model_dump() for pull in experiment(LAR).config.nuisances if pull.shape is None)
    return {
        "sigma_ij^2 of Ar without the steady-state term": {LAR: _lar_variance(0.0)},
        "sigma_ij^2 of Ar with the whole steady-state background": {LAR: _lar_variance(1.0)},
        "sigma_ij^2 of Ar without the steady-state term and no shape pulls": {
            LAR: {**_lar_variance(0.0), "nuisances": pulls}
        },
        "the released +1 sigma efficiency of CsI": {CSI: _csi_efficiency(1.3439, 0.285366, 9.84596, -0.356364)},
        "the released -1 sigma efficiency of CsI": {CSI: _csi_efficiency(1.297, 0.286592, 11.8832, -0.31028)},
    }


@dataclass(frozen=True)
class _Entry:
    """One entry of the table: which model, which experiments, which regime, and what the paper says."""

    row: str
    group: str
    regime: str
    theirs: float | None

    @property
    def model(self) -> Model:
        return _model(self.row)

    @property
    def mass(self) -> float:
        return REGIMES[self.regime][0]

    @property
    def scale(self) -> float:
        """From a coupling to the unit of the table."""
        return REGIMES[self.regime][1]

    def nearest(self, result: LimitResult) -> float:
        """The crossing closest to the published value, in the unit of the table; the limit if none is published."""
        theirs = self.theirs
        if theirs is None:
            return result.upper_limit * self.scale
        return min((g * self.scale for g in result.crossings), key=lambda value: abs(value / theirs - 1.0))


def table_2(progress: Progress) -> Iterator[ReproducedValue]:
    """Table II: 95.45 % upper bounds for eleven models, from Ar, CsI and both, at low and at high mass."""
    loaded = {name: experiment(name) for name in (CSI, LAR)}
    for row, values in _TABLE["rows"].items():
        progress(f"table-2: {row}")
        theirs = dict(zip(_TABLE["columns"], values, strict=True))
        for group, names in EXPERIMENTS.items():
            entries = [_Entry(row, group, regime, theirs[f"{group}.{regime}"]) for regime in REGIMES]
            masses = [entry.mass for entry in entries]
            experiments = [loaded[name] for name in names]
            at_6, at_4 = (limits(_model(row), experiments, mass=masses, cl=CL, dof=dof) for dof in (2, 1))
            for entry, ours, ours_at_4 in zip(entries, at_6, at_4, strict=True):
                yield _value(entry, ours, ours_at_4, experiments)


def _value(
    entry: _Entry, ours: LimitResult, ours_at_4: LimitResult, experiments: Sequence[Experiment]
) -> ReproducedValue:
    value, theirs, notes = entry.nearest(ours), entry.theirs, []
    if len(ours.crossings) > 1:
        crossings = [g * entry.scale for g in ours.crossings]
        notes.append(f"crossing {crossings.index(value) + 1} of {', '.join(f'{g:.4g}' for g in crossings)}")
    if theirs is not None and abs(value / theirs - 1.0) > TOLERANCE:
        notes.append(_examine(entry, theirs, ours, experiments))
    return ReproducedValue(
        paper=PAPER,
        item="table-2",
        row=entry.row,
        column=f"{entry.group}.{entry.regime}",
        unit=_TABLE["units"][entry.regime],
        published=theirs,
        ours=value,
        ours_delta_chi2_4=entry.nearest(ours_at_4),
        note="; ".join(notes),
    )


def _examine(entry: _Entry, theirs: float, ours: LimitResult, experiments: Sequence[Experiment]) -> str:
    """Say what chi^2 does at the published value, and which other choice brings our value closest to it."""
    rises = []
    for one in experiments:
        chi2 = Likelihood(entry.model, one)(g=[ours.best_fit, theirs / entry.scale], mass=entry.mass)
        rises.append(float(chi2[1] - chi2[0]))
    parts = " (" + ", ".join(f"{e.name} {rise:.1f}" for e, rise in zip(experiments, rises, strict=True)) + ")"
    text = f"Delta chi2 = {sum(rises):.1f}{parts if len(rises) > 1 else ''} at the published value"
    if min(rises) < 0.0:
        text += ": the data with the negative share prefer this signal to the Standard Model and pull the bound up"
    choice, value = min(_alternatives(entry, ours), key=lambda alternative: abs(alternative[1] / theirs - 1.0))
    return f"{text}; with {choice}: {value:.4g}, ratio {value / theirs:.3f}"


def _alternatives(entry: _Entry, ours: LimitResult) -> Iterator[tuple[str, float]]:
    """Our value with one other choice at a time."""
    names = EXPERIMENTS[entry.group]

    def bound(experiments: Sequence[Experiment], cl: float = CL) -> float:
        (result,) = limits(entry.model, experiments, mass=entry.mass, cl=cl, dof=2)
        return entry.nearest(result)

    for text, overrides in _other_choices().items():
        if any(name in names for name in overrides):
            yield text, bound([experiment(name, overrides.get(name)) for name in names])
    if len(names) > 1:
        yield "the chi2 of Ar left out", bound([experiment(CSI)])
    shipped = [experiment(name) for name in names]
    lowest = min(result.chi2_min for result in limits(entry.model, shipped, mass=_MASSES, cl=CL, dof=2))
    rise = ours.delta_chi2 - max(ours.chi2_min - lowest, 0.0)
    yield "chi2 counted from its minimum over all masses", bound(shipped, confidence_level(rise, 2))


def _model(name: str) -> Model:
    return model(name, couplings="atzori-corona-2022")


def _bound(name: str) -> float:
    """Published upper bound from CsI on the coupling to a light mediator."""
    return float(_TABLE["rows"][name][_TABLE["columns"].index("CsI.low")]) / REGIMES["low"][1]


SHOWN: Final = ("universal", "b-l", "b-3lmu", "lmu-ltau", "scalar")
"""Models of the spectra, at their published bounds from CsI."""
MASS: Final = 10.0
"""Of the mediator of the spectra [MeV], below the momentum transfer."""


def figure_recoil_spectra() -> tuple[Panel, ...]:
    """dR/dT in CsI and in Ar."""

    def panel(name: str, title: str, span: tuple[float, float]) -> Panel:
        target, axis = experiment(name), Axis("T", "recoil energy $T$", "keVnr", span=span, scale="log")
        recoil = axis.values(RECOILS)

        def curve(label: str, chosen: str, **parameters: float) -> Curve:
            rate = target.recoil_spectrum(_model(chosen), recoil, **parameters).sum(axis=(-3, -2))
            return Curve(label, tuple(rate.tolist()))

        return CurvesPanel(
            title=f"{title}; M = {MASS:g} MeV",
            x=axis,
            y=Axis("rate", "d$R$/d$T$", "events / keVnr", scale="log"),
            values=tuple(recoil.tolist()),
            curves=(curve("SM", "sm"), *(curve(one, one, g=_bound(one), mass=MASS) for one in SHOWN)),
        )

    return panel(CSI, "CsI", (1.0, 40.0)), panel(LAR, "Ar", (1.0, 130.0))


def figure_event_rates() -> tuple[Panel, ...]:
    """Counts at all times without the steady-state background, over what is expected."""
    labels = {name: name for name in ("nu_mu", "nubar_mu", "nu_e")}

    def panel(name: str, title: str, unit: str, variance: float) -> Panel:
        measured = experiment(name)
        subtract = {"steady_state": variance}
        shown = spectrum(
            Axis("signal", unit=unit), measured, _model("sm"), subtract=subtract, flavours=labels, title=title
        )
        standard = _counts(measured, "sm")
        others = np.sum([part.counts for part in shown.components], axis=0) - standard
        totals = tuple(
            Component(one, tuple((others + _counts(measured, one, g=_bound(one), mass=MASS)).tolist())) for one in SHOWN
        )
        return replace(shown, totals=totals)

    return (
        panel(CSI, f"CsI; M = {MASS:g} MeV", "PE", 1.0),
        panel(LAR, f"Ar; M = {MASS:g} MeV", "keVee", _STEADY_STATE_OF_AR),
    )


def _counts(measured: Experiment, name: str, **parameters: float) -> FloatArray:
    """Expected neutrino events against energy."""
    return measured.predict(_model(name), **parameters).signal.sum(axis=(-4, -3, -1))


_SHOWN_AT: Final[Mapping[str, float]] = MappingProxyType({"low": 0.03, "high": 3e3})
"""Mass [MeV] at which a published limit is shown: on a coupling, and on the ratio of coupling and mass."""


def _published(name: str, experiments: tuple[str, ...]) -> Iterator[tuple[float, float]]:
    """Masses and couplings of the limits of Table II from some experiments."""
    group = next((label for label, names in EXPERIMENTS.items() if names == experiments), "")
    values = dict(zip(_TABLE["columns"], _TABLE["rows"][name], strict=True))
    for regime, (mass, scale) in REGIMES.items():
        theirs = values.get(f"{group}.{regime}")
        if theirs is not None:
            at = _SHOWN_AT[regime]
            yield at, theirs / scale * (at / mass if regime == "high" else 1.0)


def _exclusion(name: str, names: Mapping[str, tuple[str, ...]]) -> Panel:
    """Limits of each group of experiments, with the band of the magnetic moment of the muon that the paper had."""
    likelihoods = {
        label: Likelihood(_model(name), [experiment(one) for one in group]) for label, group in names.items()
    }
    theirs = {label: tuple(_published(name, group)) for label, group in names.items()}
    mass, coupling = mass_axis(0.01, 1e4), Axis("g")
    return exclusion(mass, coupling, likelihoods, cl=CL, title=name, bands=("2021",), published=theirs)


def figure_csi_2017_2021() -> tuple[Panel, ...]:
    """The first and the last data of CsI, each with the whole of its energies and times."""
    names = {"CsI 2017": (CSI_2017,), "CsI 2021": (CSI,)}
    return tuple(_exclusion(name, names) for name in ("universal", "b-l", "lmu-ltau", "scalar"))


def _figure_of(name: str) -> Callable[[], tuple[Panel, ...]]:
    """Limits from Ar, CsI and both on one of the models of the table."""
    return lambda: (_exclusion(name, EXPERIMENTS),)


TABLES: Final = items(table_2)
FIGURES: Final = MappingProxyType(
    {
        **items(figure_recoil_spectra, figure_event_rates, figure_csi_2017_2021),
        **{f"figure-{name}": _figure_of(name) for name in _TABLE["rows"]},
    }
)
