"""The pages in a real browser: what scripts in it do, which no test of the server sees."""

from __future__ import annotations

import re
import socket
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from dashboard.state.pages import PAGES
from tests.browser import chromium, settled
from tests.dashboard.conftest import APP, Demo
from tests.runner.processes import environment, running, until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages_in_browser")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def address(
    browser: Browser, demo_database: Demo, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The dashboard alone, on the demo database."""
    folder = tmp_path_factory.mktemp("served")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.headless=true"]
    command += ["--server.address=127.0.0.1", f"--server.port={port}"]
    with running(command, environment(demo_database.url, folder), folder / "out") as process:

        def answers() -> bool:
            assert process.poll() is None, "the dashboard has ended"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                    return True
            except OSError:
                return False

        until(answers)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab whose scripts must not fail."""
    faults: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    page.close()
    assert faults == []


def test_paths_are_drawn_played_and_started_by_a_click(page: Page, address: str) -> None:
    page.goto(f"{address}/optimizers?lang=en")
    settled(page)
    chart = page.locator(".st-key-surface_chart .vega-embed :is(canvas, svg)").first
    expect(chart).to_be_visible()
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(".player output")).not_to_have_text("step 60 of 60")
    moved = page.locator(".st-key-surface_charts .vega-bindings input").first
    expect(moved).not_to_have_value("60")

    chart.click(position={"x": 250, "y": 200})
    expect(page).to_have_url(re.compile("start="))
    settled(page)
    expect(page.locator(".player output")).to_have_text("step 60 of 60")


def test_a_table_is_taken_by_our_downloads_alone(page: Page, address: str) -> None:
    """Streamlit's own writes texts as they are, which a spreadsheet takes for formulas."""
    page.goto(f"{address}/runs?lang=en")
    settled(page).get_by_test_id("stDataFrame").first.hover()
    expect(page.get_by_role("button", name="Fullscreen").first).to_be_visible()
    expect(page.get_by_role("button", name="Download as CSV")).to_have_count(0)


def test_no_page_shuts_anybody_out(page: Page, address: str, demo_database: Demo) -> None:
    """axe-core finds no serious violation: contrast, names of controls, alternatives to charts."""
    about = {
        "run": f"id={demo_database.done}",
        "batchnorm": f"id={demo_database.done}",
        "compare": f"ids={demo_database.done},{demo_database.plain}",
    }
    faults = []
    for key in (shown.key for shown in PAGES):
        page.emulate_media(color_scheme="light")
        page.goto(f"{address}/{key}?lang=en&{about.get(key, '')}")
        faults += [f"{key}: {fault}" for fault in serious(settled(page))]
        page.emulate_media(color_scheme="dark")
        page.reload()
        seen = serious(settled(page), runOnly=["color-contrast"])  # all that a theme changes
        faults += [f"{key}, dark: {fault}" for fault in seen]
    assert faults == []


def serious(page: Page, **options: Any) -> list[str]:
    """What axe-core finds on a page and calls serious or critical."""
    options |= {"resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{fault['id']} at {node['html'][:120]}: {node.get('failureSummary')}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
