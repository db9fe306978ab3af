"""For whom one answers: the class that the link names, or oneself."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.lessons.choices import Place
from dashboard.widgets.links import page_link
from dashboard.words.i18n import _, moment
from dashboard.words.text import plain


def say_class(place: Place) -> None:
    """The way back to the list, and the class where there is one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        back = _("All lessons")
        if place.group:
            back = _("Lessons of {name}").format(name=plain(place.group.name))
        page_link("lessons", back, icon=":material/arrow_back:", **place.params())
    if place.group and place.group.over:
        say_over(place)


def say_over(place: Place) -> None:
    """That a class is over: what was found stays, nothing more is added."""
    assert place.group is not None
    text = _("This class was open until {until}: what it found stays here, nothing more is added.")
    st.info(text.format(until=moment(place.group.until)), icon=":material/event_busy:")


def open_to(place: Place) -> bool:
    """Whether something can still be predicted and run."""
    return place.group is None or not place.group.over
