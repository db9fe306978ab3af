"""What one expects, kept with one's name before anything is seen."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.lessons.choices import Place
from dashboard.app_pages.lessons.scope import open_to
from dashboard.reads.lessons import forget_answers, predictions
from dashboard.reads.store import get_store, writable
from dashboard.widgets.owner_field import owner_field
from dashboard.widgets.shell import changed
from dashboard.words.i18n import _
from dashboard.words.text import plain
from engine.lessons.lesson import Lesson


def predict(lesson: Lesson, place: Place) -> bool:
    """Choose and keep; whether the reader has predicted."""
    held = _held(lesson, place)
    if not writable() or not open_to(place):
        if held is not None:
            _say(lesson, held)
        return held is not None
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        words = {i: plain(_(text)) for i, text in enumerate(lesson.choices)}
        choice = st.radio(
            _("What do you expect?"),
            list(words),
            index=held,
            format_func=words.__getitem__,
            key=f"choice {lesson.key} {place.class_key}",
        )
        owner_field()
    new = choice is not None and choice != held
    label = _("Predict") if held is None else _("Predict this instead")
    pressed = st.button(label, key="predict", icon=":material/lightbulb:", disabled=not new)
    if pressed and choice is not None and changed(lambda: _keep(lesson, choice, place)):
        forget_answers()
        st.rerun()
    if held is not None:
        _say(lesson, held)
    return held is not None


def _keep(lesson: Lesson, choice: int, place: Place) -> None:
    get_store().lessons.predict(lesson, choice, person=place.person, class_key=place.class_key)


def _say(lesson: Lesson, choice: int) -> None:
    text = _("You predicted: {choice}.").format(choice=plain(_(lesson.choices[choice])))
    st.caption(text)


def _held(lesson: Lesson, place: Place) -> int | None:
    """The reader's own prediction; None where there is none among the choices of now."""
    everyone = predictions(lesson.key, place.person, place.class_key, lesson)
    own = next((each.choice for each in everyone if each.person == place.person), None)
    return own if own is not None and own < len(lesson.choices) else None
