"""What can be done with the runs selected."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.runs.export import export_popover
from dashboard.app_pages.runs.purging import purge_popover
from dashboard.app_pages.runs.put_away import put_away, refresh
from dashboard.app_pages.runs.tagging import tag_popover
from dashboard.reads.signed_in import may_i, mine
from dashboard.reads.store import get_store, writable
from dashboard.state.owner import current_owner
from dashboard.widgets.compared import FEWEST, MOST_RUNS
from dashboard.widgets.links import open_clone, open_compare, open_run
from dashboard.widgets.shell import changed
from dashboard.words.i18n import _, integer, ngettext
from dashboard.words.text import plain
from db.records import Run, Shelf
from db.rights import Action


def action_bar(selected: Sequence[Run], shelf: Shelf = Shelf.ACTIVE) -> None:
    """The buttons for the runs selected; what does not fit the selection is greyed out."""
    single = selected[0] if len(selected) == 1 else None
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if st.button(_("Open"), icon=":material/open_in_full:", disabled=not single) and single:
            open_run(single.id)
        if st.button(
            _("Compare"),
            icon=":material/compare_arrows:",
            disabled=not FEWEST <= len(selected) <= MOST_RUNS,
            help=_("Select {fewest} to {most} runs.").format(fewest=FEWEST, most=MOST_RUNS),
        ):
            open_compare([run.id for run in selected])
        if (
            st.button(
                _("Clone"),
                icon=":material/content_copy:",
                disabled=not single,
                help=_("Fill the launch form from this run."),
            )
            and single
        ):
            open_clone(single.id)
        if writable() and may_i(Action.RENAME, own=mine(*selected)):
            _change(selected, shelf)
        export_popover([run.id for run in selected])


def _change(selected: Sequence[Run], shelf: Shelf) -> None:
    """What changes the runs selected."""
    _rename(selected[0] if len(selected) == 1 else None)
    ids = [run.id for run in selected]
    tag_popover(ids, sorted({tag for run in selected for tag in run.tags}))
    if shelf is Shelf.ACTIVE:
        _cancel([run for run in selected if not run.status.ended])
    put_away(selected, shelf)
    if shelf is Shelf.DELETED:
        purge_popover(ids)


def selection_text(selected: Sequence[int], shown: Sequence[int]) -> str:
    """How many runs are selected, and how many of them are on other pages."""
    if not selected:
        return _("Select runs at the left edge of the table, on several pages if you like.")
    n = len(selected)
    text = ngettext("{n} run selected", "{n} runs selected", n).format(n=integer(n))
    elsewhere = len(set(selected) - set(shown))
    if not elsewhere:
        return text
    others = ngettext("{n} on another page", "{n} on other pages", elsewhere)
    return f"{text} ({others.format(n=integer(elsewhere))})"


def _rename(run: Run | None) -> None:
    with st.popover(_("Rename"), icon=":material/edit:", disabled=run is None, key="runs_rename"):
        if run is not None:
            name = st.text_input(_("Name"), run.name, key=f"rename {run.id}", max_chars=200)
            wanted = st.button(_("Save"), type="primary") and name != run.name
            if wanted and changed(lambda: get_store().runs.rename(run.id, name)):
                refresh()


def _cancel(runs: Sequence[Run]) -> None:
    """Cancel runs that have not ended, after asking."""
    with st.popover(_("Cancel"), icon=":material/cancel:", disabled=not runs, key="runs_cancel"):
        if runs:
            names = ", ".join(plain(run.label) for run in runs)
            st.markdown(_("Cancel {runs}? What is recorded so far is kept.").format(runs=names))
            text = ngettext("Cancel {n} run", "Cancel {n} runs", len(runs)).format(n=len(runs))
            pressed = st.button(text, type="primary", key="runs_cancel_yes")
            if pressed and changed(lambda: _end(runs)):
                refresh()


def _end(runs: Sequence[Run]) -> None:
    for run in runs:
        get_store().queue.cancel(run.id, by=current_owner())
