"""Quarks in nucleons: what scalar, axial and tensor currents of u and d see of protons and neutrons."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

UP_SPIN: Final = 0.842
DOWN_SPIN: Final = -0.427
"""Share of the spin of the proton that u and d quarks carry (HERMES, Phys. Rev. D 75 (2007) 012007)."""

TENSOR_CHARGES: Final[Mapping[str, tuple[float, float]]] = MappingProxyType({"u": (0.54, -0.23), "d": (-0.23, 0.54)})
"""delta_q^p and delta_q^n (M. Anselmino et al., Nucl. Phys. B Proc. Suppl. 191 (2009) 98)."""

QUARK_MASSES: Final[Mapping[str, float]] = MappingProxyType({"u": 2.2, "d": 4.7})
_NUCLEON_MASSES: Final = {"p": 938.272, "n": 939.565}
"""Masses [MeV] (PDG)."""
_MASS_SHARES: Final = {"p": {"u": 0.0208, "d": 0.0411}, "n": {"u": 0.0189, "d": 0.0451}}
"""Shares f_Tq of the quark masses in the mass of a nucleon (Hoferichter et al., PRL 115, 092301)."""


def scalar_charges(up: float = 1.0, down: float = 1.0) -> tuple[float, float]:
    """Scalar charges f_p and f_n = sum_q c_q (m_N/m_q) f_Tq of the nucleons, for quark couplings c_u g and c_d g.

    >>> [round(f, 2) for f in scalar_charges()]
    [17.08, 17.09]
    """
    couplings = {"u": up, "d": down}
    proton, neutron = (
        sum(c * _NUCLEON_MASSES[n] / QUARK_MASSES[q] * _MASS_SHARES[n][q] for q, c in couplings.items())
        for n in ("p", "n")
    )
    return proton, neutron
