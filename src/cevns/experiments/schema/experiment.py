"""The whole of ``experiment.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cevns.documents import Block, read_block
from cevns.errors import InputError
from cevns.experiments.schema.base import Hash, Name, Positive
from cevns.experiments.schema.detector import DetectorBlock, TargetBlock
from cevns.experiments.schema.fit import GaussianBlock, NuisanceBlock, PoissonBlock, PoissonOnOffBlock, SourceVariation
from cevns.experiments.schema.forecast import AnyRate, BinsBlock
from cevns.experiments.schema.source import AnySource, SteadyBlock


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
    exposure: Positive = 1.0
    """Everything that is expected is multiplied by this, as if it ran as many times as long."""
    data: str | None = None
    """Table of bins: energy_low, energy_high, time_low, time_high, observed, backgrounds, shapes.

    There may be no times if the source is steady.
    """
    bins: BinsBlock | None = None
    """In place of data: a forecast."""
    backgrounds: dict[Name, str]
    """Backgrounds by name, with a description: columns of the table of data, or rates."""
    rates: dict[Name, AnyRate] = Field(default_factory=dict)
    """Rates of backgrounds, by name."""
    statistic: Annotated[PoissonBlock | GaussianBlock | PoissonOnOffBlock, Field(discriminator="kind")]
    nuisances: tuple[NuisanceBlock, ...] = ()
    sha256: dict[str, Hash] = Field(default_factory=dict)
    """Hashes of the tables; those given are checked."""

    @property
    def counted(self) -> str | None:
        """The background whose mean is not predicted but counted in each bin, if there is one."""
        return self.statistic.off_counts if isinstance(self.statistic, PoissonOnOffBlock) else None

    @property
    def off_exposure(self) -> float:
        """For how many times as long as the data it was counted."""
        return self.statistic.off_exposure if isinstance(self.statistic, PoissonOnOffBlock) else 1.0

    @property
    def tabulated(self) -> tuple[str, ...]:
        """Names of the backgrounds that are columns of the data table."""
        return tuple(name for name in self.backgrounds if name not in self.rates)

    @model_validator(mode="after")
    def _data_or_bins(self) -> ExperimentBlock:
        if (self.data is None) == (self.bins is None):
            raise InputError("data", self.data, "a table of data or, in its place, 'bins', and not both")
        for name in self.rates:
            if name not in self.backgrounds:
                raise InputError("rates", name, self.backgrounds)
        if self.bins is None:
            return self
        if not self.bins.time and not isinstance(self.source, SteadyBlock):
            raise InputError("bins.time", self.bins.time, "edges [us]: the source is pulsed")
        if self.tabulated:
            raise InputError("rates", list(self.rates), f"a rate of {', '.join(self.tabulated)} too: there is no table")
        columns = [f"nuisances.{pull.name}.shape" for pull in self.nuisances if pull.shape is not None]
        if isinstance(self.statistic, GaussianBlock) and self.statistic.errors is not None:
            columns.append("statistic.errors")
        if columns:
            raise InputError(columns[0], "a column", "nothing from a table: there is none where there are 'bins'")
        return self

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
    """Validate the description of an experiment; see `cevns.documents.read_block`."""
    return read_block(ExperimentBlock, document, origin)
