"""Blocks of ``experiment.yaml``: sources."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cevns.experiments.schema.base import Block, Length, Positive, Power, Time


class TableArrival(Block):
    """Arrival times from a histogram: columns time_low, time_high [us], then one per flavour."""

    kind: Literal["table"]
    file: str


class PulseArrival(Block):
    """Arrival times from a Gaussian proton pulse and the decays that follow."""

    kind: Literal["beam-pulse"]
    mean: Time
    width: Time


class PionDecayBlock(Block):
    """A pion-decay-at-rest source."""

    kind: Literal["pion-decay-at-rest"]
    protons_on_target: Positive
    neutrinos_per_proton: Positive
    distance: Length
    path_spread: Length = 0.0
    """Full width of the distribution of distances, from where neutrinos are made to where they scatter."""
    arrival: Annotated[TableArrival | PulseArrival, Field(discriminator="kind")]
    normalise_arrival_to_window: bool = False
    """Whether every neutrino is taken to arrive within the time bins."""


class SteadyBlock(Block):
    """A source that shines all the time."""

    live_time: Time


class TableSourceBlock(SteadyBlock):
    """A flux from a table: columns energy_MeV, then one per component, ``nubar_e`` or another, per cm^2, s and MeV."""

    kind: Literal["table"]
    file: str
    distance: Length = 0.0
    """To the target, for neutrinos that oscillate on the way."""


class ReactorBlock(SteadyBlock):
    """A nuclear reactor; see `cevns.sources.Reactor`."""

    kind: Literal["reactor"]
    thermal_power: Power
    distance: Length
    fission_fractions: dict[str, float]
    flux: Positive | None = None
    """At the target, all energies [1/(cm^2 s)]; in place of what power and distance give."""
    above: str = "huber-mueller"
    below: str = "vogel-engel"
    neutron_capture: float | None = None
    """Captures of U238 per fission."""


AnySource = Annotated[PionDecayBlock | TableSourceBlock | ReactorBlock, Field(discriminator="kind")]
