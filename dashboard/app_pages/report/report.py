"""A run or a comparison as one file to hand in, and its charts as images."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.app_pages.report.choose import choose_parts, words
from dashboard.app_pages.report.gather import compared_records, look_of, records_of
from dashboard.app_pages.report.lesson import answered
from dashboard.app_pages.report.show import downloads, preview
from dashboard.state.address import said
from dashboard.views.report.build import report_of_many, report_of_run
from dashboard.views.report.document import Report
from dashboard.widgets.compared import asked_runs, choose_arms
from dashboard.widgets.saved_views import open_asked_view, saved_views
from dashboard.widgets.shell import enough, entitle
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _

open_asked_view("report")
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title(_("Report"), width="content")
    head = st.container(width="content")
runs = asked_runs(fewest=1)
if not runs:
    enough()

many = len(runs) > 1
arms = choose_arms(runs) if many else []
parts = choose_parts(many=many)
title, remarks = words(runs)
entitle(title)
with st.spinner(_("Gathering what the report shows…")):
    build: Callable[..., Report]
    if many:
        look = look_of(said(), arms)
        records = compared_records(runs, arms, parts, look)
        build = partial(report_of_many, records, parts, look, lesson=answered(runs))
    else:
        build = partial(report_of_run, records_of(runs[0], parts), parts)
    report = build(title=title, remarks=remarks, dark=False)
    shown = build(title=title, remarks=remarks, dark=True) if is_dark() else report
with head:
    saved_views("report")
downloads(report)
preview(shown)
