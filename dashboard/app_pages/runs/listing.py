"""The list itself: one page of runs, what is selected among them, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.app_pages.runs.actions import action_bar, selection_text
from dashboard.app_pages.runs.all_found import chosen, offer_all, whole_bar
from dashboard.app_pages.runs.choices import ALONE, ORDER
from dashboard.app_pages.runs.filters import Filters
from dashboard.app_pages.runs.grouped import groups_list
from dashboard.app_pages.runs.pages import SIZE, choose_page, page_shown
from dashboard.app_pages.runs.put_away import undo_bar
from dashboard.app_pages.runs.selection import (
    begin_anew,
    begin_table,
    clear,
    remember,
    selected_rows,
    table_key,
)
from dashboard.app_pages.runs.table import OPENED, column_config
from dashboard.reads.live import EVERY
from dashboard.reads.store import find_runs, get_runs, sparklines
from dashboard.state.address import put
from dashboard.views.runs.columns import DIFFERING
from dashboard.views.runs.table import column_order, runs_frame, shown_differences, sorted_by
from dashboard.widgets.links import open_run
from dashboard.widgets.shell import guarded
from dashboard.words.i18n import _, integer, ngettext
from db.records import RunPage

SORTED = "runs_sorted"
"""Whether a click on a header has just changed the order."""


def read(filters: Filters, page: int) -> RunPage:
    """One page of the runs that pass the filters."""
    sort, direction = filters.order.split()
    return find_runs(
        sort=sort,
        descending=direction == "desc",
        limit=SIZE,
        offset=(page - 1) * SIZE,
        **filters.conditions,  # type: ignore[arg-type]
    )


def is_live(found: RunPage) -> bool:
    """Whether something on the page still changes."""
    return any(not run.status.ended for run in found.runs)


def runs_list(filters: Filters) -> None:
    """Draw the list; it refreshes itself for as long as something in it changes."""
    begin_anew(filters.search)
    undo_bar()
    if filters.by != ALONE:
        groups_list(filters)
        return
    page = page_shown(read(filters, 1).total)
    found = read(filters, page)
    live = is_live(found)
    st.fragment(_listed, run_every=EVERY if live else None)(filters, page, live=live)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        total = ngettext("{n} run", "{n} runs", found.total)
        st.caption(total.format(n=integer(found.total)))
        choose_page(found.total)


def _listed(filters: Filters, page: int, *, live: bool) -> None:
    with guarded():
        if st.session_state.pop(SORTED, False):
            st.rerun()  # the order's own field is beyond the list
        found = read(filters, page)
        if live and not is_live(found):
            st.rerun()  # the last one has ended: the page stands still from now on
        if not found.runs:
            st.info(_("No run passes these filters."), icon=":material/filter_list_off:")
            return
        _table(found, filters)


def _table(found: RunPage, filters: Filters) -> None:
    ids = [run.id for run in found.runs]
    actions = st.container()
    columns = filters.columns
    differing = shown_differences(found.runs) if DIFFERING in columns else []
    losses = sparklines(tuple(ids)) if "losses" in columns else {}
    event = st.dataframe(
        runs_frame(found.runs, losses, differing, columns),
        key=table_key(ids),
        hide_index=True,
        height="content",
        placeholder="–",
        column_config=column_config(found.runs, differing, columns),
        column_order=column_order(found.runs, differing, columns),
        alt=_("Runs with their states, scores and differing hyperparameters"),
        **({} if filters.asked.wrong else _selectable(ids, filters)),
    )
    if opened := st.session_state.get(OPENED):
        open_run(ids[opened.row])
    if filters.asked.wrong:  # these are not the runs that were meant
        return
    selected = remember(ids, event.selection.rows)
    with actions:
        if whole := chosen(filters):
            whole_bar(whole, filters)
            return
        if selected:
            runs = get_runs(tuple(selected))
            action_bar([runs[i] for i in selected if i in runs], filters.shelf)
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.caption(selection_text(selected, ids), width="content")
            if selected:
                st.button(
                    _("Clear"),
                    icon=":material/deselect:",
                    key="runs_select_none",
                    type="tertiary",
                    on_click=clear,
                )
            if found.total > len(ids):
                offer_all(filters, found.total)


def _selectable(ids: Sequence[int], filters: Filters) -> dict[str, Any]:
    """Rows that can be selected, with those selected that were, and headers that sort the list."""
    return {
        "on_select": lambda: _sort(table_key(ids), filters),
        "selection_mode": ["multi-row", "single-column"],
        "selection_default": selected_rows(ids),
    }


def _sort(key: str, filters: Filters) -> None:
    """Sort the whole list by the column whose header was clicked; again, the other way round."""
    columns = st.session_state[key].selection.columns
    if not columns:
        return
    begin_table()
    if name := sorted_by(columns[0]):
        first, other = ("asc", "desc") if name in ("name", "owner", "status") else ("desc", "asc")
        way = other if filters.order == f"{name} {first}" else first
        put({ORDER: f"{name} {way}"})
        st.session_state[SORTED] = True
