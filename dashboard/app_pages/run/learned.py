"""What a run of one or two inputs has learned, over training: at one of its checkpoints."""

from __future__ import annotations

import streamlit as st

from dashboard.reads import analyses
from dashboard.views.run.learned import checkpoint_text, learned_chart, learned_note
from dashboard.widgets.checkpoint_choice import checkpoint_now
from dashboard.widgets.drawing import draw
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from db.records import Run
from engine.analyses.learned import points


def learned(run: Run) -> None:
    """A slider over the checkpoints, and the picture at the chosen one."""
    with guarded():
        chosen = checkpoint_now(run)
        if chosen is None:
            return
        now, info = chosen
        with st.spinner(_("Passing every place through the network…"), show_time=True):
            found = analyses.learned(info, now.config)
        if found is None:
            st.caption(_("The data has changed since: it no longer has one or two inputs."))
            return
        samples = points(analyses.data_of(now.id, now.config))
        draw(
            learned_chart(found, samples, dark=is_dark()),
            key="learned",
            alt=_("What the network has learned, {place}").format(place=checkpoint_text(info)),
        )
        st.caption(learned_note(found))
