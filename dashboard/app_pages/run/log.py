"""The log of a run: what happened to it, and when, in the reader's language."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.reads import store as data
from dashboard.views.status import event_text
from dashboard.widgets.shell import guarded
from dashboard.words.i18n import _, moment
from db.records import Run


def log(run: Run) -> None:
    """Every event, the newest first."""
    with guarded():
        events = data.events(run.id)[::-1]
        if not events:
            st.caption(_("Nothing has happened yet."))
            return
        table = pd.DataFrame(
            {
                "time": [moment(event.at) for event in events],
                "event": [event_text(event) for event in events],
                "attempt": [str(event.attempt or "–") for event in events],
            }
        )
        st.dataframe(
            table,
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
