"""Run cards of forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

import cevns
from cevns.io.card_blocks import LevelCard

if TYPE_CHECKING:
    from cevns.results import MuonBandResult


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
    """Put such data in the place of those that experiments have; otherwise they keep their own."""
    cl: float = 0.90
    """Confidence level."""
    dof: int = 2
    """Degrees of freedom of the level."""
    each: bool = False
    """Look at each experiment alone as well."""
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
    """Draw the results into the output directory."""

    def results(self) -> tuple[cevns.ForecastResult, ...]:
        """The expected limits; for bands, those at the masses of the bands."""
        from cevns.inference import Setup, axis, require_band

        for band in self.muon_band:
            require_band(self.model, band)
        values = {**self.values, **({"mass": axis(*self.masses, "log")} if self.muon_band else {})}
        return cevns.forecast(
            cevns.model(self.model, couplings=self.couplings),
            [Setup(block.name, block.overrides, block.electron_scattering) for block in self.measurements],
            **{name: getattr(self, name) for name in ("vary", "asimov", "each", "cl", "dof", "shared", "profiled")},
            throws=cevns.Throws(toys=self.toys, seed=self.seed) if self.toys else None,
            **values,
        )

    def bands(self, found: Sequence[cevns.ForecastResult]) -> tuple[MuonBandResult, ...]:
        """What the limits exclude of the bands: for each set of experiments and combination of values, each band."""
        from cevns.inference import muon_band

        masses = self.masses[2]
        return tuple(
            muon_band(found[first : first + masses], self.model, band, sigmas=self.sigmas)
            for first in range(0, len(found), masses)
            for band in self.muon_band
        )
