"""De Romeri et al., JHEP 04 (2023) 035 (arXiv:2211.11905): COHERENT CsI 2021 and LAr 2020 together.

The chi^2 are those of the paper, the analyses `de-romeri-2023` of the two experiments, and add up: their pulls are
independent. Weak couplings and nuclear radii are those of the package. Argon rejects electron recoils, so that electron
scattering counts in CsI alone. Where an edge differs by more than 5 % from the published one, the entry is computed
again with each of `choices`, and the note says which of them comes closest.

The limits of others from solar neutrinos and from a reactor, which the paper quotes beside its own, are computed with
the experiments of this package as they are, and those that differ with each of `comparison_choices`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from types import MappingProxyType
from typing import Final

import numpy as np

from cevns.experiments import Experiment, experiment
from cevns.inference import intervals
from cevns.interactions import FreeMixingAngle, Interaction, Model, NeutronRadius, as_model, model
from cevns.publications.figures import Intervals
from cevns.publications.papers import published
from cevns.publications.values import Progress, ReproducedValue
from cevns.typing import JSON

PAPER: Final = "2211.11905"
CSI: Final = "coherent-csi-2021/de-romeri-2023"
LAR: Final = "coherent-lar-2020/de-romeri-2023"
CEVNS: Final = "CEvNS"
WITH_ES: Final = "CEvNS+ES"
ES: Final = "ES"
BOTH: Final = "CsI+LAr"
XENON: Final[Mapping[str, str]] = MappingProxyType({"LZ": "lz-er", "XENONnT": "xenonnt-er-2022"})
"""Experiments of the comparison that see the Sun."""
REACTOR: Final[Mapping[str, str]] = MappingProxyType({"Dresden-II": "dresden-ii"})
"""Experiment of the comparison at a reactor."""
MODELS: Final[Mapping[str, str]] = MappingProxyType(
    {"mu": "magnetic-moment", "r2": "charge-radius", "q": "millicharge"}
)
"""Model of each parameter of the limits, by the stem of its name."""
LEVELS: Final = (0.6827, 0.90)
TOLERANCE: Final = 0.05
"""Relative difference of an edge above which an entry is examined."""


@dataclass(frozen=True, eq=False)
class Choice:
    """What an analysis chooses besides its data and pulls.

    Attributes
    ----------
    text : str
        In words.
    couplings : str
        Weak couplings, as for `cevns.interactions.model`.
    overrides : mapping of str to mapping
        Changes of each experiment, as for `cevns.experiments.experiment`.
    shared : tuple of str
        Pulls that the experiments have in common.
    """

    text: str = ""
    couplings: str = "radiative"
    overrides: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    shared: tuple[str, ...] = ()


AS_SHIPPED: Final = Choice()
"""The recipe."""


def _charge_radii() -> Mapping[str, Mapping[str, object]]:
    """Neutrons with the radii of the protons."""
    return {
        name: {
            f"target.radii.{nucleus}.neutron": radii.proton
            for nucleus, radii in experiment(name).config.target.radii.items()
        }
        for name in (CSI, LAR)
    }


def _without(pull: str) -> Mapping[str, Mapping[str, object]]:
    kept = [one.model_dump(exclude_none=True) for one in experiment(CSI).config.nuisances if one.name != pull]
    return {CSI: {"nuisances": kept}}


@cache
def choices() -> tuple[Choice, ...]:
    """Choices that differ from the recipe, one at a time but for the third."""
    one_radius, radii = "one form factor for all nucleons, with the radii of the protons", _charge_radii()
    whole = {LAR: {"statistic.background_variance": {"steady_state": 1.0}}}
    return (
        Choice("tree couplings", couplings="tree"),
        Choice(one_radius, overrides=radii),
        Choice(f"tree couplings and {one_radius}", couplings="tree", overrides=radii),
        Choice("sigma_ij^2 of LAr with the whole steady-state background", overrides=whole),
        Choice("fixed nuclear radii of CsI", overrides=_without("csi_nuclear_radius")),
        Choice("the flux of CsI and LAr in common", shared=("sns_flux",)),
    )


def comparison_choices(group: str) -> tuple[Choice, ...]:
    """Choices of the limits of others, one at a time but for combinations, by the label of the experiment."""
    if group in REACTOR:
        return _reactor_choices(REACTOR[group])
    return _solar_choices(XENON[group]) + (_lz_choices(XENON[group]) if group == "LZ" else ())


_GAUSSIAN: Final = "a Gaussian chi^2 of variance n"
_KNOWN: Final = "the background known to 5 %"


def _known(name: str) -> Mapping[str, object]:
    _, background = experiment(name).config.nuisances
    return {f"nuisances.{background.name}.sigma": 0.05}


@cache
def _solar_choices(name: str) -> tuple[Choice, ...]:
    """Statistic, background, and what the neutrinos stand on."""
    gaussian, known = {"statistic": {"kind": "gaussian"}}, _known(name)
    twice = {
        "backgrounds": {"fitted": "the whole of it"},
        "nuisances": [
            {"name": each.name, "component": component, "sigma": each.sigma}
            for each, component in zip(experiment(name).config.nuisances, ("neutrinos", "fitted"), strict=True)
        ],
    }
    return (
        Choice(_GAUSSIAN, overrides={name: gaussian}),
        Choice(_KNOWN, overrides={name: known}),
        Choice(f"{_GAUSSIAN} and {_KNOWN}", overrides={name: {**gaussian, **known}}),
        Choice("the solar neutrinos on top of the whole fitted background", overrides={name: twice}),
    )


_LZ_EFFICIENCY: Final = MappingProxyType({"kind": "sigmoid", "scale": 0.93, "slope": 3.4, "midpoint": 1.1})
"""As steep as that of the experiment, but half where LZ has it: at 5.5 keV of a nucleus, 0.2 times as many keVee."""


@cache
def _lz_choices(name: str) -> tuple[Choice, ...]:
    """A lower threshold."""
    lower, text = {"detector.efficiency": dict(_LZ_EFFICIENCY)}, "half of the efficiency at 1.1 keVee, not at 1.6"
    both = {**lower, "statistic": {"kind": "gaussian"}, **_known(name)}
    return (
        Choice(text, overrides={name: lower}),
        Choice(f"{_GAUSSIAN}, {_KNOWN} and {text}", overrides={name: both}),
    )


@cache
def _reactor_choices(name: str) -> tuple[Choice, ...]:
    """The noise at the lowest energies, and the shape of the background."""
    truncated, free = {"detector.resolution.truncated": True}, ("dresden_epithermal_decay", "dresden_m_shell")
    pulls = experiment(name).config.nuisances
    fixed = {"nuisances": [one.model_dump(exclude_unset=True) for one in pulls if one.name not in free]}
    noise, shape = "noise that is normalised above zero", "the decay length and the M peak of the background fixed"
    return (
        Choice(noise, overrides={name: truncated}),
        Choice(shape, overrides={name: fixed}),
        Choice(f"{noise} and {shape}", overrides={name: {**truncated, **fixed}}),
    )


@cache
def groups(signal: str = CEVNS, choice: Choice = AS_SHIPPED) -> Mapping[str, tuple[Experiment, ...]]:
    """CsI, LAr and both, without or with electron scattering, and the experiments of the comparison."""
    csi, lar = (
        experiment(name, choice.overrides.get(name), electron_scattering=signal == WITH_ES) for name in (CSI, LAR)
    )
    others = {label: (experiment(name, choice.overrides.get(name)),) for label, name in {**XENON, **REACTOR}.items()}
    return MappingProxyType({"CsI": (csi,), "LAr": (lar,), BOTH: (csi, lar), **others})


@dataclass(frozen=True)
class _Entry:
    """A row of the limits: parameter, what counts as signal, level, unit, and what is published."""

    parameter: str
    signal: str
    cl: float
    unit: str
    published: float | Intervals | None

    @classmethod
    def of(cls, row: JSON) -> _Entry:
        theirs = row["published"]
        return cls(**{**row, "published": tuple(map(tuple, theirs)) if isinstance(theirs, list) else theirs})

    def pieces(self, group: str, choice: Choice = AS_SHIPPED) -> Intervals:
        """Our intervals in the unit of the table."""
        chosen = model(MODELS[self.parameter.partition("_")[0]], couplings=choice.couplings)
        shared = choice.shared if group == BOTH else ()
        (found,) = intervals(chosen, groups(self.signal, choice)[group], self.parameter, cl=self.cl, shared=shared)
        return tuple((low / self.scale, high / self.scale) for low, high in found.intervals)

    @property
    def scale(self) -> float:
        """From the unit of the table to that of the parameter."""
        return float(self.unit.split()[0])

    def theirs(self, factor: float) -> Intervals:
        """Published intervals, from zero if it is a limit, in units of a factor times that of the parameter."""
        pieces = ((0.0, self.published),) if isinstance(self.published, float) else self.published or ()
        unit = self.scale / factor
        return tuple((low * unit, high * unit) for low, high in pieces)

    def difference(self, pieces: Intervals) -> float:
        """Largest relative difference between a published edge and the nearest of ours."""
        theirs, ours = (np.array(values, dtype=float).ravel() for values in (self.published, pieces))
        return max(float(np.abs(ours / edge - 1.0).min()) for edge in theirs)


def published_intervals(parameter: str, factor: float) -> dict[str, dict[float, Intervals]]:
    """Of a parameter in units of a factor, by the label of the data with or without electron scattering."""
    rows = map(_Entry.of, published(PAPER)["items"]["table-limits"]["rows"])
    labels = {CEVNS: BOTH, WITH_ES: f"{BOTH} with ES"}
    known = [row for row in rows if row.parameter == parameter and row.published is not None]
    return {labels[row.signal]: {row.cl: row.theirs(factor)} for row in known}


def quoted_intervals(parameter: str, factor: float) -> dict[str, dict[float, Intervals]]:
    """The same of others, by the label of the experiment."""
    groups = published(PAPER)["items"]["table-comparison"]["rows"].items()
    rows = ((group, _Entry.of({"signal": ES, **row})) for group, of_group in groups for row in of_group)
    return {group: {row.cl: row.theirs(factor)} for group, row in rows if row.parameter == parameter}


def table_limits(progress: Progress) -> Iterator[ReproducedValue]:
    """Intervals and upper limits of electromagnetic properties, one parameter at a time."""
    for row in published(PAPER)["items"]["table-limits"]["rows"]:
        entry = _Entry.of(row)
        progress(f"table-limits: {entry.parameter}, {entry.signal}")
        yield _limit("table-limits", replace(entry, published=None), "CsI", choices)
        yield _limit("table-limits", entry, BOTH, choices)


def table_comparison(progress: Progress) -> Iterator[ReproducedValue]:
    """The same properties from solar neutrinos that scatter off the electrons of xenon, and from a reactor."""
    for group, rows in published(PAPER)["items"]["table-comparison"]["rows"].items():
        for row in rows:
            entry = _Entry.of({"signal": WITH_ES if group in REACTOR else ES, **row})
            progress(f"table-comparison: {group}, {entry.parameter}")
            yield _limit("table-comparison", entry, group, partial(comparison_choices, group))


def _limit(item: str, entry: _Entry, group: str, others: Callable[[], tuple[Choice, ...]]) -> ReproducedValue:
    pieces = entry.pieces(group)
    return ReproducedValue(
        paper=PAPER,
        item=item,
        row=entry.parameter,
        column=f"{group}, {entry.signal}, {100.0 * entry.cl:g} % CL",
        unit=entry.unit,
        published=entry.published,
        ours=pieces[-1][-1] if entry.parameter.startswith("mu") else pieces,
        note="" if entry.published is None else _note(entry, group, pieces, others),
    )


def _note(entry: _Entry, group: str, pieces: Intervals, choices: Callable[[], tuple[Choice, ...]]) -> str:
    """How far our edges are from theirs; if that is far, which choice brings them closest, and how close."""
    differ = entry.difference(pieces)
    text = f"edges differ by at most {100.0 * differ:.0f} %"
    if differ <= TOLERANCE:
        return text
    others = {choice.text: entry.pieces(group, choice) for choice in choices()}
    closest = min(others, key=lambda name: entry.difference(others[name]))
    edges = ", ".join(f"[{low:.3g}, {high:.3g}]" for low, high in others[closest])
    return f"{text}; with {closest}: {edges}, at most {100.0 * entry.difference(others[closest]):.0f} %"


_OF_ARGON: Final = NeutronRadius(("40Ar",), label="Ar")
PARAMETERS: Final[Mapping[str, tuple[Interaction, str, tuple[str, ...]]]] = MappingProxyType(
    {
        "sin2_theta_w": (FreeMixingAngle(), "", ("CsI", "LAr", BOTH)),
        "R_n": (NeutronRadius(), "fm", ("CsI",)),
        "R_n_Ar": (_OF_ARGON, "fm", ("LAr",)),
    }
)
"""Interaction that has the parameter, its unit, and the data that depend on it."""


def standard(interaction: Interaction) -> Model:
    """With the Standard Model, which a free mixing angle contains."""
    free = isinstance(interaction, FreeMixingAngle)
    return Model(interaction.name, (interaction,)) if free else as_model(interaction)


def table_parameters(progress: Progress) -> Iterator[ReproducedValue]:
    """Best fit and intervals of the parameters of the Standard Model and of the nuclei."""
    for parameter, (interaction, unit, names) in PARAMETERS.items():
        progress(f"table-parameters: {parameter}")
        chosen = standard(interaction)
        described = chosen.parameter(parameter)
        for name in names:
            found = [intervals(chosen, groups()[name], parameter, cl=cl)[0] for cl in LEVELS]
            columns: dict[str, float | Intervals] = {"best fit": found[0].best_fit}
            columns |= {f"{100.0 * one.cl:g} % CL": one.intervals for one in found}
            at_end = found[0].best_fit in (described.low, described.high)
            for column, ours in columns.items():
                yield ReproducedValue(
                    paper=PAPER,
                    item="table-parameters",
                    row=parameter,
                    column=f"{name}, {column}",
                    unit=unit,
                    published=None,
                    ours=ours,
                    note="best at an end of the range: a limit" if at_end else "",
                )
