"""Tags of the runs selected: put on all of them, or taken off."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.data import get_store, tag_names
from dashboard.i18n import _
from dashboard.runs.put_away import refresh
from dashboard.sentences import error_text
from dashboard.text import prose
from db.records import Run
from engine.errors import LayerlabError


def tag_popover(runs: Sequence[Run]) -> None:
    """Known tags to choose from, and room for new ones."""
    with st.popover(_("Tags"), icon=":material/label:", disabled=not runs, key="runs_tags"):
        if runs:
            _content(runs)


def _content(runs: Sequence[Run]) -> None:
    ids = [run.id for run in runs]
    added = st.multiselect(
        _("Put on"),
        tag_names(),
        accept_new_options=True,
        key="tags_added",
        placeholder=_("Choose or type"),
    )
    held = sorted({tag for run in runs for tag in run.tags})
    removed = st.multiselect(
        _("Take off"), held, key="tags_removed", placeholder=_("Choose"), disabled=not held
    )
    if st.button(_("Apply"), type="primary", key="tags_apply", disabled=not added and not removed):
        try:
            get_store().tags.add(ids, added)
            get_store().tags.remove(ids, removed)
        except LayerlabError as error:
            st.error(prose(error_text(error)))
            return
        tag_names.clear()
        refresh()
