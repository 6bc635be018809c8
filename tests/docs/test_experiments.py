"""The pages on experiments: every shipped one, every key and every column."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel

import cevns
from cevns.experiments import analysis_names
from cevns.experiments.schema import ExperimentBlock
from tests.docs.pages import DOCS, ROOT, table_rows

EXPERIMENTS = sorted(path.parent for path in (ROOT / "src/cevns/experiments").glob("*/experiment.yaml"))


def fields_of(annotation: object) -> set[str]:
    """Names of the fields of every block that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.items()
        return {name for name, _ in fields} | {n for _, field in fields for n in fields_of(field.annotation)}
    if isinstance(annotation, types.UnionType) or typing.get_args(annotation):
        return {name for part in typing.get_args(annotation) for name in fields_of(part)}
    return set()


def test_every_key_of_an_experiment_is_explained() -> None:
    text = (DOCS / "how-to" / "add-an-experiment.md").read_text(encoding="utf-8")
    table = "\n".join(re.findall(r"^\|.*", text, re.MULTILINE))
    words = set(re.findall(r"[a-z0-9_]+", table))
    fields = fields_of(ExperimentBlock)
    assert len(fields) > 30
    assert fields <= words, f"not explained: {sorted(fields - words)}"


@pytest.mark.parametrize("directory", EXPERIMENTS, ids=lambda path: path.name)
def test_source_of_an_experiment_explains_every_column(directory: Path) -> None:
    source = (directory / "SOURCE.md").read_text(encoding="utf-8")
    for table in directory.glob("*.csv"):
        header = next(line for line in table.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
        assert f"`{table.name}`" in source
        edges = {"energy_low", "energy_high", "time_low", "time_high"}
        for column in set(header.split(",")) - edges:
            assert f"`{column}`" in source, f"{table.name}: {column}"


def documented_experiments() -> Mapping[str, list[str]]:
    """Cells of the table of experiments, by name."""
    rows = table_rows(DOCS / "experiments" / "index.md")
    return {row[0].split("`")[1]: row for row in rows if row[0].startswith("`")}


def test_every_experiment_is_in_the_table_of_experiments() -> None:
    assert set(documented_experiments()) == set(cevns.experiment_names())


@pytest.mark.parametrize("name", cevns.experiment_names())
def test_table_of_experiments_says_what_they_are(name: str) -> None:
    """Analyses, statistic, bins, and a page with a section on it."""
    names, *_, data, link = documented_experiments()[name]
    experiment = cevns.experiment(name)
    energies, times = experiment.observed.shape
    shown = "bin" if experiment.observed.size == 1 else "bins"
    bins = f"{energies} x {times}" if times > 1 else str(energies)
    assert data == f"`{experiment.config.statistic.kind}`, {bins} {shown}"
    assert re.findall(r"`/(.*?)`", names) == [other.partition("/")[2] for other in analysis_names(name)]
    page, _, anchor = link.removeprefix("[](").removesuffix(")").partition("#")
    assert (anchor or Path(page).stem) == name
    assert re.search(rf"^##? `{name}`$", (DOCS / "experiments" / page).read_text(encoding="utf-8"), re.MULTILINE)
