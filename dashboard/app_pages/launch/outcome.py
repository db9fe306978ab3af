"""What the form comes to: the network, what to know before it is launched, and the bar that
launches it. Every edit draws this fragment again."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.launch.choices import SWEEP
from dashboard.app_pages.launch.edits import OUTCOME
from dashboard.app_pages.launch.follow import tell_what_followed
from dashboard.app_pages.launch.held import Held, hold
from dashboard.app_pages.launch.launching import launch_bar
from dashboard.app_pages.launch.plan import drawn_network
from dashboard.app_pages.launch.problems import say_elsewhere
from dashboard.app_pages.launch.sweep import planned
from dashboard.state.form_start import Start
from dashboard.views.launch.warnings import warnings
from dashboard.widgets.shell import guarded
from dashboard.words.i18n import _
from dashboard.words.text import plain

IN_SIGHT = """<style>
@media (min-width: 641px) {
  [data-testid="stColumn"]:has(.st-key-launch_network) {
    position: sticky; top: 4rem; align-self: flex-start;
    max-height: calc(100vh - 12rem); overflow-y: auto;
  }
}
</style>"""
"""Beside the form the network stays in sight however far the form is scrolled; on a phone, where it
stands below, it does not."""


@st.fragment(key=OUTCOME)
def outcome(start: Start, mode: str) -> None:
    """Draw it."""
    with guarded():
        held = hold(start)
        with st.container(key="launch_network"):
            st.html(IN_SIGHT)
            st.subheader(_("Network"), anchor=False)
            drawn_network(held)
            say_elsewhere(held)
            _warn(held)
        tell_what_followed(held.form)
        launch_bar(held, start, planned(held.form) if mode == SWEEP else None)


def _warn(held: Held) -> None:
    """Say what is valid and still hardly meant."""
    draft = held.draft
    if draft.config and draft.architecture:
        for text in warnings(draft.config, draft.architecture):
            st.markdown(f":orange[:small[:material/warning: {plain(text)}]]")
