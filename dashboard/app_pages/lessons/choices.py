"""Which lesson, and for which class: `/lessons?lesson=init&class=kyoto24`."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.reads.lessons import get_class, get_lesson
from dashboard.state.address import get, put
from dashboard.state.choices import Text
from dashboard.state.lesson_link import CLASS, LESSON
from dashboard.state.owner import current_owner
from dashboard.words.i18n import _
from dashboard.words.text import plain
from db.records import LessonClass
from engine.lessons.lesson import Lesson


@dataclass(frozen=True)
class Place:
    """What the page shows, to whom: a lesson or all of them, with a class or alone."""

    lesson: Lesson | None
    group: LessonClass | None
    person: str

    @property
    def class_key(self) -> str | None:
        return self.group.key if self.group else None

    def params(self, lesson: str | None = None) -> dict[str, object]:
        """The address of a lesson, or of the list, in the same class."""
        found: dict[str, object] = {}
        if lesson is not None:
            found[LESSON.name] = lesson
        if self.group is not None:
            found[CLASS.name] = self.group.key
        return found


def asked() -> Place:
    """What the address names; a sentence where there is no such lesson or class."""
    key, class_key = get(LESSON), get(CLASS)
    lesson = get_lesson(key) if key else None
    group = get_class(class_key) if class_key else None
    if key and lesson is None:
        _unknown(_("There is no lesson {key}; these are all there are."), key, LESSON)
    if class_key and group is None:
        _unknown(_("There is no class {key}; what you do here is yours alone."), class_key, CLASS)
    return Place(lesson, group, current_owner())


def _unknown(text: str, key: str, choice: Text) -> None:
    st.warning(text.format(key=plain(key)), icon=":material/search_off:")
    put({choice: ""})
