"""Results as a submission to HEPData: a directory with ``submission.yaml`` and a YAML file for each table."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from string import ascii_lowercase
from typing import Any, Final

import yaml

from cevns.errors import InputError
from cevns.experiments import experiment
from cevns.extras import optional
from cevns.inference import ToyIntervalResult
from cevns.inference.bayes import Marginal, PosteriorResult
from cevns.interactions import MODEL_NAMES, model
from cevns.io.citations import reference
from cevns.io.files import writable_directory, write_text
from cevns.io.papers import heading
from cevns.io.symbols import typeset
from cevns.publications import FigureData, publication_names, published
from cevns.publications.figures import Axis, CurvesPanel, ExclusionPanel, HistogramPanel, Level, Panel
from cevns.results import FitResult, IntervalResult, LimitResult, ProfileResult, Record, RegionResult, version
from cevns.typing import JSON

Polygon = Sequence[tuple[float, float]]
"""Points (x, y) along a contour; the last one is the first again if it is closed."""
Value = float | str | tuple[float, float]
"""A number, a text, or the two edges of a bin."""

_SETTINGS: Final = (
    *("model", "experiments", "parameter", "unit", "cl", "dof", "delta_chi2", "ndata", "valid"),
    *("method", "toys", "chunk", "centres"),
    *("pulls", "sampler", "seed", "converged", "log_evidence", "log_evidence_error", "version"),
)
"""Fields of a result that are the same in a whole table."""
_POINT: Final = ("mass_MeV", "fixed")
"""Fields that say at which point of the other parameters a result is."""
_ALONG_GRID: Final = ("grid", "q", "critical", "errors")
"""Fields that say how an interval from pseudo-data was found."""
_HEADERS: Final = {
    "upper_limit": "upper limit on {}",
    "outer_limit": "value of {} above which all is excluded",
    "upper_range": "upper limit on {} with critical values one error away",
    "crossings": "{} where chi2 crosses the level",
    "intervals": "interval of {}",
    "best_fit": "best fit of {}",
    "chi2_min": "smallest chi2",
}
"""What fields of a result are called, with a place for its parameter."""
_ENDS: Final = ("lower end of ", "upper end of ")
_HERE: Final = "Not in a publication"
"""Where results are found that no figure shows."""
_ABSENT: Final = "-"
"""What HEPData shows where there is no value."""


@dataclass(frozen=True)
class Column:
    """A variable of a table.

    Attributes
    ----------
    header, unit : str
        What it is.
    values : sequence
        One for each row.
    given : bool
        Whether it is independent: says where the others are.
    errors : sequence of float
        Symmetric errors of the values, if they have any.
    """

    header: str
    unit: str
    values: Sequence[Value]
    given: bool = False
    errors: Sequence[float] = ()


@dataclass(frozen=True)
class Table:
    """A table, before it is written.

    Attributes
    ----------
    title, location : str
        What it shows, and where else it is found.
    columns : sequence of Column
        The variables.
    settings : mapping
        What holds for the whole table: model, experiments, confidence level, degrees of freedom, version.
    citations : sequence of str
        INSPIRE keys.
    """

    title: str
    location: str
    columns: Sequence[Column]
    settings: Mapping[str, str | float]
    citations: Sequence[str] = ()


def write_submission(records: Sequence[Record], directory: Path) -> Path:
    """Write limits, intervals, fits, posteriors and figures as tables that HEPData accepts.

    Results that differ only in the point at which they were computed, such as limits at several masses, are the rows of
    one table; each panel of a figure is a table.

    Parameters
    ----------
    records : sequence of Record
        Results of any of these kinds.
    directory : Path
        Where ``submission.yaml`` and ``table_1.yaml``, ... are written; tables of an earlier submission go.

    Raises
    ------
    InputError
        If there is no record or one has no tables, the directory cannot be written, or hepdata_lib is not installed.
    """
    library = optional("hepdata_lib", "hepdata")
    if not records:
        raise InputError("results", "none", "one or more")
    made = list(tables(records))
    target = writable_directory(directory)
    with tempfile.TemporaryDirectory() as scratch:
        comment = f"Coherent elastic neutrino-nucleus scattering. Computed with cevns {version()}."
        (Path(scratch) / "submission.yaml").write_text(yaml.safe_dump({"comment": comment}, explicit_start=True))
        for number, table in enumerate(made, start=1):
            _of_library(library, table, f"Table {number}").write_yaml(scratch)
        for old in target.glob("table_*.yaml"):
            old.unlink()
        for file in sorted(Path(scratch).iterdir()):
            write_text(target / file.name, file.read_text(encoding="utf-8"))
    return target


def tables(records: Sequence[Record]) -> Iterator[Table]:
    """Tables of results and of figures; results that differ in the point only are one table."""
    groups: dict[str, list[Record]] = {}
    for number, record in enumerate(records):
        content = record.to_dict()
        settings = {name: value for name, value in content.items() if name in _SETTINGS}
        alone = None if isinstance(record, LimitResult | IntervalResult | ToyIntervalResult) else number
        same = type(record), settings, list(_point(content)), list(content.get("profiled", ())), alone
        groups.setdefault(repr(same), []).append(record)
    for members in groups.values():
        first = members[0]
        if isinstance(first, FigureData):
            letters = ascii_lowercase if len(first.panels) > 1 else ("",)
            yield from (
                _panel_table(first, letter, panel) for letter, panel in zip(letters, first.panels, strict=False)
            )
        elif isinstance(first, FitResult):
            yield _fit_table(first)
        elif isinstance(first, PosteriorResult):
            yield _posterior_table(first)
        elif isinstance(first, ProfileResult):
            yield _profile_table(first)
        elif isinstance(first, RegionResult):
            yield _region_table(first)
        else:
            yield _result_table([member.to_dict() for member in members])


def _result_table(records: Sequence[JSON]) -> Table:
    """Limits, or intervals, at several points; what is the same at all points is a setting."""
    first = records[0]
    units = partial(_unit, first["model"])
    points = [_point(record) for record in records]
    varying = [name for name in points[0] if any(point[name] != points[0][name] for point in points)]
    columns = [Column(typeset(n), units(n), [point[n] for point in points], given=True) for n in varying]
    if not varying:
        columns = [Column("parameter", "", [typeset(first["parameter"])] * len(records), given=True)]
    rows = [{(name, unit): value for name, unit, value in _cells(record, units)} for record in records]
    columns += _columns(rows)
    held = {name: value for name, value in points[0].items() if name not in varying}
    kind = "Intervals of" if "intervals" in first else "Limits on"
    title = f"{kind} {first['parameter']} of the model {first['model']} from {', '.join(first['experiments'])}"
    return Table(title, _HERE, columns, _settings(first, held), _citations(first))


def _columns(rows: Sequence[Mapping[tuple[str, str], float]]) -> list[Column]:
    """A column for each header and unit that a row has a value for."""
    found = dict.fromkeys(key for row in rows for key in row)
    return [Column(*key, [row.get(key, _ABSENT) for row in rows]) for key in found]


def _point(record: JSON) -> Mapping[str, float]:
    """The other parameters."""
    return {"mass": record["mass_MeV"]} if record.get("mass_MeV") is not None else record.get("fixed", {})


def _cells(record: JSON, units: Callable[[str], str]) -> Iterator[tuple[str, str, float]]:
    """Header, unit and value of each number that depends on the point."""
    own = units(record["parameter"])
    for name, value in record.items():
        if value is None or name in (*_SETTINGS, *_POINT, *_ALONG_GRID):
            continue
        header = typeset(_HEADERS.get(name, name).format(record["parameter"]))
        if isinstance(value, Mapping):
            yield from ((f"best fit of {typeset(other)}", units(other), number) for other, number in value.items())
        elif isinstance(value, tuple):
            for number, item in enumerate(value, start=1):
                ends = zip(_ENDS, item, strict=True) if isinstance(item, tuple) else [("", item)]
                yield from ((f"{end}{header} ({number})", own, edge) for end, edge in ends if edge is not None)
        else:
            yield header, "" if name == "chi2_min" else own, value


def _fit_table(result: FitResult) -> Table:
    """Parameters and pulls with their errors; what is not fitted is a setting."""
    names = list(result.values)
    units = [f" [{typeset(unit)}]" if (unit := _unit(result.model, name)) else "" for name in names]
    columns = [
        Column("parameter", "", [typeset(n) + unit for n, unit in zip(names, units, strict=True)], given=True),
        Column("best fit", "", list(result.values.values()), errors=[result.errors[name] for name in names]),
    ]
    record = result.to_dict()
    title = f"Fit of the model {result.model} to {', '.join(result.experiments)}"
    return Table(title, _HERE, columns, _settings(record, result.fixed), _citations(record))


def _posterior_table(result: PosteriorResult) -> Table:
    """Means with their deviations, medians and intervals of parameters and pulls, each with its prior."""
    units = [f" [{typeset(one.unit)}]" if one.unit else "" for one in result.marginals]
    names = [typeset(one.name) + unit for one, unit in zip(result.marginals, units, strict=True)]
    means, deviations = ([getattr(one, name) for one in result.marginals] for name in ("mean", "deviation"))
    columns = [
        Column("parameter", "", names, given=True),
        Column("prior", "", [one.prior for one in result.marginals], given=True),
        Column("mean", "", means, errors=deviations),
        *_columns([dict(_summary(one, result.credibility)) for one in result.marginals]),
    ]
    record = result.to_dict()
    kind = "Posterior" if result.pulls == "sampled" else "Profile likelihood times prior"
    of = f"of {', '.join(result.parameters)} of the model {result.model} from {', '.join(result.experiments)}"
    return Table(f"{kind} {of}", _HERE, columns, _settings(record, result.fixed), _citations(record))


def _summary(one: Marginal, credibility: Sequence[float]) -> Iterator[tuple[tuple[str, str], float]]:
    """Header with unit, and value, of the median and of the ends of intervals."""
    yield ("median", ""), one.median
    for level, tails, pieces in zip(credibility, one.equal_tailed, one.highest_density, strict=True):
        intervals = {"equal-tailed interval": tails}
        intervals |= {f"interval of highest density ({n})": piece for n, piece in enumerate(pieces, start=1)}
        for name, ends in intervals.items():
            yield from (((f"{end}{100 * level:g} % {name}", ""), edge) for end, edge in zip(_ENDS, ends, strict=True))


def _profile_table(result: ProfileResult) -> Table:
    """chi^2 at each value of a parameter, and the values of those that are profiled."""
    profiled = [
        Column(f"best {typeset(name)}", _unit(result.model, name), values) for name, values in result.profiled.items()
    ]
    own = _along(Axis(result.parameter, unit=result.unit), result.values, given=True)
    record = result.to_dict()
    title = f"chi2 of {result.parameter} of the model {result.model} from {', '.join(result.experiments)}"
    columns = [own, Column("chi2", "", result.chi2), *profiled]
    return Table(title, _HERE, columns, _settings(record, result.fixed), _citations(record))


def _region_table(result: RegionResult) -> Table:
    """Outlines of the pieces and of their holes."""
    x, y = (Axis(name, unit=unit) for name, unit in zip(result.parameters, result.units, strict=True))
    rings = [
        ("outline" if number == 0 else "hole", ring) for piece in result.pieces for number, ring in enumerate(piece)
    ]
    record = result.to_dict()
    names = " and ".join(result.parameters)
    title = f"Region of {names} of the model {result.model} from {', '.join(result.experiments)}"
    return Table(title, _HERE, contours(x, y, rings), _settings(record, result.fixed), _citations(record))


def _settings(record: JSON, held: Mapping[str, float]) -> dict[str, str | float]:
    settings: dict[str, str | float] = {}
    for name in _SETTINGS:
        value = record.get(name)
        if isinstance(value, tuple):
            settings[name] = ", ".join(value)
        elif value not in (None, ""):
            settings[name] = str(value) if isinstance(value, bool) else value
    if record.get("profiled"):
        settings["profiled"] = ", ".join(record["profiled"])
    fixed = ", ".join(f"{name} = {value:g}" for name, value in held.items() if value)
    return {**settings, **({"fixed, not at zero": fixed} if fixed else {})}


def _unit(model_name: str, parameter: str) -> str:
    """Unit of a parameter, as far as the model has a name that we know."""
    known = model(model_name).parameters if model_name in MODEL_NAMES else ()
    return typeset(next((one.unit for one in known if one.name == parameter), ""))


def _citations(record: JSON) -> tuple[str, ...]:
    """INSPIRE keys of the model and of the experiments, as far as they have names that we know."""
    keys = list(model(record["model"]).citations) if record["model"] in MODEL_NAMES else []
    for name in record["experiments"]:
        with suppress(InputError):
            keys += experiment(name).citations
    return tuple(dict.fromkeys(keys))


def _panel_table(figure: FigureData, letter: str, panel: Panel) -> Table:
    """What a panel shows."""
    columns, levels = _panel_columns(panel)
    settings: dict[str, str | float] = {"paper": figure.paper, "item": f"{figure.item}{letter}", "version": version()}
    if levels:
        settings["level"] = "; ".join(f"{level} (delta_chi2 {level.delta_chi2:.4g})" for level in levels)
    document = published(figure.paper) if figure.paper in publication_names() else {}
    citations = (document["citation"],) if "citation" in document else ()
    title = ": ".join(filter(None, (figure.title, panel.title)))
    return Table(
        title, f"{figure.item}{letter} of {heading(figure.paper)}, computed anew", columns, settings, citations
    )


def _panel_columns(panel: Panel) -> tuple[list[Column], tuple[Level, ...]]:
    if isinstance(panel, CurvesPanel):
        curves = [_along(panel.y, curve.values, of=typeset(curve.label)) for curve in panel.curves]
        return [_along(panel.x, panel.values, given=True), *curves], panel.levels
    if isinstance(panel, HistogramPanel):
        bins = _along(panel.x, list(pairwise(panel.edges)), given=True)
        data = Column(panel.data_label, typeset(panel.y.unit), panel.data, errors=panel.errors)
        return [bins, data, *(Column(typeset(c.label), data.unit, c.counts) for c in panel.components)], ()
    if isinstance(panel, ExclusionPanel):
        rows = [(c.label, m, g) for c in panel.curves for m, at in zip(c.masses, c.crossings, strict=True) for g in at]
        labels, masses, couplings = _transposed(rows, 3)
        curve = Column("curve", "", labels, given=True)
        return [curve, _along(panel.x, masses, given=True), _along(panel.y, couplings)], (panel.level,)
    rings = [
        (f"{label}, {level}", ring) for label, level, pieces in panel.outlines() for piece in pieces for ring in piece
    ]
    return contours(panel.x, panel.y, rings), panel.levels


def contours(x: Axis, y: Axis, pieces: Sequence[tuple[str, Polygon]]) -> list[Column]:
    """Columns of contours, one row for each point.

    Parameters
    ----------
    x, y : Axis
        The quantities.
    pieces : sequence of (str, polygon)
        Each connected piece of a contour, with a label: the region and its level.
    """
    rows = [(label, n, *point) for n, (label, polygon) in enumerate(pieces, start=1) for point in polygon]
    labels, numbers, abscissae, ordinates = _transposed(rows, 4)
    first = [Column("region", "", labels, given=True), Column("piece", "", numbers, given=True)]
    return [*first, _along(x, abscissae, given=True), _along(y, ordinates)]


def _transposed(rows: Sequence[tuple[Any, ...]], number: int) -> list[tuple[Any, ...]]:
    """Columns of some rows, also of none."""
    return [tuple(row[column] for row in rows) for column in range(number)]


def _along(axis: Axis, values: Sequence[Value], *, of: str = "", given: bool = False) -> Column:
    name = " of ".join(filter(None, (typeset(axis.label or axis.name), of)))
    return Column(name, typeset(axis.unit), values, given=given)


def _of_library(library: Any, table: Table, name: str) -> Any:
    """The table as an object of hepdata_lib."""
    made = library.Table(name)
    sources = "; ".join(reference(key) for key in table.citations)
    made.description = f"{table.title}. " + (f"References: {sources}." if sources else "")
    made.location = table.location
    made.keywords["phrases"] = ["coherent elastic neutrino-nucleus scattering"]
    for column in table.columns:
        variable = library.Variable(
            column.header,
            is_independent=column.given,
            is_binned=any(isinstance(value, tuple) for value in column.values),
            units=column.unit,
            values=column.values,
            zero_uncertainties_warning=False,
        )
        if column.errors:
            uncertainty = library.Uncertainty("total")
            uncertainty.values = column.errors
            variable.add_uncertainty(uncertainty)
        for setting, value in {} if column.given else table.settings.items():
            variable.add_qualifier(setting, value)
        made.add_variable(variable)
    return made
