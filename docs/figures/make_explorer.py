"""Draw docs/figures/explorer.png: the page of `cevns explore` in headless Chromium.

Usage: CHROMIUM=$(command -v chromium) python docs/figures/make_explorer.py [OUTPUT]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

PORT = 2799


def main(output: Path) -> None:
    """Open the page and take its picture."""
    command = [sys.executable, "-m", "cevns.cli.main", "explore", "--no-browser", "--port", str(PORT)]
    with (
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as server,
        sync_playwright() as playwright,
    ):
        address = next(match for line in server.stdout or () if (match := re.search(r"http\S+", line))).group()
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 1400})
        page.goto(address)
        expect(page.locator("svg[role=img]")).to_have_count(7, timeout=60_000)
        expect(page.get_by_text("CSV")).to_be_visible(timeout=60_000)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=output)
        browser.close()
        server.kill()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("explorer.png"))
