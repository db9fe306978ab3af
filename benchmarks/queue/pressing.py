"""From the press on Launch to the first record, in a real browser: what the person at it waits."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from playwright.sync_api import Page, expect, sync_playwright

PATIENCE = 60_000  # milliseconds until an answer counts as missing
REST = 2.0  # seconds in which the worker has nothing else to do


def seconds_from_press(address: str, *, times: int) -> float:
    """Median seconds until a chart of the run stands, whose page opens by itself; the first time is
    left out."""
    with _chromium() as page:
        waited = [_pressed(page, address) for _ in range(times + 1)]
    return median(waited[1:])


def _pressed(page: Page, address: str) -> float:
    page.goto(f"{address}/launch")
    press = page.locator(".st-key-launch button")
    expect(press).to_be_enabled()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    time.sleep(REST)
    begun = time.perf_counter()
    press.click()
    expect(page).to_have_url(re.compile(r"/run\?"))
    page.get_by_test_id("stVegaLiteChart").first.wait_for()
    return time.perf_counter() - begun


@contextmanager
def _chromium() -> Iterator[Page]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(locale="en-US")
        page.set_default_timeout(PATIENCE)
        yield page
        browser.close()
