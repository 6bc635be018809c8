"""Blocks of ``experiment.yaml``: the test statistic and the pulls."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from cevns.documents import Block
from cevns.errors import InputError
from cevns.experiments.schema.base import Name, Positive
from cevns.experiments.schema.detector import AnyEfficiency, AnyQuenching


class PoissonBlock(Block):
    """Poisson chi^2 = 2 sum [mu - n + n ln(n/mu)]."""

    kind: Literal["poisson"]


class GaussianBlock(Block):
    """Gaussian chi^2 = sum (mu - n)^2/variance, variance = max(n, floor) + sum of background variances, or as given."""

    kind: Literal["gaussian"]
    errors: str | None = None
    """Column of the data table with the standard deviations of the data, which need not be counts then."""
    floor: Positive = 1.0
    background_variance: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """Variance of a background per expected event, by name: 0.2 if it was measured in a window five times longer."""


class PoissonOnOffBlock(Block):
    """Poisson likelihood of the counts n of mean s + b and of the counts m of mean t b of a background alone."""

    kind: Literal["poisson-on-off"]
    off_counts: Name
    """The background that was counted without the signal; its column holds m."""
    off_exposure: Positive = 1.0
    """t: for how many times as long as the data it was counted."""
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


class QuenchingVariation(Block):
    """The quenching goes from its nominal model at 0 to variants at +1 and -1."""

    kind: Literal["quenching"]
    up: AnyQuenching
    down: AnyQuenching


class SourceVariation(Block):
    """Something that the source is uncertain of changes by the pull, in standard deviations."""

    kind: Literal["source"]
    uncertainty: str


AnyVariation = Annotated[
    RadiusVariation | BeamTimeVariation | EfficiencyVariation | QuenchingVariation | SourceVariation,
    Field(discriminator="kind"),
]


class NuisanceBlock(Block):
    """A pull: it scales a component, adds a shape variation to it, or varies what the prediction is made of."""

    name: Name
    component: Name | None = None
    """``cevns``, ``neutrinos`` (every part of the signal) or a background."""
    varies: AnyVariation | None = None
    """What the pull varies in place of a component; counts are not linear in it."""
    sigma: Positive | None = None
    """Width of the constraint to zero; without, a pull is free: in its range if it varies something, or anywhere."""
    range: tuple[float, float] | None = None
    """Lowest and highest value of what is varied; five sigma on either side if absent, within the variants if any."""
    shape: str | ShapeVariants | None = None
    """Column of the data table with the relative change of the component per unit pull; a plain scaling if absent."""
    includes: dict[Name, Positive | Literal["all"]] = Field(default_factory=dict)
    """Parts of sigma, in quadrature, that other experiments may share, by name: ``sns_flux: 0.10``, or ``all``."""

    @property
    def width(self) -> float:
        """Sigma, infinite for a pull that is free."""
        return self.sigma or math.inf

    @property
    def parts(self) -> dict[str, float]:
        """Widths of the parts that other experiments may share."""
        return {name: self.width if part == "all" else part for name, part in self.includes.items()}

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest value."""
        reach = 5.0 * self.width if self.varies else math.inf
        if isinstance(self.varies, EfficiencyVariation | QuenchingVariation):
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
        varies, of_signal = self.varies is not None, self.component in ("cevns", "neutrinos")
        between_variants = isinstance(self.varies, EfficiencyVariation | QuenchingVariation)
        low, high = self.bounds
        parts = sum(part**2 for part in self.parts.values())
        requirements = (
            ("component", varies == (self.component is None), "a component, or something that varies, and not both"),
            ("sigma", not of_signal or self.sigma is not None, "a positive number: only backgrounds may be free"),
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
            ("includes", not self.includes or self.sigma is not None, "nothing: the pull has no sigma"),
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
