"""A real Chromium for tests, and what it takes to wait for a Streamlit page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

PATIENCE = 90_000  # milliseconds, for all that is waited for: a page is slow while others train
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-prefers-reduced-motion",  # the processor draws what turns and fades, frame by frame
)


def executable() -> str:
    """The installed Chromium; without one the test is skipped, or fails where CI is set."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if found := shutil.which(name):
            return found
    reason = "no Chromium is installed (Debian: apt-get install chromium fonts-noto-cjk)"
    if os.environ.get("CI"):
        pytest.fail(f"CI is set, and {reason}")
    pytest.skip(reason)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser of one's own."""
    path = executable()
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        browser.on("context", lambda context: context.set_default_timeout(PATIENCE))
        yield browser
        browser.close()


SETTLED = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    return app?.dataset.testConnectionState === 'CONNECTED'
        && app.dataset.testScriptState === 'notRunning'
        && !document.querySelector('[data-testid=stSkeleton]');
}"""
"""Whether a page's script has run to the end and all that it sent is drawn: the code of a kind of
widget is fetched when the first of it is, and a gray place stands for it until then."""


LOOK = 40
"""Milliseconds between two looks at a page: a look at every frame would have it draw frames."""


def settled(page: Page) -> Page:
    """The page once its script has run to the end and all that it sent is drawn."""
    page.wait_for_function(SETTLED, timeout=PATIENCE, polling=LOOK)
    return page
