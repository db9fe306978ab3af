"""A run or a comparison as one file to hand in, and its charts as images."""

import streamlit as st

from dashboard.app_pages.compare.choose import asked_runs, choose_arms
from dashboard.app_pages.report.build import built, words
from dashboard.app_pages.report.parts import choose_parts
from dashboard.app_pages.report.show import downloads, preview
from dashboard.widgets.saved_views import open_asked_view, saved_views
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _

open_asked_view("report")
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title(_("Report"), width="content")
    head = st.container(width="content")
runs = asked_runs(fewest=1)
if not runs:
    st.stop()

many = len(runs) > 1
arms = choose_arms(runs) if many else []
parts = choose_parts(many=many)
title, remarks = words(runs)
with st.spinner(_("Gathering what the report shows…")):
    report = built(runs, arms, parts, title=title, remarks=remarks, dark=False)
    shown = (
        built(runs, arms, parts, title=title, remarks=remarks, dark=True) if is_dark() else report
    )
with head:
    saved_views("report")
downloads(report)
preview(shown)
