"""``cevns explore``."""

from __future__ import annotations

import os
import sys
from importlib import resources

import click

from cevns.extras import optional


@click.command("explore")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the page; the first free one from 2718 if absent.")
@click.option("--token/--no-token", default=True, show_default=True, help="Ask for the token that the address holds.")
@click.option("--browser/--no-browser", default=True, show_default=True, help="Open the page in a browser.")
def explore_command(port: int | None, token: bool, browser: bool) -> None:
    """Explore models over data, on a page that is served to this machine alone; Ctrl-C ends it.

    Needs the extra cevns[app].
    """
    optional("marimo", "app")
    page = resources.files("cevns.app").joinpath("page.py")
    options = [
        *("--host", "127.0.0.1"),
        *(("--port", str(port)) if port else ()),
        "--token" if token else "--no-token",
        *(() if browser else ("--headless",)),
    ]
    os.execv(sys.executable, [sys.executable, "-m", "marimo", "run", str(page), "--no-check", *options])
