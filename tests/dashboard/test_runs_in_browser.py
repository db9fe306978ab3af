"""A run and a comparison in a real browser: what a run is in one line and what can be done with it,
pictures side by side, a stretch that is dragged."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import settled
from tests.dashboard.conftest import Demo
from tests.dashboard.walk import Tab

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages_in_browser")]


SIDE_BY_SIDE = """() => {
    const charts = document.querySelectorAll('[data-testid=stVegaLiteChart]');
    const [left, right] = [charts[1], charts[2]].map(chart => chart.getBoundingClientRect());
    return left.width > 0 && left.top === right.top && left.right <= right.left;
}"""
"""Whether the second and the third chart of a page stand side by side, at one moment: each chart
that is drawn above them moves both."""


def charts(page: Page) -> Locator:
    """The charts of a page, in its order."""
    return page.get_by_test_id("stVegaLiteChart")


def test_a_run_says_in_one_line_what_it_is_and_offers_what_its_state_allows(
    page: Page, address: str, demo_database: Demo
) -> None:
    tab = Tab(page)
    page.goto(f"{address}/run?id={demo_database.done}&tab=configuration&lang=en")
    main = settled(page).get_by_test_id("stMain")
    line = "2 × 20 ReLU, He, BN before activation, Adam 0.01, batch 50, Digits"
    expect(main.get_by_text(line)).to_be_visible()
    expect(main.get_by_text("they stand first")).to_be_visible()
    for wish in ("Retry", "Resume", "Pause", "Cancel"):
        expect(main.get_by_role("button", name=wish)).to_have_count(0)
    tab.visit(f"{address}/run?id={demo_database.failed}&lang=en")
    expect(main.get_by_role("button", name="Retry")).to_be_visible()
    tab.visit(f"{address}/run?id={demo_database.paused}&lang=en")
    expect(main.get_by_role("button", name="Resume")).to_be_visible()


def test_what_happened_inside_several_runs_stands_side_by_side(
    page: Page, address: str, demo_database: Demo
) -> None:
    ids = f"{demo_database.done},{demo_database.plain}"
    page.goto(f"{address}/compare?ids={ids}&tab=layers&lang=en")
    expect(charts(settled(page))).to_have_count(3)  # what the colours mean, and a map of each run
    page.wait_for_function(SIDE_BY_SIDE)

    page.get_by_role("tab", name="Distributions").click()
    expect(page.locator(".st-key-at_of").get_by_role("radio", name="Activations a")).to_be_checked()
    page.get_by_role("button", name="First step").click()
    expect(page).to_have_url(re.compile("step=1"))
    expect(charts(page)).to_have_count(2)


def test_a_stretch_dragged_across_a_chart_stands_in_the_link(
    page: Page, address: str, demo_database: Demo
) -> None:
    page.goto(f"{address}/compare?ids={demo_database.done},{demo_database.plain}&lang=en")
    first = charts(settled(page)).first
    for chart in charts(page).all():  # each that is drawn later moves those below it
        expect(chart.locator("canvas, svg.marks").first).to_be_visible()
    box = first.bounding_box()
    assert box
    across, middle = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.6
    page.mouse.move(across - 60, middle)
    page.mouse.down()
    page.mouse.move(across + 60, middle, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"xmin=.*xmax="))
    settled(page).get_by_role("button", name="Show all").click()
    expect(page).not_to_have_url(re.compile("xmin"))
    page.go_back(wait_until="commit")
    expect(page).to_have_url(re.compile(r"xmin=.*xmax="))
