"""Tags of the runs selected: put on all of them, or taken off."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.runs.put_away import refresh
from dashboard.reads.store import get_store, tag_names
from dashboard.words.i18n import _
from dashboard.words.sentences import error_text
from dashboard.words.text import prose
from engine.errors import LayerlabError


def tag_popover(ids: Sequence[int], held: Sequence[str]) -> None:
    """Known tags to choose from, and room for new ones; those to take off are among those held."""
    with st.popover(_("Tags"), icon=":material/label:", disabled=not ids, key="runs_tags"):
        if ids:
            _content(ids, held)


def _content(ids: Sequence[int], held: Sequence[str]) -> None:
    added = st.multiselect(
        _("Put on"),
        tag_names(),
        accept_new_options=True,
        key="tags_added",
        placeholder=_("Choose or type"),
    )
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
