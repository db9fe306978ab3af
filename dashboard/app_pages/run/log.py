"""The log of a run: what happened to it, and when, in the reader's language."""

from __future__ import annotations

import streamlit as st

from dashboard.reads import store as data
from dashboard.views.run.events import events_table
from dashboard.widgets.shell import guarded
from dashboard.words.i18n import _
from db.records import Run


def log(run: Run) -> None:
    """Every event, the newest first."""
    with guarded():
        events = data.events(run.id)
        if not events:
            st.caption(_("Nothing has happened yet."))
            return
        st.dataframe(
            events_table(events),
            hide_index=True,
            key="event_log",
            column_config={
                "time": st.column_config.TextColumn(_("Time"), width="small"),
                "event": st.column_config.TextColumn(_("What happened"), width="large"),
                "attempt": st.column_config.TextColumn(
                    _("Attempt"),
                    width="small",
                    help=_("A run whose worker is lost is tried again from its last checkpoint."),
                ),
            },
            alt=_("Events of this run, the newest first"),
        )
        if lines := data.log_lines(run.id):
            st.subheader(_("What it printed"))
            st.code("\n".join(line.text for line in lines), language=None, height=300)
