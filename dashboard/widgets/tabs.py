"""The tabs of a page, of which the address names the open one; only that one computes. What was
chosen in the others stays in the address."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.state.address import get, put
from dashboard.state.choices import OneOf

TAB: OneOf[str] = OneOf("tab", "")


def above_tabs() -> DeltaGenerator:
    """Where all goes that stands above a page's tabs, however much it is: the browser may forget
    which tab is open where the tabs come to stand at another place among what the page draws."""
    return st.container()


def open_tab(titles: Mapping[str, str]) -> tuple[str, DeltaGenerator]:
    """Draw the tabs by their names; the name of the open one, and where its content goes."""
    names = tuple(titles)
    tab = TAB.among(names, names[0])
    held = get(tab)
    # Streamlit knows a tab by its title: said anew, so that a change of language renames it.
    st.session_state[tab.key] = titles[held]
    by_title = {title: name for name, title in titles.items()}
    drawn = st.tabs(list(by_title), key=tab.key, on_change=_opened, args=(tab, by_title))
    return held, drawn[names.index(held)]


def _opened(tab: OneOf[str], by_title: Mapping[str, str]) -> None:
    opened = by_title.get(st.session_state[tab.key])
    if opened is not None:  # else a tab of the page before, which the browser may still show
        put({tab: opened})
