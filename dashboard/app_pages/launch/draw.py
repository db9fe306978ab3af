"""The form on the page: each section in a fragment of its own."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.app_pages.launch.edits import edited, fragment_of, is_drawn
from dashboard.app_pages.launch.fields import Pen
from dashboard.app_pages.launch.held import Held, hold
from dashboard.app_pages.launch.problems import say
from dashboard.app_pages.launch.sections import ESSENTIALS, MORE, Section, is_usual, is_wrong
from dashboard.state.form_start import Start
from dashboard.words.i18n import _


def essentials(start: Start) -> None:
    """What every run is about, open."""
    for section in ESSENTIALS:
        st.fragment(key=fragment_of(section))(_essential)(section, start)


def more(start: Start) -> None:
    """What most runs leave as it is, folded away by section."""
    st.subheader(_("More"), anchor=False)
    for section in MORE:
        st.fragment(key=fragment_of(section))(_folded)(section, start)
    st.caption(_("F1 explains the field that you are in."))


def _essential(section: Section, start: Start) -> None:
    held = _begun(section, start)
    st.subheader(_(section.title), anchor=False)
    section.draw(held, _pen(held, start))


def _folded(section: Section, start: Start) -> None:
    """A section that is unfolded where the run that fills the form has changed something in it, or
    where something in it needs attention. Only an open one is drawn."""
    held = _begun(section, start)
    if not any(name in held.nodes for name in section.about):
        return
    key = held.form.name(("open", section.name))
    if is_wrong(section, held) or (key not in st.session_state and not is_usual(section, held)):
        st.session_state[key] = True
    with st.expander(_(section.title), key=key, on_change="rerun") as folded:
        if folded.open:
            section.draw(held, _pen(held, start))


def _begun(section: Section, start: Start) -> Held:
    held = hold(start)
    is_drawn(section, held)
    return held


def _pen(held: Held, start: Start) -> Pen:
    return Pen(partial(edited, start), partial(say, held))
