"""Results of several experiments beside each other, as reviews show them.

All experiments are as shipped and have no pulls in common, the weak couplings are the default ones, and the parameters
not shown are zero. Electron scattering counts wherever an experiment says that it sees electron recoils: not in argon,
which rejects them, and not in the forecasts. The fits of the neutron radius with new interactions differ: CEvNS alone
counts in CsI, what experiments know in common is shared, and forecasts at pion sources have nuclear radii with errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Final

from cevns.experiments import Experiment, experiment
from cevns.interactions import Model, NeutronRadius, NonStandardInteractions, StandardModel, model
from cevns.publications.coherent_counts import table_counts
from cevns.publications.de_romeri_2023_tables import quoted_intervals
from cevns.publications.figures import Axis, Mark, Panel
from cevns.publications.panels import exclusion, mass_axis, profiles, region
from cevns.publications.papers import items
from cevns.statistics import Likelihood

CL: Final = 0.90
"""Of limits on mediators at fixed mass for two degrees of freedom, of one parameter for one."""
ACCELERATOR: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "CsI 2017": ("coherent-csi-2017-counting",),
        "CsI 2021": ("coherent-csi-2021",),
        "LAr": ("coherent-lar-2020",),
        "CsI 2021 + LAr": ("coherent-csi-2021", "coherent-lar-2020"),
    }
)
"""Experiments of each curve of COHERENT."""
REACTOR: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"Dresden-II": ("dresden-ii",), "CONUS+": ("conus-plus",)}
)
"""Those that see electron antineutrinos alone."""
SUN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({"XENONnT": ("xenonnt-er-2022",), "LZ": ("lz-er",)})
"""Those that see electron recoils alone."""
PRESENT: Final = "CsI 2021 + LAr"
"""All data of COHERENT."""


@cache
def _experiment(name: str) -> Experiment:
    return experiment(name, electron_scattering=True)


def _likelihoods(chosen: str, curves: Mapping[str, tuple[str, ...]]) -> dict[str, Likelihood]:
    """Likelihoods by label."""
    one = model(chosen)
    return {label: Likelihood(one, [_experiment(name) for name in names]) for label, names in curves.items()}


def _exclusion(
    name: str, curves: Mapping[str, tuple[str, ...]], span: tuple[float, float], bands: tuple[str, ...] = ()
) -> Panel:
    return exclusion(mass_axis(*span), Axis("g"), _likelihoods(name, curves), cl=CL, title=name, bands=bands)


def figure_direct_detection() -> tuple[Panel, ...]:
    """Solar neutrinos on electrons, COHERENT and a reactor; L_mu - L_tau leaves the neutrinos of a reactor alone."""
    shown = {PRESENT: ACCELERATOR[PRESENT], **SUN, "Dresden-II": REACTOR["Dresden-II"]}
    muonic = {label: names for label, names in shown.items() if label not in REACTOR}
    return tuple(
        _exclusion(name, curves, (1e-3, 1e3))
        for name, curves in {"universal": shown, "b-l": shown, "lmu-ltau": muonic}.items()
    )


def figure_cryo_csi() -> tuple[Panel, ...]:
    """What is excluded if nothing is seen, with what the magnetic moment of the muon prefers, or allows."""
    expected = {"Cryo-CsI-I": ("coh-cryo-csi-1",), "Cryo-CsI-II": ("coh-cryo-csi-2",)}
    curves = {PRESENT: ACCELERATOR[PRESENT], **expected}
    return (_exclusion("lmu-ltau", curves, (1.0, 1e3), bands=("2021", "2025")),)


def _properties(chosen: str, *axes: Axis, marks: tuple[Mark, ...] = ()) -> tuple[Panel, ...]:
    """For the property of nu_e and for that of nu_mu, COHERENT on the left and all others on the right.

    Published are limits of others from solar neutrinos, as De Romeri et al. quote them.
    """
    electron, muon = axes
    shown = {
        "nu_e, COHERENT": (electron, ACCELERATOR),
        "nu_e, the Sun and reactors": (electron, {**SUN, **REACTOR}),
        "nu_mu, COHERENT": (muon, ACCELERATOR),
        "nu_mu, the Sun": (muon, SUN),
    }

    def panel(title: str, axis: Axis, experiments: Mapping[str, tuple[str, ...]]) -> Panel:
        curves = {label: (likelihood, axis.name) for label, likelihood in _likelihoods(chosen, experiments).items()}
        quoted = quoted_intervals(axis.name, axis.factor)
        return profiles(axis, curves, cl=(CL,), title=title, marks=marks, published=quoted)

    return tuple(panel(title, *described) for title, described in shown.items())


def figure_magnetic_moments() -> tuple[Panel, ...]:
    """One moment at a time."""
    axes = (Axis(name, unit="mu_B", span=(1e-12, 1e-8), scale="log") for name in ("mu_nue", "mu_numu"))
    return _properties("magnetic-moment", *axes)


def figure_charge_radii() -> tuple[Panel, ...]:
    """One radius at a time, as an addition to that of the Standard Model."""
    axes = (Axis(name, unit="1e-32 cm^2", span=(-130.0, 130.0), factor=1e-32) for name in ("r2_nue", "r2_numu"))
    return _properties("charge-radius", *axes, marks=(Mark("SM", 0.0),))


RADII: Final = (3.0, 9.0)
"""Common neutron radii of Cs and I [fm] that are looked at."""
EPSILONS: Final = (-0.6, 0.9)
"""Couplings that are looked at."""
SHARED: Final = ("sns_flux", "reactor_spectrum")
"""Parts of pulls that experiments have in common, where they have them."""
_CSI: Final = ("coherent-csi-2021",)
_PIONS: Final = ("ge-sns", "xe-ess")
_REACTORS: Final = ("dresden-ii", "conus-plus")
_STEPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "CsI": _CSI,
        "CsI, Ge, Xe": (*_CSI, *_PIONS),
        "CsI, reactors": (*_CSI, *_REACTORS),
        "CsI, Ge, Xe, reactors": (*_CSI, *_PIONS, *_REACTORS),
        "and reactor forecasts": (*_CSI, *_PIONS, *_REACTORS, "conus-like", "nugen-like"),
    }
)
_RADIUS_ERROR: Final = 0.05
"""Relative, of Ge and Xe at pion sources: one pull for each moves protons and neutrons."""


@cache
def _with_radius(name: str) -> Experiment:
    """An experiment; nuclei of forecasts at pion sources have a radius with an error of their own."""
    one = experiment(name)
    if name not in _PIONS:
        return one
    nuisances = [pull.model_dump(exclude_none=True) for pull in one.config.nuisances]
    radius = {"name": f"{name}_radius", "varies": {"kind": "nuclear-radius"}, "sigma": _RADIUS_ERROR}
    return experiment(name, {"nuisances": [*nuisances, radius]})


def fitted(chosen: str | Model, names: Sequence[str]) -> Likelihood:
    """The likelihood of some experiments with what they have in common."""
    experiments = [_with_radius(name) for name in names]
    common = {part for one in experiments for pull in one.config.nuisances for part in pull.parts}
    return Likelihood(chosen, experiments, shared=[name for name in SHARED if name in common])


def radius_and_nsi() -> Mapping[str, Likelihood]:
    """Step by step, R_n of Cs and I, which no other nucleus has, with couplings to quarks."""
    both = Model("radius and nsi", (StandardModel(), NeutronRadius(), NonStandardInteractions()))
    return {step: fitted(both, names) for step, names in _STEPS.items()}


def figure_rn_nsi() -> tuple[Panel, ...]:
    """What other nuclei and reactors add to CsI, which cannot tell a radius from a coupling."""
    radius = Axis("R_n", "$R_n$ of Cs and I", unit="fm", span=RADII)
    couplings = (Axis(f"eps_ee_{quark}V", span=EPSILONS) for quark in "ud")
    return tuple(region(radius, coupling, radius_and_nsi(), cl=(CL,), best_fit=False) for coupling in couplings)


TABLES: Final = items(table_counts)
FIGURES: Final = items(
    figure_direct_detection, figure_cryo_csi, figure_magnetic_moments, figure_charge_radii, figure_rn_nsi
)
