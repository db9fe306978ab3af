"""Ways to another page, all through the table of pages; the language goes along.

A link that is drawn (`page_link`) is the browser's own. Where something happens first, a button
goes to the page afterwards (`go`), not by `st.switch_page`: that leaves two entries in the
browser's history, the first of them the old page under the address of the new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_hex
from typing import NoReturn
from urllib.parse import urlencode, urlsplit

import streamlit as st

from dashboard.state.address import Query, link, said
from dashboard.state.pages import PAGES, script_of
from dashboard.widgets.browser import component
from dashboard.words.i18n import _
from dashboard.words.text import plain
from db.records import Run

_mounted = component("visit")

ONWARD = ":material/arrow_forward:"


def page_link(page: str, label: str, /, *, icon: str = ONWARD, **params: object) -> None:
    """Draw a link to a page with this address."""
    st.page_link(
        script_of(page),
        label=label,
        icon=icon,
        query_params=link(**params),
    )


def run_link(run: Run, *, page: str = "run", icon: str = ONWARD, label: str = "") -> None:
    """A link that opens a run, called by `label` or invited to by its name."""
    text = plain(label) if label else _("Open {run}").format(run=plain(run.label))
    page_link(page, text, icon=icon, id=run.id)


def go(page: str, /, **params: object) -> NoReturn:
    """Leave for a page with this address; the rest of the run does not matter any more."""
    visit(url(page, link(**params)))


def visit(address: str) -> NoReturn:
    """Have the browser go there."""
    _mounted(key="visit", data={"url": address, "step": token_hex(8)})
    st.stop()


def open_run(run_id: int) -> NoReturn:
    """Go to a run's page."""
    go("run", id=run_id)


def open_compare(run_ids: Sequence[int], **params: object) -> NoReturn:
    """Go to the comparison of these runs."""
    go("compare", ids=",".join(map(str, run_ids)), **params)


def open_clone(run_id: int) -> NoReturn:
    """Go to the launch form, filled from a run."""
    go("launch", **{"from": run_id})


def report_button(**params: object) -> None:
    """A button that opens a report on what the address names, or on `params` instead."""
    if st.button(
        _("Report"),
        icon=":material/summarize:",
        help=_("One file to hand in, and charts for slides."),
        key="to_report",
    ):
        go("report", **(params or said()))


def lesson_button() -> None:
    """A button that opens the form of a lesson on the runs that the address names."""
    if st.button(
        _("Write a lesson"),
        icon=":material/edit_note:",
        help=_("A question of your own that these configurations answer, for a class or anybody."),
        key="to_lesson",
    ):
        named = {name: text for name, text in said().items() if name in ("ids", "sweep")}
        go("lessons", write=1, **named)


def url(page: str, query: Query) -> str:
    """The address of a page, from the root of its server on."""
    path = root() + ("" if page == PAGES[0].key else page)
    text = urlencode(query, safe=",:")
    return path + (f"?{text}" if text else "")


def root() -> str:
    """The path under which all pages lie: `/`, or `/prefix/` where one is set."""
    prefix = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{prefix}/" if prefix else "/"


def whole_url(page: str, query: Query) -> str:
    """The same, as one gives it to others."""
    place = urlsplit(st.context.url or "")
    return f"{place.scheme}://{place.netloc}{url(page, query)}"
