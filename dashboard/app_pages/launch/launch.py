"""Launch: describe a network and how it learns, and start a run."""

import streamlit as st

from dashboard.app_pages.launch.actions import fill_actions
from dashboard.app_pages.launch.choices import SWEEP
from dashboard.app_pages.launch.draw import essentials, more
from dashboard.app_pages.launch.held import hold
from dashboard.app_pages.launch.outcome import outcome
from dashboard.app_pages.launch.sweep import choose_mode, varied
from dashboard.state.form_start import keep, starting_point
from dashboard.widgets.keyboard import explained_by_f1
from dashboard.words.i18n import _
from dashboard.words.text import plain

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    st.title(_("Launch"), width="content")
    mode = choose_mode()
    actions = st.container(width="content")

start = starting_point()
if start.warning:
    st.warning(plain(start.warning), icon=":material/link_off:")
if start.note:
    st.caption(plain(start.note))

held = hold(start)
with actions:
    fill_actions(start)
fields, drawing = st.columns([2, 1], gap="large")
with fields:
    if mode == SWEEP:
        varied(start)
    essentials(start)
    more(start)
with drawing:
    outcome(start, mode)
keep(start, held.draft.config)
explained_by_f1()
