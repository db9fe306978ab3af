"""The menu: a link to each page as it was left, so that nobody loses a choice by looking elsewhere.

Streamlit's own menu leads to pages without an address, which cannot be told from a link that means
what a page shows at first.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.state.address import remembered
from dashboard.state.pages import PAGES
from dashboard.words.i18n import _

_mounted = st.components.v2.component(
    "layerlab_menu", js=Path(__file__).with_name("menu.js").read_text("utf-8")
)


def menu(current: str) -> None:
    """Draw it; on a narrow screen, where it covers the page, it closes once a page is chosen."""
    with st.container(key="menu", gap="xxsmall"):
        for page in PAGES:
            st.page_link(
                page.script,
                label=_(page.title),
                icon=page.icon,
                help=_(page.help),
                query_params=remembered(page.key),
                width="stretch",
            )
    _mounted(key="menu_closed", data={"page": current})
