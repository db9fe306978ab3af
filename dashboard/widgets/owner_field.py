"""Who I am: typed once, and kept by the browser, in no address that others get."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.state.owner import COOKIE, KEY, LONGEST, current_owner, kept_name
from dashboard.widgets.links import root
from dashboard.words.i18n import _

_mounted = st.components.v2.component(
    "layerlab_name", js=Path(__file__).with_name("name.js").read_text("utf-8")
)


def owner_field() -> None:
    """The field of one's name."""
    st.text_input(
        _("Owner"), current_owner(), key=KEY, max_chars=LONGEST, width=120, persist_state="session"
    )
    name = str(st.session_state[KEY]).strip()
    if name and name != (kept_name() or current_owner(typed=False)):
        _mounted(key="name_kept", data={"cookie": COOKIE, "name": name, "path": root()})
