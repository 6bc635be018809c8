"""The anomalous magnetic moment of the muon: what a mediator adds to it, and the bands that measurements prefer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from cevns.constants import MUON_MASS
from cevns.errors import InputError
from cevns.interactions.catalogue import as_model
from cevns.interactions.leptonic_vector import LeptonicVector
from cevns.interactions.light_scalar import LightScalar
from cevns.interactions.light_vector import LightVector
from cevns.interactions.model import Interaction, Model
from cevns.typing import FloatArray, Scalar

Spin: TypeAlias = Literal["vector", "scalar"]
"""Of a mediator."""
MuonCharge: TypeAlias = tuple[Spin, float]
"""Spin of a mediator, and its coupling to muons in units of g."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(400)


@dataclass(frozen=True)
class MuonMomentBand:
    """Difference between measured and predicted anomalous magnetic moment of the muon.

    Attributes
    ----------
    value, error : float
        Delta a_mu and its standard deviation.
    citation : str
        INSPIRE key.
    """

    value: float
    error: float
    citation: str


MUON_MOMENT_BANDS: Final[Mapping[str, MuonMomentBand]] = MappingProxyType(
    {
        "2021": MuonMomentBand(251e-11, 59e-11, "Muong-2:2021ojo"),
        "2025": MuonMomentBand(38e-11, 63e-11, "Aliberti:2025beg"),
    }
)
"""Fermilab's first result with the 2020 prediction, and the final result with the 2025 one, which shows no tension."""


def muon_moment(coupling: Scalar, mass: Scalar, kind: Spin) -> FloatArray:
    """Contribution of a mediator to a_mu at one loop.

    a = g^2/(8 pi^2) int_0^1 dx Q(x)/(x^2 + (1-x) M^2/m_mu^2), Q = 2 x^2 (1-x) for a vector, x^2 (2-x) for a scalar
    (Leveille, Nucl. Phys. B 137 (1978) 63).

    Parameters
    ----------
    coupling : float or array
        Coupling of the mediator to muons: for the named vector models g times the muon's charge.
    mass : float or array
        Mass of the mediator [MeV].
    kind : {"vector", "scalar"}
        Its spin.

    Raises
    ------
    InputError
        If the kind is unknown.

    >>> round(float(muon_moment(1e-3, 1e-3, "vector")) * 8 * np.pi**2 / 1e-6, 4)
    1.0
    """
    if kind not in get_args(Spin):
        raise InputError("kind", kind, get_args(Spin))
    # x = s^4 (5 - 4 s) moves the nodes towards x = 0, where a light mediator has its peak.
    s = 0.5 * (_NODES + 1.0)
    x, weights = s**4 * (5.0 - 4.0 * s), 0.5 * _WEIGHTS * 20.0 * s**3 * (1.0 - s)
    ratio2 = np.square(np.asarray(mass, dtype=float) / MUON_MASS)[..., None]
    numerator = 2.0 * x**2 * (1.0 - x) if kind == "vector" else x**2 * (2.0 - x)
    loop = (numerator / (x**2 + (1.0 - x) * ratio2)) @ weights
    return np.asarray(np.square(coupling) * loop / (8.0 * np.pi**2))


def muon_moment_couplings(
    mass: FloatArray, band: str, kind: Spin, *, sigmas: float = 2.0
) -> tuple[FloatArray, FloatArray]:
    """Couplings to muons that put a_mu into a band, at each mass: lowest (zero if none is needed) and highest.

    Parameters
    ----------
    mass : array
        Mass of the mediator [MeV].
    band : str
        A name from `MUON_MOMENT_BANDS`.
    kind : {"vector", "scalar"}
        Spin of the mediator.
    sigmas : float
        Half width of the band.

    Raises
    ------
    InputError
        If the band or the kind is unknown.
    """
    if band not in MUON_MOMENT_BANDS:
        raise InputError("band", band, MUON_MOMENT_BANDS)
    chosen = MUON_MOMENT_BANDS[band]
    per_unit = muon_moment(1.0, mass, kind)
    low, high = (max(chosen.value + side * sigmas * chosen.error, 0.0) for side in (-1.0, 1.0))
    return np.sqrt(low / per_unit), np.sqrt(high / per_unit)


def muon_charge(model: str | Interaction | Model) -> MuonCharge | None:
    """Spin of the mediator of a model, and its coupling to muons in units of g.

    None if muons do not couple, or if g alone does not tell how strongly: two mediators, or g_nu and g_q apart.

    >>> muon_charge("b-3lmu"), muon_charge("b-3le")
    (('vector', 3.0), None)
    """
    found = [charge for i in as_model(model).interactions if (charge := _charge_of(i)) is not None]
    return found[0] if len(found) == 1 and found[0][1] > 0.0 else None


def _charge_of(interaction: Interaction) -> MuonCharge | None:
    if isinstance(interaction, LightVector | LightScalar) and interaction.separate_couplings:
        return None
    if isinstance(interaction, LightVector):
        return "vector", abs(float(interaction.lepton_charges[1]))
    if isinstance(interaction, LeptonicVector):
        return "vector", float("mu" in (interaction.plus, interaction.minus))
    if isinstance(interaction, LightScalar):
        return "scalar", 1.0
    return None
