"""What somebody added: who, when, which version; the runs that use it, and how it is removed."""

from __future__ import annotations

import streamlit as st

from dashboard.reads import data
from dashboard.reads.signed_in import may_i
from dashboard.reads.store import get_store, writable
from dashboard.state.owner import current_owner
from dashboard.views.data.tables import size_text, version_name
from dashboard.widgets.links import go, page_link
from dashboard.widgets.shell import changed
from dashboard.words.i18n import _, integer, moment, ngettext
from dashboard.words.text import plain
from db.records import KeptData
from db.rights import Action
from engine.datasets.kept import SHORT


def version(kept: KeptData) -> None:
    """Draw it."""
    text = _("Version {n}, added by {owner} at {when}; {size}, SHA-256 {content}…")
    st.caption(
        text.format(
            n=integer(kept.version),
            owner=plain(kept.owner),
            when=moment(kept.added_at),
            size=size_text(kept.size),
            content=kept.content[:SHORT],
        ),
        help=kept.content,
    )
    with st.container(horizontal=True, vertical_alignment="center", key="data_version"):
        _others(kept)
        runs = data.runs_of_contents((kept.content,))[kept.content]
        if runs:
            label = ngettext("{n} run uses it", "{n} runs use it", len(runs))
            query = f'dataset.content = "{kept.content}"'
            page_link("runs", label.format(n=integer(len(runs))), q=query)
        own = kept.owner == current_owner()
        if writable() and may_i(Action.REMOVE_DATA, own=own):
            _remove(kept)


def _others(kept: KeptData) -> None:
    """Ways to the other versions of the name."""
    for each in data.kept_data():
        if each.name == kept.name and each.id != kept.id:
            page_link("data", plain(version_name(each)), icon=":material/history:", data=each.id)


def _remove(kept: KeptData) -> None:
    with st.popover(_("Remove"), icon=":material/delete:", key="data_remove"):
        st.write(_("This version is removed for good, if no run uses it."))
        pressed = st.button(_("Remove"), type="primary", key="data_remove_yes")
        if pressed and changed(lambda: get_store().data.remove(kept.id)):
            data.forget_data()
            go("data")
