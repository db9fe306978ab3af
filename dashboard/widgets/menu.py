"""The menu: a link to each page as it was left, so that nobody loses a choice by looking elsewhere.

Streamlit's own menu leads to pages without an address, which cannot be told from a link that means
what a page shows at first; its links give the first page no path, so that opened in another tab
they lead to where one is.
"""

from __future__ import annotations

import streamlit as st

from dashboard.state.address import remembered
from dashboard.state.pages import PAGES
from dashboard.widgets.browser import component
from dashboard.widgets.links import url
from dashboard.words.i18n import _

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
    ]
    with st.container(key="menu"):
        _mounted(key="menu_links", data={"label": _("Pages"), "pages": pages})
