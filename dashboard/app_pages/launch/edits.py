"""What an edit draws again: the sections whose fields it changes, and what the form comes to.

A section remembers as what it was drawn. An edit settles what follows from it, compares, and asks
for those sections alone that would now be drawn otherwise; most edits change none.
"""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from dashboard.app_pages.launch.choices import MODE, SWEEP
from dashboard.app_pages.launch.form import Form
from dashboard.app_pages.launch.held import Held, held_key, hold
from dashboard.app_pages.launch.sections import ESSENTIALS, MORE, Section
from dashboard.state.address import get
from dashboard.state.form_start import Start, keep

ACTIONS, VARIED, OUTCOME = "launch_actions", "launch_varied", "launch_outcome"
"""The fragments of what fills the form, of what a sweep varies and of what the form comes to."""


def edited(start: Start) -> NoReturn:
    """A field has been changed: draw again what that changes. For callbacks."""
    form = Form(start.key)
    was_valid = _is_valid(st.session_state[held_key(form)])
    held = hold(start)
    keep(start, held.draft.config)
    changed = [
        fragment_of(section)
        for section in (*ESSENTIALS, *MORE)
        if held.mark(section.about) != st.session_state.get(_drawn_as(form, section))
    ]
    if _is_valid(held) != was_valid:
        changed.append(ACTIONS)
    if get(MODE) == SWEEP:
        changed.append(VARIED)
    st.rerun([*changed, OUTCOME])


def _is_valid(held: Held) -> bool:
    return held.draft.config is not None


def is_drawn(section: Section, held: Held) -> None:
    """Remember as what a section is drawn."""
    st.session_state[_drawn_as(held.form, section)] = held.mark(section.about)


def fragment_of(section: Section) -> str:
    """The name of a section's fragment."""
    return f"launch_{section.name}"


def _drawn_as(form: Form, section: Section) -> str:
    return form.name(("drawn", section.name))
