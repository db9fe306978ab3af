"""A lesson that somebody wrote, brought in as a document."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.lessons.choices import Place
from dashboard.reads.lessons import forget_lessons
from dashboard.reads.store import get_store
from dashboard.state.lesson_link import LESSON
from dashboard.widgets.links import go
from dashboard.widgets.shell import say_error
from dashboard.words.i18n import _
from engine.errors import LayerlabError
from engine.lessons.lesson import Lesson


def import_lesson(place: Place) -> None:
    """A place for the document."""
    with st.popover(_("Import a lesson"), icon=":material/upload:", key="lesson_import"):
        st.caption(
            _(
                "A document as “Lesson (JSON)” at the foot of each lesson writes it: change its"
                " key, its texts and its arms, and bring it in. docs/lessons.md says what it holds."
            ),
            width=380,
        )
        file = st.file_uploader(_("Lesson (JSON)"), type=["json"], key="lesson_file")
        wanted = st.button(_("Import"), type="primary", key="lesson_yes", disabled=file is None)
        if file is not None and wanted:
            _import(file.getvalue(), place)


def _import(document: bytes, place: Place) -> None:
    try:
        lesson = Lesson.parse_json(document)
        get_store().lessons.write(lesson, owner=place.person)
    except LayerlabError as error:
        say_error(error)
        return
    forget_lessons()
    go("lessons", **{LESSON.name: lesson.key})
