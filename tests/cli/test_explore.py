"""``cevns explore`` before its server takes over: where it listens, and whether it asks for a token."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("flags", "present", "absent"),
    [
        ((), ("--token",), ("--no-token", "--headless", "--port")),
        (
            ("--no-token", "--no-browser", "--port", "2800"),
            ("--no-token", "--headless", "--port", "2800"),
            ("--token",),
        ),
    ],
)
def test_the_page_is_served_to_this_machine(
    run: Run, monkeypatch: pytest.MonkeyPatch, flags: tuple[str, ...], present: tuple[str, ...], absent: tuple[str, ...]
) -> None:
    pytest.importorskip("marimo", reason="needs the extra cevns[app]")
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: started.append(command))
    code, _, _ = run("explore", *flags)
    (command,) = started
    assert code == 0
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert any(Path(part).name == "page.py" and Path(part).is_file() for part in command)
    assert set(present) <= set(command)
    assert not set(absent) & set(command)


def test_a_port_that_is_none_is_refused(run: Run) -> None:
    code, _, err = run("explore", "--port", "70000")
    assert code == 2
    assert "70000" in err
