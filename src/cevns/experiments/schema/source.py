"""Blocks of ``experiment.yaml``: sources."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cevns.constants import MEV_JOULE
from cevns.documents import Block
from cevns.errors import InputError
from cevns.experiments.schema.base import Energy, Length, Positive, Power, Time
from cevns.sources import sun
from cevns.sources.sun import FlavourChange, SolarModel
from cevns.units import SECOND

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


class LongPulseArrival(Block):
    """Arrival times uniform over a proton pulse that lasts much longer than pions and muons."""

    kind: Literal["long-pulse"]
    length: Time


class OperationBlock(Block):
    """The beam for some time at one power."""

    power: Power
    time: Time


class BeamBlock(Block):
    """A plan of the proton beam: its energy, its pulses, and how long it runs at which power."""

    proton_energy: Energy
    pulse_rate: Positive
    """Pulses per second."""
    operation: Annotated[tuple[OperationBlock, ...], Field(min_length=1)]
    """One entry after another, such as one for each year."""

    @property
    def energy(self) -> float:
        """Energy of all protons [MW us], which is J."""
        return sum(run.power * run.time for run in self.operation)

    @property
    def protons(self) -> float:
        """Number of protons: their energy over that of one."""
        return self.energy / (self.proton_energy * MEV_JOULE)

    @property
    def pulses(self) -> float:
        """Number of pulses."""
        return self.pulse_rate * sum(run.time for run in self.operation) / SECOND


class PionDecayBlock(Block):
    """A pion-decay-at-rest source."""

    kind: Literal["pion-decay-at-rest"]
    protons_on_target: Positive | None = None
    beam: BeamBlock | None = None
    """A plan, in place of the number of protons."""
    neutrinos_per_proton: Positive
    distance: Length
    path_spread: Length = 0.0
    """Full width of the distribution of distances, from where neutrinos are made to where they scatter."""
    arrival: Annotated[TableArrival | PulseArrival | LongPulseArrival, Field(discriminator="kind")]
    normalise_arrival_to_window: bool = False
    """Whether every neutrino is taken to arrive within the time bins."""

    @property
    def protons(self) -> float:
        """Protons on target, as given or as planned."""
        return self.beam.protons if self.beam else self.protons_on_target or 0.0

    @model_validator(mode="after")
    def _protons_once(self) -> PionDecayBlock:
        if (self.beam is None) == (self.protons_on_target is None):
            raise InputError("source.protons_on_target", self.protons_on_target, "protons_on_target or beam, not both")
        return self


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
