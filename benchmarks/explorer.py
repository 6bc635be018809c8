"""How long a move of a slider takes: what the explorer computes for it, and until a browser shows it.

The browser is the Chromium whose path is in CHROMIUM; without it computing alone is measured, on the clock and as time
of the processor. A move is shown when the frame is painted that has the last change of the text and of the charts.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.common import CSI, LAR, MODEL, Measurements, command, machine
from cevns.app.charts import overview
from cevns.app.exploration import Exploration

if TYPE_CHECKING:
    from playwright.sync_api import Page

SLIDERS = {"coupling": 1, "mass": 0}
"""Where they are on the page."""
PORT = 2798
QUIET = 700
"""Time [ms] without a change after which a move is over."""

FOLLOW = """
quiet => {
  const charts = new Set(), waiting = [];
  let start, text = 0, shown = 0, timer;
  addEventListener("keydown", event => { start = event.timeStamp; }, {capture: true, once: true});
  window.move = new Promise(done => {
    const watch = new MutationObserver(changes => {
      const places = changes.map(({target}) => (target.closest ? target : target.parentElement)).filter(Boolean);
      const drawn = places.map(place => place.closest("svg[role=img]")).filter(Boolean);
      const read = places.some(place => place.closest("p"));
      if (!drawn.length && !read) return;
      drawn.forEach(chart => charts.add(chart));
      requestAnimationFrame(() => {
        const painted = new MessageChannel();
        painted.port1.onmessage = () => {
          shown = performance.now() - start;
          text = text || (read && shown);
        };
        painted.port2.postMessage(0);
      });
      clearTimeout(timer);
      timer = setTimeout(() => { watch.disconnect(); done([text, shown, charts.size]); }, quiet);
    });
    watch.observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
  });
}
"""
"""Follow the next move: until the text is painted and until all is [ms], and how many charts have changed."""


def computing(move: Callable[[float], object], values: Iterable[float]) -> dict[str, float]:
    """Median time of moves to values, the first of which is not counted [ms]."""
    times = []
    for value in values:
        start = time.perf_counter(), time.process_time()
        move(value)
        times.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    clock, processor = (1e3 * np.median(times[1:], axis=0)).tolist()
    return {"computing_ms": clock, "processor_ms": processor}


def in_browser(chromium: str, moves: int) -> dict[str, dict[str, float]]:
    """Follow moves on a page of its own; see `follow`."""
    from playwright.sync_api import expect, sync_playwright

    arguments = [sys.executable, "-m", "cevns.cli.main", "explore", "--no-browser", "--port", str(PORT)]
    with (
        subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as server,
        sync_playwright() as playwright,
    ):
        try:
            address = next(match for line in server.stdout or () if (match := re.search(r"http\S+", line))).group()
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1200, "height": 1500})
            page.goto(address)
            expect(page.locator("svg[role=img]")).to_have_count(7, timeout=60_000)
            page.wait_for_load_state("networkidle")
            found = follow(page, moves)
            browser.close()
        finally:
            server.terminate()
            server.communicate()
    return found


def follow(page: Page, moves: int) -> dict[str, dict[str, float]]:
    """Times until the text and until everything of a move is seen [ms], and the least number of charts that changed."""
    found = {}
    for name, number in SLIDERS.items():
        page.get_by_role("slider").nth(number).focus()
        seen = []
        for _ in range(moves + 1):
            page.evaluate(FOLLOW, QUIET)
            page.keyboard.press("ArrowRight")
            seen.append(page.evaluate("window.move"))
        text, shown, charts = np.transpose(seen[1:])
        found[name] = {
            "text_ms": float(np.median(text)),
            "shown_ms": float(np.median(shown)),
            "slowest_ms": float(shown.max()),
            "charts": int(charts.min()),
        }
    return found


def measure(quick: bool = False) -> Measurements:
    """Both sliders."""
    moves = 2 if quick else 20
    here = Exploration.of(MODEL, (CSI, LAR), 10.0)
    values = {"mass": np.geomspace(1.0, 100.0, moves + 1), "coupling": np.geomspace(1e-6, 1e-3, moves + 1)}
    found = {
        "mass": computing(
            lambda mass: overview(Exploration.of(MODEL, (CSI, LAR), mass), 3e-5), values["mass"].tolist()
        ),
        "coupling": computing(lambda coupling: overview(here, coupling), values["coupling"].tolist()),
    }
    chromium = os.environ.get("CHROMIUM")
    shown = in_browser(chromium, moves) if chromium else {}
    return {**machine(), **{name: {**times, **shown.get(name, {})} for name, times in found.items()}}


def table(results: Measurements) -> str:
    """As text."""
    lines = [f"load {results['load']} on {results['cores']} cores; medians"]
    for name in SLIDERS:
        times = results[name]
        assert isinstance(times, dict)
        line = "computing {computing_ms:.0f} ms, {processor_ms:.0f} ms of the processor"
        if "shown_ms" in times:
            line += (
                "; text after {text_ms:.0f} ms, with {charts} charts after {shown_ms:.0f} ms, {slowest_ms:.0f} at most"
            )
        lines.append(f"{name:8}  {line.format(**times)}")
    return "\n".join(lines)


if __name__ == "__main__":
    command(__doc__, measure, table)
