"""The tabs of a page, of which the address names the open one; only that one computes."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

KEY = "compare_tab"


def open_tab(titles: Mapping[str, str]) -> tuple[str, DeltaGenerator]:
    """Draw the tabs; the name of the open one, and where its content goes."""
    names = list(titles)
    asked = st.query_params.get("tab", names[0])
    held = asked if asked in titles else names[0]
    st.session_state[KEY] = titles[held]  # said anew, so that a change of language renames it
    drawn = st.tabs(list(titles.values()), key=KEY, on_change=_to_address, args=(dict(titles),))
    return held, drawn[names.index(held)]


def _to_address(titles: dict[str, str]) -> None:
    """Which tab was opened; the first needs no word in the address."""
    name = next((n for n, title in titles.items() if title == st.session_state[KEY]), "")
    if name and name != next(iter(titles)):
        st.query_params["tab"] = name
    else:
        st.query_params.pop("tab", None)
