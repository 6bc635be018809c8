"""What `cevns limits` draws besides its curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cevns.cli import figures
from cevns.interactions.muon_moment import MUON_MOMENT_BANDS
from tests.cli.conftest import Run

LIMITS = ("limits", "-e", "coherent-csi-2017-counting", "-m", "b-l")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the figures are drawn with."""
    calls: list[dict[str, Any]] = []
    exclusion = figures.exclusion

    def record(curves: Any, **options: Any) -> Any:
        calls.append(options)
        return exclusion(curves, **options)

    monkeypatch.setattr(figures, "exclusion", record)
    return calls


def test_overlays_are_drawn_in_the_order_in_which_they_are_given(
    run: Run, tmp_path: Path, drawn: list[dict[str, Any]]
) -> None:
    paths = []
    for name in ("second", "first"):
        paths.append(tmp_path / f"{name}.txt")
        paths[-1].write_text(f"# label: {name}\n1 1e-4\n10 1e-3\n")
    overlays = [word for path in paths for word in ("--overlay", str(path))]
    code, _, err = run(*LIMITS, *overlays, "-o", str(tmp_path / "out"))
    assert (code, err) == (0, "")
    assert [overlay.label for overlay in drawn[0]["overlays"]] == ["second", "first"]
    assert (tmp_path / "out" / "exclusion-b-l.png").is_file()


@pytest.mark.parametrize(
    ("options", "bands"),
    [
        ((), list(MUON_MOMENT_BANDS)),
        (("--muon-band", "2021"), ["2021"]),
        (("--muon-band", "2025", "--muon-band", "2021"), ["2025", "2021"]),
        (("--muon-band", "none"), []),
    ],
)
def test_bands_of_the_muon_are_chosen(
    run: Run, tmp_path: Path, drawn: list[dict[str, Any]], options: tuple[str, ...], bands: list[str]
) -> None:
    code, _, _ = run(*LIMITS, *options, "-o", str(tmp_path))
    assert code == 0
    assert drawn[0]["bands"] == bands


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--overlay", "theirs.txt"), ("overlay", "'theirs.txt'", "-o DIR")),
        (("--overlay", "theirs.txt", "-o", "out", "--no-plots"), ("overlay", "--no-plots")),
        (("--overlay", "nowhere.txt", "-o", "out"), ("nowhere.txt", "an existing file")),
        (("--overlay", "wrong.txt", "-o", "out"), ("wrong.txt, row 1, coupling", "'-1'", "a positive number")),
        (("--muon-band", "1999", "-o", "out"), ("muon-band", "'1999'", "'2021', '2025', 'none'")),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_the_work(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("theirs.txt").write_text("1 1e-4\n10 1e-3\n")
    Path("wrong.txt").write_text("1 -1\n10 1e-3\n")
    code, out, err = run(*LIMITS, *options)
    assert (code, out) == (2, "")
    assert all(word in err for word in words), err
    assert not Path("out").exists()
