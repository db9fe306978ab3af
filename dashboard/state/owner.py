"""Who the reader is: the name given in the launch form, for the session; else a sensible guess."""

from __future__ import annotations

import getpass
from urllib.parse import urlsplit

import streamlit as st

KEY = "launch_owner"
"""The state of the form's field, which outlives its page."""

GUEST = "guest"

LOCAL = ("localhost", "127.0.0.1", "::1")


def current_owner() -> str:
    """Under whose name this session launches and cancels."""
    return str(st.session_state.get(KEY, "")).strip() or _guess()


def _guess() -> str:
    """The account of whoever sits at this machine. Who comes from elsewhere is not whoever started
    the server."""
    host = urlsplit(st.context.url or "").hostname
    if st.context.ip_address is not None or host not in (*LOCAL, None):
        return GUEST
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return GUEST
