"""Deleted runs removed for good: the one change that nothing undoes, so it is asked for twice."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.runs.put_away import forget_undo, refresh
from dashboard.reads.signed_in import may_i
from dashboard.reads.store import get_store
from dashboard.widgets.shell import changed
from dashboard.words.i18n import _, integer, ngettext
from db.rights import Action


def purge_popover(ids: Sequence[int]) -> None:
    """Remove these runs, of which only those that are deleted go."""
    if not may_i(Action.PURGE):
        return
    with st.popover(
        _("Purge"), icon=":material/delete_forever:", disabled=not ids, key="runs_purge"
    ):
        if not ids:
            return
        n = len(ids)
        st.markdown(
            _(
                "Everything that was recorded of them goes, checkpoints too, and the disk gets its"
                " space back. Nothing brings them back."
            ),
            width=380,
        )
        text = ngettext("Remove {n} run for good", "Remove {n} runs for good", n)
        sure = st.checkbox(_("I am sure"), key="runs_purge_sure")
        label = text.format(n=integer(n))
        pressed = st.button(label, type="primary", disabled=not sure, key="runs_purge_yes")
        if pressed and changed(lambda: get_store().runs.purge(ids)):
            forget_undo()
            refresh()
