"""Where a lesson leads: the same runs on other pages, the form filled from an arm, what to try."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.lessons.choices import Place
from dashboard.app_pages.lessons.write import may_write
from dashboard.reads.lessons import is_mine, lesson_runs
from dashboard.widgets.gallery import fill_from_arm
from dashboard.widgets.links import page_link
from dashboard.words.i18n import _
from dashboard.words.text import plain
from engine.lessons.arms import Walk
from engine.lessons.lesson import Lesson

MOST = 200
"""Runs that a link names."""


def onward(lesson: Lesson, place: Place, *, predicted: bool) -> None:
    """Draw the ways on."""
    st.subheader(_("Go on"))
    if lesson.further:
        st.markdown(plain(_(lesson.further)))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if not lesson.instant:
            _same_runs(lesson, place)
        elif predicted:
            _report(lesson, place)
        _fill(lesson)
        if may_write() and not lesson.instant:
            own = is_mine(lesson, place.person)
            label = _("Change the lesson") if own else _("Write a variation")
            page_link("lessons", label, icon=":material/edit_note:", lesson=lesson.key, write=1)
        st.download_button(
            _("Lesson (JSON)"),
            data=lesson.to_json(indent=2),
            file_name=f"{lesson.key}.json",
            mime="application/json",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key="lesson_json",
        )


def _same_runs(lesson: Lesson, place: Place) -> None:
    """The runs on Compare, BatchNorm and Report."""
    runs = lesson_runs(lesson, place.person, place.class_key)[:MOST]
    if not runs:
        return
    ids = ",".join(str(each.run.id) for each in runs)
    page_link("compare", _("Compare"), icon=":material/compare_arrows:", ids=ids, group="seed")
    normal = next((r.run for r in runs if r.run.has_batch_norm and r.run.status.ended), None)
    if normal is not None:
        page_link("batchnorm", _("BatchNorm"), icon=":material/equalizer:", id=normal.id)
    _report(lesson, place, ids=ids, group="seed")


def _report(lesson: Lesson, place: Place, **params: object) -> None:
    page_link(
        "report",
        _("Report"),
        icon=":material/summarize:",
        title=_(lesson.name),
        **params,
        **place.params(lesson.key),
    )


def _fill(lesson: Lesson) -> None:
    """The launch form, filled from an arm."""
    if isinstance(lesson.arms[0], Walk):
        page_link("optimizers", _("Optimizers"), icon=":material/route:")
    elif lesson.configs:
        fill_from_arm(lesson, key="fill_from_arm")
