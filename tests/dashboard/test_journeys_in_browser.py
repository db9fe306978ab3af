"""Ways through several pages in the real browser: nobody loses what they chose by looking
elsewhere, and Back leads where one came from."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import settled
from tests.dashboard.conftest import Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages_in_browser")]


def titled(page: Page, title: str) -> Page:
    """The page once the browser's tab is called this and all is drawn."""
    expect(page).to_have_title(title)
    return settled(page)


@pytest.mark.parametrize("key", ["run", "batchnorm"])
def test_a_run_chosen_from_a_pages_own_list_stays(
    key: str, page: Page, address: str, demo_database: Demo
) -> None:
    page.goto(f"{address}/{key}?lang=en")
    title = {"run": "Run", "batchnorm": "BatchNorm"}[key]
    titled(page, f"{title} - layerlab")
    page.get_by_role("combobox", name="Run", exact=True).fill("BN, He")
    page.get_by_role("option", name=re.compile("BN, He, Adam")).click()
    of_run = re.compile(f"^#{demo_database.done} BN, He, Adam")
    expect(page).to_have_title(of_run)
    expect(page).to_have_url(re.compile(rf"[?&]id={demo_database.done}\b"))
    settled(page).get_by_role("tab").nth(1).click()
    expect(page).to_have_url(re.compile(r"[?&]tab="))
    expect(page).to_have_url(re.compile(rf"[?&]id={demo_database.done}\b"))
    settled(page)
    page.go_back(wait_until="commit")
    expect(page).not_to_have_url(re.compile(r"[?&]tab="))
    expect(page).to_have_title(of_run)
    page.go_back(wait_until="commit")
    expect(page).to_have_title(f"{title} - layerlab")


def test_runs_chosen_on_compare_stay(page: Page, address: str, demo_database: Demo) -> None:
    page.goto(f"{address}/compare?lang=en")
    box = titled(page, "Compare - layerlab").get_by_role("combobox", name="Runs to compare")
    for run_id in (demo_database.done, demo_database.plain):
        box.fill(f"#{run_id} ·")
        wanted = page.get_by_role("option", name=re.compile(f"#{run_id}\\b"))
        expect(wanted.or_(page.get_by_role("option", name="Select"))).to_have_count(2)
        wanted.click()  # not while the list is still getting shorter under the pointer
        expect(page).to_have_url(re.compile(rf"ids=(\d+%2C)*{run_id}$"))
        page.keyboard.press("Escape")  # an open list hides the page from who cannot see it
        settled(page)
    title = f"Compare #{demo_database.done}, #{demo_database.plain} - layerlab"
    titled(page, title).get_by_role("tab", name="Inside the layers").click()
    expect(page).to_have_url(re.compile("tab=layers"))
    page.reload()
    titled(page, title)
    expect(page.get_by_role("tab", name="Inside the layers")).to_have_attribute(
        "aria-selected", "true"
    )


@pytest.mark.parametrize(
    ("button", "title"),
    [("Compare", "Compare"), ("Report", "BN, He, Adam"), ("Clone", "Launch"),
     ("BatchNorm", "#1 BN, He, Adam · BatchNorm")],
)  # fmt: skip
def test_back_from_where_a_button_leads_is_the_run_as_it_was(
    button: str, title: str, page: Page, address: str, demo_database: Demo
) -> None:
    here = f"{address}/run?id={demo_database.done}&tab=layers&stat=dead&lang=en"
    page.goto(here)
    of_run = f"#{demo_database.done} BN, He, Adam - layerlab"
    main = titled(page, of_run).get_by_test_id("stMain")
    main.get_by_role("button", name=button, exact=True).click()
    titled(page, f"{title} - layerlab")
    page.go_back(wait_until="commit")
    titled(page, of_run)
    expect(page).to_have_url(here)
    expect(page.get_by_role("tab", name="Inside the layers")).to_have_attribute(
        "aria-selected", "true"
    )
    page.go_forward(wait_until="commit")
    titled(page, f"{title} - layerlab")


def test_the_browser_keeps_ones_name(browser: Browser, address: str) -> None:
    context = browser.new_context(locale="en", viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.goto(f"{address}/launch")
    owner = settled(page).get_by_role("textbox", name="Owner")
    owner.fill("愛子 & Co; x=1")
    owner.press("Enter")
    page.wait_for_function("document.cookie.includes('layerlab_name')")
    settled(page)
    page.reload()
    expect(page.get_by_role("textbox", name="Owner")).to_have_value("愛子 & Co; x=1")
    other = context.new_page()
    other.goto(f"{address}/launch")
    expect(other.get_by_role("textbox", name="Owner")).to_have_value("愛子 & Co; x=1")
    context.close()


def test_a_saved_view_shows_the_same_in_another_tab(
    page: Page, address: str, demo_database: Demo
) -> None:
    ids = f"{demo_database.done},{demo_database.plain}"
    page.goto(f"{address}/compare?ids={ids}&log=1&x=epoch&lang=en")
    settled(page).get_by_role("button", name="Views").click()
    name = page.get_by_role("textbox", name="Save what is shown as")
    name.fill("logarithmic")
    name.press("Enter")
    page.locator(".st-key-view_save button").click()
    told = page.get_by_text("Its link ends in").inner_text()
    number = re.search(r"view=(\d+)", told)
    assert number
    other = page.context.new_page()
    other.goto(f"{address}/compare?view={number[1]}&lang=en")
    expect(other).to_have_url(re.compile("log=1"))
    titled(other, f"Compare #{demo_database.done}, #{demo_database.plain} - layerlab")
    expect(other.get_by_role("radio", name="Epoch", exact=True)).to_have_attribute(
        "aria-checked", "true"
    )
    expect(other.locator(".st-key-at_log input")).to_be_checked()
    other.close()


def test_on_a_phone_the_menu_opens_and_closes_behind_the_page_chosen(
    browser: Browser, address: str
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800}, locale="en")
    page.goto(f"{address}/runs?q=adam")
    titled(page, "Runs - layerlab").get_by_test_id("stExpandSidebarButton").click()
    link = page.get_by_role("navigation").get_by_role("link", name="Optimizers")
    link.click()
    titled(page, "Optimizers - layerlab")
    expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
    expect(link).not_to_be_in_viewport()
    page.go_back(wait_until="commit")
    titled(page, "Runs - layerlab")
    expect(page.get_by_role("searchbox")).to_have_value("adam")
    page.close()


@pytest.fixture
def boxes(page: Page, address: str) -> Locator:
    """The boxes of the list of runs, the oldest first."""
    page.goto(f"{address}/runs?order=id+asc&lang=en")
    expect(settled(page).get_by_role("link", name="BN, He, Adam")).to_be_visible()
    return page.get_by_role("row").get_by_role("checkbox")


def test_a_name_opens_its_run_by_mouse_and_keyboard(
    page: Page, boxes: Locator, demo_database: Demo
) -> None:
    title = f"#{demo_database.done} BN, He, Adam - layerlab"
    name = page.get_by_role("link", name="BN, He, Adam")
    name.click()
    titled(page, title)
    page.go_back(wait_until="commit")
    expect(name).to_be_visible()
    boxes.nth(1).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    titled(page, title)
    page.go_back(wait_until="commit")
    settled(page)
    with page.context.expect_page() as opened:
        name.click(modifiers=["Control"])
    titled(opened.value, title)
    opened.value.close()


def test_runs_of_several_pages_are_selected_together_and_stay_so(
    page: Page, boxes: Locator
) -> None:
    boxes.nth(1).check()
    boxes.nth(2).check()
    expect(page.get_by_text("2 runs selected", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Compare")).to_be_visible()
    page.locator(".st-key-at_page").get_by_role("button").last.click()
    expect(page.get_by_text("2 runs selected (2 on other pages)")).to_be_visible()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)  # rows of the other page
    boxes.nth(3).focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("3 runs selected (2 on other pages)")).to_be_visible()
    settled(page).get_by_role("link", name="Home", exact=True).click()
    titled(page, "Home - layerlab").get_by_role("link", name="Runs", exact=True).click()
    expect(page.get_by_text("3 runs selected (2 on other pages)")).to_be_visible()
    page.reload()
    expect(page.get_by_text("3 runs selected (2 on other pages)")).to_be_visible()
    expect(boxes.nth(3)).to_be_checked()
    settled(page)
    page.go_back(wait_until="commit")
    page.go_back(wait_until="commit")
    page.go_back(wait_until="commit")
    expect(page.get_by_text("2 runs selected (2 on other pages)")).to_be_visible()
    expect(boxes.nth(3)).not_to_be_checked()


def test_a_header_sorts_the_list_and_not_the_page(page: Page, boxes: Locator) -> None:
    header = page.get_by_role("columnheader", name="Learning rate").get_by_role("link")
    header.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("order=optimizer.lr(%20|\\+)desc"))
    first = page.get_by_role("row").nth(1)
    expect(first).to_contain_text("too fast")  # the largest rate of both pages
    header.click()
    expect(page.get_by_role("columnheader", name="Learning rate")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(page).to_have_url(re.compile("order=optimizer.lr(%20|\\+)asc"))
    expect(first).not_to_contain_text("too fast")
    expect(page.get_by_role("combobox", name="Order")).to_have_value(re.compile("smallest first"))


def test_columns_chosen_stay(page: Page, boxes: Locator) -> None:
    page.get_by_role("button", name="Columns").click()
    chosen = page.locator(".st-key-at_cols")
    chosen.get_by_role("combobox").fill("Tags")
    page.get_by_role("option", name="Tags", exact=True).click()
    expect(page).to_have_url(re.compile("cols="))
    for _layer in ("the list", "the popover"):
        page.keyboard.press("Escape")
    expect(page.get_by_role("columnheader", name="Tags")).to_be_visible()
    settled(page).reload()
    expect(page.get_by_role("columnheader", name="Tags")).to_be_visible()
    page.go_back(wait_until="commit")
    expect(page.get_by_role("columnheader", name="Owner")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Tags")).to_have_count(0)


def test_escape_is_no_choice(page: Page, address: str) -> None:
    """It closes a list, and leaves what was chosen: Back undoes what was done, and no more."""
    page.goto(f"{address}/runs?owner=ben&lang=en")
    box = settled(page).locator(".st-key-at_owner").get_by_role("combobox")
    expect(box).to_have_value("ben")
    box.click()
    expect(page.get_by_role("listbox")).to_be_visible()
    for _press in range(3):
        page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.wait_for_timeout(200)
    expect(box).to_have_value("ben")
    expect(settled(page)).to_have_url(re.compile("owner=ben"))
