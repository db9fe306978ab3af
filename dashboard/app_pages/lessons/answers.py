"""What came of it, live: the one figure, the verdict, what others predicted."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.lessons.choices import Place
from dashboard.app_pages.lessons.run import say_progress
from dashboard.app_pages.lessons.see import instant_figure, trained_figure
from dashboard.reads.lessons import (
    classes_of,
    diverged_of,
    instant,
    lesson_runs,
    predicted_counts,
    scores_of,
)
from dashboard.reads.live import EVERY
from dashboard.views.lessons import figures
from dashboard.views.lessons.told import (
    COLORS,
    STATES,
    because,
    diverged_text,
    findings_table,
    judged_by,
    predicted_text,
)
from dashboard.widgets.drawing import draw
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from dashboard.words.text import plain
from db.records import LessonRun
from engine.analyses.verdicts import Scores
from engine.lessons.lesson import Lesson


def answers(lesson: Lesson, place: Place, *, predicted: bool) -> None:
    """All of it; while runs are under way it draws itself anew."""
    if lesson.instant:
        if not predicted:
            st.info(_("Predict first; the answer is shown then, at once."))
            return
        st.subheader(_("See"))
        with st.spinner(_("Computing…")):
            scores = instant(lesson, lesson.score)
            instant_figure(lesson)
        _judged(lesson, place, scores, {})
        return
    live = any(not r.run.status.ended for r in _runs(lesson, place))
    st.fragment(run_every=EVERY if live or place.group else None)(_trained)(
        lesson, place, live=live
    )


def _trained(lesson: Lesson, place: Place, *, live: bool) -> None:
    with guarded():
        runs = _runs(lesson, place)
        if live != any(not r.run.status.ended for r in runs):
            st.rerun()  # the rest of the page changes too
        say_progress(runs)
        if not any(each.run.last or each.run.status.ended for each in runs):
            return
        st.subheader(_("See"))
        trained_figure(lesson, place, runs)
        scores = scores_of(lesson, runs, lesson.score)
        _judged(lesson, place, scores, diverged_of(lesson, runs))


def _runs(lesson: Lesson, place: Place) -> list[LessonRun]:
    return lesson_runs(lesson, place.person, place.class_key)


def _judged(lesson: Lesson, place: Place, scores: Scores, diverged: dict[str, int]) -> None:
    st.subheader(_("Verdict"))
    verdict = lesson.judge(scores)
    st.markdown(_("The claim: {claim}").format(claim=plain(_(lesson.claim))))
    st.badge(_(STATES[verdict.state]), color=COLORS[verdict.state])  # type: ignore[arg-type]
    st.markdown(plain(because(lesson, verdict)))
    table = findings_table(lesson, verdict).map(plain)  # its cells are Markdown
    st.table(table, border="horizontal", hide_index=True, alt=_("The comparisons"))
    if told := diverged_text(lesson, diverged, classes_of(lesson)):
        st.caption(plain(told))
    st.caption(plain(judged_by(lesson)))
    if lesson.measured:
        st.markdown("**" + _("Measured before") + "**")
        st.markdown(plain(_(lesson.measured)))
    _predicted(lesson, place)


def _predicted(lesson: Lesson, place: Place) -> None:
    """What a class expected."""
    counts = predicted_counts(lesson, place.person, place.class_key)
    if place.group is None or not any(counts):
        return
    st.subheader(_("What others predicted"))
    chart = figures.predictions(lesson, counts, dark=is_dark())
    draw(chart, key="predictions", alt=predicted_text(lesson, counts))
