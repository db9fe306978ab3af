"""Every choice of every page, found in the real browser: a widget that shows what the address says
has the class `st-key-at_NAME`, whatever kind of widget it is."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Locator, Page

import dashboard
from dashboard.state.choices import Choice
from tests.browser import settled

WIDGETS = '[class*="st-key-at_"]'


def declared() -> set[str]:
    """The names of all choices that some module declares."""
    return {choice.name for module in _modules() for choice in vars(module).values()
            if isinstance(choice, Choice)}  # fmt: skip


def _modules() -> Iterator[object]:
    for found in pkgutil.walk_packages(dashboard.__path__, "dashboard."):
        parts = found.name.split(".")
        if parts[-1] not in ("app", "process") and (len(parts) < 4 or parts[-1] != parts[-2]):
            yield importlib.import_module(found.name)  # but for scripts, which draw


def whole(page: Page) -> Page:
    """The page once all of it is drawn: between two runs of its script it looks settled, too."""
    for _look in range(3):
        settled(page).wait_for_timeout(150)
    return page


def query(page: Page) -> dict[str, str]:
    """What the address says."""
    return dict(parse_qsl(urlsplit(page.url).query, keep_blank_values=True))


def names(page: Page) -> list[str]:
    """The choices that the page shows, in its order."""
    script = """found => found.filter(e => e.checkVisibility()).map(e =>
        [...e.classList].find(name => name.startsWith('st-key-at_')).slice(10))"""
    return list(dict.fromkeys(page.locator(WIDGETS).evaluate_all(script)))


def shown(page: Page) -> dict[str, str]:
    """What each choice's widget shows, as a reader sees it."""
    script = """found => Object.fromEntries(found.filter(e => e.checkVisibility()).map(e => [
        [...e.classList].find(name => name.startsWith('st-key-at_')).slice(10),
        [...e.querySelectorAll('input, textarea')].map(i => /box|radio/.test(i.type)
            ? i.checked : i.value).join('|') + '/' +
        [...e.querySelectorAll('[aria-checked=true], [aria-pressed=true], [aria-selected=true],' +
            '[aria-current], [data-baseweb=tag], [data-tag-index], [data-testid=stThumbValue],' +
            '[data-testid=stSliderThumbValue], [data-baseweb=select] [value]')]
            .map(i => i.innerText || i.getAttribute('value') || '').join('|')]))"""
    found: dict[str, str] = page.locator(WIDGETS).evaluate_all(script)
    return found


def change(page: Page, name: str) -> None:
    """Choose something else, as people do with this kind of widget."""
    widget = page.locator(f".st-key-at_{name}").first
    other = widget.locator(
        "[role=radio][aria-checked=false], [role=tab][aria-selected=false],"
        " button[aria-pressed=false]"
    )
    if other.count():
        other.first.click()
    elif widget.get_by_role("slider").count():
        _slide(widget.get_by_role("slider").first)
    elif widget.locator("input[type=checkbox]").count():
        widget.locator("label").first.click()
    elif widget.get_by_role("combobox").count():
        _pick(page, widget.get_by_role("combobox").first)
    elif widget.locator("input[type=number]").count():
        widget.locator("input").first.press("ArrowUp")
        widget.locator("input").first.press("Enter")
    elif widget.locator("input, textarea").count():
        _write(widget.locator("input, textarea").first)
    else:
        widget.get_by_role("button").last.click()  # the next page


def _slide(thumb: Locator) -> None:
    thumb.focus()
    lowest = thumb.get_attribute("aria-valuenow") == thumb.get_attribute("aria-valuemin")
    thumb.press("ArrowRight" if lowest else "ArrowLeft")


def _pick(page: Page, box: Locator) -> None:
    box.click()
    page.locator("[role=option][aria-selected=false]").last.click()
    page.keyboard.press("Escape")


def _write(box: Locator) -> None:
    box.fill("9")
    box.press("Control+Enter")
    box.press("Enter")
