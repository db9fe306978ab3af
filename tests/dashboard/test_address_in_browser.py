"""The address and the page say the same, whatever a reader does with either: every choice of every
page goes through Back, Forward, reload, another page and another browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import settled
from tests.dashboard.conftest import Demo
from tests.dashboard.test_in_browser import address, browser, page  # noqa: F401
from tests.dashboard.walk import change, declared, names, query, shown

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages_in_browser")]

ELSEWHERE = {"id", "ids", "sweep", "view", "config", "from", "experiment"}
"""Choices that are made by more than one widget, or by a link: they have tests of their own."""


def scenes(demo: Demo) -> dict[str, str]:
    """Addresses that show all choices between them, by what they show."""
    run, pair = f"id={demo.done}", f"ids={demo.done},{demo.plain}"
    return {
        "runs": "/runs?",
        "launch": "/launch?",
        "activations": "/activations?init=normal",
        "optimizers": "/optimizers?",
        "optimizers of a run": f"/optimizers?{run}",
        "curves": f"/run?{run}&tab=curves",
        "layers": f"/run?{run}&tab=layers",
        "distributions": f"/run?{run}&tab=distributions",
        "one distribution": f"/run?{run}&tab=distributions&shapes=steps",
        "batchnorm": f"/batchnorm?{run}",
        "modes": f"/batchnorm?{run}&tab=modes",
        "paths": f"/batchnorm?{run}&tab=paths",
        "compared": f"/compare?{pair}",
        "compared layers": f"/compare?{pair}&tab=layers",
        "report": f"/report?{pair}",
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
    for name in names(settled(page)):
        if name in ELSEWHERE or name not in declared():
            continue
        before, seen = query(page), shown(page)
        change(page, name)
        after, then = query(page), shown(page)
        assert after != before, f"{name}: the address says what was chosen"
        page.go_back(wait_until="commit")
        _shows(page, before, seen, f"Back from {name}")
        page.go_forward(wait_until="commit")
        _shows(page, after, then, f"Forward to {name}")
    whole, seen = query(page), shown(page)
    page.reload()
    _shows(page, whole, seen, "reload")
    here = page.url
    menu = page.get_by_test_id("stSidebar")
    title = page.title()
    menu.get_by_role("link", name="Home", exact=True).click()
    expect(page).not_to_have_title(title)
    page.go_back(wait_until="commit")
    _shows(page, whole, seen, "Home and Back")
    other = browser.new_page(viewport={"width": 1280, "height": 1400}, locale="ja")
    other.goto(here)
    _shows(other, whole, seen, "another browser")
    other.close()


def _shows(tab: Page, said: dict[str, str], seen: dict[str, str], after: str) -> None:
    """The page comes to say and show this."""
    for _look in range(60):
        settled(tab)
        if query(tab) == said and shown(tab) == seen:
            return
        tab.wait_for_timeout(100)
    assert query(tab) == said, after
    assert shown(tab) == seen, after
