"""The first look at a run: how far it is, and its scores. Live while it runs."""

from __future__ import annotations

import streamlit as st

from dashboard.reads import live
from dashboard.reads import store as data
from dashboard.views.run.overview import progress_text, scores, state_text
from dashboard.widgets.numbers import numbers
from dashboard.widgets.queue import say_unserved
from dashboard.widgets.shell import guarded
from dashboard.words.i18n import _, integer
from db.records import Run, Status


def overview(run: Run) -> None:
    """State and scores; when the state changes, the whole page is drawn anew, and so it is with the
    first step, after which it is looked at less often."""
    with guarded():
        now = data.get_run(run.id) or run
        seen, new = ((r.status, r.request, live.pause(r)) for r in (run, now))
        if new != seen:
            st.rerun()
        _state(now)
        if found := scores(now):
            numbers(found, width=150)


def _state(run: Run) -> None:
    """One line or one bar that says where the run stands, if its badge does not say it all."""
    if run.status is Status.QUEUED:
        waiting = data.queue_depth()[Status.QUEUED]
        text = _("Waiting for a free worker; {n} in the queue.")
        st.info(text.format(n=integer(waiting)), icon=":material/schedule:")
        say_unserved(waiting=True)
    elif run.status is Status.RUNNING:
        left = live.seconds_left(run)
        st.progress(run.progress, text=progress_text(run, left, heard=live.heard_of(run)))
    elif text := state_text(run, data.why_ended(run.id)):
        match run.status:
            case Status.FAILED:
                st.error(text, icon=":material/error:")
            case Status.DIVERGED:
                st.warning(text, icon=":material/trending_up:")
            case Status.STOPPED:
                st.warning(text, icon=":material/stop_circle:")
            case Status.PAUSED:
                st.info(text, icon=":material/pause_circle:")
            case _ended:
                st.caption(text)
