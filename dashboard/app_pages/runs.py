"""Runs: every run with its state and its scores."""

import streamlit as st

from dashboard.data import find_runs
from dashboard.home.welcome import welcome
from dashboard.i18n import _
from dashboard.links import page_address
from dashboard.runs.filters import filter_bar
from dashboard.runs.listing import runs_list
from dashboard.runs.views import open_asked_view
from db.records import Shelf

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title(_("Runs"))
    if st.button(_("New run"), icon=":material/add:", type="primary", key="new_run"):
        st.switch_page("app_pages/launch.py", query_params=page_address())

open_asked_view()
if find_runs(limit=1).total or any(find_runs(limit=1, shelf=s).total for s in Shelf):
    runs_list(filter_bar())
else:
    welcome()
