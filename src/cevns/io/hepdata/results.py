"""Results of inference as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

from cevns.errors import InputError
from cevns.experiments import experiment
from cevns.inference import ToyIntervalResult
from cevns.inference.bayes import Marginal, PosteriorResult
from cevns.interactions import MODEL_NAMES, model
from cevns.io.hepdata.tables import Column, Table, along, contours, filled_columns
from cevns.io.symbols import typeset
from cevns.publications.figures import Axis
from cevns.results import FitResult, IntervalResult, LimitResult, ProfileResult, Record, RegionResult
from cevns.results.base import with_unit
from cevns.typing import JSON

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


def common_to_points(record: LimitResult | IntervalResult | ToyIntervalResult) -> str:
    """What results have in common that are one table: they differ in the point only at which they were computed."""
    content = record.to_dict()
    settings = {name: value for name, value in content.items() if name in _SETTINGS}
    return repr((type(record), settings, list(_point(content)), list(content.get("profiled", ()))))


def points_table(records: Sequence[JSON]) -> Table:
    """Limits, or intervals, at several points; what is the same at all points is a setting."""
    first = records[0]
    units = partial(_unit, first["model"])
    points = [_point(record) for record in records]
    varying = [name for name in points[0] if any(point[name] != points[0][name] for point in points)]
    columns = [Column(typeset(n), units(n), [point[n] for point in points], given=True) for n in varying]
    if not varying:
        columns = [Column("parameter", "", [typeset(first["parameter"])] * len(records), given=True)]
    rows = [{(name, unit): value for name, unit, value in _cells(record, units)} for record in records]
    columns += filled_columns(rows)
    held = {name: value for name, value in points[0].items() if name not in varying}
    kind = "Intervals of" if "intervals" in first else "Limits on"
    return _table(f"{kind} {first['parameter']}", first, columns, held)


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
    parameters = [with_unit(typeset(name), _unit(result.model, name)) for name in names]
    columns = [
        Column("parameter", "", parameters, given=True),
        Column("best fit", "", list(result.values.values()), errors=[result.errors[name] for name in names]),
    ]
    return _table("Fit", result.to_dict(), columns, result.fixed, preposition="to")


def _posterior_table(result: PosteriorResult) -> Table:
    """Means with their deviations, medians and intervals of parameters and pulls, each with its prior."""
    names = [with_unit(typeset(one.name), typeset(one.unit)) for one in result.marginals]
    means, deviations = ([getattr(one, name) for one in result.marginals] for name in ("mean", "deviation"))
    columns = [
        Column("parameter", "", names, given=True),
        Column("prior", "", [one.prior for one in result.marginals], given=True),
        Column("mean", "", means, errors=deviations),
        *filled_columns([dict(_summary(one, result.credibility)) for one in result.marginals]),
    ]
    kind = "Posterior" if result.pulls == "sampled" else "Profile likelihood times prior"
    return _table(f"{kind} of {', '.join(result.parameters)}", result.to_dict(), columns, result.fixed)


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
    own = along(Axis(result.parameter, unit=result.unit), result.values, given=True)
    columns = [own, Column("chi2", "", result.chi2), *profiled]
    return _table(f"chi2 of {result.parameter}", result.to_dict(), columns, result.fixed)


def _region_table(result: RegionResult) -> Table:
    """Outlines of the pieces and of their holes."""
    x, y = (Axis(name, unit=unit) for name, unit in zip(result.parameters, result.units, strict=True))
    rings = [
        ("outline" if number == 0 else "hole", ring) for piece in result.pieces for number, ring in enumerate(piece)
    ]
    return _table(f"Region of {' and '.join(result.parameters)}", result.to_dict(), contours(x, y, rings), result.fixed)


SINGLE: Final[Mapping[type[Record], Callable[[Any], Table]]] = {
    FitResult: _fit_table,
    PosteriorResult: _posterior_table,
    ProfileResult: _profile_table,
    RegionResult: _region_table,
}
"""Results of which each is a table."""


def _table(
    what: str, record: JSON, columns: Sequence[Column], held: Mapping[str, float], *, preposition: str = "from"
) -> Table:
    """The table of a record, under a title that begins with what it shows."""
    title = f"{what} of the model {record['model']} {preposition} {', '.join(record['experiments'])}"
    return Table(title, _HERE, columns, _settings(record, held), _citations(record))


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
