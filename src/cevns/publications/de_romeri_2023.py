"""De Romeri et al., JHEP 04 (2023) 035 (arXiv:2211.11905): COHERENT CsI 2021 and LAr 2020 together.

The chi^2 are those of the paper, the analyses `de-romeri-2023` of the two experiments, and add up: their pulls are
independent. Weak couplings and nuclear radii are those of the package. Argon rejects electron recoils, so that electron
scattering counts in CsI alone. Where an edge differs by more than 5 % from the published one, the entry is computed
again with each of `choices`, and the note says which of them comes closest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np

from cevns.experiments import Experiment, experiment
from cevns.inference import intervals
from cevns.interactions import FreeMixingAngle, Interaction, Model, NeutronRadius, as_model, model
from cevns.interactions.standard_model import SIN2_THETA_W_ZERO
from cevns.publications.base import Progress, ReproducedValue, published
from cevns.publications.figures import Axis, Intervals, Mark, Panel
from cevns.publications.panels import exclusion, profiles, region
from cevns.results import IntervalResult
from cevns.statistics import Likelihood
from cevns.typing import JSON

PAPER: Final = "2211.11905"
CSI: Final = "coherent-csi-2021/de-romeri-2023"
LAR: Final = "coherent-lar-2020/de-romeri-2023"
CEVNS: Final = "CEvNS"
WITH_ES: Final = "CEvNS+ES"
BOTH: Final = "CsI+LAr"
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


@cache
def groups(signal: str = CEVNS, choice: Choice = AS_SHIPPED) -> Mapping[str, tuple[Experiment, ...]]:
    """CsI, LAr and both, without or with electron scattering."""
    csi, lar = (
        experiment(name, choice.overrides.get(name), electron_scattering=signal == WITH_ES) for name in (CSI, LAR)
    )
    return MappingProxyType({"CsI": (csi,), "LAr": (lar,), BOTH: (csi, lar)})


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
        return _in_units(found, float(self.unit.split()[0]))

    def difference(self, pieces: Intervals) -> float:
        """Largest relative difference between a published edge and the nearest of ours."""
        theirs, ours = (np.array(values, dtype=float).ravel() for values in (self.published, pieces))
        return max(float(np.abs(ours / edge - 1.0).min()) for edge in theirs)


def _in_units(found: IntervalResult, unit: float) -> Intervals:
    return tuple((low / unit, high / unit) for low, high in found.intervals)


def table_limits(progress: Progress) -> Iterator[ReproducedValue]:
    """Intervals and upper limits of electromagnetic properties, one parameter at a time."""
    for row in published(PAPER)["items"]["table-limits"]["rows"]:
        entry = _Entry.of(row)
        progress(f"table-limits: {entry.parameter}, {entry.signal}")
        for group in ("CsI", BOTH):
            yield _limit(entry, group)


def _limit(entry: _Entry, group: str) -> ReproducedValue:
    pieces = entry.pieces(group)
    theirs = entry.published if group == BOTH else None
    ours = pieces[-1][-1] if entry.parameter.startswith("mu") else pieces
    return ReproducedValue(
        paper=PAPER,
        item="table-limits",
        row=entry.parameter,
        column=f"{group}, {entry.signal}, {100.0 * entry.cl:g} % CL",
        unit=entry.unit,
        published=theirs,
        ours=ours,
        ratio=ours / theirs if isinstance(ours, float) and isinstance(theirs, float) else None,
        ours_delta_chi2_4=None,
        note="" if theirs is None else _note(entry, pieces),
    )


def _note(entry: _Entry, pieces: Intervals) -> str:
    """How far our edges are from theirs; if that is far, which choice brings them closest, and how close."""
    differ = entry.difference(pieces)
    text = f"edges differ by at most {100.0 * differ:.0f} %"
    if differ <= TOLERANCE:
        return text
    others = {choice.text: entry.pieces(BOTH, choice) for choice in choices()}
    closest = min(others, key=lambda name: entry.difference(others[name]))
    edges = ", ".join(f"[{low:.3g}, {high:.3g}]" for low, high in others[closest])
    return f"{text}; with {closest}: {edges}, at most {100.0 * entry.difference(others[closest]):.0f} %"


_OF_ARGON: Final = NeutronRadius(("40Ar",), label="Ar")
_PARAMETERS: Final[Mapping[str, tuple[Interaction, str, tuple[str, ...]]]] = MappingProxyType(
    {
        "sin2_theta_w": (FreeMixingAngle(), "", ("CsI", "LAr", BOTH)),
        "R_n": (NeutronRadius(), "fm", ("CsI",)),
        "R_n_Ar": (_OF_ARGON, "fm", ("LAr",)),
    }
)
"""Interaction that has the parameter, its unit, and the data that depend on it."""


def _standard(interaction: Interaction) -> Model:
    """With the Standard Model, which a free mixing angle contains."""
    free = isinstance(interaction, FreeMixingAngle)
    return Model(interaction.name, (interaction,)) if free else as_model(interaction)


def table_parameters(progress: Progress) -> Iterator[ReproducedValue]:
    """Best fit and intervals of the parameters of the Standard Model and of the nuclei."""
    for parameter, (interaction, unit, names) in _PARAMETERS.items():
        progress(f"table-parameters: {parameter}")
        chosen = _standard(interaction)
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
                    ratio=None,
                    ours_delta_chi2_4=None,
                    note="best at an end of the range: a limit" if at_end else "",
                )


CL: Final = 0.90
"""Of the regions and of the limits on mediators, for two degrees of freedom."""
_POINTS: Final = 100
"""Along either axis of a region."""
_MASSES: Final = 31
_SM: Final = (Mark("SM", 0.0),)


def _likelihoods(chosen: Model | Interaction | str, *names: str) -> dict[str, Likelihood]:
    """Likelihoods by label: a group, or a group ``"with ES"``."""
    one = as_model(chosen)

    def given(label: str) -> tuple[Experiment, ...]:
        group, _, electrons = label.partition(" with ")
        return groups(WITH_ES if electrons else CEVNS)[group]

    return {label: Likelihood(one, given(label)) for label in names}


_ALL: Final = ("CsI", "LAr", BOTH)
_ELECTRONS: Final = ("CsI", BOTH, "CsI with ES", f"{BOTH} with ES")


def _profiles(x: Axis, chosen: Model | str, *names: str, at: float | None = 0.0, title: str = "") -> Panel:
    curves = {label: (likelihood, x.name) for label, likelihood in _likelihoods(chosen, *names).items()}
    marks = () if at is None else (Mark("SM", at),)
    return profiles(x, curves, cl=LEVELS, title=title, marks=marks)


def _plane(x: Axis, y: Axis, chosen: Model | str, *names: str, best_fit: bool = False, title: str = "") -> Panel:
    return region(
        x,
        y,
        _likelihoods(chosen, *names),
        cl=(CL,),
        title=title,
        marks=() if x.scale == "log" else (Mark("SM", 0.0),),
        best_fit=best_fit,
        points=_POINTS,
    )


def figure_weak_mixing_angle() -> tuple[Panel, ...]:
    """The weak mixing angle from CsI, LAr and both."""
    angle = Axis("sin2_theta_w", span=(0.1, 0.45))
    return (_profiles(angle, "weak-mixing-angle", *_ALL, at=SIN2_THETA_W_ZERO),)


def figure_neutron_radius() -> tuple[Panel, ...]:
    """The common neutron radius of Cs and I, and that of Ar."""
    caesium_iodide, argon = (_standard(_PARAMETERS[name][0]) for name in ("R_n", "R_n_Ar"))
    return (
        _profiles(Axis("R_n", unit="fm", span=(3.5, 7.5)), caesium_iodide, "CsI", at=None, title="Cs and I"),
        _profiles(Axis("R_n_Ar", "$R_n$", unit="fm", span=(2.0, 8.0)), argon, "LAr", at=None, title="Ar"),
    )


def _nsi(x: str, y: str, *spans: tuple[float, float]) -> Panel:
    return _plane(Axis(x, span=spans[0]), Axis(y, span=spans[-1]), "nsi", *_ALL)


def figure_nsi() -> tuple[Panel, ...]:
    """Couplings of nu_e and nu_mu to one quark, and of one neutrino to both quarks."""
    return (
        *(_nsi(f"eps_ee_{quark}V", f"eps_mumu_{quark}V", (-0.4, 0.8), (-0.2, 0.6)) for quark in "ud"),
        *(_nsi(f"eps_{each}_uV", f"eps_{each}_dV", (-1.0, 1.0)) for each in ("ee", "mumu")),
    )


def figure_nsi_flavour_changing() -> tuple[Panel, ...]:
    """Two flavour-changing couplings to one quark, and one to both quarks."""
    return (
        *(_nsi(f"eps_emu_{quark}V", f"eps_etau_{quark}V", (-0.45, 0.45)) for quark in "ud"),
        *(_nsi(f"eps_{each}_uV", f"eps_{each}_dV", (-1.0, 1.0)) for each in ("emu", "etau")),
    )


_SCALAR: Final = Axis("C_qS", span=(-0.05, 0.05))
_VECTOR: Final = Axis("C_qV", span=(-0.2, 0.6))
_TENSOR: Final = Axis("C_qT", span=(-0.9, 0.9))


def figure_generalised() -> tuple[Panel, ...]:
    """Scalar, vector and tensor couplings alike to u and d quarks, one at a time."""
    return tuple(_profiles(axis, "ngi", *_ALL) for axis in (_SCALAR, _VECTOR, _TENSOR))


def figure_generalised_planes() -> tuple[Panel, ...]:
    """Pairs of scalar, vector and tensor couplings."""
    pairs = ((_VECTOR, _SCALAR), (_VECTOR, _TENSOR), (_SCALAR, _TENSOR))
    return tuple(_plane(x, y, "ngi", *_ALL) for x, y in pairs)


def _exclusion(name: str, title: str) -> Panel:
    mass = Axis("M", "mediator mass $M$", "MeV", span=(0.01, 1e4), scale="log")
    likelihoods = _likelihoods(name, "CsI", BOTH, f"{BOTH} with ES")
    return exclusion(mass, Axis("g"), likelihoods, cl=CL, title=title, points=_MASSES)


def figure_light_vector() -> tuple[Panel, ...]:
    """A vector mediator with the same charge for all, and that of B - L."""
    return _exclusion("universal", "universal vector"), _exclusion("b-l", "$B-L$")


def figure_light_scalar() -> tuple[Panel, ...]:
    """A scalar mediator with the same coupling to all."""
    return (_exclusion("scalar", "scalar"),)


def figure_sterile_oscillation() -> tuple[Panel, ...]:
    """Disappearance of nu_e, and of nu_mu, at a distance of 19.3 m (CsI) and 27.5 m (LAr)."""
    splitting = Axis("dm2", unit="eV^2", span=(0.1, 100.0), scale="log")
    mixings = (Axis(f"sin2_2theta_{each}", span=(0.01, 1.0), scale="log") for each in ("ee", "mumu"))
    return tuple(_plane(mixing, splitting, "sterile", *_ALL) for mixing in mixings)


def figure_sterile_dipole() -> tuple[Panel, ...]:
    """Production of a heavy neutrino by nu_e, and by nu_mu."""
    mass = Axis("m4", unit="MeV", span=(0.1, 60.0), scale="log")
    moments = (Axis(name, unit="mu_B", span=(1e-10, 1e-7), scale="log") for name in ("mu_e4", "mu_mu4"))
    return tuple(_plane(mass, moment, "dipole-portal", "CsI", BOTH, f"{BOTH} with ES") for moment in moments)


def figure_magnetic_moment() -> tuple[Panel, ...]:
    """One moment at a time, and both."""
    x, y = (
        Axis(name, unit="1e-9 mu_B", span=(0.0, end), factor=1e-9) for name, end in (("mu_nue", 6.0), ("mu_numu", 4.0))
    )
    one_each = (_profiles(axis, MODELS["mu"], *_ELECTRONS, at=None) for axis in (x, y))
    return (*one_each, _plane(x, y, MODELS["mu"], *_ELECTRONS))


def figure_charge_radius() -> tuple[Panel, ...]:
    """One radius at a time, and both; electron scattering changes nothing here."""
    x, y = (Axis(name, unit="1e-32 cm^2", span=(-90.0, 40.0), factor=1e-32) for name in ("r2_nue", "r2_numu"))
    return (*(_profiles(axis, MODELS["r2"], *_ALL) for axis in (x, y)), _plane(x, y, MODELS["r2"], *_ALL))


def figure_millicharge() -> tuple[Panel, ...]:
    """One charge at a time, and both: CEvNS alone on the left, with electron scattering on the right."""

    def axes(unit: str, electron: tuple[float, float], muon: tuple[float, float]) -> tuple[Axis, Axis]:
        e, mu = (
            Axis(name, unit=f"{unit} e", span=span, factor=float(unit))
            for name, span in (("q_nue", electron), ("q_numu", muon))
        )
        return e, mu

    nuclear, electronic = axes("1e-8", (-25.0, 70.0), (-20.0, 30.0)), axes("1e-10", (-8.0, 8.0), (-4.0, 4.0))
    return (
        *(_profiles(axis, MODELS["q"], *_ALL) for axis in nuclear),
        *(_profiles(axis, MODELS["q"], "CsI with ES", f"{BOTH} with ES") for axis in electronic),
        _plane(*nuclear, MODELS["q"], *_ALL),
        _plane(*electronic, MODELS["q"], "CsI with ES", f"{BOTH} with ES"),
    )


TABLES: Final = MappingProxyType({"table-limits": table_limits, "table-parameters": table_parameters})
"""Function of each table."""
FIGURES: Final = MappingProxyType(
    {
        "figure-weak-mixing-angle": figure_weak_mixing_angle,
        "figure-neutron-radius": figure_neutron_radius,
        "figure-nsi": figure_nsi,
        "figure-nsi-flavour-changing": figure_nsi_flavour_changing,
        "figure-generalised": figure_generalised,
        "figure-generalised-planes": figure_generalised_planes,
        "figure-light-vector": figure_light_vector,
        "figure-light-scalar": figure_light_scalar,
        "figure-sterile-oscillation": figure_sterile_oscillation,
        "figure-sterile-dipole": figure_sterile_dipole,
        "figure-magnetic-moment": figure_magnetic_moment,
        "figure-charge-radius": figure_charge_radius,
        "figure-millicharge": figure_millicharge,
    }
)
"""Function of each figure."""
