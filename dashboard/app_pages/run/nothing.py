"""The word for a run that has left nothing to draw."""

from __future__ import annotations

import streamlit as st

from dashboard.words.i18n import _
from db.records import Run


def nothing_recorded(run: Run) -> None:
    """Say whether something is still to come."""
    if run.status.ended:
        st.caption(_("This run ended before anything was recorded."))
    else:
        st.caption(_("Nothing has been recorded yet; this page follows by itself."))
