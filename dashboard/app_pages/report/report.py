"""A run, a comparison or a lesson as one file to hand in, and its charts as images."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.app_pages.report.choose import choose_parts, usual_title, words
from dashboard.app_pages.report.gather import compared_records, look_of, records_of
from dashboard.app_pages.report.lesson import (
    answered,
    answered_at_once,
    asked_lesson,
    at_once,
)
from dashboard.app_pages.report.show import downloads, preview
from dashboard.state.address import said
from dashboard.views.report.build import report_of_lesson, report_of_many, report_of_run
from dashboard.views.report.document import Report
from dashboard.widgets.compared import asked_runs, choose_arms
from dashboard.widgets.links import page_link
from dashboard.widgets.saved_views import open_asked_view, saved_views
from dashboard.widgets.shell import enough, entitle
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from engine.lessons.lesson import Lesson

Build = Callable[..., Report]


def of_lesson(lesson: Lesson) -> Build:
    """Gather what a lesson shows that answers at once."""
    with st.spinner(_("Gathering what the report shows…")):
        found = answered_at_once(lesson)
    if found is None:
        st.info(_("Predict first; the answer is shown then, at once."))
        page_link("lessons", _("Open the lesson"), icon=":material/school:", **asked_lesson())
        enough()
    title, remarks = words(_(lesson.name))
    entitle(title)
    return partial(report_of_lesson, found, title=title, remarks=remarks)


def of_runs() -> Build:
    """Gather what the chosen runs show."""
    runs = asked_runs(fewest=1)
    if not runs:
        enough()
    many = len(runs) > 1
    arms = choose_arms(runs) if many else []
    parts = choose_parts(many=many)
    title, remarks = words(usual_title(runs))
    entitle(title)
    with st.spinner(_("Gathering what the report shows…")):
        if not many:
            found = records_of(runs[0], parts)
            return partial(report_of_run, found, parts, title=title, remarks=remarks)
        look = look_of(said(), arms)
        records = compared_records(runs, arms, parts, look)
        on_lesson = answered(runs)
    return partial(
        report_of_many, records, parts, look, title=title, remarks=remarks, lesson=on_lesson
    )


open_asked_view("report")
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title(_("Report"), width="content")
    head = st.container(width="content")
lesson = at_once()
build = of_lesson(lesson) if lesson is not None else of_runs()
with st.spinner(_("Gathering what the report shows…")):
    report = build(dark=False)
    shown = build(dark=True) if is_dark() else report
with head:
    saved_views("report")
downloads(report)
preview(shown)
