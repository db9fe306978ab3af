"""The pages of a list, of which the address names the one shown."""

from __future__ import annotations

import streamlit as st

from dashboard.state.address import bound, get, put
from dashboard.state.choices import Whole

SIZE = 25
PAGE = Whole("page", 1, low=1, high=1_000_000)


def page_shown(total: int) -> int:
    """The page that the address names, of a list of so many lines; the last where it has fewer."""
    page = min(get(PAGE), max(1, pages_of(total)))
    put({PAGE: page})
    return page


def choose_page(total: int) -> None:
    """Draw the way to the others, where there are any."""
    if pages_of(total) > 1:
        st.pagination(pages_of(total), **bound(PAGE))


def pages_of(total: int) -> int:
    """How many pages so many lines take."""
    return -(-total // SIZE)
