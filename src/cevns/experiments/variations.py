"""What pulls can vary besides the size of a component: radii, the efficiency, the source, the time of the beam."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

import numpy as np

from cevns.detector import Curve, ExponentialDecay, Quenching, QuenchingBetween, between
from cevns.errors import DataError, InputError
from cevns.predict import EnergyRates
from cevns.sources import TimeProfile, UncertainSource
from cevns.typing import FloatArray

_PRODUCT = 1e-6
"""Largest difference, of the total, between a background and the product of its spectrum and its times."""


@dataclass(frozen=True)
class ArrivalTimes:
    """Arrival times of some components, and the bins in which they are detected.

    Attributes
    ----------
    profile : TimeProfile
        When they arrive.
    edges : array, shape (time bin + 1,)
        Bin edges [us].
    efficiency : ExponentialDecay or None
        Efficiency as a function of the time of detection.
    all_in_window : bool
        Whether everything is taken to arrive within the bins.
    """

    profile: TimeProfile
    edges: FloatArray
    efficiency: ExponentialDecay | None = None
    all_in_window: bool = False

    def fractions(self, delay: float = 0.0) -> FloatArray:
        """Fraction of each component detected in each bin, shape (component, time bin), for a beam later by a delay.

        The bins and the efficiency stay where they are, which is to say that for the beam they come earlier.
        """
        edges, decay = self.edges - delay, self.efficiency
        if decay is not None:
            decay = ExponentialDecay(decay.start - delay, decay.rate)
        fractions = self.profile.fractions(edges, decay, decay.breakpoints if decay else ())
        return fractions / self.profile.fractions(edges[[0, -1]], None, ()) if self.all_in_window else fractions


class EnergyVariation(Protocol):
    """Something that the energy spectra depend on."""

    def nodes(self, low: float, high: float, /) -> int:
        """Number of values of the pull from which spectra are interpolated to 1e-5, odd."""

    def rates(self, nominal: EnergyRates, value: float) -> EnergyRates:
        """Energy spectra at a value of the pull."""


@dataclass(frozen=True)
class NuclearRadius:
    """Radii of protons and neutrons of all targets times one plus the pull.

    A radius that a model sets, such as ``R_n`` of `cevns.interactions.NeutronRadius`, stays what the model says.
    """

    @staticmethod
    def nodes(low: float, high: float) -> int:
        """Seven for a quarter of the radius on either side, and two for each quarter more."""
        return 5 + 2 * math.ceil(2.0 * (high - low))

    def rates(self, nominal: EnergyRates, value: float) -> EnergyRates:
        """Energy spectra with these radii."""
        targets = {
            replace(
                nucleus,
                proton_radius=nucleus.proton_radius * (1.0 + value),
                neutron_radius=nucleus.neutron_radius * (1.0 + value),
            ): number
            for nucleus, number in nominal.targets.items()
        }
        return replace(nominal, targets=targets)


@dataclass(frozen=True)
class EfficiencyCurve:
    """The efficiency between variants at +1 and -1; see `cevns.detector.between`."""

    nominal: Curve
    up: Curve
    down: Curve

    def __post_init__(self) -> None:
        """Check that the three go together."""
        between(self.nominal, self.up, self.down, 0.0)

    @staticmethod
    def nodes(_low: float, _high: float) -> int:
        """Seven: the curve is smooth between its variants."""
        return 7

    def rates(self, nominal: EnergyRates, value: float) -> EnergyRates:
        """Energy spectra with this efficiency."""
        efficiency = between(self.nominal, self.up, self.down, value)
        return replace(nominal, response=replace(nominal.response, efficiency=efficiency))


@dataclass(frozen=True)
class QuenchingModel:
    """The quenching between variants at +1 and -1; see `cevns.detector.QuenchingBetween`."""

    nominal: Quenching
    up: Quenching
    down: Quenching

    @staticmethod
    def nodes(_low: float, _high: float) -> int:
        """Nine: counts near a threshold depend on the energy scale more than on an efficiency."""
        return 9

    def rates(self, nominal: EnergyRates, value: float) -> EnergyRates:
        """Energy spectra with this quenching."""
        quenching = QuenchingBetween(self.nominal, self.up, self.down, value)
        return replace(nominal, response=replace(nominal.response, quenching=quenching))


@dataclass(frozen=True)
class SourceUncertainty:
    """Something that the source is uncertain of; the pull is in standard deviations.

    Attributes
    ----------
    uncertainty : str
        Its name, one of those of the source.
    """

    uncertainty: str

    @staticmethod
    def nodes(_low: float, _high: float) -> int:
        """Three: fluxes are linear in what they are uncertain of, or nearly so."""
        return 3

    def rates(self, nominal: EnergyRates, value: float) -> EnergyRates:
        """Energy spectra with the changed source.

        Raises
        ------
        InputError
            If the source knows no such uncertainty.
        """
        known = nominal.source.uncertainties if isinstance(nominal.source, UncertainSource) else ()
        if not isinstance(nominal.source, UncertainSource) or self.uncertainty not in known:
            raise InputError("nuisances.varies.uncertainty", self.uncertainty, known or "none of this source")
        return replace(nominal, source=nominal.source.varied(self.uncertainty, value))


@dataclass(frozen=True)
class BeamTime:
    """A beam that comes later by the pull [us]: neutrinos, and backgrounds that move along.

    Attributes
    ----------
    neutrinos : ArrivalTimes
        Of the neutrino components.
    backgrounds : ArrivalTimes or None
        Of the backgrounds that move.
    spectra : mapping of str to array, shape (energy bin,)
        Events of these backgrounds at all times, such that the undelayed ones are those of the experiment.
    """

    neutrinos: ArrivalTimes
    backgrounds: ArrivalTimes | None
    spectra: Mapping[str, FloatArray]

    @classmethod
    def of(
        cls, neutrinos: ArrivalTimes, backgrounds: ArrivalTimes | None, counts: Mapping[str, FloatArray]
    ) -> BeamTime:
        """From the counts (energy bin, time bin) of the backgrounds.

        Raises
        ------
        DataError
            If they are not products of a spectrum and their times.
        """
        spectra = {}
        if backgrounds is not None:
            for (name, expected), fractions in zip(counts.items(), backgrounds.fractions(), strict=True):
                spectra[name] = expected.sum(axis=1) / fractions.sum()
                if np.abs(np.outer(spectra[name], fractions) - expected).sum() > _PRODUCT * expected.sum():
                    raise DataError(name, "counts", "the product of a spectrum and the arrival times of the background")
        return cls(neutrinos, backgrounds, MappingProxyType(spectra))

    def fractions(self, delay: float) -> FloatArray:
        """Fraction of each neutrino component, then of each background, in each time bin."""
        times = (self.neutrinos, self.backgrounds)
        return np.concatenate([each.fractions(delay) for each in times if each is not None])
