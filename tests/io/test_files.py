from __future__ import annotations

from pathlib import Path

import pytest

from cevns import InputError
from cevns.io.files import writable_directory, write_atomically, write_text


def test_text_is_written_and_readable_by_others(tmp_path: Path) -> None:
    path = write_text(tmp_path / "out.txt", "μ\n")
    assert path.read_text(encoding="utf-8") == "μ\n"
    assert path.stat().st_mode & 0o777 == 0o644
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"]


def test_failure_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    target.write_text("before", encoding="utf-8")

    def half(temporary: Path) -> None:
        temporary.write_text("aft", encoding="utf-8")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(target, half)
    assert target.read_text(encoding="utf-8") == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"]


def test_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        write_atomically(tmp_path / "out.txt", lambda _: 1 / 0)
    assert list(tmp_path.iterdir()) == []


def test_writer_sees_the_suffix(tmp_path: Path) -> None:
    seen: list[str] = []
    write_atomically(tmp_path / "figure.pdf", lambda temporary: seen.append(temporary.suffix))
    assert seen == [".pdf"]


def test_directory_is_made_with_its_parents(tmp_path: Path) -> None:
    made = writable_directory(tmp_path / "a" / "b")
    assert made.is_dir()
    assert list(made.iterdir()) == []
    assert writable_directory(str(made)) == made


@pytest.mark.parametrize("below", ["", "deeper"])
def test_file_in_the_way_of_a_directory(tmp_path: Path, below: str) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    path = tmp_path / "taken" / below
    with pytest.raises(InputError, match="a directory that can be written to") as caught:
        writable_directory(path)
    assert (caught.value.field, caught.value.value) == ("output", str(path))
