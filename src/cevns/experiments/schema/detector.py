"""Blocks of ``experiment.yaml``: what the detector is made of, and what it sees."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cevns.documents import Block
from cevns.errors import InputError
from cevns.experiments.schema.base import Mass, Positive, Time


class Radii(Block):
    """Root-mean-square radii of protons and neutrons [fm]."""

    proton: Positive
    neutron: Positive


class TargetBlock(Block):
    """What the detector is made of."""

    mass: Mass
    material: str | dict[str, Positive]
    form_factor: str = "helm"
    radii: dict[str, Radii] = Field(default_factory=dict)
    """By isotope; the charge radius of the isotope table where none is given."""


class _Scaled(Block):
    scale: Positive = 1.0
    """The quenching factor is multiplied by it."""


class PolynomialQuenchingBlock(_Scaled):
    """E_ee = c_1 T + c_2 T^2 + ... in MeV."""

    kind: Literal["polynomial"]
    coefficients: Annotated[tuple[float, ...], Field(min_length=1)]


class LinearQuenchingBlock(_Scaled):
    """Quenching factor constant + slope T, slope in 1/keV."""

    kind: Literal["linear"]
    constant: float
    slope: float = 0.0


class TableQuenchingBlock(_Scaled):
    """Quenching factor from a table: columns recoil_keV, factor."""

    kind: Literal["table"]
    file: str


class LindhardQuenchingBlock(_Scaled):
    """Lindhard's quenching factor k g/(1 + k g), in a target of one element."""

    kind: Literal["lindhard"]
    k: Positive


AnyQuenching = Annotated[
    PolynomialQuenchingBlock | LinearQuenchingBlock | LindhardQuenchingBlock | TableQuenchingBlock,
    Field(discriminator="kind"),
]


class GammaResolutionBlock(Block):
    """Gamma density of shape 1 + shape_slope times the mean."""

    kind: Literal["gamma"]
    shape_slope: Positive


class _GaussianWidths(Block):
    constant: Annotated[float, Field(ge=0)] = 0.0
    stochastic: Annotated[float, Field(ge=0)] = 0.0
    proportional: Annotated[float, Field(ge=0)] = 0.0
    truncated: bool = False
    """Whether the density is cut off at zero and normalised to one above."""


class GaussianResolutionBlock(_GaussianWidths):
    """Gaussian density of variance constant^2 + stochastic^2 x + (proportional x)^2."""

    kind: Literal["gaussian"]


class GaussianSumResolutionBlock(_GaussianWidths):
    """Gaussian density of standard deviation constant + stochastic sqrt(x) + proportional x."""

    kind: Literal["gaussian-sum"]


class NoResolutionBlock(Block):
    """The recorded signal is its mean."""

    kind: Literal["none"]


class PoissonResolutionBlock(Block):
    """Poisson fluctuations of a counted signal."""

    kind: Literal["poisson"]


AnyResolution = Annotated[
    GammaResolutionBlock
    | GaussianResolutionBlock
    | GaussianSumResolutionBlock
    | NoResolutionBlock
    | PoissonResolutionBlock,
    Field(discriminator="kind"),
]


class SigmoidEfficiencyBlock(Block):
    """scale/(1 + exp(-slope (x - midpoint))) + offset, zero where negative, reduced below given signals."""

    kind: Literal["sigmoid"]
    scale: Positive
    slope: Positive
    midpoint: float
    offset: float = 0.0
    steps: tuple[tuple[Positive, Annotated[float, Field(ge=0, le=1)]], ...] = ()
    """Signals, increasing, and the factor below each."""

    @model_validator(mode="after")
    def _at_most_one(self) -> SigmoidEfficiencyBlock:
        if self.scale + self.offset > 1.0 + 1e-9:
            raise InputError("efficiency.scale", self.scale, f"at most {1.0 - self.offset:g}: 1 less the offset")
        return self


class ConstantEfficiencyBlock(Block):
    """The same efficiency at every signal."""

    kind: Literal["constant"]
    value: Annotated[float, Field(gt=0, le=1)]


class TableEfficiencyBlock(Block):
    """Efficiency from a table: columns signal, efficiency."""

    kind: Literal["table"]
    file: str


AnyEfficiency = Annotated[
    SigmoidEfficiencyBlock | ConstantEfficiencyBlock | TableEfficiencyBlock, Field(discriminator="kind")
]


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
    lowest_energy: Annotated[float, Field(ge=0)] = 0.0
    """Lowest electron-equivalent energy [keVee] that makes a signal, however wide the resolution."""
    resolution: AnyResolution
    efficiency: AnyEfficiency
    time_efficiency: TimeEfficiencyBlock | None = None

    @model_validator(mode="after")
    def _sees_something(self) -> DetectorBlock:
        if self.nuclear_recoils == "counted" and "quenching" not in self.model_fields_set:
            raise InputError(
                "detector.quenching",
                None,
                "a block: nuclear recoils count ({kind: linear, constant: 1} for no quenching)",
            )
        if self.nuclear_recoils == "rejected" and self.electron_recoils != "counted":
            raise InputError("detector.electron_recoils", self.electron_recoils, "'counted', if nuclear recoils do not")
        return self
