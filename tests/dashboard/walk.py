"""Every choice of every page, found in the real browser: a widget that shows what the address says
has the class `st-key-at_NAME`, whatever kind of widget it is."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from playwright.sync_api import Locator, Page, WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

import dashboard
from dashboard.state.choices import Choice
from tests.browser import LOOK, PATIENCE, SETTLED, settled

IN_SIGHT = 4  # options of a list that need no scrolling: a long list that scrolls may miss a click
STILL = 2  # looks in a row at which a page that is drawn is the same

SHOWN = """() => Object.fromEntries([...document.querySelectorAll('[class*="st-key-at_"]')]
    .filter(e => e.checkVisibility()).map(e => [
        [...e.classList].find(name => name.startsWith('st-key-at_')).slice(10),
        [...e.querySelectorAll('input, textarea')].map(i => /box|radio/.test(i.type)
            ? i.checked : i.value).join('|') + '/' +
        [...e.querySelectorAll('[aria-checked=true], [aria-pressed=true], [aria-selected=true],' +
            '[aria-current], [data-baseweb=tag], [data-tag-index], [data-testid=stThumbValue],' +
            '[data-testid=stSliderThumbValue], [data-baseweb=select] [value]')]
            .map(i => i.innerText || i.getAttribute('value') || '').join('|')]))"""
"""What each choice's widget shows, as a reader sees it."""

NOW = f"() => ({SETTLED})() ? [location.search, ({SHOWN})()] : null"


@dataclass(frozen=True)
class Seen:
    """What the address says, and what each choice's widget shows."""

    said: dict[str, str]
    shown: dict[str, str]


class Tab:
    """A tab of the browser, and whether its server has answered all that it asked. A page looks
    settled before the answer to what was asked last begins."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._asked = self._begun = False
        page.on("websocket", self._connected)

    def _connected(self, socket: WebSocket) -> None:
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _sent(self, frame: bytes | str) -> None:
        if isinstance(frame, bytes) and BackMsg.FromString(frame).HasField("rerun_script"):
            self._asked, self._begun = True, False

    def _received(self, frame: bytes | str) -> None:
        if not isinstance(frame, bytes):
            return
        message = ForwardMsg.FromString(frame)
        if message.HasField("new_session"):
            self._begun = True
        elif message.HasField("script_finished"):
            again = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
            self._asked = self._asked and (again or not self._begun)

    def now(self) -> Seen | None:
        """What the page says and shows; None while something is asked, answered or drawn."""
        if self._asked or not settled(self.page):
            return None
        found = self.page.evaluate(NOW)
        if found is None or self._asked:
            return None
        return Seen(dict(parse_qsl(found[0].lstrip("?"), keep_blank_values=True)), found[1])

    def still(self, unlike: Seen | None = None) -> Seen:
        """The page once all is answered and drawn, and its address another than before."""
        looks, before = 0, None
        for _look in range(PATIENCE // LOOK):
            self.page.wait_for_timeout(LOOK)
            now = self.now()
            news = now is not None and (unlike is None or now.said != unlike.said)
            looks = looks + 1 if news and now == before else 0
            before = now
            if now is not None and looks == STILL:
                return now
        raise AssertionError(f"not another, or never still: {self.page.url} shows {before}")

    def becomes(self, wanted: Seen, after: str) -> None:
        """The page comes to say and show this."""
        now = None
        for _look in range(PATIENCE // LOOK):
            if (now := self.now() or now) == wanted:
                return
            self.page.wait_for_timeout(LOOK)
        difference = {*_items(now)} ^ {*_items(wanted)} if now else "never still"
        raise AssertionError(f"the page after {after} differs by {difference}")

    def visit(self, url: str) -> Page:
        """An address of the dashboard in the same session, as its links lead there."""
        self.page.evaluate("url => history.pushState({}, '', url)", url)
        self.page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
        self.still()
        return self.page

    def goes(self, steps: int) -> None:
        """Go so many steps through the history, back where that is less than 0."""
        self.page.evaluate("steps => history.go(steps)", steps)

    @property
    def entries(self) -> int:
        """How many steps the browser's history has."""
        return int(self.page.evaluate("history.length"))


def _items(seen: Seen) -> list[tuple[str, str]]:
    return [*seen.said.items(), *seen.shown.items()]


def declared() -> set[tuple[str, str]]:
    """The choices that modules declare: the page that has it, or nothing where several share it,
    and its name."""
    places: dict[Choice[Any], set[str]] = {}
    for name, module in _modules():
        page = name.split(".")[2] if name.startswith("dashboard.app_pages.") else ""
        for value in vars(module).values():
            for choice in _choices(value):
                places.setdefault(choice, set()).add(page)
    return {("" if "" in pages else min(pages), choice.name) for choice, pages in places.items()}


def _choices(value: object) -> Iterator[Choice[Any]]:
    """The choices that a module's variable is or holds."""
    if isinstance(value, Mapping):
        value = tuple(value.values())
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, Choice):
            yield one


def _modules() -> Iterator[tuple[str, object]]:
    for found in pkgutil.walk_packages(dashboard.__path__, "dashboard."):
        parts = found.name.split(".")
        if parts[-1] not in ("app", "process") and (len(parts) < 4 or parts[-1] != parts[-2]):
            yield found.name, importlib.import_module(found.name)  # but for scripts, which draw


def change(page: Page, step: str) -> None:
    """Choose something else, as people do with this kind of widget; `tab:Map` opens that tab."""
    name, _colon, title = step.partition(":")
    widget = page.locator(f".st-key-at_{name}").first
    other = widget.locator(
        "[role=radio][aria-checked=false], [role=tab][aria-selected=false],"
        " button[aria-pressed=false]"
    )
    if title:
        widget.get_by_role("tab", name=title, exact=True).click()
    elif other.count():
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
    elif widget.locator("textarea").count():
        widget.locator("textarea").fill("e")
        widget.locator("textarea").press("Control+Enter")
    elif widget.locator("input").count():
        widget.locator("input").first.fill("e")
        widget.locator("input").first.press("Enter")
    else:
        widget.get_by_role("button").last.click()  # the next page


def _slide(thumb: Locator) -> None:
    thumb.focus()
    thumb.press("ArrowRight" if thumb.input_value() == thumb.get_attribute("min") else "ArrowLeft")


def _pick(page: Page, box: Locator) -> None:
    box.click()
    options = page.locator("[role=option][aria-selected=false]")
    options.nth(min(options.count(), IN_SIGHT) - 1).click()
    if page.get_by_role("listbox").count():  # a list to choose several from stays open
        page.keyboard.press("Escape")
