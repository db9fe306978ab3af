"""What is running, for whom and how far, and what waits; it keeps itself up to date."""

from __future__ import annotations

import streamlit as st

from dashboard.reads.live import EVERY, heard_of, seconds_left
from dashboard.reads.store import find_runs, queue_depth
from dashboard.views.run.name import run_name
from dashboard.views.run.overview import time_left_text
from dashboard.views.run.scores import so_far_text
from dashboard.widgets.links import run_link
from dashboard.widgets.queue import say_unserved
from dashboard.widgets.shell import guarded
from dashboard.words.i18n import _, integer, ngettext
from dashboard.words.text import plain
from db.records import Run, RunPage, Status

SHOWN = 6
"""Running ones that have room; the Runs page has them all."""


def running_now() -> None:
    """The runs that are under way. A page without any looks whether one has begun, more rarely."""
    live = bool(_under_way().total)
    st.fragment(run_every=EVERY if live else 3 * EVERY)(_running)(live=live)


def _running(*, live: bool) -> None:
    with guarded():
        found = _under_way()
        if bool(found.total) != live:
            st.rerun()  # what has begun or ended shows on the rest of the page too
        waiting = queue_depth()[Status.QUEUED]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(_("Running now"), width="content")
            if waiting:
                text = ngettext("{n} run waits", "{n} runs wait", waiting)
                st.badge(text.format(n=integer(waiting)), icon=":material/schedule:", color="gray")
        say_unserved(bool(waiting))
        if not found.runs:
            st.caption(_("Nothing is being trained."))
        with st.grid(3, min_column_width=240):
            for run in found.runs:
                _card(run)
        if found.total > SHOWN:
            text = _("and {n} more, on the page of all runs")
            st.caption(text.format(n=integer(found.total - SHOWN)))


def _under_way() -> RunPage:
    return find_runs(statuses=(Status.RUNNING,), sort="started", limit=SHOWN)


def _card(run: Run) -> None:
    with st.container(border=True, gap="small", height="stretch"):
        run_link(run, icon=":material/monitoring:", label=run_name(run))
        st.progress(run.progress, text=_how_far(run))
        whose = _("for {owner}").format(owner=plain(run.owner))
        st.caption(" · ".join(filter(None, [whose, so_far_text(run)])))


def _how_far(run: Run) -> str:
    step = _("Step {step} of {steps}").format(step=integer(run.step), steps=integer(run.steps))
    left = time_left_text(run, seconds_left(run), heard=heard_of(run))
    return " · ".join(filter(None, [step, left]))
