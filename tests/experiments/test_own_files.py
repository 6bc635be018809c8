"""Files as others write them: what is read all the same, and what is refused and why."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import cevns
from cevns import DataError, InputError
from cevns.experiments import CONFIG_FILE, experiment_directory
from cevns.statistics import MarginalisedOnOff, Means, ProfiledOnOff, measurement
from tests.experiments.editing import edit_config

DRESDEN, QUENCHING = "dresden-ii", "quenching_iron_filter.csv"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A copy of a shipped experiment with a table of the quenching, without hashes."""
    copy = Path(shutil.copytree(experiment_directory(DRESDEN), tmp_path / "mine"))
    edit_config(copy, lambda document: document.pop("sha256"))
    return copy


@pytest.mark.parametrize(
    "changed",
    [
        lambda content: b"\xef\xbb\xbf" + content,
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: content.replace(b",", b" , "),
    ],
    ids=["byte order mark", "line ends of Windows", "spaces"],
)
def test_tables_of_spreadsheets_are_read(mine: Path, changed: Callable[[bytes], bytes]) -> None:
    before = cevns.experiment(mine)
    (mine / "bins.csv").write_bytes(changed((mine / "bins.csv").read_bytes()))
    after = cevns.experiment(mine)
    assert (after.observed == before.observed).all()
    assert all((after.backgrounds[name] == counts).all() for name, counts in before.backgrounds.items())


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_other_separators_are_named(mine: Path, separator: str) -> None:
    path = mine / "bins.csv"
    path.write_text(path.read_text().replace(",", separator))
    with pytest.raises(DataError, match=r"^mine: bins\.csv, columns: .*separated by commas"):
        cevns.experiment(mine)


@pytest.mark.parametrize("name", ["off", "no", "on"])
def test_words_of_yaml_are_names(mine: Path, name: str) -> None:
    """In YAML 1.1 these are booleans."""
    text = (mine / CONFIG_FILE).read_text()
    (mine / CONFIG_FILE).write_text(text.replace("flat", name))
    path = mine / "bins.csv"
    path.write_text(path.read_text().replace("flat", name))
    assert name in cevns.experiment(mine).backgrounds


@pytest.mark.parametrize(
    ("name", "changes", "field"),
    [
        ("conus-like", {"rates.continuum": {"kind": "flat", "rate": -1}}, "rates.continuum.rate"),
        ("conus-like", {"rates": {"flat": {"kind": "flat", "rate": -1}}}, "rates.flat.rate"),
        ("conus-like", {"bins.energy": {"low": 1, "high": 2, "number": 0}}, "bins.energy.number"),
        ("coherent-csi-2021", {"detector.resolution": {"shape_slope": 1}}, "detector.resolution.kind"),
        ("coherent-csi-2021", {"detector.efficiency.scale": 90}, "efficiency.scale"),
    ],
)
def test_the_key_is_named(name: str, changes: dict[str, object], field: str) -> None:
    with pytest.raises(InputError) as caught:
        cevns.experiment(name, changes)
    assert caught.value.field == f"{name}/{CONFIG_FILE}: {field}"


@pytest.mark.parametrize(("low", "high"), [(1.5, 4.5), (0.0, 0.7), (100.0, 4500.0)], ids=["low", "high", "in eV"])
def test_a_quenching_that_does_not_cover_the_bins_is_refused(mine: Path, low: float, high: float) -> None:
    table = np.array([[low, 0.2], [high, 0.2]])
    np.savetxt(mine / QUENCHING, table, delimiter=",", header="recoil_keV,factor", comments="")
    # The largest recoil: 2 E^2/(M + 2 E) of 8 MeV on 70Ge.
    with pytest.raises(DataError, match=rf"^mine: {QUENCHING}, recoil_keV: got .* up to the largest, 1.965 keV"):
        cevns.experiment(mine)


def test_a_quenching_is_not_needed_where_nothing_is_seen(mine: Path) -> None:
    """From 1.5 keV on with a factor of 0.2: signals above 0.3 keV."""
    table = np.array([[1.5, 0.2], [4.5, 0.2]])
    np.savetxt(mine / QUENCHING, table, delimiter=",", header="recoil_keV,factor", comments="")
    seen = {"kind": "sigmoid", "scale": 1, "slope": 1, "midpoint": -100, "steps": [[0.31, 0.0]]}
    assert cevns.experiment(mine, {"detector.efficiency": seen}).observed.size == 130


def test_the_wrong_value_of_a_table_is_shown(mine: Path) -> None:
    (mine / "efficiency.csv").write_text("signal,efficiency\n0.1,-0.25\n1,0.97\n")
    with pytest.raises(InputError, match=r"^mine: efficiency.csv, efficiency: got -0.25"):
        cevns.experiment(mine, {"detector.efficiency": {"kind": "table", "file": "efficiency.csv"}})


@pytest.mark.parametrize(
    "quenching",
    [
        {"kind": "table", "file": QUENCHING},
        {"kind": "lindhard", "k": 0.162},
        {"kind": "linear", "constant": 0.2, "slope": 1e-3},
        {"kind": "polynomial", "coefficients": [0.2, 1.0]},
    ],
    ids=lambda quenching: quenching["kind"],
)
def test_a_scale_multiplies_the_quenching(quenching: dict[str, object]) -> None:
    recoil = np.geomspace(1e-4, 4e-3, 9)
    nominal, lower = (
        cevns.experiment(DRESDEN, {"detector.quenching": {**quenching, "scale": scale}}).rates.response.quenching
        for scale in (1.0, 0.9)
    )
    assert lower(recoil) == pytest.approx(0.9 * nominal(recoil), rel=1e-14)


def test_a_scale_is_a_variant_of_a_pull() -> None:
    """10 % at one standard deviation: the signal at the pull is that of the quenching so scaled."""
    table = {"kind": "table", "file": QUENCHING}
    variants = {"kind": "quenching", "up": {**table, "scale": 1.1}, "down": {**table, "scale": 0.9}}
    pull = {"name": "quenching", "varies": variants, "sigma": 1.0}
    varied = cevns.experiment(DRESDEN, {"nuisances": [pull]})
    lower = cevns.experiment(DRESDEN, {"detector.quenching.scale": 0.9})
    model = cevns.model("sm")
    at_pull = varied.varied_rates({"quenching": -1.0}).form(model, {}).counts({})
    assert at_pull == pytest.approx(lower.rates.form(model, {}).counts({}), rel=1e-12)


@pytest.mark.parametrize("treatment", ["profiled", "marginalised"])
def test_reactor_off_for_another_time_than_on(tmp_path: Path, treatment: str) -> None:
    """Off for a fifth of the time that it is on: the column has the counts, the prediction five times as many."""
    copy = Path(shutil.copytree(experiment_directory("conus-like"), tmp_path / "mine"))
    edges, off = np.linspace(0.2, 1.0, 9), np.arange(7.0, 15.0)
    table = np.column_stack([edges[:-1], edges[1:], 5.0 * off + 3.0, off])
    header = "energy_low,energy_high,observed,off"
    np.savetxt(copy / "bins.csv", table, delimiter=",", header=header, comments="", fmt="%.17g")
    statistic = {"kind": "poisson-on-off", "off_counts": "off", "off_exposure": 0.2, "treatment": treatment}

    def edit(document: dict) -> None:
        for key in ("bins", "rates", "nuisances"):
            del document[key]
        document.update(data="bins.csv", backgrounds={"off": "reactor off"}, statistic=statistic)

    edit_config(copy, edit)
    mine = cevns.experiment(copy)
    assert mine.backgrounds["off"].ravel() == pytest.approx(5.0 * off, rel=1e-15)
    assert mine.predict("sm").total.sum() == pytest.approx(mine.predict("sm").cevns.sum() + 5.0 * off.sum())
    statistic_of = measurement(mine).statistic
    assert isinstance(statistic_of, ProfiledOnOff | MarginalisedOnOff)
    assert (statistic_of.off == off).all()
    # Three counts more than five times those of the outage: one signal of three fits both.
    if treatment == "profiled":
        assert statistic_of.value(np.full(8, 3.0)) == pytest.approx(0.0, abs=1e-12)
    # Pseudo-data of the outage have its time.
    assert statistic_of.thrown(np.full(8, 3.0), Means()).off == pytest.approx(off, rel=0.1)
