"""The launch form under a reader's hands: Tab, a wrong value, the network in sight, the run that
opens."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import settled

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages_in_browser")]

IN_BUTTON = "document.activeElement?.closest('.st-key-launch') !== null"


CUT = """link => [link, ...link.querySelectorAll('*')].some(
    part => part.scrollWidth > part.clientWidth + 1
        && getComputedStyle(part).overflowX !== 'visible')"""
"""Whether some of a link's words are cut off."""


def drawing(page: Page) -> Locator:
    """The drawing of the network."""
    return page.locator(".st-key-launch_network").get_by_test_id("stVegaLiteChart")


def test_a_form_is_filled_by_keyboard_and_shows_the_last_valid_network(
    page: Page, address: str
) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{address}/launch?lang=en")
    settled(page)
    expect(page.locator(".st-key-launch button")).to_be_enabled()
    page.get_by_test_id("stMain").get_by_role("radio", name="One run").focus()
    for _press in range(28):  # six essentials, and the help of none of them
        page.keyboard.press("Tab")
        if page.evaluate(IN_BUTTON):
            break
    assert page.evaluate(IN_BUTTON), "Tab comes to the button"

    rate = page.get_by_role("textbox", name="Learning rate")
    rate.fill("fast")
    rate.press("Enter")
    expect(page.get_by_text("must be a number")).to_be_visible()
    expect(page.get_by_text("This is the last valid network")).to_be_visible()
    expect(drawing(page)).to_be_visible()
    expect(rate).to_be_focused()  # where the reader was
    rate.fill("0.02")
    rate.press("Enter")
    expect(page.get_by_text("This is the last valid network")).to_have_count(0)
    expect(page).to_have_url(re.compile("config="))


def test_the_network_stays_in_sight_while_the_form_is_scrolled(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 700})
    page.goto(f"{address}/launch?lang=en")
    settled(page)
    for section in ("Optimizer, schedule", "Recording and"):
        page.get_by_text(section).click()
        settled(page)
    last = page.get_by_text("Precision").first
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    expect(drawing(page)).to_be_in_viewport()


def test_what_to_try_next_is_read_to_its_end_on_a_phone(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{address}/?lang=ja")
    settled(page)
    links = page.locator(".st-key-try_next a")
    expect(links.first).to_be_visible()
    for link in links.all():
        assert not link.evaluate(CUT), link.inner_text()
        box = link.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390


def test_f1_explains_the_field_and_leads_back_to_it(page: Page, address: str) -> None:
    """The signs beside the fields are out of the order of Tab, and within reach of the keyboard."""
    page.goto(f"{address}/launch?lang=en")
    rate = settled(page).get_by_role("textbox", name="Learning rate")
    rate.focus()
    rate.press("F1")
    told = page.get_by_role("tooltip")
    expect(told).to_contain_text("Default:")
    page.keyboard.press("Escape")
    expect(told).to_have_count(0)
    expect(rate).to_be_focused()
