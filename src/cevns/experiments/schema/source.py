"""Blocks of ``experiment.yaml``: sources."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cevns.experiments.schema.base import Block, Length, Positive, Power, Time
from cevns.sources import sun
from cevns.sources.sun import FlavourChange, SolarModel

Sin2 = Annotated[float, Field(ge=0, le=1)]


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


class SunBlock(SteadyBlock):
    """The Sun; see `cevns.sources.Sun`."""

    kind: Literal["sun"]
    model: SolarModel = "gs98"
    fluxes: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """Fluxes at 1 AU [1/(cm^2 s)] in place of those of the model, by reaction: ``8B: 5.2e+6``."""
    flavour_change: FlavourChange = "lma-msw"
    sin2_theta_12: Sin2 = sun.SIN2_THETA_12
    sin2_theta_13: Sin2 = sun.SIN2_THETA_13
    sin2_theta_23: Sin2 = sun.SIN2_THETA_23
    dm21: Positive = sun.DM21


AnySource = Annotated[PionDecayBlock | TableSourceBlock | ReactorBlock | SunBlock, Field(discriminator="kind")]
