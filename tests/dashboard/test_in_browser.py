"""The pages in a real browser: what scripts in it do, which no test of the server sees."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.state.pages import PAGES
from tests.browser import settled
from tests.dashboard.conftest import Demo
from tests.dashboard.served import outside
from tests.dashboard.walk import Tab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages_in_browser")]


ICONS = "() => [...document.querySelectorAll('link[rel*=icon]')].map(link => link.href)"

SMALL = """() => {
  const found = new Set();
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode.textContent.replace(/\\u200b/g, '').trim();
    const part = words.currentNode.parentElement;
    const box = part.getBoundingClientRect();
    if (!text || !box.width || !box.height || part.closest('style, script, svg.icon')) continue;
    const style = getComputedStyle(part);
    if (style.visibility === 'hidden' || parseFloat(style.fontSize) >= 12) continue;
    const place = part.closest('[data-testid]')?.dataset.testid;
    found.add(`${style.fontSize} in ${place}: ${text.slice(0, 30)}`);
  }
  return [...found];
}"""
"""Type that is smaller than 12 pixels, charts that are drawn as SVG included."""


WATCH = """player => {
    window.played = [];
    const look = () => window.played.push([
        player.querySelector('button').getAttribute('aria-label'),
        player.querySelector('output').textContent,
        document.querySelector('.st-key-surface_charts .vega-bindings input').value]);
    new MutationObserver(look).observe(
        player, {subtree: true, childList: true, characterData: true, attributes: true});
}"""
"""Note what the player shows, and the step that its charts draw, at every change: it plays for four
seconds, which a test on a busy machine may miss."""

PLAYED = """() => window.played.some(([label, told, step]) =>
    label === 'Pause' && told !== 'step 60 of 60' && step !== '60')"""


def test_paths_are_drawn_played_and_started_by_a_click(page: Page, address: str) -> None:
    page.goto(f"{address}/optimizers?lang=en")
    settled(page)
    chart = page.locator(".st-key-surface_chart .vega-embed :is(canvas, svg)").first
    expect(chart).to_be_visible()
    page.locator(".player").evaluate(WATCH)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(PLAYED)

    chart.click(position={"x": 250, "y": 200})
    expect(page).to_have_url(re.compile("start="))
    settled(page)
    expect(page.locator(".player output")).to_have_text("step 60 of 60")


def test_a_table_is_taken_by_our_downloads_alone(page: Page, address: str) -> None:
    """Streamlit's own writes texts as they are, which a spreadsheet takes for formulas."""
    page.goto(f"{address}/optimizers?lang=en")
    settled(page).get_by_test_id("stDataFrame").first.hover()
    expect(page.get_by_role("button", name="Fullscreen").first).to_be_visible()
    expect(page.get_by_role("button", name="Download as CSV")).to_have_count(0)


def test_no_page_shuts_anybody_out(page: Page, address: str, demo_database: Demo) -> None:
    """axe-core finds no serious violation: contrast, names of controls, alternatives to charts. No
    type is smaller than 12 pixels, and the icon of no page comes from elsewhere."""
    about = {
        "run": f"id={demo_database.done}",
        "batchnorm": f"id={demo_database.done}",
        "compare": f"ids={demo_database.done},{demo_database.plain}",
    }
    tab, faults = Tab(page), []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.goto(f"{address}/?lang=en")
        tab.still()
        for key in (shown.key for shown in PAGES):
            tab.visit(f"{address}/{key}?lang=en&{about.get(key, '')}")
            only = {"runOnly": ["color-contrast"]} if theme == "dark" else {}  # all that it changes
            faults += [f"{key}, {theme}: {fault}" for fault in serious(page, **only)]
            faults += [f"{key}: {fault}" for fault in page.evaluate(SMALL)]
            faults += [f for icon in page.evaluate(ICONS) for f in outside(icon, address)]
    assert faults == []


def serious(page: Page, **options: Any) -> list[str]:
    """What axe-core finds on a page and calls serious or critical, but for the frame that a drag
    over a chart draws: Vega gives it no name, and the fields beside the chart do the same."""
    options |= {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{fault['id']} at {node['html'][:120]}: {node.get('failureSummary')}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
        if "zoom_brush" not in node["html"]
    ]
