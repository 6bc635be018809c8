"""Results read back from files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cevns import FitResult, InputError, IntervalResult, LimitResult, PosteriorResult, ProfileResult, RegionResult
from cevns.inference import ToyIntervalResult
from cevns.io.records import read_records
from cevns.publications import FigureData
from tests.io.samples import FIGURE, FIT, INTERVALS, LIMITS, POSTERIOR, PROFILE, REGION, TOYS


def test_every_kind_comes_back_from_one_list(tmp_path: Path) -> None:
    records = (*LIMITS, *INTERVALS, TOYS, PROFILE, REGION, FIT, POSTERIOR, FIGURE)
    path = tmp_path / "results.json"
    path.write_text(json.dumps([record.to_dict() for record in records]))
    assert read_records(path) == records
    kinds = [*[LimitResult] * 3, *[IntervalResult] * 2, ToyIntervalResult, ProfileResult, RegionResult, FitResult]
    assert [type(record) for record in read_records(path)] == [*kinds, PosteriorResult, FigureData]


def test_an_object_alone_is_a_record(tmp_path: Path) -> None:
    (tmp_path / "figure.json").write_text(FIGURE.to_json())
    assert read_records(tmp_path / "figure.json") == (FIGURE,)


def test_a_posterior_comes_back_with_its_draws_if_they_are_there(tmp_path: Path) -> None:
    drawn = replace(POSTERIOR, weights=np.array([0.25, 0.75]), samples={"mu_nue": np.array([1e-9, 2e-9])})
    (tmp_path / "sample.json").write_text(drawn.to_json(samples=True))
    (found,) = read_records(tmp_path / "sample.json")
    assert isinstance(found, PosteriorResult)
    assert found == POSTERIOR
    assert found.samples["mu_nue"].tolist() == [1e-9, 2e-9]
    assert found.weights.tolist() == [0.25, 0.75]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "results: got '.*results.json'; allowed: a file of JSON"),
        ("[3]", "results: got '.*results.json: 3'; allowed: objects of JSON"),
        (
            '{"model": 1}',
            "with the keys model'; allowed: a record of LimitResult, IntervalResult, ToyIntervalResult, ProfileResult",
        ),
    ],
)
def test_what_is_not_a_result(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(text)
    with pytest.raises(InputError, match=message):
        read_records(tmp_path / "results.json")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_records(tmp_path / "results.json")
