"""Submissions to HEPData: accepted by its validator, with our numbers and all that is needed to understand them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import cevns
from cevns import InputError
from cevns.io.hepdata import contours, tables, write_submission
from cevns.publications.figures import Axis
from cevns.results import Record
from tests.io.samples import EXPERIMENTS, FIGURE, FIT, INTERVALS, LIMITS, POSTERIOR, PROFILE, REGION, TOYS

pytest.importorskip("hepdata_lib", reason="needs hepdata_lib, which the extra cevns[hepdata] installs")


def written(records: Sequence[Record], directory: Path) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Entry in submission.yaml and content of each table."""
    submission = write_submission(records, directory)
    _, *entries = yaml.safe_load_all((submission / "submission.yaml").read_text())
    return [(entry, yaml.safe_load((submission / entry["data_file"]).read_text())) for entry in entries]


def values(table: Mapping[str, Any], name: str) -> list[Any]:
    (found,) = (
        v for v in (*table["independent_variables"], *table["dependent_variables"]) if v["header"]["name"] == name
    )
    return [value.get("value", (value.get("low"), value.get("high"))) for value in found["values"]]


def qualifiers(table: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the table, which all its dependent variables have."""
    (found,) = {tuple((q["name"], q["value"]) for q in v["qualifiers"]) for v in table["dependent_variables"]}
    return dict(found)


# The validator does not close the files that it reads.
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
def test_the_validator_of_hepdata_accepts_every_kind(tmp_path: Path) -> None:
    from hepdata_validator.full_submission_validator import FullSubmissionValidator

    records = (*LIMITS, *INTERVALS, TOYS, PROFILE, REGION, FIT, POSTERIOR, FIGURE)
    write_submission((*records, *records, *records), tmp_path)
    write_submission(records, tmp_path)
    validator = FullSubmissionValidator()
    accepted = validator.validate(directory=str(tmp_path))
    assert accepted, {file: [m.message for m in found] for file, found in validator.get_messages().items()}
    assert len(list(tmp_path.glob("table_*.yaml"))) == 12


def test_intervals_from_pseudo_data_say_how_they_were_found(tmp_path: Path) -> None:
    ((entry, table),) = written([TOYS, replace(TOYS, fixed={"mass": 20.0}, upper_limit=3e-5)], tmp_path)
    assert values(table, "mass") == [10.0, 20.0]
    assert values(table, "upper limit on $g$") == [2e-5, 3e-5]
    assert values(table, "upper end of interval of $g$ (1)") == [2e-5, 2e-5]
    assert values(table, "upper limit on $g$ with critical values one error away (1)") == [1.9e-5, 1.9e-5]
    assert not any("(2)" in column["header"]["name"] for column in table["dependent_variables"])
    found = qualifiers(table)
    assert (found["method"], found["cl"], found["toys"], found["seed"]) == ("feldman-cousins", 0.9, 100, 1)
    assert "Intervals of g of the model b-l from coherent-csi-2021" in entry["description"]


def test_limits_at_several_masses_are_a_table(tmp_path: Path) -> None:
    (entry, table), (other, _) = written(LIMITS, tmp_path)
    assert values(table, "mass") == [10.0, 1000.0]
    assert table["independent_variables"][0]["header"]["units"] == "MeV"
    assert values(table, "upper limit on $g$") == [2e-5, 5e-4]
    assert values(table, "value of $g$ above which all is excluded") == [2e-5, 2e-3]
    assert values(table, r"$g$ where $\chi^2$ crosses the level (2)") == ["-", 1.5e-3]
    assert values(table, r"smallest $\chi^2$") == [100.25, 100.25]
    assert "Limits on g of the model universal from coherent-csi-2021, coherent-lar-2020" in entry["description"]
    assert "from coherent-csi-2021. " in other["description"]


def test_a_table_carries_its_provenance(tmp_path: Path) -> None:
    (entry, table), _ = written(LIMITS, tmp_path)
    assert qualifiers(table) == {
        "model": "universal",
        "experiments": ", ".join(EXPERIMENTS),
        "parameter": "g",
        "cl": 0.9545,
        "dof": 2,
        "delta_chi2": 6.18,
        "ndata": 219,
        "version": "1.2.3",
    }
    for title in ("Measurement of the coherent", "First measurement of coherent", "Effects of a weak neutral current"):
        assert title.lower() in entry["description"].lower()


def test_intervals_at_several_points_are_a_table(tmp_path: Path) -> None:
    ((entry, table),) = written(INTERVALS, tmp_path)
    symbol = r"$\langle r^2_{\nu_{\mu }}\rangle$"
    assert values(table, r"$\langle r^2_{\nu_{e}}\rangle$") == [0.0, 2e-32]
    assert values(table, f"lower end of interval of {symbol} (1)") == [-6e-31, -6e-31]
    assert values(table, f"upper end of interval of {symbol} (1)") == [-5e-31, 4e-32]
    assert values(table, f"upper end of interval of {symbol} (2)") == [4e-32, "-"]
    assert {v["header"].get("units") for v in table["dependent_variables"]} == {r"$\mathrm{cm}^{2}$", None}
    assert qualifiers(table)["fixed, not at zero"] == "r2_emu = 1e-33"
    assert entry["description"].startswith("Intervals of r2_numu of the model charge-radius")


def test_a_result_alone_is_told_by_its_parameter(tmp_path: Path) -> None:
    ((_, table),) = written(LIMITS[2:], tmp_path)
    assert values(table, "parameter") == ["$g$"]
    assert qualifiers(table)["fixed, not at zero"] == "mass = 10"


def test_a_profile_has_what_is_profiled(tmp_path: Path) -> None:
    ((_, table),) = written([PROFILE], tmp_path)
    assert values(table, r"$\langle r^2_{\nu_{\mu }}\rangle$") == [-1e-32, 1e-32]
    assert values(table, "chi2") == [190.0, 191.5]
    assert values(table, r"best $\langle r^2_{e\mu }\rangle$") == [0.0, 1e-32]
    assert qualifiers(table)["profiled"] == "r2_emu"


def test_a_posterior_has_its_priors_and_every_interval(tmp_path: Path) -> None:
    ((entry, table),) = written([POSTERIOR], tmp_path)
    assert values(table, "parameter") == [r"$\mu _{\nu_{e}}$ [$\mu_\mathrm{B}$]", "csi_cevns"]
    assert values(table, "prior") == ["log:1e-11:1e-8", "normal:0:0.1"]
    assert values(table, "mean") == [2e-9, -0.05]
    (mean,) = (v for v in table["dependent_variables"] if v["header"]["name"] == "mean")
    assert [value["errors"][0]["symerror"] for value in mean["values"]] == [1e-9, 0.09]
    assert values(table, "median") == [1.5e-9, -0.04]
    assert values(table, "upper end of 90 % equal-tailed interval") == [3e-9, 0.1]
    assert values(table, "lower end of 90 % interval of highest density (1)") == [1e-10, -0.19]
    assert values(table, "lower end of 90 % interval of highest density (2)") == [6e-10, "-"]
    found = qualifiers(table)
    assert (found["pulls"], found["converged"], found["log_evidence"]) == ("sampled", "True", -98.5)
    assert found["fixed, not at zero"] == "mu_nutau = 1e-09"
    assert entry["description"].startswith("Posterior of mu_nue of the model magnetic-moment from")


def test_what_was_profiled_is_not_called_a_posterior(tmp_path: Path) -> None:
    ((entry, table),) = written([replace(POSTERIOR, pulls="profiled", converged=False)], tmp_path)
    assert entry["description"].startswith("Profile likelihood times prior of mu_nue")
    assert (qualifiers(table)["pulls"], qualifiers(table)["converged"]) == ("profiled", "False")


def test_a_region_has_outlines_and_holes(tmp_path: Path) -> None:
    ((entry, table),) = written([REGION], tmp_path)
    assert values(table, "region") == ["outline"] * 4 + ["hole"] * 4
    assert values(table, r"$\mu _{\nu_{e}}$")[:3] == [0.0, 3e-9, 0.0]
    assert values(table, r"$\mu _{\nu_{\mu }}$")[4:6] == [1e-9, 1e-9]
    assert (qualifiers(table)["cl"], qualifiers(table)["dof"]) == (0.9, 2)
    assert entry["description"].startswith("Region of mu_nue and mu_numu of the model magnetic-moment")


def test_intervals_with_others_profiled_are_other_tables() -> None:
    other = replace(INTERVALS[0], profiled={"r2_nutau": 1e-33})
    assert [table.settings.get("profiled") for table in tables([INTERVALS[0], other])] == [None, "r2_nutau"]


def test_a_fit_has_errors(tmp_path: Path) -> None:
    ((_, table),) = written([FIT], tmp_path)
    assert values(table, "parameter") == [r"$\sin^2\theta_W$", "csi_cevns"]
    assert values(table, "best fit") == [0.25, -0.01]
    errors = [value["errors"][0]["symerror"] for value in table["dependent_variables"][0]["values"]]
    assert errors == [0.02, 0.1]


def test_each_panel_of_a_figure_is_a_table(tmp_path: Path) -> None:
    profile, histogram, exclusion, region = written([FIGURE], tmp_path)
    assert values(profile[1], r"$\Delta\chi^2$ of LAr") == [1.0, 0.5]
    assert values(histogram[1], "photoelectrons") == [(0.0, 2.0), (2.0, 6.0)]
    assert values(histogram[1], "residuals") == [5.0, -1.0]
    assert values(histogram[1], "CEvNS") == [4.5, 0.5]
    assert values(exclusion[1], "$M$") == [1.0, 10.0, 10.0, 10.0]
    assert values(exclusion[1], "$g$") == [1e-5, 1e-4, 2e-4, 3e-4]
    x, y = (np.array(values(region[1], typeset)) for typeset in (r"$\mu _{\nu_{e}}$", r"$\mu _{\nu_{\mu }}$"))
    np.testing.assert_allclose(np.hypot(x, y), 1.0, rtol=1e-5)
    assert (x[0], y[0]) == (x[-1], y[-1])
    assert set(values(region[1], "region")) == {"circle, 90 % CL, 2 dof"}
    assert qualifiers(region[1])["level"] == "90 % CL, 2 dof (delta_chi2 4.61)"
    for letter, (entry, _) in zip("abcd", (profile, histogram, exclusion, region), strict=True):
        assert entry["location"] == f"figure-6{letter} of arXiv:1711.09773, computed anew"
        assert "arXiv:1711.09773" in entry["description"]


def test_a_figure_of_several_works_cites_no_paper(tmp_path: Path) -> None:
    ((entry, _), *_) = written([replace(FIGURE, paper="comparisons")], tmp_path)
    assert entry["location"] == "figure-6a of comparisons, computed anew"


def test_results_with_other_parameters_held_are_other_tables() -> None:
    other = replace(INTERVALS[0], fixed={"r2_nue": 1e-33})
    assert [len(table.columns[0].values) for table in tables([*INTERVALS, other])] == [2, 1]


def test_contours_may_have_several_pieces() -> None:
    pieces = [("inner", [(0.0, 1.0), (2.0, 3.0)]), ("outer", [(4.0, 5.0)])]
    found = contours(Axis("x"), Axis("y"), pieces)
    assert [list(column.values) for column in found] == [["inner", "inner", "outer"], [1, 1, 2], [0, 2, 4], [1, 3, 5]]
    assert [column.given for column in found] == [True, True, True, False]
    assert [len(column.values) for column in contours(Axis("x"), Axis("y"), [])] == [0, 0, 0, 0]


def test_models_and_experiments_of_users_have_no_citations() -> None:
    (table,) = tables([replace(LIMITS[0], model="mine", experiments=("my-directory",))])
    assert (table.citations, table.columns[0].unit) == ((), "")


def test_results_of_the_library_become_tables(csi: cevns.Experiment, tmp_path: Path) -> None:
    ((_, table),) = written(cevns.limits("b-l", csi, mass=[1.0, 10.0]), tmp_path)
    assert values(table, "upper limit on $g$") == pytest.approx(
        [result.upper_limit for result in cevns.limits("b-l", csi, mass=[1.0, 10.0])], rel=1e-4
    )


def test_nothing_to_submit(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="results: got 'none'; allowed: one or more"):
        write_submission([], tmp_path)


def test_absence_of_hepdata_lib_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hepdata_lib", None)
    with pytest.raises(InputError, match=r"pip install 'cevns\[hepdata\]'"):
        write_submission(LIMITS, tmp_path)
