"""Everything a user can get wrong about an experiment, and what the message says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import cevns
from cevns import DataError, InputError
from cevns.experiments import CONFIG_FILE
from tests.experiments.editing import Rows, copy_experiment, edit_config, edit_table

CSI, LAR = "coherent-csi-2021", "coherent-lar-2020"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return copy_experiment(CSI, tmp_path)


def refusal(load: Callable[[], object], kind: type[InputError] = InputError) -> InputError:
    """The error raised, which must be one for the user and say so in one message."""
    with pytest.raises(kind) as caught:
        load()
    error = caught.value
    assert str(error) == f"{error.field}: got {error.value!r}; allowed: {error.allowed}"
    assert error.allowed
    return error


BEAM_TIME = {"name": "n", "varies": {"kind": "beam-time"}}
CURVE = {"kind": "sigmoid", "scale": 0.9, "slope": 0.3, "midpoint": 10.0}
EFFICIENCY = {"name": "n", "varies": {"kind": "efficiency", "up": CURVE, "down": CURVE}}

# path, value, the field named, words among what is allowed
FIELDS = [
    ("source.distance", "19.3 kg", "source.distance", "a unit of length (m, cm, km, fm)"),
    ("source.distance", "-19.3 m", "source.distance", "a positive number"),
    ("source.distance", "0 m", "source.distance", "a positive number"),
    ("source.distance", "nan m", "source.distance", "a positive number"),
    ("source.distance", "inf m", "source.distance", "a positive number"),
    ("source.distance", "far m", "source.distance", "a positive number"),
    ("source.distance", "19.3m", "source.distance", "a unit of length"),
    ("source.distance", 19.3, "source.distance", "a unit of length"),
    ("source.distance", None, "source.distance", "a unit of length"),
    ("source.protons_on_target", -3.198e23, "source.protons_on_target", "greater than 0"),
    ("source.protons_on_target", 0, "source.protons_on_target", "greater than 0"),
    ("source.protons_on_target", float("nan"), "source.protons_on_target", "finite"),
    ("source.protons_on_target", float("inf"), "source.protons_on_target", "finite"),
    ("source.protons_on_target", "many", "source.protons_on_target", "number"),
    ("source.neutrinos_per_proton", 0, "source.neutrinos_per_proton", "greater than 0"),
    ("source.kind", "supernova", "source.kind", "pion-decay-at-rest"),
    ("source.arrival", {"kind": "always"}, "source.arrival", "'table', 'beam-pulse'"),
    ("source.arrival", {"kind": "beam-pulse", "mean": "0.4 us", "width": "0 us"}, "width", "a unit of time"),
    ("target.mass", "14.6 m", "target.mass", "a unit of mass (kg, g, t)"),
    ("target.material", "CsCl", "material", "CsI, NaI"),
    ("target.material", {"Qq": 1}, "isotope", "133Cs"),
    ("target.form_factor", "gauss", "form_factor", "helm, helm-engel, klein-nystrand, symmetrised-fermi"),
    ("target.radii", {"40Ar": {"proton": 3.4, "neutron": 3.5}}, "target.radii", "133Cs, 127I"),
    ("target.radii", {"133Cs": {"proton": -4.8, "neutron": 5.0}}, "target.radii.133Cs.proton", "greater than 0"),
    ("target.radii", {"133Cs": {"proton": 4.8}}, "target.radii.133Cs.neutron", "required"),
    ("detector.light_yield", 0, "detector.light_yield", "greater than 0"),
    ("detector.quenching", {"kind": "cubic"}, "detector.quenching", "'polynomial', 'linear', 'lindhard', 'table'"),
    ("detector.quenching", {"kind": "lindhard", "k": 0}, "detector.quenching.k", "greater than 0"),
    ("detector.quenching", {"kind": "lindhard", "k": 0.16}, "detector.quenching.kind", "several elements"),
    ("detector.lowest_energy", -0.003, "detector.lowest_energy", "greater than or equal to 0"),
    ("detector.quenching.coefficients", [], "coefficients", "at least 1"),
    ("detector.quenching.coefficients", ["a"], "coefficients.0", "number"),
    ("detector.resolution", {"kind": "box"}, "detector.resolution", "'gamma', 'gaussian'"),
    ("detector.resolution", {"kind": "gaussian"}, "resolution", "non-negative widths, not all zero"),
    ("detector.resolution.shape_slope", 0, "shape_slope", "greater than 0"),
    ("detector.efficiency", {"kind": "step"}, "detector.efficiency", "'sigmoid', 'constant', 'table'"),
    ("detector.efficiency.scale", -1, "detector.efficiency.scale", "greater than 0"),
    ("detector.time_efficiency.rate", -1, "detector.time_efficiency.rate", "greater than or equal to 0"),
    ("statistic", {"kind": "cash"}, "statistic", "'poisson', 'gaussian'"),
    ("statistic", {"kind": "gaussian", "floor": 0}, "statistic.floor", "greater than 0"),
    ("statistic", {"kind": "gaussian", "background_variance": {"steady_state": -1}}, "steady_state", "or equal to 0"),
    ("statistic", {"kind": "poisson-on-off"}, "statistic.off_counts", "required"),
    ("statistic", {"kind": "poisson-on-off", "off_counts": "muons", "treatment": "x"}, "treatment", "'profiled'"),
    ("nuisances", [{"name": "n", "component": "cevns", "sigma": 0}], "nuisances.n.sigma", "greater than 0"),
    (
        "nuisances",
        [{"name": "n", "component": "cevns", "sigma": 0.1, "includes": {"sns_flux": 0.2}}],
        "nuisances.n.includes",
        "parts that add in quadrature to at most sigma = 0.1",
    ),
    ("nuisances", [{"name": "n", "sigma": 0.1}], "nuisances.n.component", "something that varies, and not both"),
    ("nuisances", [{"name": "n", "component": "cevns"}], "nuisances.n.sigma", "a positive number"),
    ("nuisances", [{**BEAM_TIME, "component": "cevns", "sigma": 1}], "nuisances.n.component", "not both"),
    (
        "nuisances",
        [{"name": "n", "varies": {"kind": "weather"}}],
        "nuisances.n.varies",
        "'nuclear-radius', 'beam-time'",
    ),
    ("nuisances", [{"name": "n", "varies": "beam-time"}], "nuisances.n.varies", "keys with values"),
    ("nuisances", [BEAM_TIME], "nuisances.n.range", "a range or a sigma"),
    ("nuisances", [{**BEAM_TIME, "sigma": -0.1}], "nuisances.n.sigma", "greater than 0"),
    (
        "nuisances",
        [{**BEAM_TIME, "range": [0.2, -0.2]}],
        "nuisances.n.range",
        "the first below zero and the second above",
    ),
    (
        "nuisances",
        [{**BEAM_TIME, "range": [0.1, 0.2]}],
        "nuisances.n.range",
        "the first below zero and the second above",
    ),
    ("nuisances", [{**BEAM_TIME, "range": [-0.1]}], "nuisances.n.range", "required"),
    ("nuisances", [{**BEAM_TIME, "range": [-0.1, float("inf")]}], "nuisances.n.range.1", "finite"),
    ("nuisances", [{**BEAM_TIME, "range": "wide"}], "nuisances.n.range", "a list"),
    ("nuisances", [{**BEAM_TIME, "sigma": 1, "shape": "tilt"}], "nuisances.n.shape", "no shape"),
    ("nuisances", [{**BEAM_TIME, "sigma": 1, "includes": {"sns_flux": 0.1}}], "nuisances.n.includes", "no component"),
    ("nuisances", [{"name": "n", "component": "cevns", "sigma": 1, "range": [-1, 1]}], "nuisances.n.range", "no range"),
    ("nuisances", [{**EFFICIENCY, "range": [-2, 1]}], "nuisances.n.range", "from -1 to 1"),
    ("nuisances", [{"name": "n", "varies": {"kind": "efficiency"}, "sigma": 1}], "varies.up", "required"),
    ("nuisances", [{"name": "n", "varies": {"kind": "quenching"}, "sigma": 1}], "varies.up", "required"),
    (
        "nuisances",
        [{"name": "n", "component": "beam_neutrons", "includes": {"sns_flux": 0.1}}],
        "nuisances.n.includes",
        "no sigma",
    ),
    ("nuisances", [{**BEAM_TIME, "sigma": 1}, {**BEAM_TIME, "sigma": 1, "name": "m"}], "nuisances.varies", "once"),
    ("nuisances", [{"name": "n", "component": "cevns", "sigma": 1, "shape": {"up": "a"}}], "down", "required"),
    (
        "nuisances",
        [{"name": "two words", "component": "cevns", "sigma": 1}],
        "nuisances.two words.name",
        "a lower-case letter",
    ),
    ("sha256", {"bins.csv": "abc"}, "sha256.bins.csv", "64 digits"),
    ("schema_version", 2, "schema_version", "1"),
    ("source", None, "source", "keys with values"),
    ("name", "Two Words", "name", "a lower-case letter"),
]


@pytest.mark.parametrize(("path", "value", "field", "allowed"), FIELDS)
def test_wrong_field(path: str, value: object, field: str, allowed: str) -> None:
    error = refusal(lambda: cevns.experiment(CSI, overrides={path: value}))
    assert field in error.field
    assert allowed in error.allowed


# Conditions on the file as a whole: what is wrong, what there is.
CROSS_CHECKS = [
    ("nuisances", [{"name": "n", "component": "wimps", "sigma": 0.1}], "wimps", "cevns, neutrinos, beam_neutrons"),
    ("nuisances", [{"name": "n", "component": "cevns", "sigma": 0.1}] * 2, "nuisances", "distinct names"),
    ("statistic", {"kind": "gaussian", "background_variance": {"muons": 0.2}}, "muons", "beam_neutrons"),
    ("statistic", {"kind": "poisson-on-off", "off_counts": "muons"}, "muons", "beam_neutrons"),
    (
        "statistic",
        {"kind": "poisson-on-off", "off_counts": "steady_state"},
        "steady_state",
        "cevns, neutrinos, beam_neutrons",
    ),
    ("nuisances", [{"name": "n", "component": "cevns", "sigma": 1, "shape": "tilt"}], "bins.csv", "a column 'tilt'"),
    ("backgrounds", {"muons": "cosmic muons"}, "beam_neutrons", "cevns, neutrinos, muons"),
]


@pytest.mark.parametrize(("path", "value", "wrong", "allowed"), CROSS_CHECKS)
def test_names_that_do_not_exist(path: str, value: object, wrong: str, allowed: str) -> None:
    error = refusal(lambda: cevns.experiment(CSI, overrides={path: value}))
    assert wrong in str(error)
    assert allowed in str(error)


def test_unknown_key_of_what_varies() -> None:
    varies = {"kind": "efficiency", "up": CURVE, "down": {**CURVE, "gain": 2}}
    error = refusal(lambda: cevns.experiment(CSI, {"nuisances": [{"name": "n", "sigma": 1, "varies": varies}]}))
    assert error.field.endswith("nuisances.n.varies.down.gain")
    assert "midpoint" in error.allowed


@pytest.mark.parametrize("key", ["gain", "detector.gain", "source.arrival.colour", "target.radii.133Cs.charge"])
def test_unknown_key(key: str) -> None:
    error = refusal(lambda: cevns.experiment(CSI, overrides={key: 1}))
    assert key.rpartition(".")[2] in error.field
    assert "1" in repr(error.value)
    assert error.allowed.startswith("one of: ")
    assert {"gain": "data", "detector.gain": "light_yield", "source.arrival.colour": "file"}.get(
        key, ""
    ) in error.allowed


@pytest.mark.parametrize("key", ["schema_version", "source", "target", "detector", "statistic"])
def test_missing_key(mine: Path, key: str) -> None:
    edit_config(mine, lambda document: document.pop(key))
    error = refusal(lambda: cevns.experiment(mine))
    assert error.field == f"mine/{CONFIG_FILE}: {key}"
    assert "required" in error.allowed


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("detectr.light_yield", "detectr"),
        ("detector.light.yield", "detector.light"),
        ("source.distance.unit", "source.distance"),
        ("nuisances.9.sigma", "nuisances.9"),
    ],
)
def test_override_of_a_block_that_does_not_exist(path: str, missing: str) -> None:
    error = refusal(lambda: cevns.experiment(CSI, overrides={path: 1.0}))
    assert (error.field, error.value) == ("overrides", path)
    assert repr(missing) in error.allowed


def test_override_changes_only_what_it_names(csi: cevns.Experiment) -> None:
    heavier = cevns.experiment(CSI, overrides={"target.mass": "29.2 kg"})
    assert heavier.predict("sm").cevns == pytest.approx(2.0 * csi.predict("sm").cevns, rel=1e-12)
    assert cevns.experiment(CSI).predict("sm").cevns == pytest.approx(csi.predict("sm").cevns, rel=1e-14)


@pytest.mark.parametrize("name", ["coherent", "", "../experiments/coherent-csi-2021"])
def test_unknown_experiment(name: str) -> None:
    error = refusal(lambda: cevns.experiment(name))
    assert (error.field, error.value) == ("experiment", name)
    assert all(known in error.allowed for known in (CSI, LAR, CONFIG_FILE))


def test_directory_without_configuration(tmp_path: Path) -> None:
    error = refusal(lambda: cevns.experiment(tmp_path))
    assert error.value == str(tmp_path)
    assert CONFIG_FILE in error.allowed


@pytest.mark.parametrize("text", ["source: [1\n", "source:\n\t- 1\n", "a: b: c\n", "!!python/object:os.system x\n"])
def test_yaml_that_cannot_be_parsed(mine: Path, text: str) -> None:
    (mine / CONFIG_FILE).write_text(text, encoding="utf-8")
    error = refusal(lambda: cevns.experiment(mine))
    assert re.search(rf"{CONFIG_FILE}, line \d, column \d+$", error.field)
    assert "\n" not in str(error)
    assert error.allowed.startswith("valid YAML")


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [("name: a\nname: b\n", 2, "name"), ("bins:\n  - low: 1\n    high: 2\n    low: 3\n", 4, "low")],
)
def test_a_key_that_is_there_twice(mine: Path, text: str, line: int, key: str) -> None:
    (mine / CONFIG_FILE).write_text(text, encoding="utf-8")
    error = refusal(lambda: cevns.experiment(mine))
    assert f"{CONFIG_FILE}, line {line}, " in error.field
    assert (error.value, error.allowed) == (key, "each key once")


@pytest.mark.parametrize("overrides", [None, {"detector.light_yield": 13.0}])
@pytest.mark.parametrize("text", ["", "- 1\n", "hello\n"])
def test_yaml_that_is_not_a_mapping(mine: Path, text: str, overrides: dict[str, float] | None) -> None:
    (mine / CONFIG_FILE).write_text(text, encoding="utf-8")
    assert CONFIG_FILE in refusal(lambda: cevns.experiment(mine, overrides=overrides)).field


def test_configuration_that_is_not_text(mine: Path) -> None:
    (mine / CONFIG_FILE).write_bytes(b"name: \xff\xfe\n")
    assert CONFIG_FILE in refusal(lambda: cevns.experiment(mine)).field


def replaced(entry: str, column: int, row: int = 5) -> Callable[[Rows], Rows]:
    """Put an entry into a row of a table."""

    def edit(rows: Rows) -> Rows:
        rows[row][column] = entry
        return rows

    return edit


def without_column(rows: Rows) -> Rows:
    """Drop the observed counts."""
    position = rows[0].index("observed")
    return [row[:position] + row[position + 1 :] for row in rows]


# edit, the field named, the value named, words among what is allowed
TABLES: dict[str, tuple[Callable[[Rows], Rows], str, str, str]] = {
    "missing bin": (
        lambda rows: rows[:5] + rows[6:],
        "bins.csv, row 5",
        "energy 0 to 8, time 0.625 to 0.75",
        "complete grid of 9 x 11 adjoining",
    ),
    "bin twice": (
        lambda rows: [*rows[:6], *rows[5:]],
        "bins.csv, row 6",
        "energy 0 to 8, time 0.5 to 0.625",
        "complete grid of 9 x 11 adjoining",
    ),
    "shuffled rows": (
        lambda rows: [*rows[:5], rows[6], rows[5], *rows[7:]],
        "bins.csv, row 5",
        "energy 0 to 8, time 0.625 to 0.75",
        "energy by energy, time within",
    ),
    "gap between bins": (
        replaced("0.45", 3, 4),
        "bins.csv, row 4",
        "time 0.375 to 0.45",
        "time 0.375 to 0.5: the complete grid",
    ),
    "short row": (lambda rows: [*rows[:5], rows[5][:-1], *rows[6:]], "bins.csv, row 5", "7", "8 entries: energy_low"),
    "long row": (lambda rows: [*rows[:5], [*rows[5], "1"], *rows[6:]], "bins.csv, row 5", "9", "8 entries: energy_low"),
    "word": (replaced("many", 4), "bins.csv, row 5, observed", "many", "a number"),
    "nothing": (replaced("", 4), "bins.csv, row 5, observed", "", "a number"),
    "nan": (replaced("nan", 5), "bins.csv", "nan", "a finite number"),
    "infinity": (replaced("inf", 5), "bins.csv", "inf", "a finite number"),
    "negative count": (replaced("-1", 4), "bins.csv, row 5, observed", "-1.0", "not negative"),
    "negative background": (replaced("-0.5", 7), "bins.csv, row 5, steady_state", "-0.5", "not negative"),
    "missing column": (without_column, "bins.csv, columns", "beam_neutrons", "a column 'observed'"),
    "missing edges": (lambda rows: [row[1:] for row in rows], "bins.csv, columns", "energy_high", "'energy_low'"),
    "column twice": (lambda rows: [[*row, row[4]] for row in rows], "bins.csv", "observed", ""),
    "header alone": (lambda rows: rows[:1], "bins.csv", "1 rows", "at least one row"),
    "empty": (lambda _: [], "bins.csv", "0 rows", "a header"),
}


@pytest.mark.parametrize("case", TABLES)
def test_wrong_table(mine: Path, case: str) -> None:
    edit, field, value, allowed = TABLES[case]
    edit_table(mine, "bins.csv", edit)
    error = refusal(lambda: cevns.experiment(mine), DataError)
    assert field in error.field
    assert value in str(error)
    assert allowed in error.allowed


def test_edited_table_is_not_at_fault_by_itself(mine: Path, csi: cevns.Experiment) -> None:
    """The editing of these tests does no harm: an edit that changes nothing loads."""
    edit_table(mine, "bins.csv", lambda rows: rows)
    assert (cevns.experiment(mine).observed == csi.observed).all()


def test_comments_and_empty_lines_are_no_rows(mine: Path, csi: cevns.Experiment) -> None:
    edit_table(mine, "bins.csv", lambda rows: [["# counts"], *rows[:3], [""], *rows[3:]])
    assert (cevns.experiment(mine).observed == csi.observed).all()


def test_table_that_is_not_text(mine: Path) -> None:
    (mine / "bins.csv").write_bytes(b"\xff\xfe" + (mine / "bins.csv").read_bytes())
    edit_config(mine, lambda document: document.pop("sha256"))
    assert "bins.csv" in refusal(lambda: cevns.experiment(mine), DataError).field


@pytest.mark.parametrize("file", ["bins.csv", "arrival_times.csv"])
@pytest.mark.parametrize(
    "spoil",
    [lambda content: content[:-20], lambda content: content.replace(b"7", b"8", 1), lambda _: b""],
    ids=["truncated", "altered", "emptied"],
)
def test_table_with_another_hash(mine: Path, file: str, spoil: Callable[[bytes], bytes]) -> None:
    content = (mine / file).read_bytes()
    (mine / file).write_bytes(spoil(content))
    error = refusal(lambda: cevns.experiment(mine), DataError)
    assert error.field == f"mine: {file}"
    assert "SHA-256" in error.allowed
    assert "altered or truncated" in error.allowed


@pytest.mark.parametrize("file", ["bins.csv", "arrival_times.csv"])
def test_missing_table(mine: Path, file: str) -> None:
    (mine / file).unlink()
    error = refusal(lambda: cevns.experiment(mine), DataError)
    assert error.field == f"mine: {file}"
    assert error.allowed == "an existing file"


@pytest.mark.parametrize(
    ("edit", "allowed"),
    [
        (replaced("1.5", 1), "numbers from 0 to 1"),
        (replaced("-0.1", 1), "numbers from 0 to 1"),
        (lambda rows: [*rows[:5], rows[6], rows[5], *rows[7:]], "increasing signals"),
    ],
)
def test_wrong_efficiency_table(tmp_path: Path, edit: Callable[[Rows], Rows], allowed: str) -> None:
    directory = copy_experiment(LAR, tmp_path)
    edit_table(directory, "efficiency.csv", edit)
    error = refusal(lambda: cevns.experiment(directory))
    assert "efficiency" in error.field
    assert allowed in error.allowed


@pytest.mark.parametrize(
    ("edit", "allowed"),
    [
        (replaced("-1", 3), "non-negative weights"),
        (lambda rows: rows[:5] + rows[6:], "adjoining bins"),
        (lambda rows: [row[:-1] for row in rows], "a column 'nubar_mu'"),
        (lambda rows: [rows[0], *([*row[:-1], "0"] for row in rows[1:])], "not all zero"),
    ],
)
def test_wrong_arrival_times(mine: Path, edit: Callable[[Rows], Rows], allowed: str) -> None:
    edit_table(mine, "arrival_times.csv", edit)
    assert allowed in refusal(lambda: cevns.experiment(mine)).allowed


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ({"detector.quenching.coefficients": [-0.05]}, "quenching"),
        ({"target.radii": {"133Cs": {"proton": 4.8, "neutron": 0.5}}}, "radius"),
    ],
)
def test_values_that_only_the_prediction_can_refuse(overrides: dict[str, object], field: str) -> None:
    assert field in refusal(lambda: cevns.experiment(CSI, overrides=overrides).predict("sm")).field
