"""Who reads: the language and the time zone of a browser's session, the one thing that words, reads
and views ask of Streamlit."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

LANGUAGES = {"en": "English", "ja": "日本語"}

_SETTLED: ContextVar[str] = ContextVar("language of this run of a page")
"""A page asks hundreds of times, and the session would look it up each time."""


def language() -> str:
    """The reader's language: English outside a browser's session."""
    settled = _SETTLED.get("")
    if not settled and get_script_run_ctx(suppress_warning=True) is not None:
        settled = str(st.session_state.get("language", "en"))
        _SETTLED.set(settled)
    return settled or "en"


def settle(language: str) -> None:
    """From now on the session is in this language."""
    st.session_state["language"] = language
    _SETTLED.set(language)


def time_zone() -> ZoneInfo | None:
    """The reader's time zone, as the browser says, and UTC where this machine knows none of that
    name; None outside a browser's session."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    return _zone(st.context.timezone or "UTC")


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
