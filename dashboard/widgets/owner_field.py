"""Who I am: typed once, and kept by the browser, in no address that others get; or signed in."""

from __future__ import annotations

import streamlit as st

from dashboard.reads.signed_in import signed_in
from dashboard.state.owner import COOKIE, KEY, LONGEST, current_owner, kept_name
from dashboard.widgets.browser import component
from dashboard.widgets.links import root
from dashboard.words.i18n import _

_mounted = component("name")


def owner_field() -> None:
    """The field of one's name, which cannot be changed where one is signed in."""
    if (person := signed_in()) is not None:
        key = f"signed in as {person.id}"
        st.text_input(_("Owner"), person.name, key=key, disabled=True, width=120)
        return
    st.text_input(
        _("Owner"), current_owner(), key=KEY, max_chars=LONGEST, width=120, persist_state="session"
    )
    name = str(st.session_state[KEY]).strip()
    if name and name != (kept_name() or current_owner(typed=False)):
        _mounted(key="name_kept", data={"cookie": COOKIE, "name": name, "path": root()})
