"""The language: the address's, else the browser's; every link carries it on."""

from __future__ import annotations

import streamlit as st

from dashboard.state.address import LANGUAGE, bound, get
from dashboard.state.choices import OneOf
from dashboard.words.reader import LANGUAGES, settle

CHOICE: OneOf[str | None] = OneOf(LANGUAGE, None, allowed=tuple(LANGUAGES))
"""None is usual, so that a language that was asked for is always said."""


def choose_language() -> None:
    """Settle the language of this run."""
    settle(get(CHOICE) or _preferred())


def language_switch() -> None:
    """The control that changes the language."""
    shown = bound(CHOICE)
    st.session_state[CHOICE.key] = get(CHOICE) or _preferred()
    st.segmented_control(
        "Language / 言語",
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        required=True,
        label_visibility="collapsed",
        width="stretch",
        **shown,
    )


def _preferred() -> str:
    preferred = (st.context.locale or "en").split("-")[0]
    return preferred if preferred in LANGUAGES else "en"
