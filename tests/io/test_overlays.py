"""Limits of others: what a file may hold, and how what is wrong with it is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cevns import experiment, limits
from cevns.errors import DataError
from cevns.io.overlays import Overlay, read_limits


def read(directory: Path, text: str) -> Overlay:
    path = directory / "theirs.txt"
    path.write_text(text, encoding="utf-8")
    return read_limits(path)


def test_two_columns_are_a_line_joined_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = read(tmp_path, "10 1e-5\n\n100 2e-4\n50 3e-4\n")
    assert not found.is_band
    assert (found.label, found.source, str(found)) == ("theirs", "", "theirs")
    np.testing.assert_array_equal(found.masses, [10.0, 100.0, 50.0])
    np.testing.assert_array_equal(found.couplings, [[1e-5, 2e-4, 3e-4]])


@pytest.mark.parametrize("separator", [" ", "\t", ",", " , "])
def test_three_columns_are_a_band(tmp_path: Path, separator: str) -> None:
    rows = (("10", "1e-5", "1e-3"), ("20", "2e-5", "2e-3"))
    found = read(tmp_path, "\n".join(separator.join(row) for row in rows))
    assert found.is_band
    np.testing.assert_array_equal(found.couplings, [[1e-5, 2e-5], [1e-3, 2e-3]])


def test_header_names_label_source_and_unit(tmp_path: Path) -> None:
    header = "# label: Beam dump: A\n# Digitised by hand. See: the appendix\n#source: arXiv:0000.00000\n"
    found = read(tmp_path, f"{header}# mass_unit: GeV\n# mass coupling\n0.01 1e-5\n1 2e-4\n")
    assert str(found) == "Beam dump: A (arXiv:0000.00000)"
    np.testing.assert_allclose(found.masses, [10.0, 1000.0], rtol=1e-15)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("theirs.txt", "0 rows", "two rows")),
        ("# label: A\n10 1e-5\n", ("1 rows", "two rows")),
        ("10\n20\n", ("row 1", "1 entries", "two or three: mass, coupling, upper coupling")),
        ("1 2 3 4\n1 2 3 4\n", ("row 1", "4 entries")),
        ("10 1e-5\n20 1e-5 1e-3\n", ("row 2", "3 entries", "2 entries: mass, coupling")),
        ("10 1e-5\n20 1e-5,\n", ("row 2", "3 entries")),
        ("mass coupling\n20 1e-5\n", ("row 1, mass", "'mass'", "a number")),
        ("10 1e-5\n20 x\n", ("row 2, coupling", "'x'", "a number")),
        ("nan 1e-5\n20 1e-5\n", ("row 1, mass", "'nan'", "finite")),
        ("10 1e-5\n20 inf\n", ("row 2, coupling", "'inf'", "finite")),
        ("0 1e-5\n20 1e-5\n", ("row 1, mass", "'0'", "positive")),
        ("10 1e-5\n20 -1e-5\n", ("row 2, coupling", "'-1e-5'", "positive")),
        ("10 1e-5 1e-3\n20 1e-5 1e-5\n", ("row 2, upper coupling", "'1e-5'", "more than the lower one, 1e-5")),
        ("20 1e-5 1e-3\n20 1e-5 1e-3\n", ("row 2, mass", "'20'", "more than in the row before, 20")),
        ("# mass_units: GeV\n10 1e-5\n20 1e-5\n", ("key", "'mass_units'", "label, source, mass_unit")),
        ("# mass_unit: kg\n10 1e-5\n20 1e-5\n", ("mass_unit", "'kg'", "GeV")),
        ("# label:\n10 1e-5\n20 1e-5\n", ("label", "''", "one text")),
        ("# label: A\n# label: B\n10 1e-5\n20 1e-5\n", ("label", "'B'", "one text")),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(DataError) as refusal:
        read(tmp_path, text)
    assert refusal.value.field.startswith("theirs.txt")
    assert all(word in str(refusal.value) for word in words)


def test_files_that_are_not_there_or_not_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="an existing file"):
        read_limits(tmp_path / "nothing.txt")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="UTF-8"):
        read_limits(tmp_path / "binary")


def test_the_example_is_what_the_package_computes() -> None:
    found = read_limits(Path(__file__).parents[2] / "examples" / "overlay-b-l.txt")
    ours = limits("b-l", experiment("coherent-csi-2017"), mass=found.masses)
    np.testing.assert_allclose(found.couplings[0], [limit.upper_limit for limit in ours], rtol=1e-3)
