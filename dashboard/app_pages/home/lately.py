"""What has recently finished, and how."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.views.run.name import run_name
from dashboard.views.run.scores import best_text
from dashboard.views.status import status_badge
from dashboard.widgets.links import page_link, run_link
from dashboard.words.i18n import _, ago
from dashboard.words.text import plain
from db.records import Run


def ended_lately(runs: Sequence[Run]) -> None:
    """One row per run: its name, how it ended, its score, whose it is and when that was."""
    st.subheader(_("Recently finished"))
    if not runs:
        st.caption(_("No run has ended yet."))
        return
    with st.container(border=True, gap="xsmall"):
        for run in runs:
            name, state, score, whose = st.columns([5, 2, 2, 4], vertical_alignment="center")
            with name:
                run_link(run, icon=":material/monitoring:", label=run_name(run))
            state.markdown(status_badge(run.status))
            score.markdown(f":small[{best_text(run)}]", text_alignment="right")
            whose.caption(f"{plain(run.owner)} · {ago(run.ended_at)}", text_alignment="right")
    page_link("runs", _("All runs"), icon=":material/format_list_bulleted:")
