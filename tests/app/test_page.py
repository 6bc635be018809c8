"""The explorer in headless Chromium: what a person sees, types and downloads."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect, sync_playwright

import cevns
from benchmarks import explorer

pytestmark = pytest.mark.browser

COMMAND = [sys.executable, "-m", "cevns.cli.main"]
PATIENCE = 60_000
"""Time [ms] that a busy machine may take."""


@pytest.fixture(scope="module")
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def address(port: int) -> Iterator[str]:
    with subprocess.Popen(
        [*COMMAND, "explore", "--no-browser", "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        found = next(match for line in server.stdout if (match := re.search(r"http\S+", line)))
        yield found.group().replace("localhost", "127.0.0.1")
        server.terminate()


@pytest.fixture(scope="module")
def page(address: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 1500}, accept_downloads=True)
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        expect(page.get_by_text("90% CL")).to_be_visible(timeout=PATIENCE)
        yield page
        browser.close()


def limit_of_the_command_line(*options: str) -> float:
    run = subprocess.run([*COMMAND, "limits", "--format", "json", *options], capture_output=True, text=True, check=True)
    (record,) = json.loads(run.stdout)
    return float(record["upper_limit"])


def test_limit_is_that_of_the_command_line(page: Page) -> None:
    limit = limit_of_the_command_line("-m", "b-l", "--mass", "10", "--cl", "0.9", "--dof", "1")
    expect(page.get_by_text(f"g < {limit:.4g}")).to_be_visible()


def test_a_slider_moves_the_number(page: Page) -> None:
    readout = page.get_by_text(re.compile(r"Δχ² = .* at g ="))
    before = readout.inner_text()
    page.get_by_role("slider").nth(1).focus()
    page.keyboard.press("ArrowRight")
    expect(readout).not_to_have_text(before, timeout=PATIENCE)
    match = re.fullmatch(r"Δχ² = (\S+) at g = (\S+)", readout.inner_text())
    assert match is not None
    likelihood = cevns.Likelihood("b-l", [cevns.experiment(n) for n in ("coherent-csi-2021", "coherent-lar-2020")])
    g = 1e-7 * 10 ** (101 / 40)
    assert float(match[2]) == pytest.approx(g, rel=1e-3)
    (limit,) = cevns.limits("b-l", likelihood.experiments, cl=0.90, dof=1, mass=10.0)
    assert float(match[1]) == pytest.approx(float(likelihood.profiled(g=g, mass=10.0).chi2) - limit.chi2_min, rel=1e-3)


def test_charts_are_drawn(page: Page) -> None:
    charts = page.locator("svg[role=img]")
    expect(charts).to_have_count(7, timeout=PATIENCE)
    for chart in charts.all():
        expect(chart).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("width", [1200, 700, 400])
def test_charts_fit_the_page(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1500})
    boxes = [chart.bounding_box() for chart in page.locator("svg[role=img]").all()]
    page.set_viewport_size({"width": 1200, "height": 1500})
    assert len(boxes) == 7
    for box in boxes:
        assert box is not None
        assert box["x"] >= 0
        assert box["width"] > 200
        assert box["x"] + box["width"] <= width


@pytest.mark.parametrize(
    ("placeholder", "typed", "message"),
    [
        ("mass [MeV]", "ten", "mass: got 'ten'; allowed: a number"),
        ("mass [MeV]", "-1", "mass: got -1"),
        ("coupling", "1e", "coupling: got '1e'; allowed: a number"),
    ],
)
def test_wrong_input_is_named_and_forgiven(page: Page, placeholder: str, typed: str, message: str) -> None:
    box = page.get_by_placeholder(placeholder)
    box.fill(typed)
    box.press("Enter")
    expect(page.get_by_text(message)).to_be_visible(timeout=PATIENCE)
    box.fill("")
    box.press("Enter")
    expect(page.get_by_text(message)).to_be_hidden(timeout=PATIENCE)
    expect(page.get_by_text("90% CL")).to_be_visible(timeout=PATIENCE)


def test_the_run_card_downloaded_gives_the_limit_shown(page: Page, tmp_path: Path) -> None:
    with page.expect_download() as download:
        page.get_by_text("run card").click()
    card = tmp_path / "card.yaml"
    download.value.save_as(card)
    run = subprocess.run([*COMMAND, "run", str(card)], capture_output=True, text=True, check=True)
    shown = re.search(r"g < (\S+)", page.get_by_text("90% CL").inner_text())
    assert shown is not None
    assert shown[1] in run.stdout


def test_another_model_has_another_limit(page: Page) -> None:
    before = page.get_by_text("90% CL").inner_text()
    page.get_by_label("model").click()
    page.get_by_role("option", name="scalar").click()
    expect(page.get_by_text("90% CL")).not_to_have_text(before, timeout=PATIENCE)
    limit = limit_of_the_command_line("-m", "scalar", "--mass", "10", "--cl", "0.9", "--dof", "1")
    expect(page.get_by_text(f"g < {limit:.4g}")).to_be_visible(timeout=PATIENCE)


def test_a_move_of_either_slider_changes_the_text_and_all_charts(page: Page) -> None:
    seen = explorer.follow(page, moves=2)
    assert set(seen) == {"coupling", "mass"}
    for one in seen.values():
        assert one["charts"] == 7
        assert 0.0 < one["text_ms"] <= one["shown_ms"] <= one["slowest_ms"]


def test_nobody_enters_without_the_token(address: str) -> None:
    with pytest.raises(HTTPError, match="401"):
        urlopen(address.partition("?")[0] + "/api/version", timeout=60)


def test_only_this_machine_is_served(port: int, address: str) -> None:
    assert address
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    mine = [one[1] for one in listening if one[1].endswith(f":{port:04X}") and one[3] == "0A"]
    assert mine == [f"0100007F:{port:04X}"]
