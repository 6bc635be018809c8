"""Physical constants, in MeV unless the name says otherwise.

Sources: CODATA 2022 (exact or rounded to the digits given) and the Review of Particle Physics 2024 (PDG).
"""

from __future__ import annotations

from typing import Final

FERMI_CONSTANT: Final = 1.1663788e-11
"""Fermi constant G_F [MeV^-2] (PDG 2024)."""

FINE_STRUCTURE: Final = 1.0 / 137.035999177
"""Fine-structure constant at zero momentum transfer (CODATA)."""

HBAR_C: Final = 197.3269804
"""Conversion constant hbar c [MeV fm] (CODATA)."""

MEV2_CM2: Final = (HBAR_C * 1e-13) ** 2
"""A cross section of 1 MeV^-2 in cm^2."""

ATOMIC_MASS_UNIT: Final = 931.49410372
"""Atomic mass unit [MeV] (CODATA 2022)."""

AVOGADRO: Final = 6.02214076e23
"""Avogadro constant [1/mol] (exact)."""

MEV_JOULE: Final = 1.602176634e-13
"""1 MeV in joule (exact)."""

ELECTRON_MASS: Final = 0.51099895069
MUON_MASS: Final = 105.6583755
TAU_MASS: Final = 1776.93
CHARGED_PION_MASS: Final = 139.57039
Z_MASS: Final = 91188.0
"""Masses [MeV] (PDG 2024)."""

MUON_LIFETIME: Final = 2.1969811
CHARGED_PION_LIFETIME: Final = 0.026033
"""Mean lives [us] (PDG 2024)."""

LEPTON_MASS: Final = {"e": ELECTRON_MASS, "mu": MUON_MASS, "tau": TAU_MASS}
"""Charged-lepton masses [MeV] by family."""

FAMILIES: Final = ("e", "mu", "tau")
"""Lepton families, in the order of every flavour axis of the package."""
