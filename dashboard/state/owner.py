"""Who the reader is: whoever is signed in; where nobody signs in, the name typed in this session,
else the one that the browser kept of an earlier one, else a sensible guess."""

from __future__ import annotations

import getpass
from urllib.parse import unquote, urlsplit

import streamlit as st

from dashboard.reads.signed_in import signed_in

KEY = "launch_owner"
"""The state of the field, which outlives its page."""

COOKIE = "layerlab_name"
"""Under which the browser keeps the name. Nothing secret: whoever has it may do no more."""

LONGEST = 80

GUEST = "guest"

LOCAL = ("localhost", "127.0.0.1", "::1")


def current_owner(*, typed: bool = True) -> str:
    """Under whose name this session launches and cancels."""
    if (person := signed_in()) is not None:
        return person.name
    name = str(st.session_state.get(KEY) or "").strip() if typed else ""
    return name or kept_name() or _guess()


def kept_name() -> str:
    """The name that the browser has kept, as far as it is one."""
    kept = st.context.cookies.get(COOKIE)
    name = unquote(kept)[:LONGEST].strip() if isinstance(kept, str) else ""
    return name if name.isprintable() else ""


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
