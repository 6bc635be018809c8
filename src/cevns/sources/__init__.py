"""Neutrino sources: what shines on the target, in energy and in time."""

from cevns.sources.base import NEUTRINOS, MixedSource, NeutrinoFlavour, Source, TimeProfile, UncertainSource
from cevns.sources.oscillation import oscillating_moments
from cevns.sources.pion_decay_at_rest import PionDecayAtRest
from cevns.sources.reactor import Reactor
from cevns.sources.sun import Sun
from cevns.sources.tabulated import TableBuilder, TabulatedSource
from cevns.sources.timing import BeamPulse, TabulatedTimes, UniformTimes

__all__ = [
    "NEUTRINOS",
    "BeamPulse",
    "MixedSource",
    "NeutrinoFlavour",
    "PionDecayAtRest",
    "Reactor",
    "Source",
    "Sun",
    "TableBuilder",
    "TabulatedSource",
    "TabulatedTimes",
    "TimeProfile",
    "UncertainSource",
    "UniformTimes",
    "oscillating_moments",
]
