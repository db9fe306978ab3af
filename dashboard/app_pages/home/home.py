"""Home: what is running, what ended lately, what to try next; the way in on the first day."""

import streamlit as st

from dashboard.app_pages.home.lately import ended_lately
from dashboard.app_pages.home.next import try_next
from dashboard.app_pages.home.now import running_now
from dashboard.reads.store import find_runs
from dashboard.widgets.welcome import welcome
from dashboard.words.i18n import _
from db.records import Status

RECENT = 40
"""Runs that suggestions are made from: those that were cancelled tell nothing."""

LATELY = 8

st.title("layerlab")
st.caption(_("What makes deep networks trainable, layer by layer."))
if find_runs(limit=1).runs:
    running_now()
    ended = tuple(status for status in Status if status.ended)
    ended_lately(find_runs(statuses=ended, sort="ended", limit=LATELY).runs)
    told = tuple(status for status in Status if status is not Status.CANCELLED)
    try_next(find_runs(statuses=told, limit=RECENT).runs)
else:
    welcome()
