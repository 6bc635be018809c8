"""Experiment directories from official releases, whose files are checked first; tables made again and compared."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import yaml

from cevns.errors import DataError, InputError
from cevns.experiments import ANALYSES, CONFIG_FILE, experiment_directory
from cevns.io.files import writable_directory, write_text
from cevns.io.releases import coherent, germanium, xenon
from cevns.io.releases.tables import Release, Table
from cevns.typing import FloatArray

RELEASES: Final[Mapping[str, Release]] = {**coherent.RELEASES, **germanium.RELEASES, **xenon.RELEASES}
"""Converters by experiment."""


def release_hashes(name: str) -> Mapping[str, str]:
    """SHA-256 of the files of the official release that an experiment was made from."""
    document = yaml.safe_load((experiment_directory(name) / "release.yaml").read_text(encoding="utf-8"))
    return {str(file): str(digest) for file, digest in document["sha256"].items()}


def verify_release(name: str, directory: Path) -> None:
    """Check every file of a release directory against its hash.

    Raises
    ------
    DataError
        If a file is missing or altered.
    """
    for file, expected in release_hashes(name).items():
        path = directory / file
        if not path.is_file():
            raise DataError(file, str(path), "an existing file of the release")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != expected:
            raise DataError(file, found, f"the released file, SHA-256 {expected} (it is altered or truncated)")


def import_release(
    name: str,
    release: Path,
    output: Path,
    *,
    energy_edges: Sequence[float] | None = None,
    time_edges: Sequence[float] | None = None,
) -> Path:
    """Make an experiment directory from an official release.

    Parameters
    ----------
    name : str
        Experiment whose release this is.
    release : Path
        Directory with the released files; their hashes are checked.
    output : Path
        Directory to write ``experiment.yaml`` and the tables to.
    energy_edges, time_edges : sequence of float, optional
        Another binning; signal unit of the experiment, and us.

    Returns
    -------
    Path
        The experiment directory.

    Raises
    ------
    InputError
        If the experiment has no converter, or the edges are not increasing or not compatible with the release.
    DataError
        If a released file is missing or altered.
    """
    if name not in RELEASES:
        raise InputError("experiment", name, RELEASES)
    converter = RELEASES[name]
    energies = _edges("energy_edges", converter.energy_edges if energy_edges is None else energy_edges)
    if time_edges is not None and not converter.time_edges:
        raise InputError("time_edges", list(time_edges), "none: these data have no times")
    chosen = converter.time_edges if time_edges is None else time_edges
    times = _edges("time_edges", chosen) if converter.time_edges else np.zeros(0)
    verify_release(name, release)
    tables = converter.convert(release, energies, times)
    config = (experiment_directory(name) / CONFIG_FILE).read_text(encoding="utf-8")
    directory = writable_directory(output)
    digests = []
    for file, table in tables.items():
        text = _csv(table)
        write_text(directory / file, text)
        digests.append(f"  {file}: {hashlib.sha256(text.encode()).hexdigest()}")
    config = re.sub(r"^sha256:.*", "sha256:\n" + "\n".join(digests) + "\n", config, flags=re.MULTILINE | re.DOTALL)
    write_text(directory / CONFIG_FILE, config)
    for overlay in (experiment_directory(name) / ANALYSES).glob("*.yaml"):
        write_text(writable_directory(directory / ANALYSES) / overlay.name, overlay.read_text(encoding="utf-8"))
    return directory


def compare_with_release(name: str, release: Path) -> int:
    """Make the tables of an experiment again from its release, compare them, and return how many there are.

    Raises
    ------
    DataError
        If a released file is altered, or a table differs.
    """
    directory = experiment_directory(name)
    with tempfile.TemporaryDirectory() as scratch:
        remade = import_release(name, release, Path(scratch))
        tables = sorted(remade.glob("*.csv"))
        for table in tables:
            if table.read_bytes() != (directory / table.name).read_bytes():
                raise DataError(table.name, str(directory / table.name), "the table that the release gives")
    return len(tables)


def _edges(field: str, values: Sequence[float]) -> FloatArray:
    edges = np.asarray(values, dtype=float)
    if edges.ndim != 1 or len(edges) < 2 or not np.all(np.isfinite(edges)) or not np.all(np.diff(edges) > 0):
        raise InputError(field, list(values), "at least two increasing numbers")
    return edges


def _csv(table: Table) -> str:
    lines = [",".join(table)]
    lines += [",".join(f"{value:.10g}" for value in row) for row in zip(*table.values(), strict=True)]
    return "\n".join(lines) + "\n"
