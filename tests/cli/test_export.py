"""``cevns export``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

import cevns
from cevns.io.pyhf import workspace
from tests.cli.conftest import Run
from tests.io.samples import FIGURE, LIMITS

POINT = ("-e", "coherent-csi-2021", "-m", "b-l", "-p", "g=4e-5", "--mass", "10")


def test_a_workspace_goes_to_the_standard_output_or_into_a_file(
    run: Run, csi: cevns.Experiment, tmp_path: Path
) -> None:
    pytest.importorskip("pyhf", reason="needs pyhf, which the extra cevns[pyhf] installs")
    expected = dict(workspace(cevns.Likelihood("b-l", csi), g=4e-5, mass=10.0))
    code, out, err = run("export", "pyhf", *POINT)
    assert (code, err) == (0, "")
    assert json.loads(out) == expected
    assert run("export", "pyhf", *POINT, "-o", str(tmp_path / "new" / "workspace.json")) == (0, "", "")
    assert json.loads((tmp_path / "new" / "workspace.json").read_text()) == expected


def test_options_reach_the_workspace(run: Run) -> None:
    pytest.importorskip("pyhf", reason="needs pyhf, which the extra cevns[pyhf] installs")
    _, out, _ = run("export", "pyhf", "-e", "coherent-csi-2021", "--with-es", "--shared", "sns_flux")
    (channel,) = json.loads(out)["channels"]
    modifiers = {sample["name"]: {m["name"] for m in sample["modifiers"]} for sample in channel["samples"]}
    assert modifiers["electron_scattering"] == {"signal_strength", "sns_flux", "csi_cevns"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("-e", "coherent-lar-2020"),
            "error: coherent-lar-2020: statistic: got 'gaussian'; allowed: for pyhf: poisson",
        ),
        (("-e", "coherent-csi-2021", "-m", "b-l"), "error: g: got None"),
        (("-e", "coherent-csi-2021", "--shared", "flux"), "error: shared: got 'flux'; allowed: one of: sns_flux"),
    ],
)
def test_what_cannot_be_a_workspace(arguments: tuple[str, ...], message: str, run: Run) -> None:
    pytest.importorskip("pyhf", reason="needs pyhf, which the extra cevns[pyhf] installs")
    code, out, err = run("export", "pyhf", *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_results_of_files_become_a_submission(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("hepdata_lib", reason="needs hepdata_lib, which the extra cevns[hepdata] installs")
    (tmp_path / "limits.json").write_text(json.dumps([limit.to_dict() for limit in LIMITS]))
    (tmp_path / "figure.json").write_text(FIGURE.to_json())
    output = tmp_path / "submission"
    code, out, err = run(
        "export", "hepdata", str(tmp_path / "limits.json"), str(tmp_path / "figure.json"), "-o", str(output)
    )
    assert (code, out, err) == (0, f"{output}\n", "")
    names = [d.get("name") for d in yaml.safe_load_all((output / "submission.yaml").read_text())]
    assert names == [None, *(f"Table {number}" for number in range(1, 7))]


def test_a_file_without_results(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"a": 1}')
    code, out, err = run("export", "hepdata", str(tmp_path / "other.json"), "-o", str(tmp_path / "new"))
    assert (code, out) == (2, "")
    assert "with the keys a'; allowed: a record of LimitResult" in err
    assert not (tmp_path / "new").exists()
