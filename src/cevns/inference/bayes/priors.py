"""Priors of single parameters: proper densities, each given by how it maps from a unit normal variable.

Both samplers work with coordinates z in which the prior is the unit normal of each: bounds then are at infinity, and
parameters of any size are of order one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri

from cevns.errors import InputError
from cevns.interactions.model import Parameter
from cevns.typing import FloatArray

_FARTHEST: Final = 37.0
"""Distance from zero, in sigma, at which a double precision probability vanishes."""
_OUTSIDE: Final = 5.0
"""Distance of a mean from the bounds, in sigma, up to which the normal distribution between them keeps its digits."""


class Prior(ABC):
    """A proper density between two bounds, which may be infinite; its text is what the command line reads."""

    low: float
    high: float

    @abstractmethod
    def from_normal(self, z: FloatArray) -> FloatArray:
        """Value at the quantile that a unit normal variable has at ``z``; elementwise."""

    def scale(self, value: FloatArray) -> FloatArray:
        """The variable in which densities are compared: the value itself, unless a prior has a better one."""
        return value

    def from_scale(self, value: FloatArray) -> FloatArray:
        """Inverse of `scale`."""
        return value


@dataclass(frozen=True)
class Uniform(Prior):
    """The same density everywhere between two bounds.

    >>> Uniform(0.0, 0.5)
    Uniform(low=0.0, high=0.5)
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        """Refuse what is not an interval."""
        _check("low", self.low, np.isfinite(self.low), "a finite number")
        _check("high", self.high, np.isfinite(self.high) and self.high > self.low, "a finite number above low")

    def from_normal(self, z: FloatArray) -> FloatArray:
        """Value at the quantile that a unit normal variable has at ``z``; elementwise."""
        return np.clip(self.low + (self.high - self.low) * ndtr(z), self.low, self.high)

    def __str__(self) -> str:
        """The form that `read_prior` reads."""
        return f"uniform:{self.low!r}:{self.high!r}"


@dataclass(frozen=True)
class LogUniform(Prior):
    """The same density everywhere in the logarithm, between two positive bounds."""

    low: float
    high: float

    def __post_init__(self) -> None:
        """Refuse what is not an interval of positive numbers."""
        _check("low", self.low, np.isfinite(self.low) and self.low > 0.0, "a finite number above 0")
        _check("high", self.high, np.isfinite(self.high) and self.high > self.low, "a finite number above low")

    def from_normal(self, z: FloatArray) -> FloatArray:
        """Value at the quantile that a unit normal variable has at ``z``; elementwise."""
        return np.clip(self.low * (self.high / self.low) ** ndtr(z), self.low, self.high)

    def scale(self, value: FloatArray) -> FloatArray:
        """The variable in which densities are compared: the logarithm."""
        return np.log(value)

    def from_scale(self, value: FloatArray) -> FloatArray:
        """Inverse of `scale`."""
        return np.clip(np.exp(value), self.low, self.high)

    def __str__(self) -> str:
        """The form that `read_prior` reads."""
        return f"log:{self.low!r}:{self.high!r}"


@dataclass(frozen=True)
class Normal(Prior):
    """A normal distribution, cut off at the bounds and normalised between them."""

    mean: float
    sigma: float
    low: float = -np.inf
    high: float = np.inf

    def __post_init__(self) -> None:
        """Refuse what is not a distribution, or has next to none of it between the bounds."""
        _check("mean", self.mean, np.isfinite(self.mean), "a finite number")
        _check("sigma", self.sigma, np.isfinite(self.sigma) and self.sigma > 0.0, "a finite number above 0")
        _check("high", self.high, self.high > self.low, "a number above low")
        reach = _OUTSIDE * self.sigma
        near = self.low - reach <= self.mean <= self.high + reach
        _check("mean", self.mean, near, f"at most {_OUTSIDE:g} sigma outside of {self.low:g} to {self.high:g}")

    def from_normal(self, z: FloatArray) -> FloatArray:
        """Value at the quantile that a unit normal variable has at ``z``; elementwise."""
        # Each side counts probability from its own end, where double precision has all digits.
        side = np.where(z > 0.0, -1.0, 1.0)
        low, high = (np.array([self.low, self.high]) - self.mean) / self.sigma
        tail = np.where(z > 0.0, ndtr(-high), ndtr(low))
        distance = side * ndtri(tail + (ndtr(high) - ndtr(low)) * ndtr(np.maximum(side * z, -_FARTHEST)))
        return np.clip(self.mean + self.sigma * distance, self.low, self.high)

    def __str__(self) -> str:
        """The form that `read_prior` reads."""
        bounds = "" if np.isinf([self.low, self.high]).all() else f":{self.low!r}:{self.high!r}"
        return f"normal:{self.mean!r}:{self.sigma!r}{bounds}"


_KINDS: Final[dict[str, tuple[type[Uniform | LogUniform | Normal], tuple[int, ...]]]] = {
    "uniform": (Uniform, (2,)),
    "log": (LogUniform, (2,)),
    "normal": (Normal, (2, 4)),
}
_FORMS: Final = "uniform:LOW:HIGH, log:LOW:HIGH or normal:MEAN:SIGMA[:LOW:HIGH]"


def read_prior(text: str) -> Prior:
    """A prior from its text.

    Raises
    ------
    InputError
        If the text is not of one of the forms, or the numbers do not make a distribution.

    >>> read_prior("log:1e-6:1e-3")
    LogUniform(low=1e-06, high=0.001)
    """
    kind, *rest = text.split(":")
    try:
        numbers = [float(word) for word in rest]
        prior, lengths = _KINDS[kind]
    except (KeyError, ValueError):
        raise InputError("prior", text, _FORMS) from None
    if len(numbers) not in lengths:
        raise InputError("prior", text, _FORMS)
    return prior(*numbers)


def prior_of(parameter: Parameter, given: object) -> Prior:
    """The prior of a parameter, with bounds inside those of the parameter.

    Parameters
    ----------
    parameter : Parameter
        The parameter.
    given : Prior or str
        A prior or its text. A normal distribution without bounds takes those of the parameter.

    Raises
    ------
    InputError
        If it is not a prior, or allows what the parameter does not.
    """
    field = f"priors.{parameter.name}"
    try:
        prior = read_prior(given) if isinstance(given, str) else given
        if isinstance(prior, Normal):
            low = parameter.low if np.isinf(prior.low) else prior.low
            prior = replace(prior, low=low, high=parameter.high if np.isinf(prior.high) else prior.high)
    except InputError as error:
        inner = "" if error.field == "prior" else f".{error.field}"
        raise InputError(field + inner, error.value, error.allowed) from None
    if not isinstance(prior, Prior):
        raise InputError(field, given, f"Uniform, LogUniform, Normal, or {_FORMS}")
    span = f"a number from {parameter.low:g} to {parameter.high:g}" + (f" [{parameter.unit}]" if parameter.unit else "")
    for end in ("low", "high"):
        bound = getattr(prior, end)
        if not parameter.low <= bound <= parameter.high:
            raise InputError(f"{field}.{end}", bound, span)
    return prior


def _check(field: str, value: float, good: bool, allowed: str) -> None:
    if not good:
        raise InputError(field, value, allowed)
