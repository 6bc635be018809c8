"""Run cards of forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from cevns.inference import Setup, Throws, axis, forecast, muon_band, require_band
from cevns.interactions import model
from cevns.io.card_blocks import LevelCard, MeasurementBlock
from cevns.results import ForecastResult, MuonBandResult


class ForecastCard(LevelCard):
    """Expected limits on the one coupling of a model: those from data that are what the Standard Model makes expected.

    They are found at every value of some keys of the experiments, and at every point of the other parameters.
    """

    command: Literal["forecast"]
    """What is done."""
    vary: dict[str, Annotated[tuple[Any, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """Values of keys of experiment.yaml by dotted path, such as exposure, bins.energy.low or nuisances.NAME.sigma; with
    the name of an experiment and a colon before it, of that one only."""
    asimov: bool = False
    """Whether experiments that have data get such data in their place; otherwise they keep their own."""
    cl: float = 0.90
    """Confidence level."""
    dof: int = 2
    """Degrees of freedom of the level."""
    each: bool = False
    """Whether each experiment is looked at alone as well."""
    toys: Annotated[int, Field(ge=0)] = 0
    """Sets of pseudo-data, for the median of the limits and its bands; none if zero."""
    seed: int = 1
    """Seed of the random numbers."""
    muon_band: tuple[str, ...] = ()
    """Bands of (g-2)_mu, 2021 or 2025, of which is told how much is excluded between some masses."""
    masses: tuple[float, float, int] = (1.0, 1000.0, 121)
    """Lowest and highest mass for the bands [MeV], and their number, in equal steps of the logarithm."""
    sigmas: float = 2.0
    """Half width of the bands, in standard deviations."""
    plots: bool = True
    """Whether the results are drawn, into the output directory."""

    def results(self) -> tuple[ForecastResult, ...]:
        """The expected limits; for bands, those at the masses of the bands."""
        for band in self.muon_band:
            require_band(self.model, band)
        throws = Throws(toys=self.toys, seed=self.seed) if self.toys else None
        blocks = [MeasurementBlock(name=each) if isinstance(each, str) else each for each in self.experiments]
        values = {**self.values, **({"mass": axis(*self.masses, "log")} if self.muon_band else {})}
        return forecast(
            model(self.model, couplings=self.couplings),
            [Setup(block.name, block.overrides, block.electron_scattering) for block in blocks],
            **{name: getattr(self, name) for name in ("vary", "asimov", "each", "cl", "dof", "shared", "profiled")},
            throws=throws,
            **values,
        )

    def bands(self, found: Sequence[ForecastResult]) -> tuple[MuonBandResult, ...]:
        """What the limits exclude of the bands: for each set of experiments and combination of values, each band."""
        masses = self.masses[2]
        return tuple(
            muon_band(found[first : first + masses], self.model, band, sigmas=self.sigmas)
            for first in range(0, len(found), masses)
            for band in self.muon_band
        )
