"""An experiment of one's own is a directory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cevns
from cevns.experiments import experiment_directory
from tests.experiments.editing import copy_experiment, edit_config, edit_table


@pytest.mark.parametrize("name", cevns.experiment_names())
@pytest.mark.parametrize("as_type", [str, Path])
def test_copy_gives_the_same_numbers(tmp_path: Path, name: str, as_type: type) -> None:
    shipped = cevns.experiment(name)
    mine = cevns.experiment(as_type(copy_experiment(name, tmp_path)))
    assert mine.config == shipped.config
    assert np.array_equal(mine.observed, shipped.observed)
    assert np.array_equal(mine.predict("sm").total, shipped.predict("sm").total)
    couplings = np.geomspace(1e-6, 1e-3, 5)
    ours, theirs = (cevns.Likelihood("b-l", e)(g=couplings, mass=10.0) for e in (mine, shipped))
    assert np.array_equal(ours, theirs)


def test_directory_in_the_way_of_a_name_does_not_shadow_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of a shipped experiment means the shipped one, wherever one stands."""
    spoilt = copy_experiment("coherent-csi-2021", tmp_path).rename(tmp_path / "coherent-csi-2021")
    edit_config(spoilt, lambda document: document["target"].update(mass="1 kg"))
    monkeypatch.chdir(tmp_path)
    assert experiment_directory("coherent-csi-2021") != spoilt
    assert cevns.experiment("coherent-csi-2021").config.target.mass == 14.6


def test_without_hashes_tables_are_taken_as_they_are(tmp_path: Path, csi: cevns.Experiment) -> None:
    directory = copy_experiment("coherent-csi-2021", tmp_path)
    edit_config(directory, lambda document: document.pop("sha256"))
    assert np.array_equal(cevns.experiment(directory).observed, csi.observed)


def test_own_counts_are_fitted(tmp_path: Path, csi: cevns.Experiment) -> None:
    """Data that equal the expectation are fitted perfectly by it."""
    directory = copy_experiment("coherent-csi-2021", tmp_path)
    expected = csi.predict("sm").total.ravel()

    def asimov(rows: list[list[str]]) -> list[list[str]]:
        body = [[*row[:4], repr(float(mu)), *row[5:]] for row, mu in zip(rows[1:], expected, strict=True)]
        return [rows[0], *body]

    edit_table(directory, "bins.csv", asimov)
    assert cevns.Likelihood("sm", cevns.experiment(directory))() == pytest.approx(0.0, abs=1e-9)


def test_enriched_material_by_composition() -> None:
    by_name = cevns.experiment("coherent-csi-2021")
    by_atoms = cevns.experiment("coherent-csi-2021", overrides={"target.material": {"133Cs": 1, "127I": 1}})
    assert by_atoms.predict("sm").cevns == pytest.approx(by_name.predict("sm").cevns, rel=1e-12)


def test_tabulated_quenching_can_replace_the_formula(tmp_path: Path, lar: cevns.Experiment) -> None:
    """A factor that is linear in T is the same from a table."""
    directory = copy_experiment("coherent-lar-2020", tmp_path)
    (directory / "quenching.csv").write_text("recoil_keV,factor\n0,0.246\n500,0.636\n", encoding="utf-8")
    table = cevns.experiment(directory, overrides={"detector.quenching": {"kind": "table", "file": "quenching.csv"}})
    assert table.predict("sm").cevns == pytest.approx(lar.predict("sm").cevns, rel=1e-12)


def test_form_factors_differ_by_a_few_per_cent(csi: cevns.Experiment) -> None:
    """Helm and Klein-Nystrand form factors of the same rms radius agree at small momentum transfer."""
    other = cevns.experiment("coherent-csi-2021", overrides={"target.form_factor": "klein-nystrand"})
    ratio = other.predict("sm").cevns.sum() / csi.predict("sm").cevns.sum()
    assert ratio != 1.0
    assert ratio == pytest.approx(1.0, abs=0.02)


def test_citations_and_names(csi: cevns.Experiment) -> None:
    assert csi.flavours == ("nu_e", "nu_mu", "nubar_mu")
    assert sorted(csi.nuclei) == ["127I", "133Cs"]
    assert csi.citations == ("COHERENT:2021xmm", "AtzoriCorona:2022moj")
