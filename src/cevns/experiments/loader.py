"""Finding an experiment by name or directory, and building it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from cevns.documents import read_document
from cevns.errors import InputError, naming, one_of
from cevns.experiments import schema
from cevns.experiments.builder import build
from cevns.experiments.experiment import Experiment
from cevns.typing import JSON

CONFIG_FILE = "experiment.yaml"
"""Name of the file that makes a directory an experiment."""
ANALYSES = "analyses"
"""Name of the directory in it with alternative analyses of the same data."""


def shipped_directory() -> Path:
    """Directory of the experiments shipped with the package."""
    return Path(str(resources.files("cevns.experiments")))


def experiment_names() -> tuple[str, ...]:
    """Names of the experiments shipped with the package."""
    return tuple(sorted(path.parent.name for path in shipped_directory().glob(f"*/{CONFIG_FILE}")))


def analysis_names(name: str | Path) -> tuple[str, ...]:
    """Names of the alternative analyses of an experiment, each behind that of the experiment and a slash."""
    overlays = sorted((experiment_directory(name) / ANALYSES).glob("*.yaml"))
    return tuple(f"{name}/{overlay.stem}" for overlay in overlays)


def is_experiment(name: str | Path) -> bool:
    """Whether this is a shipped experiment, or a directory that holds an ``experiment.yaml``."""
    return str(name) in experiment_names() or (Path(str(name)) / CONFIG_FILE).is_file()


def experiment_directory(name: str | Path) -> Path:
    """Directory of an experiment: a shipped one by name, or any directory that holds an ``experiment.yaml``.

    Raises
    ------
    InputError
        If there is no such experiment.
    """
    if str(name) in experiment_names():
        return shipped_directory() / str(name)
    if is_experiment(name):
        return Path(str(name))
    known = [each for shipped in experiment_names() for each in (shipped, *analysis_names(shipped))]
    raise InputError("experiment", str(name), f"a directory with {CONFIG_FILE}, or {one_of(name, known)}")


def _find(name: str | Path) -> tuple[Path, str | None]:
    """Directory of an experiment, and the analysis that its name asks for behind the last slash."""
    parent, _, analysis = str(name).rpartition("/")
    if is_experiment(name) or not (parent and is_experiment(parent)):
        return experiment_directory(name), None
    if str(name) not in analysis_names(parent):
        raise InputError("experiment", str(name), (parent, *analysis_names(parent)))
    return experiment_directory(parent), analysis


def experiment(
    name: str | Path,
    overrides: Mapping[str, object] | None = None,
    *,
    electron_scattering: bool = False,
    asimov: bool = False,
) -> Experiment:
    """Load an experiment.

    Parameters
    ----------
    name : str or Path
        Name of a shipped experiment, or a directory with an ``experiment.yaml`` and its tables; with a slash and a name
        behind it, that analysis of the same data: ``"coherent-csi-2021/de-romeri-2023"``.
    overrides : mapping, optional
        Values to put in place of those of the file, by dotted path: ``{"target.form_factor": "klein-nystrand"}``. Items
        of a list go by their name, ``nuisances.sns_flux.sigma``, or by their number from 0 on.
    electron_scattering : bool
        Count electron recoils too, if they pass the selection of the experiment; others do not change.
    asimov : bool
        Put Asimov data in place of what was observed, as forecasts have them: what the Standard Model makes expected.

    Raises
    ------
    InputError
        If the experiment is unknown, or the file or an override does not satisfy the schema.
    DataError
        If a table is missing, altered, truncated, of the wrong shape or holds values that are not allowed.
    """
    directory, analysis = _find(name)
    document, origin = read_document(directory / CONFIG_FILE, "an experiment"), f"{directory.name}/{CONFIG_FILE}"
    if analysis is not None:
        origin = f"{directory.name}/{ANALYSES}/{analysis}.yaml"
        overlay = read_document(directory / ANALYSES / f"{analysis}.yaml", "an experiment")
        if "name" in overlay:
            raise InputError(f"{origin}: name", overlay["name"], "no name: the data keep theirs")
        document = _merged(document, {**overlay, "analysis": analysis})
    for path, value in (overrides or {}).items():
        _override(document, path, value)
    detector = document.get("detector")
    if electron_scattering and isinstance(detector, dict) and detector.get("electron_recoils") == "selectable":
        detector["electron_recoils"] = "counted"
    config = schema.read_experiment(document, origin)
    with naming(f"{directory.name}: "):
        return build(config, directory, asimov=asimov)


def _merged(base: object, overlay: object) -> Any:
    """A document with the keys of another on top; a block of another kind is replaced as a whole."""
    if not (isinstance(base, dict) and isinstance(overlay, dict)) or base.get("kind") != overlay.get(
        "kind", base.get("kind")
    ):
        return overlay
    return {**base, **{key: _merged(base.get(key), value) for key, value in overlay.items()}}


def _override(document: JSON, path: str, value: object) -> None:
    *parents, last = path.split(".")
    block: Any = document
    for depth, key in enumerate(parents):
        block = block.get(key) if isinstance(block, dict) else _item(block, key)
        if not isinstance(block, dict | list):
            where = ".".join(parents[: depth + 1])
            raise InputError("overrides", path, f"a path of existing blocks (no block {where!r})")
    if isinstance(block, list):
        raise InputError("overrides", path, f"the key of an item of {'.'.join(parents)}, by its name or number")
    block[last] = value


def _item(items: list[Any], key: str) -> Any:
    """The item of a list with a name, or with a number as text."""
    named = (item for item in items if isinstance(item, dict) and item.get("name") == key)
    return next(named, items[int(key)] if key.isdecimal() and int(key) < len(items) else None)
