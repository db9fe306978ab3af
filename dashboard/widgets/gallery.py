"""The lessons as cards: their question, a link to them, and the form filled from one of their
arms."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.widgets.links import go, page_link
from dashboard.words.arms import arm_name
from dashboard.words.i18n import _
from dashboard.words.text import plain
from engine.lessons.lesson import Lesson
from engine.lessons.ours import LESSONS


def choose_lesson() -> None:
    """All lessons in a dialog."""

    @st.dialog(_("Lessons"), width="large")
    def shown() -> None:
        st.caption(_("Each answers one question. Open it, or fill the form from one of its runs."))
        lesson_cards([each for each in LESSONS if each.configs], columns=2)

    shown()


def lesson_cards(shown: Sequence[Lesson], *, columns: int) -> None:
    """Cards of equal width, side by side."""
    grid = st.grid(columns, min_column_width=250, border=True)
    for found in shown:
        with grid.cell():
            _card(found)


def _card(found: Lesson) -> None:
    st.markdown(f"**{plain(_(found.name))}**")
    st.caption(plain(_(found.question)))
    st.space("stretch")
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        page_link("lessons", _("Open the lesson"), icon=":material/school:", lesson=found.key)
        fill_from_arm(found, key=f"fill_{found.key}")


def fill_from_arm(found: Lesson, *, key: str) -> None:
    """A menu of a lesson's arms, each of which fills the launch form."""
    words = {i: plain(arm_name(arm)) for i, arm in enumerate(found.arms)}
    chosen = st.menu_button(
        _("Fill the form"),
        list(words),
        format_func=words.__getitem__,
        key=key,
        type="tertiary",
    )
    if chosen is not None:
        go("launch", experiment=f"{found.key}:{chosen}")
