"""The benchmark of joint results, at tiny size: that it runs, on every data set that is shipped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cevns
from benchmarks import together
from cevns.experiments import experiment_names


def test_every_data_set_is_in_it() -> None:
    """But for those of a detector whose later data are."""
    with_data = {name for name in experiment_names() if cevns.experiment(name).config.data is not None}
    assert set(together.DATA) == with_data - {"coherent-csi-2017", "coherent-csi-2017-counting"}


def test_quick_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    together.main(["--quick", "--json", str(tmp_path / "results.json")])
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert (results["experiments"], results["bins"], results["pulls"]) == (2, 99 + 120, 4 + 12 + 1)
    assert len(results["seconds"]) == 4
    assert all(took > 0.0 for took in results["seconds"].values())
    assert "limit on B-L at 10 MeV" in capsys.readouterr().out
