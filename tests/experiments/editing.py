"""A copy of a shipped experiment that a test may spoil."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import yaml

from cevns.experiments import CONFIG_FILE, experiment_directory

Rows = list[list[str]]


def copy_experiment(name: str, parent: Path) -> Path:
    """The directory of a shipped experiment, copied."""
    return Path(shutil.copytree(experiment_directory(name), parent / "mine"))


def edit_config(directory: Path, edit: Callable[[dict], object]) -> None:
    """Change the parsed ``experiment.yaml`` in place."""
    path = directory / CONFIG_FILE
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(document)
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


def edit_table(directory: Path, file: str, edit: Callable[[Rows], Rows]) -> None:
    """Change the rows of a table, the header among them, and record its new hash: only its content is at fault."""
    path = directory / file
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("".join(",".join(row) + "\n" for row in edit(rows)), encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    edit_config(directory, lambda document: document["sha256"].update({file: digest}))
