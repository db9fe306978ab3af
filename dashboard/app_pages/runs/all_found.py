"""All runs that a search finds, not only those of the page shown: chosen and changed as one.

What is chosen is the runs found at that moment, so that the number named is the number meant,
whatever arrives later; with other filters it is forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.runs.export import export_popover
from dashboard.app_pages.runs.filters import Filters
from dashboard.app_pages.runs.purging import purge_popover
from dashboard.app_pages.runs.put_away import ICONS, OFFERED, apply, change_name, refresh
from dashboard.app_pages.runs.tagging import tag_popover
from dashboard.reads.store import found_ids, get_store, tag_names, writable
from dashboard.state.owner import current_owner
from dashboard.widgets.compared import MOST_RUNS
from dashboard.widgets.links import open_compare
from dashboard.widgets.shell import changed
from dashboard.words.i18n import _, integer, ngettext
from db.records import Shelf, Status

CHOSEN = "runs_whole"


def chosen(filters: Filters) -> Sequence[int]:
    """All that these filters found, where that was chosen."""
    key, ids = st.session_state.get(CHOSEN, ("", ()))
    return ids if key == filters.key else ()


def offer_all(filters: Filters, total: int) -> None:
    """A button that chooses everything that is found, beyond the page."""
    text = ngettext("Select all {n} run found", "Select all {n} runs found", total)
    st.button(
        text.format(n=integer(total)),
        icon=":material/select_all:",
        key="runs_select_all",
        type="tertiary",
        on_click=_choose,
        args=(filters,),
    )


def whole_bar(ids: Sequence[int], filters: Filters) -> None:
    """What can be done with all of them; each change says first how many it is asked for."""
    n = len(ids)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if st.button(
            _("Compare"),
            icon=":material/compare_arrows:",
            disabled=n > MOST_RUNS,
            help=_("Select {fewest} to {most} runs.").format(fewest=2, most=integer(MOST_RUNS)),
            key="whole_compare",
        ):
            open_compare(ids)
        if writable():
            tag_popover(ids, tag_names())
            _cancel(ids)
            for change in OFFERED[filters.shelf]:
                _put_away(change, ids)
            if filters.shelf is Shelf.DELETED:
                purge_popover(ids)
        export_popover(ids)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        text = ngettext("{n} run found is selected", "All {n} runs found are selected", n)
        st.markdown(f"**{text.format(n=integer(n))}**", width="content")
        st.button(
            _("Clear"),
            icon=":material/deselect:",
            key="runs_select_none",
            type="tertiary",
            on_click=forget,
        )


def forget() -> None:
    """Nothing is chosen any more but rows of the page."""
    st.session_state.pop(CHOSEN, None)


def _choose(filters: Filters) -> None:
    sort, direction = filters.order.split()
    ids = found_ids(sort=sort, descending=direction == "desc", **filters.conditions)
    st.session_state[CHOSEN] = (filters.key, ids)


def _put_away(change: str, ids: Sequence[int]) -> None:
    n = len(ids)
    asked = {
        "archive": ngettext("Archive {n} run", "Archive {n} runs", n),
        "unarchive": ngettext("Unarchive {n} run", "Unarchive {n} runs", n),
        "delete": ngettext("Delete {n} run", "Delete {n} runs", n),
        "restore": ngettext("Restore {n} run", "Restore {n} runs", n),
    }
    with st.popover(change_name(change), icon=ICONS[change], key=f"whole_{change}"):
        st.markdown(_("Those that have not ended stay where they are."))
        text = asked[change].format(n=integer(n))
        if st.button(text, type="primary", key=f"whole_{change}_yes"):
            forget()
            apply(change, ids)


def _cancel(ids: Sequence[int]) -> None:
    """Cancel those that have not ended, one after the other."""
    live = set(found_ids(statuses=tuple(s for s in Status if not s.ended), shelf=None))
    going = [run_id for run_id in ids if run_id in live]
    with st.popover(_("Cancel"), icon=":material/cancel:", disabled=not going, key="whole_cancel"):
        if not going:
            return
        n = len(going)
        text = ngettext("Cancel {n} run", "Cancel {n} runs", n).format(n=integer(n))
        st.markdown(_("What is recorded so far is kept; runs that have ended are left alone."))
        pressed = st.button(text, type="primary", key="whole_cancel_yes")
        if pressed and changed(lambda: _end(going)):
            refresh()


def _end(run_ids: Sequence[int]) -> None:
    done = st.progress(0.0)
    for i, run_id in enumerate(run_ids, start=1):
        get_store().queue.cancel(run_id, by=current_owner())
        done.progress(i / len(run_ids))
