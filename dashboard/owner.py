"""Who the reader is: the name given in the launch form, for the session; else the account's."""

from __future__ import annotations

import getpass

import streamlit as st

KEY = "launch_owner"
"""The state of the form's field, which outlives its page."""


def current_owner() -> str:
    """Under whose name this session launches and cancels."""
    return str(st.session_state.get(KEY, "")).strip() or _account()


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "guest"
