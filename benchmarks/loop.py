"""The loop that one would write: chi^2 of CsI and B - L with general routines, one point after the other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import integrate, optimize, special

import cevns
from cevns.constants import (
    AVOGADRO,
    CHARGED_PION_MASS,
    FERMI_CONSTANT,
    HBAR_C,
    MEV2_CM2,
    MUON_MASS,
)
from cevns.interactions import radiative_couplings
from cevns.nuclear import isotope


@dataclass(frozen=True)
class Nucleus:
    """What the loop needs of one isotope."""

    protons: int
    neutrons: int
    mass: float
    number: float
    proton_radius: float
    neutron_radius: float


class StraightforwardLoop:
    """chi^2 of CsI and B-L, point by point: integrals by ``quad``, pulls by ``minimize``, formulas written out.

    What does not depend on the point, the response of the detector and the arrival times, is computed once and is not
    part of the time. It shares data and physical constants with the package, but no computation of rates, response or
    statistics (the fractions in time are the package's).
    """

    line = (CHARGED_PION_MASS**2 - MUON_MASS**2) / (2.0 * CHARGED_PION_MASS)
    endpoint = MUON_MASS / 2.0

    def __init__(self, experiment: cevns.Experiment, nodes: int = 60) -> None:
        self.experiment = experiment
        config = experiment.config
        caesium, iodine = isotope("133Cs"), isotope("127I")
        per_kg = AVOGADRO / (1e-3 * (caesium.atomic_mass + iodine.atomic_mass))
        self.nuclei = [
            Nucleus(i.protons, i.neutrons, i.mass, config.target.mass * per_kg, radii.proton, radii.neutron)
            for i, radii in ((i, config.target.radii[i.name]) for i in (caesium, iodine))
        ]
        source = config.source
        self.fluence = source.neutrinos_per_proton * source.protons_on_target / (4.0 * math.pi * source.distance**2)
        couplings = radiative_couplings()
        self.proton_couplings = (couplings.proton[0], couplings.proton[1], couplings.proton[1])
        self.neutron_coupling = couplings.neutron
        self.recoils = [self._recoil_nodes(nucleus, nodes) for nucleus in self.nuclei]
        self.responses = [np.array([self._response(T) for T in recoils]) for recoils, _ in self.recoils]
        self.sigmas = np.array([0.12, 0.25, 0.35, 0.021])

    def _recoil_nodes(self, nucleus: Nucleus, nodes: int) -> tuple[np.ndarray, np.ndarray]:
        """Gauss-Legendre nodes below and above the largest recoil that the prompt line can give."""
        ends = [0.0, *(2.0 * E**2 / (nucleus.mass + 2.0 * E) for E in (self.line, self.endpoint))]
        x, w = np.polynomial.legendre.leggauss(nodes)
        pieces = [(low + (high - low) * (x + 1.0) / 2.0, (high - low) * w / 2.0) for low, high in pairwise(ends)]
        points, weights = zip(*pieces, strict=True)
        return np.concatenate(points), np.concatenate(weights)

    def _response(self, T: float) -> list[float]:
        """Probability that a recoil T [MeV] is recorded in each energy bin."""
        c, b, e = (self.experiment.config.detector.quenching.coefficients, 0.7157, self._efficiency)
        mean = 13.35e3 * sum(coefficient * T ** (k + 1) for k, coefficient in enumerate(c))
        shape = 1.0 + b * mean
        constant = shape * math.log(shape / mean) - special.gammaln(shape)

        def density(x: float) -> float:
            return e(x) * math.exp(constant + b * mean * math.log(x) - shape / mean * x) if x > 0.0 else 0.0

        edges = self.experiment.energy_edges.tolist()
        # The efficiency starts at 5.2 PE.
        return [
            integrate.quad(density, low, high, points=(self._threshold,) if low < self._threshold < high else None)[0]
            for low, high in pairwise(edges)
        ]

    _threshold = 10.8646 - math.log(1.32045 / 0.333322 - 1.0) / 0.285979

    @staticmethod
    def _efficiency(x: float) -> float:
        return max(0.0, 1.32045 / (1.0 + math.exp(-0.285979 * (x - 10.8646))) - 0.333322)

    @staticmethod
    def _form_factor(q: float, radius: float) -> float:
        """Helm form factor; q in 1/fm."""
        x = q * math.sqrt(5.0 / 3.0 * radius**2 - 5.0 * 0.9**2)
        return 3.0 * (math.sin(x) - x * math.cos(x)) / x**3 * math.exp(-0.5 * (q * 0.9) ** 2)

    def _nu_e(self, E: float) -> float:
        return 192.0 * E**2 / MUON_MASS**3 * (0.5 - E / MUON_MASS)

    def _nubar_mu(self, E: float) -> float:
        return 64.0 * E**2 / MUON_MASS**3 * (0.75 - E / MUON_MASS)

    def _charges(self, nucleus: Nucleus, T: float, g: float, mass: float) -> list[float]:
        """Weak charge and that of the B-L boson, for nu_e, nu_mu and antinu_mu."""
        q2 = 2.0 * nucleus.mass * T
        q = math.sqrt(q2) / HBAR_C
        protons = nucleus.protons * self._form_factor(q, nucleus.proton_radius)
        neutrons = nucleus.neutrons * self._form_factor(q, nucleus.neutron_radius)
        boson = -(g**2) * (protons + neutrons) / (math.sqrt(2.0) * FERMI_CONSTANT * (q2 + mass**2))
        return [gp * protons + self.neutron_coupling * neutrons + boson for gp in self.proton_couplings]

    def _rates(self, nucleus: Nucleus, T: float, g: float, mass: float) -> list[float]:
        """Recoils per MeV of each neutrino component."""
        M = nucleus.mass
        q_e, q_mu, q_mubar = self._charges(nucleus, T, g, mass)

        def cross_section(E: float, charge: float) -> float:
            return FERMI_CONSTANT**2 * M / math.pi * charge**2 * (1.0 - T / E - M * T / (2.0 * E**2)) * MEV2_CM2

        lowest = (T + math.sqrt(T**2 + 2.0 * M * T)) / 2.0
        delayed = integrate.quad(lambda E: self._nu_e(E) * cross_section(E, q_e), lowest, self.endpoint)[0]
        prompt = cross_section(self.line, q_mu) if lowest < self.line else 0.0
        anti = integrate.quad(lambda E: self._nubar_mu(E) * cross_section(E, q_mubar), lowest, self.endpoint)[0]
        return [nucleus.number * self.fluence * rate for rate in (delayed, prompt, anti)]

    def events(self, bins: slice, g: float, mass: float) -> np.ndarray:
        """Expected events of some energy bins by component."""
        counts = np.zeros((len(self.responses[0][0, bins]), 3))
        for nucleus, (recoils, weights), response in zip(self.nuclei, self.recoils, self.responses, strict=True):
            for T, weight, seen in zip(recoils.tolist(), weights.tolist(), response, strict=True):
                counts += weight * np.outer(seen[bins], self._rates(nucleus, T, g, mass))
        return counts

    def signal(self, g: float, mass: float, *, bin_by_bin: bool = True) -> np.ndarray:
        """Expected events, shape (energy bin, time bin); each bin an integral of its own, or all from one."""
        number = len(self.experiment.energy_edges) - 1
        pieces = [slice(i, i + 1) for i in range(number)] if bin_by_bin else [slice(number)]
        return np.concatenate([self.events(bins, g, mass) for bins in pieces]) @ self.experiment.arrival

    def chi2(self, g: float, mass: float, *, bin_by_bin: bool = True) -> float:
        """chi^2 with the pulls minimised."""
        signal, observed = self.signal(g, mass, bin_by_bin=bin_by_bin), self.experiment.observed
        components = [signal, *self.experiment.backgrounds.values()]

        def function(pulls: np.ndarray) -> float:
            mu = sum(
                (1.0 + sigma * pull) * counts
                for sigma, pull, counts in zip(self.sigmas, pulls, components, strict=True)
            )
            if np.any(mu <= 0.0):
                return 1e12
            logarithm = special.xlogy(observed, observed / mu)
            return float(2.0 * np.sum(mu - observed + logarithm) + np.sum(pulls**2))

        return float(optimize.minimize(function, np.zeros(4), options={"gtol": 1e-4}).fun)
