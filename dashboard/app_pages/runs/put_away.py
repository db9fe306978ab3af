"""Runs put on another shelf: archived, deleted, brought back; each with an undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.app_pages.runs.choices import SELECTED
from dashboard.reads.store import forget_runs, get_store, writable
from dashboard.state.address import get, put
from dashboard.widgets.shell import changed
from dashboard.words.i18n import _, integer, ngettext
from db.records import Run, Shelf
from db.runs import Runs

Change = Callable[[Runs, Sequence[int]], list[int]]

CHANGES: dict[str, Change] = {
    "archive": lambda runs, ids: runs.archive(ids),
    "unarchive": lambda runs, ids: runs.unarchive(ids),
    "delete": lambda runs, ids: runs.delete(ids),
    "restore": lambda runs, ids: runs.restore(ids),
}
UNDO = {"archive": "unarchive", "unarchive": "archive", "delete": "restore", "restore": "delete"}
OFFERED = {
    Shelf.ACTIVE: ("archive", "delete"),
    Shelf.ARCHIVED: ("unarchive", "delete"),
    Shelf.DELETED: ("restore",),
}
ICONS = {
    "archive": ":material/archive:",
    "unarchive": ":material/unarchive:",
    "delete": ":material/delete:",
    "restore": ":material/restore_from_trash:",
}
STATE = "runs_put_away"


def change_name(change: str) -> str:
    """What the change is called on its button."""
    words = {
        "archive": _("Archive"),
        "unarchive": _("Unarchive"),
        "delete": _("Delete"),
        "restore": _("Restore"),
    }
    return words[change]


def put_away(runs: Sequence[Run], shelf: Shelf) -> None:
    """The buttons that move the runs selected; what has not ended stays where it is."""
    ended = [run.id for run in runs if run.status.ended]
    for change in OFFERED[shelf]:
        if st.button(
            change_name(change),
            icon=ICONS[change],
            key=f"runs_{change}",
            disabled=not ended,
            help=_("Runs that have ended; cancel the others first."),
        ):
            apply(change, ended)


def apply(change: str, run_ids: Sequence[int]) -> None:
    """Move runs, and remember how to move them back."""
    moved: list[int] = []
    if changed(lambda: moved.extend(CHANGES[change](get_store().runs, run_ids))):
        st.session_state[STATE] = (change, moved)
        put({SELECTED: tuple(run_id for run_id in get(SELECTED) if run_id not in moved)})
        refresh()


def undo_bar() -> None:
    """What was moved last, and the way back."""
    change, ids = st.session_state.get(STATE, ("", ()))
    if not ids or not writable():
        return
    n = len(ids)
    said = {
        "archive": ngettext("{n} run archived.", "{n} runs archived.", n),
        "unarchive": ngettext("{n} run unarchived.", "{n} runs unarchived.", n),
        "delete": ngettext("{n} run deleted.", "{n} runs deleted.", n),
        "restore": ngettext("{n} run restored.", "{n} runs restored.", n),
    }
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(said[change].format(n=integer(n)), width="content")
        if st.button(_("Undo"), icon=":material/undo:", type="tertiary", key="runs_undo"):
            _undo(change, ids)
        if st.button(_("Dismiss"), icon=":material/close:", type="tertiary", key="runs_dismiss"):
            st.session_state.pop(STATE)
            st.rerun()


def _undo(change: str, ids: Sequence[int]) -> None:
    if changed(lambda: CHANGES[UNDO[change]](get_store().runs, ids)):
        forget_undo()
        refresh()


def forget_undo() -> None:
    """There is no way back from what happened since."""
    st.session_state.pop(STATE, None)


def refresh() -> None:
    """Show what was changed at once."""
    forget_runs()
    st.rerun()
