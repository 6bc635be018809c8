"""The physics a second time: point by point, from the formulas, with adaptive quadrature and in any unit of energy.

Nothing here comes from the package but the shape of what is compared. Slow on purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import exp, lgamma, log, pi, sqrt

import numpy as np
from scipy.integrate import quad
from scipy.special import spherical_jn

from cevns.typing import FloatArray

FERMI = 1.1663788e-11
HBAR_C = 197.3269804
MASS_UNIT = 931.49410372
ELECTRON, MUON, PION = 0.51099895069, 105.6583755, 139.57039
AVOGADRO = 6.02214076e23

END_POINT = MUON / 2.0
LINE = (PION**2 - MUON**2) / (2.0 * PION)


@dataclass(frozen=True)
class Units:
    """Natural units in which one MeV is ``mev`` units of energy; lengths stay in fm and cm."""

    mev: float = 1.0

    @property
    def fermi(self) -> float:
        return FERMI / self.mev**2

    @property
    def hbar_c(self) -> float:
        return HBAR_C * self.mev

    @property
    def cm2(self) -> float:
        return (self.hbar_c * 1e-13) ** 2


MEV = Units()


@dataclass(frozen=True)
class Target:
    """A nucleus; mass in MeV, radii in fm."""

    protons: int
    neutrons: int
    mass: float
    proton_radius: float
    neutron_radius: float


def _target(z: int, n: int, atomic_mass: float, proton_radius: float, neutron_radius: float) -> Target:
    return Target(z, n, atomic_mass * MASS_UNIT - z * ELECTRON, proton_radius, neutron_radius)


CAESIUM = _target(55, 78, 132.905451958, 4.821, 5.09)
IODINE = _target(53, 74, 126.904472592, 4.766, 5.03)
ARGON = _target(18, 22, 39.96238312204, 3.448, 3.55)


def helm(q: float, radius: float, units: Units = MEV) -> float:
    x = q / units.hbar_c * sqrt(5.0 / 3.0 * radius**2 - 5.0 * 0.9**2)
    return 3.0 * float(spherical_jn(1, x)) / x * exp(-0.5 * (q / units.hbar_c * 0.9) ** 2)


def nucleons(target: Target, recoil: float, units: Units = MEV) -> tuple[float, float]:
    """Z F_Z and N F_N at a recoil energy in the given units."""
    q = sqrt(2.0 * target.mass * units.mev * recoil)
    return (
        target.protons * helm(q, target.proton_radius, units),
        target.neutrons * helm(q, target.neutron_radius, units),
    )


Charge = Callable[[Target, float, str], float]
"""Charge of a target at a recoil energy, for a family."""


def weak_charge(proton: dict[str, float], neutron: float, units: Units = MEV) -> Charge:
    def charge(target: Target, recoil: float, family: str) -> float:
        z, n = nucleons(target, recoil, units)
        return proton[family] * z + neutron * n

    return charge


def vector_charge(
    strength: float,
    mass: float,
    quarks: tuple[float, float],
    leptons: dict[str, float],
    units: Units = MEV,
) -> Charge:
    """Shift of the weak charge by a vector of given g^2 (or g_nu g_q) and mass, with the charges of u and d."""
    up, down = quarks

    def charge(target: Target, recoil: float, family: str) -> float:
        z, n = nucleons(target, recoil, units)
        q2 = 2.0 * target.mass * units.mev * recoil
        nuclear = z * (2 * up + down) + n * (up + 2 * down)
        return strength * leptons[family] * nuclear / (sqrt(2.0) * units.fermi * (q2 + mass**2))

    return charge


def scalar_charge(strength: float, mass: float, factors: tuple[float, float] = (17.3, 17.3)) -> Charge:
    def charge(target: Target, recoil: float, _family: str) -> float:
        z, n = nucleons(target, recoil)
        return strength * (factors[0] * z + factors[1] * n) / (2.0 * target.mass * recoil + mass**2)

    return charge


def vector_cross_section(
    charge: float, target: Target, recoil: float, energy: float, units: Units = MEV, *, keep_T_over_E: bool = True
) -> float:
    """Cross section dsigma/dT in cm^2 per unit of energy."""
    m = target.mass * units.mev
    shape = 1.0 - m * recoil / (2.0 * energy**2) - (recoil / energy if keep_T_over_E else 0.0)
    return units.fermi**2 * m / pi * charge**2 * shape * units.cm2


def scalar_cross_section(charge: float, target: Target, recoil: float, energy: float) -> float:
    """Cross section dsigma/dT in cm^2 per MeV."""
    return target.mass**2 * recoil / (4.0 * pi * energy**2) * charge**2 * MEV.cm2


CrossSection = Callable[[Target, float, str], Callable[[float], float]]
"""For a target, recoil energy and family: dsigma/dT [cm^2/MeV] as a function of the neutrino energy."""


def vector(*charges: Charge) -> CrossSection:
    """Vector charges that add coherently."""

    def at(target: Target, recoil: float, family: str) -> Callable[[float], float]:
        total = sum(charge(target, recoil, family) for charge in charges)
        return lambda energy: vector_cross_section(total, target, recoil, energy)

    return at


def scalar(charge: Charge) -> CrossSection:
    """A scalar charge."""

    def at(target: Target, recoil: float, family: str) -> Callable[[float], float]:
        total = charge(target, recoil, family)
        return lambda energy: scalar_cross_section(total, target, recoil, energy)

    return at


def electron_neutrinos(energy: float) -> float:
    return 192.0 * energy**2 / MUON**3 * (0.5 - energy / MUON)


def muon_antineutrinos(energy: float) -> float:
    return 64.0 * energy**2 / MUON**3 * (0.75 - energy / MUON)


def recoil_rates(cross_section: CrossSection, target: Target, recoil: float) -> tuple[float, float, float]:
    """Flux-averaged dsigma/dT for nu_e, nu_mu and antinu_mu from pions at rest [cm^2/MeV]."""
    lowest = 0.5 * (recoil + sqrt(recoil**2 + 2.0 * target.mass * recoil))
    electron, muon = (cross_section(target, recoil, family) for family in ("e", "mu"))

    def average(spectrum: Callable[[float], float], per_energy: Callable[[float], float]) -> float:
        return quad(lambda e: spectrum(e) * per_energy(e), lowest, END_POINT, epsabs=0, epsrel=1e-11)[0]

    return (
        average(electron_neutrinos, electron),
        muon(LINE) if lowest <= LINE else 0.0,
        average(muon_antineutrinos, muon),
    )


@dataclass(frozen=True)
class Detector:
    """Density of the signal given a recoil, and efficiency, smooth between the breakpoints."""

    density: Callable[[float, float], float]
    efficiency: Callable[[float], float]
    breakpoints: tuple[float, ...]

    def acceptance(self, recoil: float, low: float, high: float) -> float:
        """Probability that a recoil is recorded between two signals."""
        points = sorted({low, high, *(b for b in self.breakpoints if low < b < high)})
        return sum(
            quad(lambda x: self.density(x, recoil) * self.efficiency(x), a, b, epsabs=1e-30, epsrel=1e-10)[0]
            for a, b in pairwise(points)
        )


def csi_detector() -> Detector:
    """COHERENT CsI 2021."""

    def density(signal: float, recoil: float) -> float:
        light = 0.0554628 * recoil + 4.30681 * recoil**2 - 111.707 * recoil**3 + 840.384 * recoil**4
        n = 13.35 * 1e3 * light
        a, b = 1.0 / n, 0.7157 * n
        return exp((1 + b) * log(a * (1 + b)) - lgamma(1 + b) + b * log(signal) - a * (1 + b) * signal)

    def efficiency(signal: float) -> float:
        return max(1.32045 / (1.0 + exp(-0.285979 * (signal - 10.8646))) - 0.333322, 0.0)

    zero = 10.8646 - log(1.32045 / 0.333322 - 1.0) / 0.285979
    return Detector(density, efficiency, (zero,))


def lar_detector(signals: FloatArray, efficiencies: FloatArray) -> Detector:
    """COHERENT CENNS-10, with the released efficiency."""

    def density(signal: float, recoil: float) -> float:
        kev = 1e3 * recoil
        n = (0.246 + 0.00078 * kev) * kev
        sigma = 0.58 * sqrt(n)
        return exp(-0.5 * ((signal - n) / sigma) ** 2) / (sqrt(2.0 * pi) * sigma)

    def efficiency(signal: float) -> float:
        return float(np.interp(signal, signals, efficiencies)) if signal >= signals[0] else 0.0

    return Detector(density, efficiency, tuple(signals))


def counts_per_nucleus(
    cross_section: CrossSection, target: Target, detector: Detector, low: float, high: float
) -> float:
    """Events between two signals per target nucleus and per neutrino/cm^2 of each of the three components [cm^2]."""

    def events(recoil: float) -> float:
        return sum(recoil_rates(cross_section, target, recoil)) * detector.acceptance(recoil, low, high)

    ends = [2.0 * e**2 / (target.mass + 2.0 * e) for e in (LINE, END_POINT)]
    points = sorted({*ends, *(ends[1] * 2.0**-k for k in range(1, 25))}, reverse=True)
    total = 0.0
    for b, a in pairwise(points):
        total += quad(events, a, b, epsabs=1e-11 * total, epsrel=1e-9)[0]
    return total
