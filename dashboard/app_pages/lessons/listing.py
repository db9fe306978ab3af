"""All lessons by source and chapter, what has been done of each, and classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.app_pages.lessons.choices import Place
from dashboard.app_pages.lessons.classes import class_page, make_class
from dashboard.app_pages.lessons.sharing import import_lesson
from dashboard.app_pages.lessons.write import may_write
from dashboard.reads.lessons import done, written_lessons
from dashboard.reads.signed_in import may_i
from dashboard.reads.store import writable
from dashboard.widgets.links import page_link
from dashboard.words.i18n import _, integer, ngettext
from dashboard.words.text import plain
from db.records import LessonDone
from db.rights import Action
from engine.lessons.lesson import Lesson
from engine.lessons.ours import LESSONS
from engine.lessons.sources import SOURCES

NOTHING = LessonDone(0, 0)


def all_lessons(place: Place) -> None:
    """The list, of a class or of all."""
    if place.group is not None:
        class_page(place, lambda lessons, far: _rows(lessons, far, place))
        return
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.title(_("Lessons"), width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            if writable() and may_i(Action.MAKE_CLASS):
                make_class(place)
            if may_write():
                page_link("lessons", _("Write a lesson"), icon=":material/edit_note:", write=1)
                import_lesson(place)
    st.caption(
        _(
            "A claim of a book each: predict what comes of it, run it, see the one figure that"
            " answers it, and read the verdict of your own runs."
        )
    )
    far = done(place.person, None)
    for source, named in SOURCES.items():
        if found := _of_source(LESSONS, source):
            title = _(", ").join(_(part) for part in (named.title, named.chapters) if part)
            st.subheader(plain(title))
            _rows(found, far, place, source)
    if written := [each.lesson for each in written_lessons()]:
        st.subheader(_("Written here"))
        _rows(written, far, place)


def _of_source(lessons: Sequence[Lesson], source: str) -> list[Lesson]:
    """The lessons on a source's claims, in the order of its chapters."""
    found = [each for each in lessons if any(c.source == source for c in each.chapters)]
    return sorted(found, key=lambda each: _chapter(each, source))


def _chapter(lesson: Lesson, source: str) -> str:
    return next((c.chapter for c in lesson.chapters if c.source == source), "")


NAME_WIDTH = 360
"""Pixels for a lesson's title: on a phone it stands on a line of its own."""


def _rows(
    lessons: Sequence[Lesson], far: Mapping[str, LessonDone], place: Place, source: str = ""
) -> None:
    """One row per lesson: its title as a link, its chapter, how long it takes, what was done."""
    with st.container(border=True, gap="xsmall"):
        for lesson in lessons:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                with st.container(width=NAME_WIDTH):
                    page_link(
                        "lessons",
                        plain(_(lesson.name)),
                        icon=":material/school:",
                        **place.params(lesson.key),
                    )
                st.caption(plain(_(_chapter(lesson, source))) or "–", width=110)
                st.caption(_takes(lesson), width=170)
                st.caption(_so_far(far.get(lesson.key, NOTHING), place), width="stretch")


def _takes(lesson: Lesson) -> str:
    if lesson.instant:
        return _("at once")
    n = len(lesson.arms)
    return ngettext("{n} run per seed", "{n} runs per seed", n).format(n=integer(n))


def _so_far(far: LessonDone, place: Place) -> str:
    """What was done of a lesson, by oneself or by the class."""
    parts = []
    if far.predictions:
        text = ngettext("{n} prediction", "{n} predictions", far.predictions)
        alone = place.group is None
        parts.append(_("predicted") if alone else text.format(n=integer(far.predictions)))
    if far.seeds:
        text = ngettext("{n} seed", "{n} seeds", far.seeds)
        parts.append(text.format(n=integer(far.seeds)))
    return " · ".join(parts)
