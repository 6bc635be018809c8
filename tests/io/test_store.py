from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zarr

from cevns import DataError, ExecutionError, InputError
from cevns.inference import run
from cevns.io import store as stores
from cevns.io.store import store
from tests.disks import largest_file
from tests.inference.works import Squares

WORK = Squares()


def fill(path: Path, chunks: int, work: Squares = WORK) -> None:
    """Start a run, and end it after some chunks."""
    with store(path, work) as opened:
        for chunk in range(chunks):
            opened.write(chunk, work.compute(chunk))


def enter(path: Path, work: Squares = WORK, *, resume: bool = True) -> None:
    """Open a store and close it."""
    with store(path, work, resume=resume):
        pass


def contents(path: Path) -> dict[str, np.ndarray]:
    group = zarr.open_group(path, mode="r")
    return {name: np.asarray(group[name]) for name in WORK.arrays}


def files(path: Path) -> dict[str, bytes]:
    return {each.relative_to(path).as_posix(): each.read_bytes() for each in path.rglob("*") if each.is_file()}


def assert_complete(path: Path, work: Squares = WORK) -> None:
    found = contents(path)
    for name, expected in work.expected().items():
        assert found[name].tobytes() == expected.tobytes()


def test_run_fills_a_store(tmp_path: Path) -> None:
    with store(tmp_path / "out" / "squares.zarr", WORK) as opened:
        arrays = run(WORK, store=opened)
        assert opened.done == set(range(WORK.chunks))
        assert np.asarray(arrays["squares"][2:4]).tolist() == [4.0, 9.0]
    assert_complete(tmp_path / "out" / "squares.zarr")


def test_what_a_store_says_of_itself(tmp_path: Path) -> None:
    fill(tmp_path / "store", 1)
    group = zarr.open_group(tmp_path / "store", mode="r")
    assert group.attrs["card"] == WORK.card
    assert set(group.attrs["versions"]) == {"cevns", "numpy", "scipy", "zarr", "python"}
    squares = group["squares"]
    assert (squares.shape, squares.chunks, squares.metadata.dimension_names) == ((23,), (5,), ("number",))
    assert np.isnan(squares[5:]).all()


@pytest.mark.parametrize("chunks", range(WORK.chunks + 1))
def test_a_run_is_resumed(tmp_path: Path, chunks: int) -> None:
    path = tmp_path / "store"
    fill(path, chunks)
    before = files(path)
    with store(path, WORK, resume=True) as opened:
        assert opened.done == set(range(chunks))
        run(WORK, store=opened)
    assert_complete(path)
    assert all(files(path)[name] == content for name, content in before.items() if not name.startswith("done"))


def test_resuming_where_nothing_is_starts(tmp_path: Path) -> None:
    with store(tmp_path / "store", WORK, resume=True) as opened:
        assert opened.done == set()


def test_a_store_is_not_continued_unasked(tmp_path: Path) -> None:
    fill(tmp_path / "store", 2)
    before = files(tmp_path / "store")
    with pytest.raises(InputError, match="to resume what is there"):
        enter(tmp_path / "store", resume=False)
    assert files(tmp_path / "store") == before


def test_a_store_of_another_run_is_refused_with_what_differs(tmp_path: Path) -> None:
    fill(tmp_path / "store", 2)
    before = files(tmp_path / "store")
    with pytest.raises(InputError) as caught:
        enter(tmp_path / "store", replace(WORK, step=4))
    assert str(caught.value).endswith("these differ: card.step: 5 in the store, 4 now")
    assert files(tmp_path / "store") == before


@pytest.mark.parametrize("package", ["cevns", "numpy", "scipy"])
def test_a_store_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    fill(tmp_path / "store", 2)
    version = stores.metadata.version
    monkeypatch.setattr(stores.metadata, "version", lambda name: "9.9" if name == package else version(name))
    with pytest.raises(InputError, match=rf"versions\.{package}: '.*' in the store, '9\.9' now"):
        enter(tmp_path / "store")


def test_many_differences_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = dict.fromkeys("abcdefg", 0), dict.fromkeys("abcdefg", 1)
    cards = iter([{**before, "grid": list(range(10)), "gone": 1}, {"grid": list(range(1, 9)), **after, "new": None}])
    monkeypatch.setattr(Squares, "card", property(lambda _: next(cards)))
    fill(tmp_path / "store", 0)
    with pytest.raises(InputError, match=r"card\.a: 0 in the store, 1 now; .*; and 4 more$"):
        enter(tmp_path / "store")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"attributes": {"card": {}}}', '{"attributes": 3}'])
def test_what_is_no_store_is_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "store"
    path.mkdir()
    (path / "zarr.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="a store that this package made"):
        enter(path)
    assert files(path) == {"zarr.json": content.encode()}


@pytest.mark.parametrize("resume", [False, True])
def test_a_file_in_the_way(tmp_path: Path, resume: bool) -> None:
    (tmp_path / "store").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError):
        enter(tmp_path / "store", WORK, resume=resume)
    assert (tmp_path / "store").read_text(encoding="utf-8") == "mine"


def test_a_chunk_that_is_half_written_is_not_done(tmp_path: Path) -> None:
    """Data are written before the mark: a process that ends in between leaves a chunk that is computed again."""
    path = tmp_path / "store"
    fill(path, 2)
    shutil.copy(path / "squares/c/1", path / "squares/c/2")
    (path / "squares/c/3.0.partial").write_bytes(b"half of")
    left_over = tmp_path / ".store-abc"
    left_over.mkdir()
    with store(path, WORK, resume=True) as opened:
        assert opened.done == {0, 1}
        run(WORK, store=opened)
    assert_complete(path)
    assert not list(path.rglob("*.partial"))
    assert not left_over.exists()


def test_a_damaged_mark_is_noticed(tmp_path: Path) -> None:
    fill(tmp_path / "store", 2)
    (mark,) = (tmp_path / "store/done/c").iterdir()
    mark.write_bytes(mark.read_bytes()[:-3])
    with pytest.raises(DataError, match="a file that cannot be read"):
        enter(tmp_path / "store")


def test_a_damaged_chunk_is_noticed_when_it_is_read(tmp_path: Path) -> None:
    fill(tmp_path / "store", 2)
    chunk = tmp_path / "store/squares/c/0"
    content = bytearray(chunk.read_bytes())
    content[-6] ^= 1
    chunk.write_bytes(content)
    with pytest.raises(RuntimeError, match=r"(?i)zstd"):
        contents(tmp_path / "store")


# One writer at a time


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    refused = rf"nobody writes to \(process {os.getpid()} on .* does\)"
    with store(tmp_path / "store", WORK), pytest.raises(InputError, match=refused):
        enter(tmp_path / "store")
    with store(tmp_path / "store", WORK, resume=True):
        pass


HOLD = """
import sys
from pathlib import Path
from cevns.io.lock import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    path, pipe = tmp_path / "store", subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(InputError, match=f"process {process.pid} on"):
            enter(path)
        process.kill()
    enter(path)


# A disk that is full, a directory that cannot be written to


def test_a_disk_that_fills_up_in_mid_run(tmp_path: Path) -> None:
    """The run ends with a clear error, what was there is intact, and goes on when there is room."""
    path, work = tmp_path / "store", Squares(40_000, 10_000)
    with store(path, work) as opened:
        opened.write(0, work.compute(0))
        before = files(path)
        with largest_file(1000), pytest.raises(ExecutionError, match=r"cannot be written to \(.*\); 1 of 4 chunks"):
            run(work, store=opened)
        assert opened.done == {0}
    assert files(path) == before
    with store(path, work, resume=True) as opened:
        assert opened.done == {0}
        run(work, store=opened)
    assert_complete(path, work)


def test_a_disk_that_is_full_from_the_start(tmp_path: Path) -> None:
    with largest_file(100), pytest.raises(ExecutionError, match="cannot be made"):
        enter(tmp_path / "store", resume=False)
    assert [each.name for each in tmp_path.iterdir()] == [".store.lock"]


def test_not_even_room_for_the_lock(tmp_path: Path) -> None:
    with largest_file(0), pytest.raises(InputError, match="a path that can be locked"):
        enter(tmp_path / "store", resume=False)


@pytest.mark.parametrize("closed", [".", "store"])
def test_a_directory_that_is_read_only(writable_by_us: Path, closed: str) -> None:
    path = writable_by_us / "store"
    fill(path, 1)
    before = files(path)
    (writable_by_us / closed).chmod(0o555)
    with pytest.raises(InputError, match="a directory that can be written to"):
        enter(path)
    (writable_by_us / closed).chmod(0o755)
    assert files(path) == before


def test_a_directory_that_becomes_read_only(writable_by_us: Path) -> None:
    path = writable_by_us / "store"
    with store(path, WORK) as opened:
        opened.write(0, WORK.compute(0))
        before = files(path)
        for each in path.rglob("c"):
            each.chmod(0o555)
        with pytest.raises(ExecutionError, match=r"Permission denied\); 1 of 5 chunks are safe"):
            run(WORK, store=opened)
        for each in path.rglob("c"):
            each.chmod(0o755)
    assert files(path) == before
