"""Runs: every run with its state and its scores."""

import streamlit as st

from dashboard.app_pages.runs.filters import filter_bar
from dashboard.app_pages.runs.importing import import_popover
from dashboard.app_pages.runs.listing import runs_list
from dashboard.app_pages.runs.sweeps import sweeps_list
from dashboard.reads.store import find_runs, writable
from dashboard.state.kept import choose
from dashboard.state.links import page_address
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
        {"runs": _("All runs"), "sweeps": _("Sweeps")},
        name="list",
        usual="runs",
        key="runs_or_sweeps",
        required=True,
        label_visibility="collapsed",
    )
    st.space("stretch")
    if writable():
        import_popover()
    if st.button(_("New run"), icon=":material/add:", type="primary", key="new_run"):
        st.switch_page("app_pages/launch/launch.py", query_params=page_address())

if shown == "sweeps":
    sweeps_list()
elif find_runs(limit=1).total or any(find_runs(limit=1, shelf=s).total for s in Shelf):
    runs_list(filter_bar())
else:
    welcome()
