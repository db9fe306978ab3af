"""The menu: a link to each page as it was left, so that nobody loses a choice by looking elsewhere.

Streamlit's own menu leads to pages without an address, which cannot be told from a link that means
what a page shows at first; its links give the first page no path, so that opened in another tab
they lead to where one is.
"""

from __future__ import annotations

import streamlit as st

from dashboard.reads.signed_in import may_i, signed_in
from dashboard.state.address import remembered
from dashboard.state.pages import PAGES, Page
from dashboard.widgets.browser import component
from dashboard.widgets.links import url
from dashboard.words.i18n import _
from engine.errors import LayerlabError

_mounted = component("menu", html="<nav></nav>")


def menu(current: str) -> None:
    """Draw it."""
    pages = [
        {
            "key": page.key,
            "title": _(page.title),
            "help": _(page.help),
            "icon": page.icon.removeprefix(":material/").removesuffix(":"),
            "href": url(page.key, remembered(page.key)),
            "current": page.key == current,
        }
        for page in PAGES
        if _shown(page)
    ]
    with st.container(key="menu"):
        _mounted(key="menu_links", data={"label": _("Pages"), "pages": pages})


def _shown(page: Page) -> bool:
    """Whether the page has anything for this reader. It is for those who have the right to it, and
    where nobody signs in, nobody has one that others lack."""
    try:
        return page.needs is None or (signed_in() is not None and may_i(page.needs))
    except LayerlabError:  # whatever the page reads says it
        return False
