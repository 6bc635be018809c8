"""Nuclear form factors F(q), normalised to F(0) = 1.

Each is a function of the momentum transfer and of the root-mean-square radius of the distribution it describes, so
that protons and neutrons may have radii of their own. All are exact in the limit q -> 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np

from cevns.constants import HBAR_C
from cevns.errors import InputError
from cevns.typing import FloatArray, Scalar

FormFactor: TypeAlias = Callable[[FloatArray, Scalar, int], FloatArray]
"""``F(momentum_transfer [MeV], rms_radius [fm], mass_number)``, dimensionless, 1 at zero momentum transfer."""

HELM_SKIN: Final = 0.9
"""Surface thickness s of the Helm form factor [fm]."""
ENGEL_SKIN: Final = 0.5
"""Surface thickness s of Engel's variant of the Helm form factor [fm]."""
YUKAWA_RANGE: Final = 0.7
"""Range a of the Klein-Nystrand form factor [fm]."""
FERMI_DIFFUSENESS: Final = 2.30 / (4.0 * np.log(3.0))
"""Diffuseness a of the symmetrised Fermi distribution [fm], from a skin t = 4 a ln 3 = 2.30 fm."""


def _uniform_sphere(x: FloatArray) -> FloatArray:
    """Form factor 3 j1(x)/x of a uniform sphere, by its series below x = 0.3."""
    x2 = x * x
    series = 1.0 - x2 / 10.0 * (1.0 - x2 / 28.0 * (1.0 - x2 / 54.0 * (1.0 - x2 / 88.0)))
    safe = np.where(x < 0.3, 1.0, x)
    return np.where(x < 0.3, series, 3.0 * (np.sin(safe) - safe * np.cos(safe)) / safe**3)


def _diffraction_radius(radius_squared: Scalar, radius: Scalar, name: str) -> FloatArray:
    """Square root of an effective radius squared; refuse a radius smaller than the surface allows."""
    if not np.all(np.asarray(radius_squared) > 0.0):
        raise InputError(
            "radius",
            radius,
            f"an rms radius [fm] larger than the surface thickness of the {name} form factor",
        )
    return np.sqrt(np.asarray(radius_squared, dtype=float))


def helm(momentum_transfer: FloatArray, radius: Scalar, _mass_number: int) -> FloatArray:
    """Helm form factor, R0^2 = (5/3) R^2 - 5 s^2 with s = 0.9 fm (Helm, Phys. Rev. 104 (1956) 1466).

    Parameters
    ----------
    momentum_transfer : array
        |q| [MeV].
    radius : float or array
        Root-mean-square radius R [fm].
    _mass_number : int
        Not used.

    Returns
    -------
    array
        F(q), of the broadcast shape of the arguments.

    >>> helm(np.array([0.0, 50.0]), 5.0, 133).round(6).tolist()
    [1.0, 0.758429]
    """
    q = momentum_transfer / HBAR_C
    r0 = _diffraction_radius(5.0 / 3.0 * np.square(radius) - 5.0 * HELM_SKIN**2, radius, "Helm")
    return _uniform_sphere(q * r0) * np.exp(-0.5 * (q * HELM_SKIN) ** 2)


def helm_engel(momentum_transfer: FloatArray, _radius: Scalar, mass_number: int) -> FloatArray:
    """Helm form factor as used by Engel, R0^2 = (1.2 A^(1/3) fm)^2 - 5 s^2 with s = 0.5 fm (PLB 264 (1991) 114).

    The radius comes from the mass number; the rms radius is not used.
    """
    q = momentum_transfer / HBAR_C
    r0 = np.sqrt((1.2 * mass_number ** (1.0 / 3.0)) ** 2 - 5.0 * ENGEL_SKIN**2)
    return _uniform_sphere(q * r0) * np.exp(-0.5 * (q * ENGEL_SKIN) ** 2)


def klein_nystrand(momentum_transfer: FloatArray, radius: Scalar, _mass_number: int) -> FloatArray:
    """Klein-Nystrand form factor, R^2 = (3/5) R_A^2 + 6 a^2 with a = 0.7 fm (Phys. Rev. C 60 (1999) 014903)."""
    q = momentum_transfer / HBAR_C
    r_a = _diffraction_radius(5.0 / 3.0 * (np.square(radius) - 6.0 * YUKAWA_RANGE**2), radius, "Klein-Nystrand")
    return _uniform_sphere(q * r_a) / (1.0 + (YUKAWA_RANGE * q) ** 2)


def symmetrised_fermi(momentum_transfer: FloatArray, radius: Scalar, _mass_number: int) -> FloatArray:
    """Symmetrised Fermi form factor, R^2 = (3/5) c^2 + (7/5) (pi a)^2, 4 a ln 3 = 2.30 fm (J. Phys. G 24 (1998) 1177).

    Written as ``(y/sinh y) [3 j1(x)/x + 3 r^2 sinc(x) (y coth y - 1)/y^2] / (1 + r^2)`` with x = q c, y = pi q a and
    r = y/x, which has no cancellation at small q.
    """
    q = momentum_transfer / HBAR_C
    width = np.pi * FERMI_DIFFUSENESS
    c = _diffraction_radius(5.0 / 3.0 * (np.square(radius) - 7.0 / 5.0 * width**2), radius, "symmetrised Fermi")
    x, y, ratio2 = q * c, q * width, (width / c) ** 2
    small = y < 0.1
    safe = np.where(small, 1.0, y)
    y2 = y * y
    coth_term = np.where(
        small,
        (1.0 - y2 / 15.0 * (1.0 - 2.0 * y2 / 21.0 * (1.0 - y2 / 10.0))) / 3.0,
        (safe / np.tanh(safe) - 1.0) / safe**2,
    )
    damping = np.where(
        small, 1.0 - y2 / 6.0 * (1.0 - 7.0 * y2 / 60.0 * (1.0 - 31.0 * y2 / 294.0)), safe / np.sinh(safe)
    )
    return damping * (_uniform_sphere(x) + 3.0 * ratio2 * np.sinc(x / np.pi) * coth_term) / (1.0 + ratio2)


def point_like(momentum_transfer: FloatArray, radius: Scalar, _mass_number: int) -> FloatArray:
    """Form factor of a point: one at every momentum transfer."""
    return np.ones(np.broadcast_shapes(np.shape(momentum_transfer), np.shape(radius)))


FORM_FACTORS: Final[Mapping[str, FormFactor]] = MappingProxyType(
    {
        "helm": helm,
        "helm-engel": helm_engel,
        "klein-nystrand": klein_nystrand,
        "symmetrised-fermi": symmetrised_fermi,
        "point-like": point_like,
    }
)
"""The form factors by name."""


def form_factor(choice: str | FormFactor) -> FormFactor:
    """Look up a form factor by name, or pass through one supplied by the user.

    A user-supplied function has the signature of `FormFactor`; it must be one at zero momentum transfer.

    Raises
    ------
    InputError
        If the name is unknown, or if the function is not 1 at zero momentum transfer.
    """
    if callable(choice):
        at_zero = np.asarray(choice(np.zeros(1), 5.0, 100))
        if not np.allclose(at_zero, 1.0, rtol=0.0, atol=1e-9):
            raise InputError("form_factor", choice, f"a function with F(0) = 1 (this one gives {at_zero!r})")
        return choice
    if choice not in FORM_FACTORS:
        raise InputError("form_factor", choice, FORM_FACTORS)
    return FORM_FACTORS[choice]
