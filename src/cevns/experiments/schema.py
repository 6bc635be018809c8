"""The schema of ``experiment.yaml``: what an experiment consists of. Unknown keys are refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from cevns.errors import InputError
from cevns.experiments.documents import read_block
from cevns.units import parse_quantity


class Block(BaseModel):
    """A part of the file: immutable, without unknown keys, without numbers that are not finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _quantity(dimension: str) -> Callable[[object], float]:
    def read(value: object) -> float:
        try:
            return parse_quantity(value, dimension, dimension)
        except InputError as error:
            raise ValueError(error.allowed) from None

    return read


Length = Annotated[float, BeforeValidator(_quantity("length"))]
Mass = Annotated[float, BeforeValidator(_quantity("mass"))]
Time = Annotated[float, BeforeValidator(_quantity("time"))]
Power = Annotated[float, BeforeValidator(_quantity("power"))]
Positive = Annotated[float, Field(gt=0)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_+\-]*$")]


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
    path_spread: Annotated[float, BeforeValidator(_quantity("length"))] = 0.0
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
    distance: Annotated[float, BeforeValidator(_quantity("length"))] = 0.0
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


class Radii(Block):
    """Root-mean-square radii of protons and neutrons [fm]."""

    proton: Positive
    neutron: Positive


class TargetBlock(Block):
    """What the detector is made of."""

    mass: Mass
    material: str | dict[str, Positive]
    form_factor: str = "helm"
    radii: dict[str, Radii] = {}
    """By isotope; the charge radius of the isotope table where none is given."""


class PolynomialQuenchingBlock(Block):
    """E_ee = c_1 T + c_2 T^2 + ... in MeV."""

    kind: Literal["polynomial"]
    coefficients: Annotated[tuple[float, ...], Field(min_length=1)]


class LinearQuenchingBlock(Block):
    """Quenching factor constant + slope T, slope in 1/keV."""

    kind: Literal["linear"]
    constant: float
    slope: float = 0.0


class TableQuenchingBlock(Block):
    """Quenching factor from a table: columns recoil_keV, factor."""

    kind: Literal["table"]
    file: str


AnyQuenching = Annotated[
    PolynomialQuenchingBlock | LinearQuenchingBlock | TableQuenchingBlock, Field(discriminator="kind")
]


class GammaResolutionBlock(Block):
    """Gamma density of shape 1 + shape_slope times the mean."""

    kind: Literal["gamma"]
    shape_slope: Positive


class GaussianResolutionBlock(Block):
    """Gaussian density of variance constant^2 + stochastic^2 x + (proportional x)^2."""

    kind: Literal["gaussian"]
    constant: Annotated[float, Field(ge=0)] = 0.0
    stochastic: Annotated[float, Field(ge=0)] = 0.0
    proportional: Annotated[float, Field(ge=0)] = 0.0


class NoResolutionBlock(Block):
    """The recorded signal is its mean."""

    kind: Literal["none"]


class PoissonResolutionBlock(Block):
    """Poisson fluctuations of a counted signal."""

    kind: Literal["poisson"]


class SigmoidEfficiencyBlock(Block):
    """scale/(1 + exp(-slope (x - midpoint))) + offset, zero where negative, reduced below given signals."""

    kind: Literal["sigmoid"]
    scale: Positive
    slope: Positive
    midpoint: float
    offset: float = 0.0
    steps: tuple[tuple[Positive, Annotated[float, Field(ge=0, le=1)]], ...] = ()
    """Signals, increasing, and the factor below each."""


class TableEfficiencyBlock(Block):
    """Efficiency from a table: columns signal, efficiency."""

    kind: Literal["table"]
    file: str


AnyEfficiency = Annotated[SigmoidEfficiencyBlock | TableEfficiencyBlock, Field(discriminator="kind")]


class TimeEfficiencyBlock(Block):
    """One until start, then falling exponentially with the rate [1/us]."""

    kind: Literal["exponential"]
    start: Time
    rate: Annotated[float, Field(ge=0)]


class DetectorBlock(Block):
    """How recoils are seen."""

    signal_unit: str
    """Unit of the energy axis of the data, for labels: ``PE``, ``keVee``."""
    light_yield: Positive = 1.0
    """Signal per keVee."""
    electron_recoils: Literal["rejected", "selectable", "counted"] = "rejected"
    """Whether events of electron scattering pass the selection; ``selectable``: counted if asked for."""
    nuclear_recoils: Literal["rejected", "counted"] = "counted"
    """Whether nuclear recoils pass the selection."""
    quenching: AnyQuenching = LinearQuenchingBlock(kind="linear", constant=1.0)
    """Of nuclear recoils; needed if they count."""
    resolution: Annotated[
        GammaResolutionBlock | GaussianResolutionBlock | NoResolutionBlock | PoissonResolutionBlock,
        Field(discriminator="kind"),
    ]
    efficiency: AnyEfficiency
    time_efficiency: TimeEfficiencyBlock | None = None

    @model_validator(mode="after")
    def _sees_something(self) -> DetectorBlock:
        if self.nuclear_recoils == "counted" and "quenching" not in self.model_fields_set:
            raise InputError("detector.quenching", None, "the quenching of nuclear recoils, which count")
        if self.nuclear_recoils == "rejected" and self.electron_recoils != "counted":
            raise InputError("detector.electron_recoils", self.electron_recoils, "'counted', if nuclear recoils do not")
        return self


class PoissonBlock(Block):
    """Poisson chi^2 = 2 sum [mu - n + n ln(n/mu)]."""

    kind: Literal["poisson"]


class GaussianBlock(Block):
    """Gaussian chi^2 = sum (mu - n)^2/variance, variance = max(n, floor) + sum of background variances, or as given."""

    kind: Literal["gaussian"]
    errors: str | None = None
    """Column of the data table with the standard deviations of the data, which need not be counts then."""
    floor: Positive = 1.0
    background_variance: dict[str, Annotated[float, Field(ge=0)]] = {}
    """Variance of a background per expected event, by name: 0.2 if it was measured in a window five times longer."""


class PoissonOnOffBlock(Block):
    """Poisson likelihood of the counts n of mean s + b and of the counts m of mean b of a background alone."""

    kind: Literal["poisson-on-off"]
    off_counts: Name
    """The background that was counted for the same time as the data; its column holds m."""
    treatment: Literal["profiled", "marginalised"] = "profiled"
    """Whether b takes its best value in each bin, or is integrated out with a flat prior."""


class ShapeVariants(Block):
    """Two columns of relative changes combined into one pull: (up - down)/2 per unit pull."""

    up: str
    down: str


class RadiusVariation(Block):
    """The rms radii of all target nuclei are multiplied by one plus the pull."""

    kind: Literal["nuclear-radius"]


class BeamTimeVariation(Block):
    """The beam comes later by the pull [us]; neutrinos and the backgrounds of the table move along."""

    kind: Literal["beam-time"]
    backgrounds: str | None = None
    """Table of arrival times: columns time_low, time_high [us], then one for each background that moves."""


class EfficiencyVariation(Block):
    """The efficiency goes from its nominal curve at 0 to variants at +1 and -1."""

    kind: Literal["efficiency"]
    up: AnyEfficiency
    down: AnyEfficiency


class SourceVariation(Block):
    """Something that the source is uncertain of changes by the pull, in standard deviations."""

    kind: Literal["source"]
    uncertainty: str


AnyVariation = Annotated[
    RadiusVariation | BeamTimeVariation | EfficiencyVariation | SourceVariation, Field(discriminator="kind")
]


class NuisanceBlock(Block):
    """A pull: it scales a component, adds a shape variation to it, or varies what the prediction is made of."""

    name: Name
    component: Name | None = None
    """``cevns``, ``neutrinos`` (every part of the signal) or a background."""
    varies: AnyVariation | None = None
    """What the pull varies in place of a component; counts are not linear in it."""
    sigma: Positive | None = None
    """Width of the constraint to zero. Only what is varied may go without, and is then free within its range."""
    range: tuple[float, float] | None = None
    """Lowest and highest value of what is varied; five sigma on either side if absent, within the variants if any."""
    shape: str | ShapeVariants | None = None
    """Column of the data table with the relative change of the component per unit pull; a plain scaling if absent."""
    includes: dict[Name, Positive] = {}
    """Parts of sigma, in quadrature, that other experiments may share, by name: ``sns_flux: 0.10``."""

    @property
    def width(self) -> float:
        """Sigma, infinite for a pull that is free."""
        return self.sigma or math.inf

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest value."""
        reach = 5.0 * self.width if self.varies else math.inf
        if isinstance(self.varies, EfficiencyVariation):
            reach = min(reach, 1.0)
        return self.range or (-reach, reach)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the data table that the shape is made of."""
        if isinstance(self.shape, ShapeVariants):
            return (self.shape.up, self.shape.down)
        return () if self.shape is None else (self.shape,)

    @model_validator(mode="after")
    def _keys_go_together(self) -> NuisanceBlock:
        varies, between_variants = self.varies is not None, isinstance(self.varies, EfficiencyVariation)
        low, high = self.bounds
        parts = sum(part**2 for part in self.includes.values())
        requirements = (
            ("component", varies == (self.component is None), "a component, or something that varies, and not both"),
            ("sigma", varies or self.sigma is not None, "a positive number"),
            ("range", varies or self.range is None, "no range: the pull of a component has none"),
            ("range", not varies or (self.sigma or self.range) is not None, "a range or a sigma, or both"),
            ("range", low < 0.0 < high, "two numbers, the first below zero and the second above"),
            (
                "range",
                not between_variants or -1.0 <= low < high <= 1.0,
                "numbers from -1 to 1, where the variants are",
            ),
            ("shape", not (varies and self.shape), "no shape: the pull has no component"),
            ("includes", not (varies and self.includes), "nothing: the pull has no component"),
            (
                "includes",
                parts <= self.width**2,
                f"parts that add in quadrature to at most sigma = {self.sigma}",
            ),
        )
        for key, met, allowed in requirements:
            if not met:
                raise InputError(f"nuisances.{self.name}.{key}", getattr(self, key), allowed)
        return self


class ExperimentBlock(Block):
    """The whole file."""

    schema_version: Literal[1]
    name: Name
    analysis: Name | None = None
    """Name of the analysis if it is not the one of the experiment: the file that says what is different."""
    title: str
    citations: tuple[str, ...] = ()
    source: AnySource
    target: TargetBlock
    detector: DetectorBlock
    data: str
    """Table of bins: energy_low, energy_high, time_low, time_high, observed, backgrounds, shapes.

    There may be no times if the source is steady.
    """
    backgrounds: dict[Name, str]
    """Names of the background columns, with a description."""
    statistic: Annotated[PoissonBlock | GaussianBlock | PoissonOnOffBlock, Field(discriminator="kind")]
    nuisances: tuple[NuisanceBlock, ...] = ()
    sha256: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = {}
    """Hashes of the tables; those given are checked."""

    @property
    def counted(self) -> str | None:
        """The background whose mean is not predicted but counted in each bin, if there is one."""
        return self.statistic.off_counts if isinstance(self.statistic, PoissonOnOffBlock) else None

    @model_validator(mode="after")
    def _names_exist(self) -> ExperimentBlock:
        if self.counted is not None and self.counted not in self.backgrounds:
            raise InputError("statistic.off_counts", self.counted, self.backgrounds)
        components = tuple(name for name in ("cevns", "neutrinos", *self.backgrounds) if name != self.counted)
        for pull in self.nuisances:
            if pull.varies is None and pull.component not in components:
                raise InputError(f"nuisances.{pull.name}.component", pull.component, components)
        names = [pull.name for pull in self.nuisances]
        if len(set(names)) < len(names):
            raise InputError("nuisances.name", names, "distinct names")
        varied = [pull.varies for pull in self.nuisances if pull.varies]
        kinds = [f"source {one.uncertainty}" if isinstance(one, SourceVariation) else one.kind for one in varied]
        if len(set(kinds)) < len(kinds):
            raise InputError("nuisances.varies", kinds, "each kind once")
        if isinstance(self.statistic, GaussianBlock):
            for name in self.statistic.background_variance:
                if name not in self.backgrounds:
                    raise InputError("statistic.background_variance", name, self.backgrounds)
        return self


def read_experiment(document: object, origin: str) -> ExperimentBlock:
    """Validate the description of an experiment; see `cevns.experiments.documents.read_block`."""
    return read_block(ExperimentBlock, document, origin)
