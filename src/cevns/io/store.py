"""Stores of long computations on disk: what is there stays there, whatever ends the process that writes."""

from __future__ import annotations

import json
import platform
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cevns.errors import DataError, ExecutionError, InputError
from cevns.inference.work import Arrays, Work
from cevns.interrupts import undisturbed
from cevns.io.files import writable_directory
from cevns.io.lock import locked
from cevns.typing import JSON

if TYPE_CHECKING:
    import zarr

_DONE: Final = "done"
"""Name of the array that tells which chunks are there; it is written after them."""
_DECISIVE: Final = ("cevns", "numpy", "scipy")
"""Packages of which another version may change the last digits."""
_SHOWN: Final = 5
"""Differences between two runs that a message shows."""


class ZarrStore:
    """Results in a directory, in the format zarr 3: an array for each name, a file for each chunk.

    A chunk counts as done by its entry in the array ``done``, which is written after it. Files appear complete or not
    at all. The attributes hold the card of the work and the versions of what computed it.
    """

    def __init__(self, path: Path, work: Work) -> None:
        """Open the store at a path; `store` makes and locks it."""
        import zarr

        self.path = path
        self._specs = work.arrays
        group = zarr.open_group(path, mode="r+")
        self.arrays: dict[str, zarr.Array[Any]] = {name: _array(group, name) for name in self._specs}
        self._done = _array(group, _DONE)
        try:
            self._flags = np.array(self._done)
        except (RuntimeError, ValueError):
            raise DataError(str(path / _DONE), "a file that cannot be read", "the file as it was written") from None

    @property
    def done(self) -> frozenset[int]:
        """Chunks that are there."""
        return frozenset(np.flatnonzero(self._flags).tolist())

    def write(self, chunk: int, arrays: Arrays) -> None:
        """Write a chunk of every array, then that it is done.

        Raises
        ------
        ExecutionError
            If the disk is full or gone. What was written before is not touched.
        """
        flags = self._flags.copy()
        flags[chunk] = True
        with undisturbed():
            try:
                for name, spec in self._specs.items():
                    self.arrays[name][spec.region(chunk)] = arrays[name]
                self._done[:] = flags
            except OSError as error:
                kept = f"{len(self.done)} of {len(flags)} chunks are safe, and the run can be resumed"
                raise ExecutionError(f"{self.path} cannot be written to ({error.strerror}); {kept}") from None
            self._flags = flags


def _array(group: zarr.Group, name: str) -> zarr.Array[Any]:
    import zarr

    found = group[name]
    assert isinstance(found, zarr.Array)
    return found


@contextmanager
def store(path: str | Path, work: Work, *, resume: bool = False) -> Iterator[ZarrStore]:
    """Open the store of a work, for this process alone to write to; make it if it is not there.

    Parameters
    ----------
    path : str or Path
        The directory.
    work : Work
        Whose results it is for.
    resume : bool
        Continue in a store of the same work that is there.

    Raises
    ------
    InputError
        If the directory cannot be written to, if another process writes to it, or if it is there and either ``resume``
        is not set or the store is of another work or version: the message shows what differs.
    ExecutionError
        If the disk is full.
    """
    path = Path(path)
    writable_directory(path.parent)
    with locked(path):
        if path.exists():
            _check(path, work, resume=resume)
            writable_directory(path)
        try:
            _sweep(path)
            if not path.exists():
                _create(path, work)
            opened = ZarrStore(path, work)
        except OSError as error:
            raise ExecutionError(f"{path} cannot be made or read ({error.strerror})") from None
        yield opened


def _sweep(path: Path) -> None:
    """Remove what a process that was killed had not finished."""
    for unfinished in path.parent.glob(f".{path.name}-*"):
        shutil.rmtree(unfinished)
    for unfinished in path.rglob("*.partial"):
        unfinished.unlink()


def _create(path: Path, work: Work) -> None:
    """Make an empty store under another name, and rename it when it is complete."""
    import zarr
    from zarr.codecs import ZstdCodec

    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as directory:
        unfinished = Path(directory) / path.name
        group = zarr.create_group(unfinished, attributes=_attributes(work))
        checked = ZstdCodec(checksum=True)
        for name, spec in work.arrays.items():
            group.create_array(
                name,
                shape=spec.shape,
                chunks=spec.block,
                dtype=spec.dtype,
                dimension_names=spec.axes or None,
                fill_value=np.nan if np.dtype(spec.dtype).kind == "f" else 0,
                compressors=checked,
            )
        group.create_array(_DONE, data=np.zeros(work.chunks, bool), chunks=(work.chunks,), compressors=checked)
        unfinished.rename(path)


def _attributes(work: Work) -> dict[str, Any]:
    """What the numbers are, and what computed them."""
    versions = {name: metadata.version(name) for name in (*_DECISIVE, "zarr")}
    attributes = {"card": work.card, "versions": {**versions, "python": platform.python_version()}}
    return dict(json.loads(json.dumps(attributes, allow_nan=False)))


def _check(path: Path, work: Work, *, resume: bool) -> None:
    """Refuse a store that is there unless it may be continued."""
    if not resume:
        raise InputError(
            "output", str(path), "a path where nothing is, or to resume what is there (--resume, resume=True)"
        )
    try:
        found: JSON = json.loads((path / "zarr.json").read_text(encoding="utf-8"))["attributes"]
        theirs, ours = _flat(_decisive(found)), _flat(_decisive(_attributes(work)))
    except (OSError, ValueError, LookupError, TypeError):
        raise InputError("output", str(path), "a store that this package made, or a path where nothing is") from None
    differences = [
        f"{key}: {_shown(theirs.get(key))} in the store, {_shown(ours.get(key))} now"
        for key in dict.fromkeys((*theirs, *ours))
        if theirs.get(key) != ours.get(key)
    ]
    if differences:
        more = f"; and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
        shown = "; ".join(differences[:_SHOWN]) + more
        raise InputError("output", str(path), f"a store of the same run, but these differ: {shown}")


def _decisive(attributes: Mapping[str, Any]) -> JSON:
    """What must agree for the numbers to be the same."""
    return {"card": attributes["card"], "versions": {name: attributes["versions"][name] for name in _DECISIVE}}


def _flat(value: object, path: str = "") -> dict[str, object]:
    """Leaves of nested JSON by dotted path; a list of numbers or names is one leaf."""
    if value and (isinstance(value, dict) or (isinstance(value, list) and isinstance(value[0], (dict, list)))):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {k: leaf for key, part in items for k, leaf in _flat(part, f"{path}.{key}".lstrip(".")).items()}
    return {path: value}


def _shown(leaf: object) -> str:
    """A leaf for the eye: of many values the first, the last and their number."""
    if isinstance(leaf, list) and len(leaf) > _SHOWN:
        return f"{leaf[0]!r}, ..., {leaf[-1]!r} ({len(leaf)} values)"
    return repr(leaf)
