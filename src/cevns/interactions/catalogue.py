"""The models by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, TypeAlias

from cevns.errors import InputError, one_of
from cevns.interactions.dark_vector import DarkVector
from cevns.interactions.electromagnetic import ChargeRadius, MagneticMoment, Millicharge
from cevns.interactions.generalised import GeneralisedInteractions, NuclearAxial
from cevns.interactions.leptonic_vector import LeptonicVector
from cevns.interactions.light_scalar import LightScalar
from cevns.interactions.light_vector import LightVector
from cevns.interactions.model import Interaction, Model
from cevns.interactions.neutron_radius import NeutronRadius
from cevns.interactions.nonstandard import NonStandardInteractions
from cevns.interactions.own import from_file, is_in_file
from cevns.interactions.standard_model import FreeMixingAngle, StandardModel, WeakCouplings
from cevns.interactions.sterile import DipolePortal, SterileOscillation
from cevns.interactions.transition_moments import TransitionMoments

_Make: TypeAlias = Callable[[str, str], Interaction]
"""Makes a mediator, given its name and the suffix of its parameters."""


def _vector(**charges: float) -> _Make:
    return lambda name, label: LightVector(charges, label=label, name=name)


def _leptonic(plus: str, minus: str) -> _Make:
    return lambda name, label: LeptonicVector(plus, minus, label=label, name=name)


def _dark(mixing: str, **neutrinos: float) -> _Make:
    return lambda name, label: DarkVector(mixing, neutrinos, label=label, name=name)


_LOOP: Final = "quarks through the loop-induced kinetic mixing"
_MEDIATORS: Final[Mapping[str, tuple[str, _Make]]] = MappingProxyType(
    {
        "universal": (
            "same charge for every quark and lepton (not free of anomalies)",
            _vector(B=3, e=-1, mu=-1, tau=-1),
        ),
        "b-l": ("gauged B - L", _vector(B=1, e=1, mu=1, tau=1)),
        "by+lmu+ltau": ("gauged B_y + L_mu + L_tau", _vector(B=1, mu=-1, tau=-1)),
        "b-3le": ("gauged B - 3 L_e", _vector(B=1, e=3)),
        "b-3lmu": ("gauged B - 3 L_mu", _vector(B=1, mu=3)),
        "b-2le-lmu": ("gauged B - 2 L_e - L_mu", _vector(B=1, e=2, mu=1)),
        "b-le-2lmu": ("gauged B - L_e - 2 L_mu", _vector(B=1, e=1, mu=2)),
        "le-lmu": (f"gauged L_e - L_mu, {_LOOP}", _leptonic("e", "mu")),
        "le-ltau": (f"gauged L_e - L_tau, {_LOOP}", _leptonic("e", "tau")),
        "lmu-ltau": (f"gauged L_mu - L_tau, {_LOOP}", _leptonic("mu", "tau")),
        "scalar": ("light scalar, universal couplings", lambda name, label: LightScalar(label=label, name=name)),
    }
)
MEDIATOR_NAMES: Final = tuple(_MEDIATORS)
"""Names of the models with a light mediator: one coupling and a mass."""

_MIXED: Final[Mapping[str, tuple[str, _Make]]] = MappingProxyType(
    {
        "dark-photon": ("vector mixed with the photon, neutrinos coupled by g_nu", _dark("photon", e=1, mu=1, tau=1)),
        "dark-hypercharge": ("vector coupled to hypercharge times e epsilon", _dark("hypercharge")),
        "dark-z": ("vector mixed with the Z: its couplings times epsilon", _dark("z")),
    }
)
_GENERAL: Final[Mapping[str, tuple[str, Callable[[], Interaction]]]] = MappingProxyType(
    {
        "nsi": ("non-standard interactions, vector", NonStandardInteractions),
        "tensor-nsi": ("non-standard interactions, tensor", lambda: NonStandardInteractions("tensor")),
        "ngi": (
            "neutrino generalised interactions S, P, V, A, T, alike to u and d quarks",
            lambda: GeneralisedInteractions(common=True),
        ),
        "ngi-quarks": ("neutrino generalised interactions with u and d quarks apart", GeneralisedInteractions),
        "nuclear-axial": ("Standard Model with the axial current of odd nuclei", NuclearAxial),
        "magnetic-moment": ("magnetic moments of the neutrino flavours", MagneticMoment),
        "universal-magnetic-moment": ("one magnetic moment for all flavours", lambda: MagneticMoment(universal=True)),
        "transition-moments": ("transition magnetic moments of Majorana mass states", TransitionMoments),
        "charge-radius": ("neutrino charge radii, diagonal and flavour-changing", ChargeRadius),
        "millicharge": ("neutrino electric charges, diagonal and flavour-changing", Millicharge),
        "sterile": ("oscillation into a sterile neutrino (3+1)", SterileOscillation),
        "universal-sterile": ("the same, one mixing for all flavours", lambda: SterileOscillation(universal=True)),
        "dipole-portal": ("up-scattering into a heavy neutrino by a magnetic moment", DipolePortal),
        "universal-dipole-portal": ("the same, one moment for all flavours", lambda: DipolePortal(universal=True)),
        "neutron-radius": ("Standard Model with the common neutron radius of Cs and I free", NeutronRadius),
    }
)

MODEL_NAMES: Final = ("sm", *MEDIATOR_NAMES, *_MIXED, "weak-mixing-angle", *_GENERAL)
"""Names of the models, the Standard Model first."""


def describe_models() -> Mapping[str, str]:
    """One line on each model, by name."""
    return MappingProxyType(
        {
            "sm": "Standard Model",
            **{name: line for name, (line, _) in (*_MEDIATORS.items(), *_MIXED.items())},
            "weak-mixing-angle": "Standard Model with sin^2 theta_W free",
            **{name: line for name, (line, _) in _GENERAL.items()},
        }
    )


def model(name: str, *, couplings: str | WeakCouplings = "radiative", label: str = "") -> Model:
    """A model by name: the Standard Model plus the named interaction.

    Parameters
    ----------
    name : str
        One of `MODEL_NAMES`, or ``FILE.py:NAME`` for a model or an interaction of your own.
    couplings : str or WeakCouplings
        The weak couplings of the Standard Model part; see `cevns.interactions.StandardModel`.
    label : str
        Suffix for the parameter names of a mediator.

    Raises
    ------
    InputError
        If the name is unknown, or couplings or a label are given for a model of your own that has them already.

    >>> [p.name for p in model("b-l").parameters]
    ['g', 'mass']
    """
    if is_in_file(name):
        return _own(name, couplings, label)
    if name not in MODEL_NAMES:
        raise InputError("model", name, f"FILE.py:NAME for one of your own, or {one_of(name, MODEL_NAMES)}")
    if name == "weak-mixing-angle":
        return Model(name, (FreeMixingAngle(couplings),))
    standard = StandardModel(couplings)
    if name == "sm":
        return Model("sm", (standard,))
    if name in _GENERAL:
        return Model(name, (standard, _GENERAL[name][1]()))
    _, make = {**_MEDIATORS, **_MIXED}[name]
    return Model(name, (standard, make(name, label)))


def _own(name: str, couplings: str | WeakCouplings, label: str) -> Model:
    """A model in a file; an interaction is put on top of the Standard Model with these couplings."""
    found = from_file(name)
    if label:
        raise InputError("label", label, f"no value: {name} sets its own")
    if isinstance(found, Interaction) and not isinstance(found, Model | StandardModel):
        return Model(found.name, (StandardModel(couplings), found))
    if couplings != "radiative":
        raise InputError("couplings", couplings, f"no value: {name} sets its own")
    return as_model(found)


def as_model(choice: object) -> Model:
    """Turn what a user may pass for a model into one.

    A name is looked up; a single interaction is put on top of the Standard Model; a model is taken as it is, so that
    ``Model("vector alone", (LightVector(...),))`` leaves the Standard Model out.
    """
    if isinstance(choice, str):
        return model(choice)
    if isinstance(choice, Model):
        return choice
    if isinstance(choice, StandardModel):
        return Model("sm", (choice,))
    if isinstance(choice, Interaction):
        return Model(choice.name, (StandardModel(), choice))
    raise InputError("model", choice, "a model name, an Interaction or a Model")


def standard_part(model: Model) -> Model:
    """The Standard Model as it is in a model: its weak couplings, its terms of the cross section.

    Raises
    ------
    InputError
        If it is not in it.
    """
    weak = StandardModel | FreeMixingAngle
    own = tuple(one for one in model.interactions if isinstance(one, weak | NuclearAxial))
    if not any(isinstance(one, weak) for one in own):
        raise InputError("model", model.name, "a model with the Standard Model in it")
    return replace(model, name="sm", interactions=own)
