"""Classes: made by a teacher, joined by a link; who predicted and ran."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time

import pandas as pd
import streamlit as st

from dashboard.app_pages.lessons.choices import Place
from dashboard.app_pages.lessons.scope import say_over
from dashboard.reads.lessons import done, lessons_of, members, written_lessons
from dashboard.reads.store import get_store
from dashboard.state.address import link
from dashboard.state.lesson_link import CLASS
from dashboard.widgets.links import go, page_link, whole_url
from dashboard.widgets.owner_field import owner_field
from dashboard.widgets.shell import entitle, say_error
from dashboard.words.i18n import _, moment
from dashboard.words.reader import time_zone
from dashboard.words.text import plain
from db.records import LessonDone
from engine.errors import LayerlabError
from engine.lessons.lesson import Lesson
from engine.lessons.ours import LESSONS

Rows = Callable[[Sequence[Lesson], Mapping[str, LessonDone]], None]


def class_page(place: Place, rows: Rows) -> None:
    """A class: its link, its lessons, and who did what."""
    group = place.group
    assert group is not None
    entitle(group.name)
    page_link("lessons", _("All lessons"), icon=":material/arrow_back:")
    st.title(plain(group.name))
    if group.over:
        say_over(place)
    else:
        until = _("Open until {until}.").format(until=moment(group.until)) if group.until else ""
        st.caption(
            " ".join(filter(None, [_("Whoever opens this address is of the class."), until]))
        )
        address = whole_url("lessons", link(**{CLASS.name: group.key}))
        st.code(address, language=None, wrap_lines=True)
        owner_field()
    lessons = lessons_of(group)
    rows(lessons, done("", group.key))
    _people(lessons, group.key)


def _people(lessons: Sequence[Lesson], key: str) -> None:
    """Who predicted and ran, lesson by lesson."""
    people = members(key)
    if not people:
        st.caption(_("Nobody has predicted or run anything yet."))
        return
    st.subheader(_("Who predicted and ran"))
    table = [
        {_("Name"): person}
        | {
            _(lesson.name): "".join(
                mark
                for mark, keys in (("💡", found.predicted), ("🏃", found.ran))
                if lesson.key in keys
            )
            for lesson in lessons
        }
        for person, found in people.items()
    ]
    st.dataframe(pd.DataFrame(table), hide_index=True, alt=_("Who predicted and ran"))
    st.caption(_("💡 predicted, 🏃 ran"))


def make_class(place: Place) -> None:
    """A place to make a class: its name, its lessons, until when."""
    with st.popover(_("New class"), icon=":material/group_add:", key="new_class"):
        st.caption(
            _(
                "A class answers lessons together: each press takes seeds that nobody else has, and"
                " all runs are judged together."
            ),
            width=380,
        )
        name = st.text_input(_("Name of the class"), key="class_name", max_chars=200)
        titles = {each.key: _(each.name) for each in LESSONS}
        titles |= {each.lesson.key: each.lesson.name for each in written_lessons()}
        chosen = st.multiselect(
            _("Lessons"), list(titles), format_func=titles.__getitem__, key="class_lessons"
        )
        last = st.date_input(_("Open until (optional)"), value=None, key="class_until")
        if st.button(
            _("Make the class"),
            type="primary",
            key="make_class",
            disabled=not (name.strip() and chosen),
        ):
            _make(name, chosen, last, place)


def _make(name: str, lessons: Sequence[str], last: date | None, place: Place) -> None:
    try:
        made = get_store().classes.make(
            name, lessons, owner=place.person, until=_end_of(last) if last else None
        )
    except LayerlabError as error:
        say_error(error)
        return
    go("lessons", **{CLASS.name: made.key})


def _end_of(day: date) -> datetime:
    """The last moment of a day where the reader is."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=time_zone() or UTC)
