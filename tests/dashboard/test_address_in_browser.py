"""The address and the page say the same, whatever a reader does with either: every choice that a
page shows goes through Back, Forward, reload, another page and another browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import settled
from tests.dashboard.conftest import Demo
from tests.dashboard.test_in_browser import address, browser, page  # noqa: F401
from tests.dashboard.walk import change, declared, names, query, shown, whole

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("address_in_browser")]

ELSEWHERE = {"lang", "id", "ids", "sweep", "view", "config", "from", "experiment"}
"""Choices that are made by more than one widget, or by a link: they have tests of their own."""


def scenes(demo: Demo) -> dict[str, str]:
    """Addresses whose pages show choices of every kind of widget, by what they show."""
    return {
        "activations": "/activations?init=normal",
        "curves": f"/run?id={demo.done}&tab=curves",
        "compare": f"/compare?ids={demo.done},{demo.plain}",
        "optimizers": "/optimizers?surface=valley",
    }


SCENES = tuple(scenes(Demo("", *range(1, 11))))


@pytest.mark.parametrize("scene", SCENES)
def test_every_choice_comes_back(
    scene: str,
    demo_database: Demo,
    browser: Browser,  # noqa: F811
    page: Page,  # noqa: F811
    address: str,  # noqa: F811
) -> None:
    page.goto(f"{address}{scenes(demo_database)[scene]}&lang=en")
    expect(page.get_by_test_id("stSidebar").get_by_role("link").first).to_be_visible()
    for name in sorted(names(whole(page)), key=lambda name: name == "tab"):  # it closes the others
        if name in ELSEWHERE or name not in declared():
            continue
        before, seen = query(page), shown(page)
        change(page, name)
        after, then = _changed(page, before, name), shown(page)
        page.go_back(wait_until="commit")
        _shows(page, before, seen, f"Back from {name}")
        page.go_forward(wait_until="commit")
        _shows(page, after, then, f"Forward to {name}")
    said, seen = query(page), shown(page)
    page.reload()
    _shows(page, said, seen, "reload")
    here = page.url
    menu = page.get_by_test_id("stSidebar")
    title = page.title()
    menu.get_by_role("link", name="Home", exact=True).click()
    expect(page).not_to_have_title(title)
    page.go_back(wait_until="commit")
    _shows(page, said, seen, "Home and Back")
    other = browser.new_page(viewport={"width": 1280, "height": 1400}, locale="ja")
    other.goto(here)
    _shows(other, said, seen, "another browser")
    other.close()


def _changed(tab: Page, before: dict[str, str], name: str) -> dict[str, str]:
    """What the address says once it says something else."""
    for _look in range(60):
        if query(tab) != before:
            return query(whole(tab))
        tab.wait_for_timeout(100)
    raise AssertionError(f"{name}: the address does not say what was chosen")


def _shows(tab: Page, said: dict[str, str], seen: dict[str, str], after: str) -> None:
    """The page comes to say and show this."""
    for _look in range(60):
        settled(tab)
        if query(tab) == said and shown(tab) == seen:
            return
        tab.wait_for_timeout(100)
    assert query(tab) == said, after
    assert shown(tab) == seen, after
