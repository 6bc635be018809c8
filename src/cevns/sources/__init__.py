"""Neutrino sources: what shines on the target, in energy and in time."""

from cevns.sources.base import NeutrinoFlavour, Source, TimeProfile
from cevns.sources.oscillation import oscillating_moments
from cevns.sources.pion_decay_at_rest import PionDecayAtRest
from cevns.sources.timing import BeamPulse, TabulatedTimes

__all__ = [
    "BeamPulse",
    "NeutrinoFlavour",
    "PionDecayAtRest",
    "Source",
    "TabulatedTimes",
    "TimeProfile",
    "oscillating_moments",
]
