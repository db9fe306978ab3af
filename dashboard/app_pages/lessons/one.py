"""One lesson on one page: read, predict, run, see, judge, go on."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.lessons.answers import answers
from dashboard.app_pages.lessons.choices import Place
from dashboard.app_pages.lessons.onward import onward
from dashboard.app_pages.lessons.predict import predict
from dashboard.app_pages.lessons.run import run_arms
from dashboard.widgets.shell import entitle
from dashboard.words.i18n import _
from dashboard.words.text import plain
from engine.lessons.lesson import Lesson
from engine.lessons.sources import SOURCES

WIDTH = 760
"""Pixels of a line that reads well."""


def one_lesson(lesson: Lesson, place: Place) -> None:
    """All of it."""
    title = _(lesson.name)
    entitle(title)
    st.title(plain(title))
    st.caption(plain(" · ".join(_chapters(lesson))))
    st.markdown(f"**{plain(_(lesson.question))}**", width=WIDTH)
    st.markdown(plain(_(lesson.text)), width=WIDTH)
    for equation in lesson.equations:
        st.latex(equation, width=WIDTH)
    st.subheader(_("Predict"))
    predicted = predict(lesson, place)
    if not lesson.instant:
        st.subheader(_("Run"))
        run_arms(lesson, place)
    answers(lesson, place, predicted=predicted)
    onward(lesson, place)


def _chapters(lesson: Lesson) -> list[str]:
    return [_placed(_(_title(each.source)), _(each.chapter)) for each in lesson.chapters]


def _placed(source: str, chapter: str) -> str:
    """The source and, where there is one, the chapter."""
    if not chapter:
        return source
    return _("{source} ({chapter})").format(source=source, chapter=chapter)


def _title(source: str) -> str:
    known = SOURCES.get(source)
    return known.title if known else source
