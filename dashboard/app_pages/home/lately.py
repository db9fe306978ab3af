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

NAME_WIDTH = 330
"""Pixels: beside it stand the state, the score and whose it is; on a phone these stand below."""


def ended_lately(runs: Sequence[Run]) -> None:
    """One row per run: its name, how it ended, its score, whose it is and when that was."""
    st.subheader(_("Recently finished"))
    if not runs:
        st.caption(_("No run has ended yet."))
        return
    with st.container(border=True, gap="xsmall"):
        for run in runs:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                with st.container(width=NAME_WIDTH):
                    run_link(run, icon=":material/monitoring:", label=run_name(run))
                st.markdown(status_badge(run.status), width=110)
                st.markdown(f":small[{best_text(run)}]", width=70, text_alignment="right")
                whose = f"{plain(run.owner)} · {ago(run.ended_at)}"
                st.caption(whose, width="stretch", text_alignment="right")
    page_link("runs", _("All runs"), icon=":material/format_list_bulleted:")
