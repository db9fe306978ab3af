"""What people wrote about a run, and where they write it."""

from __future__ import annotations

import streamlit as st

from dashboard.reads import store as data
from dashboard.reads.signed_in import may_i, mine
from dashboard.widgets.shell import changed, guarded
from dashboard.words.i18n import _, moment
from dashboard.words.text import written
from db.records import Note, Run
from db.rights import Action
from db.words import NOTE_LENGTH


def note(run: Run) -> None:
    """The note as it reads, and the field in which it is changed."""
    with guarded():
        found = data.get_note(run.id)
        if found:
            st.markdown(written(found.text))
            st.caption(_("Changed {at}").format(at=moment(found.changed_at)))
        else:
            st.caption(_("Nothing was written about this run yet."))
        if data.writable() and may_i(Action.NOTE, own=mine(run)):
            _write(run, found)


def _write(run: Run, found: Note | None) -> None:
    with st.form(f"note_{run.id}", border=False):
        text = st.text_area(
            _("Note"),
            found.text if found else "",
            max_chars=NOTE_LENGTH,
            height=220,
            help=_('Markdown. `note like "%word%"` finds it in the list of runs.'),
        )
        pressed = st.form_submit_button(_("Save"), icon=":material/save:")
        if pressed and changed(lambda: data.get_store().notes.set(run.id, text)):
            data.get_note.clear()
            data.forget_runs()
            st.rerun()
