"""Run cards: what the command line can do, as a file. Unknown keys are refused.

A field of a card is the flag of the command, too: its name, type, default and meaning are written here and nowhere else
(`cevns.cli.flags.card_options`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias, get_args

from pydantic import Field, TypeAdapter

import cevns
from cevns.documents import read_block, read_document
from cevns.errors import InputError
from cevns.io.card_blocks import Card, LevelCard, RangeBlock
from cevns.io.forecast_card import ForecastCard

if TYPE_CHECKING:
    from cevns.inference import GridScan
    from cevns.inference.bayes.samplers import Report
    from cevns.inference.toys import Runner, ToyResult
    from cevns.typing import JSON

SCHEMA_FILE: Final = "run-card.schema.json"
"""The JSON Schema of a run card, next to this module; editors check a card against it while it is written."""


Task: TypeAlias = Literal["goodness-of-fit", "feldman-cousins", "cls", "expected", "coverage"]
"""What pseudo-data are for."""


class ScanCard(Card):
    """chi^2 at every point of a grid, pulls profiled."""

    command: Literal["scan"]
    """What is done."""
    keep_pulls: bool = False
    """Keep the best pulls as well."""
    points_per_chunk: int = 2000
    """Points that are computed, stored and resumed together, at most."""
    csv: bool = False
    """Write all points as CSV, too."""

    def scan(self) -> GridScan:
        """The work that the card describes."""
        from cevns.inference import GridScan

        size = self.points_per_chunk
        return GridScan(self.likelihood(), self.axes, self.fixed, pulls=self.keep_pulls, points_per_chunk=size)


class FitCard(Card):
    """A fit of the free parameters of a model and of all pulls; parameters with a value are held."""

    command: Literal["fit"]
    """What is done."""
    model: str = "sm"
    """Name of the model, see `cevns list models`, or FILE.py:NAME for one of your own."""
    free: tuple[str, ...] = ()
    """Parameters to fit although they have a default."""

    def results(self) -> tuple[cevns.FitResult]:
        """The fit."""
        return (cevns.fit(**self.tested, free=self.free, **self.values),)


class LimitsCard(LevelCard):
    """Limits on the one coupling of a model, pulls profiled, at every point of the other parameters."""

    command: Literal["limits"]
    """What is done."""
    cl: float = 0.9545
    """Confidence level."""
    dof: int = 2
    """Degrees of freedom of the level."""

    def results(self) -> tuple[cevns.LimitResult, ...]:
        """The limits."""
        return cevns.limits(**self.tested, cl=self.cl, dof=self.dof, profiled=self.profiled, **self.values)


class IntervalsCard(LevelCard):
    """All disjoint intervals of each of some parameters, pulls profiled, at every point of the others."""

    command: Literal["intervals"]
    """What is done."""
    intervals_of: Annotated[tuple[str, ...], Field(min_length=1)]
    """The parameters."""
    cl: float = 0.90
    """Confidence level."""
    dof: int = 1
    """Degrees of freedom of the level."""

    def results(self) -> tuple[cevns.IntervalResult, ...]:
        """The intervals, parameter by parameter."""
        settings = {**self.tested, "cl": self.cl, "dof": self.dof, "profiled": self.profiled, **self.values}
        return tuple(one for name in self.intervals_of for one in cevns.intervals(parameter=name, **settings))


class DrawnCard(LevelCard):
    """What commands need that draw results of several sets of experiments."""

    ranges: dict[str, RangeBlock] = Field(default_factory=dict)
    """Where parameters are looked at."""
    each: bool = False
    """Look at each experiment alone as well."""
    plots: bool = True
    """Draw the results into the output directory."""

    @property
    def likelihoods(self) -> tuple[cevns.Likelihood, ...]:
        """That of all experiments, and before it that of each alone, if asked for and there are several."""
        whole = self.likelihood()
        return (*(whole.alone if self.each else ()), whole)


class ContourCard(DrawnCard):
    """The region of two parameters, pulls profiled: every disjoint piece."""

    command: Literal["contour"]
    """What is done."""
    x: str
    """The parameter along the horizontal axis."""
    y: str
    """The one along the vertical axis."""
    cl: float = 0.90
    """Confidence level."""
    dof: int = 2
    """Degrees of freedom of the level."""

    def result(self, likelihood: cevns.Likelihood) -> cevns.RegionResult:
        """The region of one of the likelihoods."""
        return cevns.region(
            likelihood.model,
            likelihood.experiments,
            self.x,
            self.y,
            ranges={name: block.span for name, block in self.ranges.items()},
            cl=self.cl,
            dof=self.dof,
            shared=likelihood.shared,
            profiled=self.profiled,
            **self.values,
        )


class ProfileCard(DrawnCard):
    """chi^2 as a function of one parameter, pulls profiled, and its intervals (1 degree of freedom)."""

    command: Literal["profile"]
    """What is done."""
    parameter: str
    """The parameter."""
    points: Annotated[int, Field(ge=2)] = 201
    """Values in the range."""
    cl: tuple[float, ...] = (0.6827, 0.90)
    """Confidence levels."""

    def result(self, likelihood: cevns.Likelihood) -> tuple[cevns.ProfileResult, tuple[cevns.IntervalResult, ...]]:
        """The profile of one of the likelihoods, and the interval at each confidence level."""
        import numpy as np

        from cevns.inference.span import Span

        chosen, values = likelihood.model.parameter(self.parameter), None
        for name, block in self.ranges.items():
            if name != self.parameter:
                raise InputError("ranges", name, f"the parameter {self.parameter}")
            values = Span.of(chosen, block.span).value(np.linspace(0.0, 1.0, self.points))
        fitted = likelihood.model, likelihood.experiments, self.parameter
        settings = {"shared": likelihood.shared, "profiled": self.profiled, **self.values}
        found = (cevns.intervals(*fitted, cl=cl, **settings) for cl in self.cl)
        return cevns.profile(*fitted, values, **settings), tuple(chain.from_iterable(found))


class ToysCard(Card):
    """What pseudo-data say: a p-value, an interval, a limit, a coverage, at every point of the other parameters."""

    command: Literal["toys"]
    """What is done."""
    model: str = "sm"
    """Name of the model, see `cevns list models`, or FILE.py:NAME for one of your own."""
    parameter: str | None = None
    """The one that is fitted, or that intervals and limits are for: by default the coupling of the model, unless all
    parameters are given; then the p-value is that of this point."""
    task: Task = "goodness-of-fit"
    """What they are for: the p-value of the fit, an interval with critical values, an upper limit by CLs, the median
    upper limit with its bands, or how often intervals contain the truth."""
    truth: float = 0.0
    """True value, for expected and coverage."""
    cl: float = 0.90
    """Confidence level."""
    dof: int = 1
    """Degrees of freedom of the level, for expected and coverage."""
    toys: int = 1000
    """Sets of pseudo-data at each true point."""
    seed: int = 1
    """Seed of the random numbers."""
    chunk: int = 250
    """Sets that are thrown, stored and resumed together; another number gives other random numbers."""
    true_pulls: Literal["profiled", "nominal"] | None = None
    """Pulls of pseudo-data: those that fit the data best, or zero; by default nominal for coverage, else profiled."""
    fixed_centres: bool = False
    """Leave the centres of the constraints where they are."""
    grid: tuple[float, float, int] | None = None
    """Lowest and highest value of the parameter, and their number; found if not given."""
    store: bool = False
    """Keep chi^2 of all sets in the output directory, chunk by chunk, so that the run can be resumed."""

    def results(self, runner: Runner) -> Sequence[ToyResult]:
        """What the pseudo-data say; the runner carries out one work for each point of the other parameters."""
        import numpy as np

        tested, values = self.tested, self.values
        goodness = self.task == "goodness-of-fit"
        complete = all(p.name in values or p.default is not None for p in tested["model"].parameters)
        name = self.parameter or (None if complete and goodness else tested["model"].coupling.name)
        throws = cevns.Throws(
            toys=self.toys,
            seed=self.seed,
            chunk=self.chunk,
            pulls=self.true_pulls or ("nominal" if self.task == "coverage" else "profiled"),
            centres=not self.fixed_centres,
            run=runner,
        )
        level = {name: getattr(self, name) for name in ("cl", "dof", "truth")}
        functions: Mapping[str, Callable[..., Sequence[ToyResult]]] = {
            "goodness-of-fit": cevns.goodness_of_fit,
            "feldman-cousins": partial(cevns.feldman_cousins, cl=self.cl),
            "cls": partial(cevns.cls_limits, cl=self.cl),
            "expected": partial(cevns.expected_limits, **level),
            "coverage": partial(cevns.coverage, **level),
        }
        grid = self.grid and np.linspace(*self.grid)
        return functions[self.task](**tested, parameter=name, throws=throws, grid=grid, **values)


class SampleCard(Card):
    """Draws from the posterior of the parameters with a prior and of all pulls."""

    command: Literal["sample"]
    """What is done."""
    priors: Annotated[dict[str, str], Field(min_length=1)]
    """Of each free parameter: `uniform:LOW:HIGH`, `log:LOW:HIGH` or `normal:MEAN:SIGMA[:LOW:HIGH]`."""
    sampler: str = "ensemble"
    """ensemble, or nested (gives the evidence, too)."""
    pulls: str = "sampled"
    """sampled, or profiled (then it is no posterior)."""
    seed: int = 0
    """Seed of the random numbers; the same seed gives the same draws."""
    evaluations: int = 1_000_000
    """Most evaluations of chi^2."""
    walkers: int | None = None
    """Walkers of the ensemble."""
    live: int = 500
    """Live points of nested sampling."""
    plots: bool = True
    """Draw the distributions into the output directory."""

    def results(self, report: Report | None = None) -> tuple[cevns.PosteriorResult]:
        """The posterior; a line of text on its progress goes to ``report`` now and then."""
        names = ("priors", "sampler", "pulls", "seed", "evaluations", "walkers", "live")
        settings = {name: getattr(self, name) for name in names}
        return (cevns.posterior(**self.tested, report=report, **settings, **self.values),)


AnyCard: TypeAlias = (
    ScanCard | LimitsCard | IntervalsCard | ProfileCard | ContourCard | FitCard | SampleCard | ToysCard | ForecastCard
)


def command_of(kind: type[Card]) -> str:
    """The command that a kind of card is for.

    >>> command_of(ScanCard)
    'scan'
    """
    return str(get_args(kind.model_fields["command"].annotation)[0])


KINDS: Final[Mapping[str, type[AnyCard]]] = {command_of(kind): kind for kind in get_args(AnyCard)}
"""Cards by command."""


def read_card(path: str | Path) -> AnyCard:
    """Read a run card.

    Raises
    ------
    InputError
        If the file cannot be read or does not satisfy the schema; the message names the field.
    """
    document = read_document(Path(path), "a run card")
    kind = KINDS.get(str(document.get("command")))
    if kind is None:
        raise InputError(f"{path}: command", document.get("command"), KINDS)
    return read_block(kind, document, str(path))


def json_schema() -> JSON:
    """The JSON Schema of run cards."""
    cards: TypeAdapter[AnyCard] = TypeAdapter(Annotated[AnyCard, Field(discriminator="command")])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Run card of cevns",
        **cards.json_schema(),
    }


def schema_text() -> str:
    """The content of the file `SCHEMA_FILE`."""
    return json.dumps(json_schema(), indent=2) + "\n"
