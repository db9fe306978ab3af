"""Runs: every run with its state and its scores."""

import streamlit as st

from dashboard.app_pages.runs.choices import LIST
from dashboard.app_pages.runs.filters import filter_bar
from dashboard.app_pages.runs.importing import import_popover
from dashboard.app_pages.runs.listing import runs_list
from dashboard.app_pages.runs.sweeps import sweeps_list
from dashboard.reads.store import find_runs, writable
from dashboard.state.address import choose
from dashboard.widgets.links import go
from dashboard.widgets.saved_views import open_asked_view
from dashboard.widgets.welcome import welcome
from dashboard.words.i18n import _
from db.records import Shelf

open_asked_view("runs")
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.title(_("Runs"), width="content")
    shown = choose(
        st.segmented_control,
        _("List"),
        LIST,
        {"runs": _("All runs"), "sweeps": _("Sweeps")},
        required=True,
        label_visibility="collapsed",
    )
    st.space("stretch")
    if writable():
        import_popover()
    if st.button(_("New run"), icon=":material/add:", type="primary", key="new_run"):
        go("launch")

if shown == "sweeps":
    sweeps_list()
elif find_runs(limit=1).total or any(find_runs(limit=1, shelf=s).total for s in Shelf):
    runs_list(filter_bar())
else:
    welcome()
