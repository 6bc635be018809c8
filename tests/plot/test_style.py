from __future__ import annotations

import io
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from cevns.errors import InputError
from cevns.plot import save
from cevns.plot.style import LINES, house_style, new_figure, number, rendered, unit_text


def small_figure() -> Figure:
    with house_style():
        figure = new_figure(2.0)
        axes = figure.add_subplot()
        axes.plot([1.0, 2.0], [3.0, 5.0])
        axes.set(xlabel=r"$\sqrt{s}$", ylabel="µ")
    return figure


@pytest.mark.parametrize("stem", ["limits", "b-l.v1.2", "by+lmu+ltau 95.45 %"])
def test_both_formats_are_written_under_the_given_name(tmp_path: Path, stem: str) -> None:
    pdf, png = save(small_figure(), tmp_path / stem)
    assert (pdf.name, png.name) == (f"{stem}.pdf", f"{stem}.png")
    assert sorted(tmp_path.iterdir()) == sorted([pdf, png])
    assert pdf.read_bytes().startswith(b"%PDF")
    assert pdf.read_bytes().rstrip().endswith(b"%%EOF")


def test_png_has_300_dots_per_inch(tmp_path: Path) -> None:
    _, png = save(small_figure(), tmp_path / "figure")
    header = png.read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    assert int.from_bytes(header[16:20], "big") == 300 * 3.5
    assert int.from_bytes(header[20:24], "big") == 300 * 2.0


def test_same_figure_gives_same_files(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in save(small_figure(), tmp_path / "first")]
    assert [path.read_bytes() for path in save(small_figure(), tmp_path / "second")] == first


def test_fonts_are_embedded_as_outlines_that_journals_accept() -> None:
    content = rendered(small_figure(), "pdf")
    assert b"/Type3" not in content
    assert b"/FontFile2" in content


def test_missing_directory_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="output"):
        save(small_figure(), tmp_path / "absent" / "figure")
    assert not list(tmp_path.iterdir())


def test_file_in_the_place_of_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    with pytest.raises(InputError, match="output"):
        save(small_figure(), tmp_path / "file" / "figure")
    assert (tmp_path / "file").read_text() == "content"


def test_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_half(path: Path, data: bytes) -> int:
        with path.open("wb") as stream:
            stream.write(data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(InputError, match="No space left on device"):
        save(small_figure(), tmp_path / "figure")
    assert not list(tmp_path.iterdir())


def test_figure_that_cannot_be_drawn_leaves_nothing_behind(tmp_path: Path) -> None:
    figure = small_figure()
    figure.axes[0].set_xlabel(r"$\unknowncommand$")
    with pytest.raises(ValueError, match="unknowncommand"):
        save(figure, tmp_path / "figure")
    assert not list(tmp_path.iterdir())


def test_settings_of_the_user_neither_matter_nor_change() -> None:
    expected = rendered(small_figure(), "png")
    with mpl.rc_context({"font.size": 20.0, "axes.facecolor": "red", "savefig.dpi": 10}):
        assert rendered(small_figure(), "png") == expected
        assert mpl.rcParams["font.size"] == 20.0
        assert mpl.rcParams["axes.facecolor"] == "red"


def test_figure_shows_itself_in_a_notebook() -> None:
    assert small_figure()._repr_png_().startswith(b"\x89PNG")


def test_figure_that_is_saved_by_hand_keeps_the_style() -> None:
    """Formulas are set when a figure is written, not when it is drawn."""
    stream = io.BytesIO()
    with mpl.rc_context({"mathtext.fontset": "cm", "savefig.dpi": 10}):
        small_figure().savefig(stream, metadata={"Software": None})
    assert stream.getvalue() == rendered(small_figure(), "png")


def test_drawing_loads_no_pyplot_and_importing_the_package_no_matplotlib(tmp_path: Path) -> None:
    program = """
import sys
import cevns, cevns.cli
assert "matplotlib" not in sys.modules
lar = cevns.experiment("coherent-lar-2020")
limits = cevns.limits("b-l", lar, mass=[1.0, 100.0])
assert "matplotlib" not in sys.modules
from cevns import plot
import matplotlib
before = dict(matplotlib.rcParams.copy())
plot.save(plot.exclusion({"Ar": limits}, muon=plot.muon_charge("b-l")), "exclusion")
plot.save(plot.projections(lar, overlay="b-l", overlay_parameters={"g": 1e-4, "mass": 10.0}), "projections")
plot.save(plot.recoil_spectra(lar, {}), "recoil")
assert "matplotlib.pyplot" not in sys.modules
assert dict(matplotlib.rcParams.copy()) == before
"""
    # A backend that does not exist: nothing may ask for it.
    environment = {**os.environ, "MPLBACKEND": "module://absent"}
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, env=environment)
    assert len(list(tmp_path.iterdir())) == 6


def test_curves_differ_in_colour_and_in_dashes() -> None:
    for (one, one_dashes), (other, other_dashes) in combinations(LINES, 2):
        assert one_dashes != other_dashes
        assert sum((a - b) ** 2 for a, b in zip(to_rgb(one), to_rgb(other), strict=True)) > 0.05


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (10.0, "10"),
        (0.25, "0.25"),
        (1500.0, "1500"),
        (1e-4, "$10^{-4}$"),
        (5e-5, r"$5\times10^{-5}$"),
        (-2.5e-6, r"$-2.5\times10^{-6}$"),
        (1e6, "$10^{6}$"),
        (1.25e10, r"$1.25\times10^{10}$"),
    ],
)
def test_numbers_in_labels(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("unit", "text"), [("PE", "PE"), ("keVee", r"keV$_\mathrm{ee}$"), ("eVee", r"eV$_\mathrm{ee}$"), ("keV", "keV")]
)
def test_units_in_labels(unit: str, text: str) -> None:
    assert unit_text(unit) == text
