from __future__ import annotations

import io

import pytest
from rich.console import Console

from cevns.cli import progress
from cevns.cli.progress import counting


def test_nothing_is_shown_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with counting("chunks") as show:
        show(0, 10)
        show(10, 10)
    assert capsys.readouterr() == ("", "")


def test_count_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four steps in two seconds after two that were there before: 2 per second, two seconds for the last four."""
    screen, now = io.StringIO(), [0.0]
    console = Console(file=screen, force_terminal=True, width=200, get_time=lambda: now[0])
    monkeypatch.setattr(progress, "Console", lambda **_: console)
    with counting("chunks") as show:
        for done in range(2, 7):
            show(done, 10)
            now[0] += 0.5
    last = [line for line in screen.getvalue().splitlines() if "6/10" in line][-1]
    assert "chunks" in last
    assert "2/s" in last
    assert "0:00:02" in last
