"""Parameters, terms, interactions, and their sum: the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol, runtime_checkable

import numpy as np

from cevns.constants import FAMILIES
from cevns.errors import InputError
from cevns.interactions.channels import Channel, Product, interference
from cevns.interactions.recoil import AnyRecoil, Recoil, TargetKind
from cevns.typing import FloatArray, Scalar

EVERYTHING: Final[tuple[TargetKind, ...]] = ("nucleus", "electron")
"""What a photon, or a mediator with charges of its own, acts on."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of an interaction.

    Attributes
    ----------
    name : str
        Keyword by which values are given.
    meaning : str
        One line.
    unit : str
        Unit of the values, ``""`` if dimensionless.
    low, high : float
        Range of physical values, ends included.
    default : float or None
        Value taken where none is given; without one the parameter has to be given, or is left free in a fit.
    is_coupling : bool
        Whether it measures the strength of the interaction: zero switches it off, and limits are set on it.
    """

    name: str
    meaning: str
    unit: str = ""
    low: float = -np.inf
    high: float = np.inf
    default: float | None = None
    is_coupling: bool = False

    def check(self, value: object) -> FloatArray:
        """Return the value(s) as an array of numbers in range.

        Raises
        ------
        InputError
            If a value is not a number, is not finite, or is out of range.
        """
        span = f"finite numbers from {self.low:g} to {self.high:g}" + (f" [{self.unit}]" if self.unit else "")
        try:
            given = np.asarray(value)
        except ValueError:
            raise InputError(self.name, value, span) from None
        if given.size and given.dtype.kind not in "iuf":
            raise InputError(self.name, value, span)
        array = given.astype(float)
        if array.size == 0:
            raise InputError(self.name, value, f"at least one value: {span}")
        wrong = ~(np.isfinite(array) & (array >= self.low) & (array <= self.high))
        if np.any(wrong):
            raise InputError(self.name, float(array[wrong][0]) if array.ndim else float(array), span)
        return array


@dataclass(frozen=True)
class Term:
    """One amplitude: a strength, which depends on couplings only, times a charge, which does not depend on them.

    Because counts are then an exact quadratic form in the strengths, a scan over couplings costs no physics.

    Attributes
    ----------
    channel : Channel
        The Lorentz structure in which the charge adds.
    strength : callable
        Function of the coupling parameters, by keyword; arrays broadcast.
    couplings : tuple of str
        Names of the parameters of ``strength``.
    charge : callable
        ``charge(recoil, **shape parameters)`` per unit strength, shape (..., family, recoil) or broadcastable to it,
        for the families e, mu, tau; the leading axes are those of the shape parameters.
    shapes : tuple of str
        Names of the shape parameters of ``charge``.
    coherence : str
        Terms interfere only if this is the same: amplitudes that lead to another neutrino, or that are imaginary where
        the others are real, do not.
    on : tuple of {"nucleus", "electron"}
        What the charge acts on; the charge is given recoils of these kinds only.
    mixes_flavours : bool
        Whether amplitudes of several flavours lead to one final state: they interfere if a neutrino arrives as a
        superposition of these.
    """

    channel: Channel
    strength: Callable[..., Scalar]
    couplings: tuple[str, ...]
    charge: Callable[..., FloatArray]
    shapes: tuple[str, ...] = ()
    coherence: str = "diagonal"
    on: tuple[TargetKind, ...] = ("nucleus",)
    mixes_flavours: bool = False

    def product(self, other: Term) -> Product | None:
        """What this amplitude and another give together; None if they add incoherently."""
        return interference(self.channel, other.channel) if self.coherence == other.coherence else None

    def unit_charge(self, recoil: AnyRecoil, parameters: Mapping[str, FloatArray]) -> FloatArray:
        """Charge per unit strength; shape parameters get two trailing axes to broadcast against (family, recoil)."""
        return self.charge(recoil, **{name: parameters[name][..., None, None] for name in self.shapes})


@dataclass(frozen=True)
class Disappearance:
    """Oscillation of neutrinos into what the target does not see: P = strength sin^2(Delta m^2 L/(4 E)).

    Attributes
    ----------
    strength : callable
        Function of the coupling parameters, by keyword; arrays broadcast.
    couplings : tuple of str
        Names of the parameters of ``strength``.
    splitting : str
        Name of the shape parameter that is Delta m^2 [eV^2].
    families : tuple of str
        Families that disappear.
    """

    strength: Callable[..., Scalar]
    couplings: tuple[str, ...]
    splitting: str
    families: tuple[str, ...]


@runtime_checkable
class Interaction(Protocol):
    """What a class must offer to be an interaction: about twenty lines for a new one."""

    @property
    def name(self) -> str:
        """Name for listings."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters."""

    @property
    def terms(self) -> tuple[Term, ...]:
        """Its amplitudes."""

    @property
    def citations(self) -> tuple[str, ...]:
        """INSPIRE keys of the works it implements."""


@runtime_checkable
class Adjustment(Protocol):
    """What an interaction offers besides if it changes the nuclei that the others see."""

    def adjust(self, recoil: Recoil, **shape: FloatArray) -> Recoil:
        """The recoil as it is with these shape parameters, which have two trailing axes."""


@runtime_checkable
class Oscillation(Protocol):
    """What an interaction offers besides if it changes the flux that reaches the target."""

    @property
    def disappearances(self) -> tuple[Disappearance, ...]:
        """What does not arrive."""


@dataclass(frozen=True)
class Model:
    """A sum of interactions: charges in the same channel add coherently.

    Parameters
    ----------
    name : str
        Name for listings.
    interactions : tuple of Interaction
        The Standard Model among them, unless it is left out on purpose.
    keep_T_over_E : bool
        Keep the term T/E of the cross section, neglected in some works.
    """

    name: str
    interactions: tuple[Interaction, ...]
    keep_T_over_E: bool = True

    def __post_init__(self) -> None:
        """Refuse two parameters of the same name."""
        names = [p.name for p in self.parameters]
        for name in names:
            if names.count(name) > 1:
                raise InputError("model", name, f"distinct parameter names (add label='...' to one of {self.name})")

    def __reduce__(self) -> tuple[type[Model], tuple[str, tuple[Interaction, ...], bool]]:
        """Pickle by the arguments: terms have functions that other processes cannot import."""
        return Model, (self.name, self.interactions, self.keep_T_over_E)

    def __repr__(self) -> str:
        """Name and parameters with their units."""
        shown = (f"{p.name} [{p.unit}]" if p.unit else p.name for p in self.parameters)
        return f"<Model {self.name}: {', '.join(shown) or 'no parameters'}>"

    def __add__(self, other: Interaction | Model) -> Model:
        """Add an interaction, or the interactions of another model."""
        more = other.interactions if isinstance(other, Model) else (other,)
        return Model(f"{self.name} + {other.name}", (*self.interactions, *more), self.keep_T_over_E)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Parameters of all interactions."""
        return tuple(p for interaction in self.interactions for p in interaction.parameters)

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """Amplitudes of all interactions."""
        return tuple(t for interaction in self.interactions for t in interaction.terms)

    @cached_property
    def disappearances(self) -> tuple[Disappearance, ...]:
        """What does not arrive, of all interactions."""
        return tuple(d for i in self.interactions if isinstance(i, Oscillation) for d in i.disappearances)

    @property
    def citations(self) -> tuple[str, ...]:
        """INSPIRE keys of the works implemented, each once."""
        return tuple(dict.fromkeys(key for interaction in self.interactions for key in interaction.citations))

    @cached_property
    def shapes(self) -> frozenset[str]:
        """Names of the parameters that counts are not polynomials of: masses, radii."""
        adjusting = (p.name for i in self.interactions if isinstance(i, Adjustment) for p in i.parameters)
        splittings = (one.splitting for one in self.disappearances)
        heavy = (term.channel.lepton_mass for term in self.terms if term.channel.lepton_mass)
        return frozenset(name for term in self.terms for name in term.shapes).union(adjusting, splittings, heavy)

    def adjust(self, recoil: Recoil, parameters: Mapping[str, FloatArray]) -> Recoil:
        """The recoil that the interactions see."""
        for interaction in self.interactions:
            if isinstance(interaction, Adjustment):
                shape = {p.name: parameters[p.name][..., None, None] for p in interaction.parameters}
                recoil = interaction.adjust(recoil, **shape)
        return recoil

    def parameter(self, name: str) -> Parameter:
        """Look up a parameter; raise `InputError` with the list of what exists."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        known = tuple(p.name for p in self.parameters)
        raise InputError("parameter", name, known or f"none: model {self.name!r} has no parameters")

    @property
    def coupling(self) -> Parameter:
        """The one parameter on which limits are set.

        Raises
        ------
        InputError
            If the model has none, or more than one.
        """
        couplings = [p for p in self.parameters if p.is_coupling]
        if len(couplings) != 1:
            found = ", ".join(p.name for p in couplings) or "none"
            names = ", ".join(p.name for p in self.parameters) or "nothing"
            allowed = f"a model with one coupling (this one has: {found}); `intervals` are for any parameter: {names}"
            raise InputError("model", self.name, allowed)
        return couplings[0]

    def complete(self, values: Mapping[str, object], *, free: tuple[str, ...] = ()) -> dict[str, FloatArray]:
        """Check parameter values and fill in the defaults.

        Parameters
        ----------
        values : mapping
            Values by parameter name; numbers or arrays.
        free : tuple of str
            Parameters that may be absent.

        Raises
        ------
        InputError
            If a name is unknown, a value is not acceptable, or a parameter without default is absent.
        """
        complete = {name: self.parameter(name).check(value) for name, value in values.items()}
        for parameter in self.parameters:
            if parameter.name in complete or parameter.name in free:
                continue
            if parameter.default is None:
                raise InputError(parameter.name, None, f"a value of this parameter ({parameter.meaning})")
            complete[parameter.name] = np.asarray(parameter.default)
        return complete


def labelled(name: str, label: str) -> str:
    """Parameter name of an interaction that carries a label, to tell two of a kind apart."""
    return f"{name}_{label}" if label else name


def linear(**couplings: Scalar) -> Scalar:
    """Strength of a term that is proportional to its one coupling."""
    (value,) = couplings.values()
    return value


def among(families: Sequence[str]) -> FloatArray:
    """One for the families named and zero for the others, shape (family, 1): which neutrinos a charge acts on."""
    return np.array([[float(family in families)] for family in FAMILIES])


def common_shape(values: Mapping[str, FloatArray]) -> tuple[int, ...]:
    """Shape to which parameter values broadcast.

    Raises
    ------
    InputError
        If they do not.
    """
    try:
        return np.broadcast_shapes(*(v.shape for v in values.values()))
    except ValueError:
        shapes = {name: v.shape for name, v in values.items()}
        raise InputError("parameters", shapes, "arrays whose shapes broadcast") from None
