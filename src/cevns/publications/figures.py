"""Records of published figures: what is drawn, as numbers, with no word on how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self, TypeAlias

import numpy as np
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from cevns.errors import InputError
from cevns.interactions.muon_moment import MuonCharge
from cevns.publications.outlines import Pieces, extents
from cevns.results import Record
from cevns.typing import FloatArray

Values: TypeAlias = tuple[float, ...]
Intervals: TypeAlias = tuple[tuple[float, float], ...]
"""Disjoint intervals, lowest first."""
Fact: TypeAlias = tuple[str, str, object, str]
"""Curve, quantity, value and unit: one line of a summary."""
Row: TypeAlias = Mapping[str, object]


@dataclass(frozen=True)
class _Strict:
    """Unknown keys are refused when a record is read back."""

    __pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True)
class Axis(_Strict):
    """A quantity along an axis.

    Attributes
    ----------
    name : str
        The parameter of the model, if it is one; a figure shows its symbol.
    label : str
        What a figure shows in place of the name.
    unit : str
        Unit of the values on the axis.
    span : tuple of float, optional
        Ends of the axis.
    factor : float
        From a value on the axis to one of the parameter: 1e-10 if the axis is in units of 1e-10 of its unit.
    scale : {"linear", "log"}
        Distances on the axis.
    """

    name: str
    label: str = ""
    unit: str = ""
    span: tuple[float, float] | None = None
    factor: float = 1.0
    scale: Literal["linear", "log"] = "linear"

    def values(self, number: int) -> FloatArray:
        """Equally distant values from one end to the other.

        Raises
        ------
        InputError
            If the axis has no ends.
        """
        return (np.geomspace if self.scale == "log" else np.linspace)(*self.ends, number)

    @property
    def ends(self) -> tuple[float, float]:
        """The span.

        Raises
        ------
        InputError
            If there is none.
        """
        if self.span is None:
            raise InputError(f"axis {self.name}, span", None, "the two ends of the axis")
        return self.span

    @property
    def column(self) -> str:
        """Name of a column of a table."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


@dataclass(frozen=True)
class Level(_Strict):
    """A confidence level, and the rise of chi^2 that it means for so many degrees of freedom."""

    cl: float
    dof: int
    delta_chi2: float

    def __str__(self) -> str:
        """In words."""
        return f"{100.0 * self.cl:.4g} % CL, {self.dof} dof"


@dataclass(frozen=True)
class Mark(_Strict):
    """A point of reference, such as the Standard Model; on a panel of curves its abscissa counts."""

    label: str
    x: float
    y: float = 0.0


@dataclass(frozen=True)
class Curve(_Strict):
    """A function of the abscissa of its panel.

    Attributes
    ----------
    label : str
        What it is.
    values : tuple of float
        Ordinates.
    best_fit : float, optional
        Abscissa of the minimum, if the curve is a profile of chi^2.
    intervals, published : tuple of intervals
        For each level of the panel, the abscissae that it allows; the same as published, empty where nothing is.
    """

    label: str
    values: Values
    best_fit: float | None = None
    intervals: tuple[Intervals, ...] = ()
    published: tuple[Intervals, ...] = ()


@dataclass(frozen=True)
class Region(_Strict):
    """Part of a plane that the data allow.

    Attributes
    ----------
    label : str
        What it is.
    pieces : tuple of pieces
        For each level of the panel, polygons in the units of its axes, which end where the panel does.
    best_fit : tuple of float, optional
        Where chi^2 is smallest; None where the data leave a curve of points that are equally good.
    """

    label: str
    pieces: tuple[Pieces, ...]
    best_fit: tuple[float, float] | None = None


@dataclass(frozen=True)
class ExclusionCurve(_Strict):
    """Limits on a coupling over a range of masses.

    Attributes
    ----------
    label : str
        What it is.
    masses : tuple of float
        Increasing.
    crossings : tuple of tuple of float
        Couplings at each mass where chi^2 crosses the level, increasing; above the last everything is excluded.
    published : tuple of (float, float)
        Masses and couplings of published limits.
    """

    label: str
    masses: Values
    crossings: tuple[Values, ...]
    published: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Component(_Strict):
    """Expected counts of one kind of event."""

    label: str
    counts: Values


@dataclass(frozen=True)
class CurvesPanel(_Strict):
    """Functions of one quantity; horizontal lines at the levels."""

    title: str
    x: Axis
    y: Axis
    values: Values
    curves: tuple[Curve, ...]
    levels: tuple[Level, ...] = ()
    marks: tuple[Mark, ...] = ()
    kind: Literal["curves"] = "curves"

    def rows(self) -> Iterator[Row]:
        """One row for each abscissa."""
        for x, *ordinates in zip(self.values, *(curve.values for curve in self.curves), strict=True):
            labels = (f"{self.y.column} {curve.label}" for curve in self.curves)
            yield {self.x.column: x, **dict(zip(labels, ordinates, strict=True))}

    def facts(self) -> Iterator[Fact]:
        """Best values and intervals."""
        for curve in self.curves:
            if curve.best_fit is not None:
                yield curve.label, "best fit", curve.best_fit, self.x.unit
            for level, pieces in zip(self.levels, curve.intervals, strict=False):
                for piece in pieces:
                    yield curve.label, str(level), piece, self.x.unit


@dataclass(frozen=True)
class RegionPanel(_Strict):
    """Regions of a plane that the levels allow; its axes have a span."""

    title: str
    x: Axis
    y: Axis
    regions: tuple[Region, ...]
    levels: tuple[Level, ...]
    marks: tuple[Mark, ...] = ()
    kind: Literal["region"] = "region"

    def outlines(self) -> Iterator[tuple[str, Level, Pieces]]:
        """Label, level and polygons of every region."""
        for region in self.regions:
            for level, pieces in zip(self.levels, region.pieces, strict=True):
                yield region.label, level, pieces

    def rows(self) -> Iterator[Row]:
        """One row for each corner; ring 1 of a piece is its outer edge, the others are holes."""
        for label, level, pieces in self.outlines():
            for piece, rings in enumerate(pieces, start=1):
                for number, ring in enumerate(rings, start=1):
                    place = {"region": f"{label}, {level}", "piece": piece, "ring": number}
                    yield from ({**place, self.x.column: x, self.y.column: y} for x, y in ring)

    def facts(self) -> Iterator[Fact]:
        """Best points, and how far each region extends along either axis; None where it leaves the panel.

        Of a region that leaves it everywhere, how far what it excludes extends, if that ends on the panel.
        """
        for region in self.regions:
            if region.best_fit is not None:
                for axis, best in zip((self.x, self.y), region.best_fit, strict=True):
                    yield region.label, f"best fit {axis.name}", best, axis.unit
        for label, level, pieces in self.outlines():
            inside, outside = extents(pieces, self.x.ends, self.y.ends)
            left = inside == [(None, None)] * 2 != outside
            words, shown = (f"excluded at {level}", outside) if left else (str(level), inside)
            for axis, extent in zip((self.x, self.y), shown, strict=True):
                yield label, f"{words}, {axis.name}", extent, axis.unit


@dataclass(frozen=True)
class ExclusionPanel(_Strict):
    """Limits on a coupling against a mass, and the measurements of (g-2)_mu whose bands are shown, by name."""

    title: str
    x: Axis
    y: Axis
    curves: tuple[ExclusionCurve, ...]
    level: Level
    muon: MuonCharge | None = None
    bands: tuple[str, ...] = ()
    kind: Literal["exclusion"] = "exclusion"

    def rows(self) -> Iterator[Row]:
        """One row for each crossing."""
        for curve in self.curves:
            for mass, crossings in zip(curve.masses, curve.crossings, strict=True):
                for crossing in crossings:
                    yield {"curve": curve.label, self.x.column: mass, self.y.column: crossing}

    def facts(self) -> Iterator[Fact]:
        """Crossings at the lowest and at the highest mass."""
        for curve in self.curves:
            for end in (0, -1):
                quantity = f"{self.level}, {self.y.name} at {self.x.name} = {curve.masses[end]:g} {self.x.unit}"
                yield curve.label, quantity, curve.crossings[end], self.y.unit


@dataclass(frozen=True)
class HistogramPanel(_Strict):
    """Counts with errors over expected counts, stacked from the first to the last, and totals of other expectations."""

    title: str
    x: Axis
    y: Axis
    edges: Values
    data: Values
    errors: Values
    components: tuple[Component, ...]
    data_label: str
    totals: tuple[Component, ...] = ()
    kind: Literal["histogram"] = "histogram"

    def rows(self) -> Iterator[Row]:
        """One row for each bin."""
        columns: dict[str, Values] = {
            f"{self.x.name}_low": self.edges[:-1],
            f"{self.x.name}_high": self.edges[1:],
            self.data_label: self.data,
            "error": self.errors,
            **{component.label: component.counts for component in (*self.components, *self.totals)},
        }
        for values in zip(*columns.values(), strict=True):
            yield dict(zip(columns, values, strict=True))

    def facts(self) -> Iterator[Fact]:
        """Sums over the bins."""
        yield self.data_label, "sum", sum(self.data), ""
        yield self.data_label, "error of the sum", float(np.linalg.norm(self.errors)), ""
        for component in (*self.components, *self.totals):
            yield component.label, "sum", sum(component.counts), ""


Panel: TypeAlias = CurvesPanel | RegionPanel | ExclusionPanel | HistogramPanel


@dataclass(frozen=True)
class FigureData(_Strict, Record):
    """A reproduced figure, as numbers.

    Attributes
    ----------
    paper, item, title : str
        Where it stands, and what it shows.
    panels : tuple of panels
        What is drawn, from left to right and from top to bottom.
    """

    paper: str
    item: str
    title: str
    panels: tuple[Annotated[Panel, Field(discriminator="kind")], ...]

    @classmethod
    def from_dict(cls, record: Mapping[str, object]) -> Self:
        """Rebuild a record from a JSON object.

        Raises
        ------
        InputError
            If the object is not such a record.
        """
        try:
            return TypeAdapter(cls).validate_python(record)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"])) or "record"
            raise InputError(place, first["input"], first["msg"]) from None

    def summary(self) -> Iterator[Row]:
        """The numbers that a reader takes from the figure: one row for each."""
        for panel in self.panels:
            for curve, quantity, value, unit in panel.facts():
                place = {"item": self.item, "panel": panel.title, "curve": curve}
                yield {**place, "quantity": quantity, "value": value, "unit": unit}

    def lines(self) -> Sequence[tuple[str, str]]:
        """Name and value of each line of the readable form."""
        facts = (f for panel in self.panels for f in panel.facts())
        found = [(f"{curve}, {quantity}", f"{_shown(value)} {unit}".rstrip()) for curve, quantity, value, unit in facts]
        return [("paper", self.paper), ("item", self.item), ("title", self.title), *found]


def _shown(value: object) -> str:
    """A number, or several, for the eye."""
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    return f"{value:.4g}" if isinstance(value, float) else "-"
