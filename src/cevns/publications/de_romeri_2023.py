"""De Romeri et al., JHEP 04 (2023) 035 (arXiv:2211.11905): what it draws, with the recipe of the tables.

Profiles are at 68.27 and 90 % for one degree of freedom, regions and limits on mediators at 90 % for two. The spans of
all axes, and the pairs of parameters of the planes, are chosen here.
"""

from __future__ import annotations

from typing import Final

from cevns.experiments import Experiment
from cevns.interactions import Model, as_model
from cevns.interactions.standard_model import SIN2_THETA_W_ZERO
from cevns.publications.de_romeri_2023_tables import (
    BOTH,
    CEVNS,
    LEVELS,
    MODELS,
    PARAMETERS,
    WITH_ES,
    groups,
    published_intervals,
    standard,
    table_comparison,
    table_limits,
    table_parameters,
)
from cevns.publications.figures import Axis, Mark, Panel
from cevns.publications.panels import exclusion, mass_axis, profiles, region
from cevns.publications.papers import items
from cevns.statistics import Likelihood

CL: Final = 0.90
"""Of the regions and of the limits on mediators, for two degrees of freedom."""
_MASSES: Final = 41
_SM: Final = (Mark("SM", 0.0),)


def _likelihoods(chosen: Model | str, *names: str) -> dict[str, Likelihood]:
    """Likelihoods by label: a group, or a group ``"with ES"``."""
    one = as_model(chosen)

    def given(label: str) -> tuple[Experiment, ...]:
        group, _, electrons = label.partition(" with ")
        return groups(WITH_ES if electrons else CEVNS)[group]

    return {label: Likelihood(one, given(label)) for label in names}


_ALL: Final = ("CsI", "LAr", BOTH)
_ELECTRONS: Final = ("CsI", BOTH, "CsI with ES", f"{BOTH} with ES")


def _profiles(x: Axis, chosen: Model | str, *names: str, marks: tuple[Mark, ...] = _SM, title: str = "") -> Panel:
    curves = {label: (likelihood, x.name) for label, likelihood in _likelihoods(chosen, *names).items()}
    return profiles(x, curves, cl=LEVELS, title=title, marks=marks, published=published_intervals(x.name, x.factor))


def _plane(x: Axis, y: Axis, chosen: str, *names: str) -> Panel:
    likelihoods, marks = _likelihoods(chosen, *names), () if "log" in (x.scale, y.scale) else _SM
    return region(x, y, likelihoods, cl=(CL,), marks=marks, best_fit=False)


def figure_weak_mixing_angle() -> tuple[Panel, ...]:
    """The weak mixing angle from CsI, LAr and both."""
    angle = Axis("sin2_theta_w", span=(0.1, 0.45))
    return (_profiles(angle, "weak-mixing-angle", *_ALL, marks=(Mark("SM", SIN2_THETA_W_ZERO),)),)


def figure_neutron_radius() -> tuple[Panel, ...]:
    """The common neutron radius of Cs and I, and that of Ar."""
    caesium_iodide, argon = (standard(PARAMETERS[name][0]) for name in ("R_n", "R_n_Ar"))
    return (
        _profiles(Axis("R_n", unit="fm", span=(3.5, 7.5)), caesium_iodide, "CsI", marks=(), title="Cs and I"),
        _profiles(Axis("R_n_Ar", "$R_n$", unit="fm", span=(2.0, 8.0)), argon, "LAr", marks=(), title="Ar"),
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
    likelihoods = _likelihoods(name, "CsI", BOTH, f"{BOTH} with ES")
    return exclusion(mass_axis(0.01, 1e4), Axis("g"), likelihoods, cl=CL, title=title, points=_MASSES)


def figure_light_vector() -> tuple[Panel, ...]:
    """A vector mediator with the same charge for all, and that of B - L."""
    return _exclusion("universal", "universal vector"), _exclusion("b-l", "$B-L$")


def figure_light_scalar() -> tuple[Panel, ...]:
    """A scalar mediator with the same coupling to all."""
    return (_exclusion("scalar", "scalar"),)


def figure_sterile_oscillation() -> tuple[Panel, ...]:
    """Disappearance of nu_e, of nu_mu and of both alike."""
    splitting = Axis("dm2", unit="eV^2", span=(0.2, 12.0), scale="log")
    mixings = {"sin2_2theta_ee": "sterile", "sin2_2theta_mumu": "sterile", "sin2_2theta": "universal-sterile"}
    return tuple(_plane(Axis(name, span=(0.0, 1.0)), splitting, chosen, *_ALL) for name, chosen in mixings.items())


def figure_sterile_dipole() -> tuple[Panel, ...]:
    """Production of a heavy neutrino by nu_e, and by nu_mu."""
    mass = Axis("m4", unit="MeV", span=(0.1, 60.0), scale="log")
    moments = (Axis(name, unit="mu_B", span=(1e-9, 1e-7), scale="log") for name in ("mu_e4", "mu_mu4"))
    return tuple(_plane(mass, moment, "dipole-portal", "CsI", BOTH, f"{BOTH} with ES") for moment in moments)


def figure_magnetic_moment() -> tuple[Panel, ...]:
    """One moment at a time, and both."""
    x, y = (
        Axis(name, unit="1e-9 mu_B", span=(0.0, end), factor=1e-9) for name, end in (("mu_nue", 6.0), ("mu_numu", 4.0))
    )
    one_each = (_profiles(axis, MODELS["mu"], *_ELECTRONS, marks=()) for axis in (x, y))
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


TABLES: Final = items(table_limits, table_parameters, table_comparison)
FIGURES: Final = items(
    figure_weak_mixing_angle,
    figure_neutron_radius,
    figure_nsi,
    figure_nsi_flavour_changing,
    figure_generalised,
    figure_generalised_planes,
    figure_light_vector,
    figure_light_scalar,
    figure_sterile_oscillation,
    figure_sterile_dipole,
    figure_magnetic_moment,
    figure_charge_radius,
    figure_millicharge,
)
