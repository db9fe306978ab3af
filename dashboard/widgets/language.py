"""The language of a session: settled by the link, the session or the browser, and switched."""

from __future__ import annotations

import streamlit as st

from dashboard.words.reader import LANGUAGES, language, settle


def choose_language() -> None:
    """Settle the language of this run: the link's, else the session's, else the browser's.

    A language that was asked for stays in the address, so that a copied link keeps it.
    """
    asked = st.query_params.get("lang")
    if asked in LANGUAGES:
        st.session_state["language_asked"] = True
        settle(asked)
    elif st.session_state.get("language_asked"):
        st.query_params["lang"] = st.session_state["language"]
        settle(st.session_state["language"])
    else:
        preferred = (st.context.locale or "en").split("-")[0]
        settle(preferred if preferred in LANGUAGES else "en")


def language_switch() -> None:
    """The control that changes the language of this session and of its address."""
    st.session_state["language_switch"] = language()
    st.segmented_control(
        "Language / 言語",
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key="language_switch",
        required=True,
        on_change=_switched,
        label_visibility="collapsed",
        width="stretch",
    )


def _switched() -> None:
    st.query_params["lang"] = st.session_state["language_switch"]
