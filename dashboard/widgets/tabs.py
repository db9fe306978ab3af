"""The tabs of a page, of which the address names the open one; only that one computes."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def open_tab(key: str, titles: Mapping[str, str]) -> tuple[str, DeltaGenerator]:
    """Draw the tabs by their names; the name of the open one, and where its content goes."""
    names = list(titles)
    asked = st.query_params.get("tab", names[0])
    held = asked if asked in titles else names[0]
    st.session_state[key] = titles[held]  # said anew, so that a change of language renames it
    arguments = key, dict(titles)
    drawn = st.tabs(list(titles.values()), key=key, on_change=_to_address, args=arguments)
    return held, drawn[names.index(held)]


def _to_address(key: str, titles: dict[str, str]) -> None:
    """Which tab was opened; the first needs no word in the address."""
    name = next((n for n, title in titles.items() if title == st.session_state[key]), "")
    if name and name != next(iter(titles)):
        st.query_params["tab"] = name
    else:
        st.query_params.pop("tab", None)
