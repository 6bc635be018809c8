"""CONUS+ against the digitised table and the published totals, and quenching that varies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cevns
from cevns import InputError
from cevns.detector import LindhardQuenching

KG_DAYS = 327.0
QUENCHING = {
    "name": "germanium_quenching",
    "varies": {"kind": "quenching", "up": {"kind": "lindhard", "k": 0.182}, "down": {"kind": "lindhard", "k": 0.142}},
    "sigma": 0.2,
}


def predicted(threshold: int = 0, **changes: object) -> float:
    """Events in the exposure of the run, from some bin on."""
    return float(cevns.experiment("conus-plus", changes).predict("sm").cevns[threshold:].sum() * KG_DAYS / 119.0)


def test_counts_are_the_digitised_ones(shared: Path) -> None:
    table = shared / "data/conusplus_2025/conusplus_excess_digitised.csv"
    rows = [line.split(",") for line in table.read_text(encoding="utf-8").splitlines() if line[:1].isdigit()]
    one = cevns.experiment("conus-plus")
    assert len(rows) == one.observed.size == 19
    assert one.energy_edges[:-1] == pytest.approx([1e-3 * float(row[1]) for row in rows], abs=1e-9)
    assert one.observed[:, 0] == pytest.approx([float(row[3]) for row in rows], rel=1e-9)
    assert one.errors[:, 0] == pytest.approx([float(row[4]) for row in rows], rel=1e-9)


def test_prediction_is_the_published_one_within_its_error() -> None:
    """347(59) with thresholds of 160, 170 and 180 eV: all detectors from 160 eV, and the mean of the three."""
    assert abs(predicted() - 347.0) < 59.0
    assert abs(np.mean([predicted(bins) for bins in range(3)]) - 347.0) < 59.0


def test_digitised_excess_is_the_published_one_within_its_error() -> None:
    """395(106) events: the sum of the table, and what it is if the model gives its shape, as in the publication."""
    one = cevns.experiment("conus-plus")
    assert abs(one.observed.sum() * KG_DAYS / 119.0 - 395.0) < 106.0
    counts, errors = one.observed[:, 0], one.errors[:, 0]
    shape = one.predict("sm").cevns[:, 0]
    weight = np.sum(shape**2 / errors**2)
    multiple = np.sum(counts * shape / errors**2) / weight
    assert multiple * predicted() == pytest.approx(395.0, rel=0.15)
    # Published: 3.7 standard deviations.
    assert multiple * np.sqrt(weight) == pytest.approx(3.7, abs=0.2)


def test_flux_is_that_of_power_and_distance() -> None:
    """3.6 GW at 20.7 m, about 7 antineutrinos per fission of 205 MeV: 1.4e13, published 1.5e13."""
    source = cevns.experiment("conus-plus", {"source.flux": None}).rates.source
    assert source.fluence[0] / (119.0 * 86400.0) == pytest.approx(1.5e13, rel=0.1)


def test_lindhard_takes_its_protons_from_the_target() -> None:
    assert cevns.experiment("conus-plus").rates.response.quenching == LindhardQuenching(0.162, 32)
    silicon = cevns.experiment("conus-plus", {"target.material": "Si", "detector.electron_recoils": "rejected"})
    assert silicon.rates.response.quenching == LindhardQuenching(0.162, 14)
    with pytest.raises(InputError, match=r"detector\.quenching\.kind.*several elements"):
        cevns.experiment("conus-plus", {"target.material": "CsI"})


@pytest.mark.parametrize(("position", "k"), [(1.0, 0.182), (-1.0, 0.142), (0.0, 0.162)])
def test_variants_of_the_quenching_are_at_the_ends(position: float, k: float) -> None:
    one = cevns.experiment("conus-plus", {"nuisances": [QUENCHING]})
    changed = cevns.experiment("conus-plus", {"detector.quenching.k": k})
    spectra = [
        rates.form(cevns.model("sm"), {}).counts({})[0]
        for rates in (one.varied_rates({"germanium_quenching": position}), changed.rates)
    ]
    assert spectra[0] == pytest.approx(spectra[1], rel=1e-9)


@pytest.mark.parametrize("position", [-0.83, -0.31, 0.2, 0.77])
def test_counts_are_interpolated_between_quenchings(position: float) -> None:
    one = cevns.experiment("conus-plus", {"nuisances": [QUENCHING]})
    likelihood = cevns.Likelihood("sm", one)
    (signal,) = likelihood.joint_signals()
    found = signal.at(np.array([[position]]))[0].reshape(2, -1)[0]
    expected = one.varied_rates({"germanium_quenching": position}).form(cevns.model("sm"), {}).counts({})[0]
    assert found == pytest.approx(expected.sum(axis=0), rel=1e-5)


def test_a_common_quenching_pull_is_one() -> None:
    """Another experiment with the pull of the same name: one parameter, with one constraint."""
    names = ("conus-plus", "dresden-ii")
    both = [
        cevns.experiment(name, {"detector.quenching": {"kind": "lindhard", "k": 0.162}, "nuisances": [*own, QUENCHING]})
        for name in names
        for own in [[p.model_dump(exclude_unset=True) for p in cevns.experiment(name).config.nuisances]]
    ]
    likelihood = cevns.Likelihood("sm", both)
    best = likelihood.profiled()
    assert likelihood.pulls.count("germanium_quenching") == 1
    theta = float(best.pulls["germanium_quenching"])
    assert 0.0 < theta < 1.0
    expected = (theta / 0.2) ** 2
    for name in names:
        fixed = {"kind": "lindhard", "k": 0.162 + 0.02 * theta}
        expected += float(cevns.Likelihood("sm", cevns.experiment(name, {"detector.quenching": fixed}))())
    assert float(best.chi2) == pytest.approx(expected, abs=1e-3)
