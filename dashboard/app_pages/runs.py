"""Runs: every run with its state and its scores."""

import streamlit as st

from dashboard.data import find_runs
from dashboard.home.welcome import welcome
from dashboard.i18n import _
from dashboard.links import page_address
from dashboard.runs.filters import filter_bar
from dashboard.runs.listing import runs_list

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title(_("Runs"))
    if st.button(_("New run"), icon=":material/add:", type="primary", key="new_run"):
        st.switch_page("app_pages/launch.py", query_params=page_address())

if find_runs(limit=1).total:
    runs_list(filter_bar())
else:
    welcome()
