"""The page of `cevns explore` in headless Chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

from playwright.sync_api import expect, sync_playwright

PORT = 2799
CHARTS = 7


def screenshot() -> bytes:
    """Open the page and take its picture, as PNG."""
    command = [sys.executable, "-m", "cevns.cli.main", "explore", "--no-browser", "--port", str(PORT)]
    with (
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as server,
        sync_playwright() as playwright,
    ):
        try:
            address = next(match for line in server.stdout or () if (match := re.search(r"http\S+", line))).group()
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1000, "height": 1400})
            page.goto(address)
            expect(page.locator("svg[role=img]")).to_have_count(CHARTS, timeout=60_000)
            expect(page.get_by_text("CSV")).to_be_visible(timeout=60_000)
            page.wait_for_load_state("networkidle")
            return page.screenshot()
        finally:
            server.kill()
