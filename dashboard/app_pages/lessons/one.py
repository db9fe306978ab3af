"""One lesson on one page: read, predict, run, see, judge, go on."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.lessons.answers import answers
from dashboard.app_pages.lessons.choices import Place
from dashboard.app_pages.lessons.onward import onward
from dashboard.app_pages.lessons.predict import predict
from dashboard.app_pages.lessons.run import run_arms
from dashboard.views.lessons.told import chapters_of, parts_of
from dashboard.widgets.shell import entitle
from dashboard.words.i18n import _
from dashboard.words.text import plain
from engine.lessons.lesson import Lesson

WIDTH = 760
"""Pixels of a line that reads well."""


def one_lesson(lesson: Lesson, place: Place) -> None:
    """All of it."""
    title = _(lesson.name)
    entitle(title)
    st.title(plain(title))
    st.caption(plain(" · ".join(chapters_of(lesson))))
    st.markdown(f"**{plain(_(lesson.question))}**", width=WIDTH)
    st.markdown(plain(_(lesson.text)), width=WIDTH)
    for equation in lesson.equations:
        _equation(equation)
    st.subheader(_("Predict"))
    predicted = predict(lesson, place)
    if not lesson.instant:
        st.subheader(_("Run"))
        run_arms(lesson, place)
    answers(lesson, place, predicted=predicted)
    onward(lesson, place, predicted=predicted)


def _equation(latex: str) -> None:
    """An equation; those that stand side by side stand below each other in a narrow window."""
    with st.container(horizontal=True, horizontal_alignment="center", gap="large", width=WIDTH):
        for part in parts_of(latex):
            st.latex(part, width="content")
