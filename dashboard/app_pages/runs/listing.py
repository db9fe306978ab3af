"""The list itself: one page of runs, what is selected among them, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.runs.actions import action_bar, selection_text
from dashboard.app_pages.runs.all_found import chosen, offer_all, whole_bar
from dashboard.app_pages.runs.choices import ALONE, ORDER, SELECTED
from dashboard.app_pages.runs.filters import Filters
from dashboard.app_pages.runs.grouped import groups_list
from dashboard.app_pages.runs.put_away import undo_bar
from dashboard.reads.live import EVERY
from dashboard.reads.store import find_runs, get_runs, sparklines
from dashboard.state.address import get, link, put, saying
from dashboard.views.runs.columns import DIFFERING
from dashboard.views.runs.table import runs_table, shown_differences
from dashboard.widgets.links import url
from dashboard.widgets.pagination import SIZE, choose_page, page_shown
from dashboard.widgets.queue import any_waits, say_unserved
from dashboard.widgets.rows import rows
from dashboard.widgets.shell import guarded
from dashboard.words.i18n import _, integer, ngettext
from db.records import RunPage

UPWARDS = frozenset({"name", "owner", "status"})
"""What is sorted from its least value on where its header is clicked first: words."""


def read(filters: Filters, page: int) -> RunPage:
    """One page of the runs that pass the filters."""
    sort, direction = filters.order.split()
    return find_runs(
        sort=sort,
        descending=direction == "desc",
        limit=SIZE,
        offset=(page - 1) * SIZE,
        **filters.conditions,
    )


def is_live(found: RunPage) -> bool:
    """Whether something on the page still changes."""
    return any(not run.status.ended for run in found.runs)


def runs_list(filters: Filters) -> None:
    """Draw the list; it refreshes itself for as long as something in it changes."""
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
        found = read(filters, page)
        if live and not is_live(found):
            st.rerun()  # the last one has ended: the page stands still from now on
        if not found.runs:
            st.info(_("No runs match these filters."), icon=":material/filter_list_off:")
            return
        say_unserved(any_waits(found.runs))
        if not filters.asked.wrong:  # else these are not the runs that were meant
            _actions(found, filters)
        _table(found, filters)


def _actions(found: RunPage, filters: Filters) -> None:
    """What can be done with all runs found, or with those selected."""
    if whole := chosen(filters):
        whole_bar(whole, filters)
        return
    runs = get_runs(get(SELECTED))
    selected = [run for run in runs.values() if run.shelf is filters.shelf]
    if selected:
        action_bar(selected, filters.shelf)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        here = [run.id for run in found.runs]
        st.caption(selection_text([run.id for run in selected], here), width="content")
        if selected:
            st.button(
                _("Clear"),
                icon=":material/deselect:",
                key="runs_select_none",
                type="tertiary",
                on_click=lambda: put({SELECTED: ()}),
            )
        if found.total > len(found.runs):
            offer_all(filters, found.total)


def _table(found: RunPage, filters: Filters) -> None:
    columns, ids = filters.columns, tuple(run.id for run in found.runs)
    differing = shown_differences(found.runs) if DIFFERING in columns else []
    losses = sparklines(ids) if "losses" in columns else {}
    rows(
        runs_table(found.runs, losses, differing, columns),
        key="runs_rows",
        alt=_("Runs with their states, scores and differing hyperparameters"),
        opens=lambda row: url("run", link(id=row.id)),
        selection=None if filters.asked.wrong else SELECTED,
        sorting=lambda name: _sorting(name, filters.order),
    )


def _sorting(name: str, order: str) -> dict[str, str]:
    """A header leads to the list sorted by it, or the other way round where it is."""
    first, other = ("asc", "desc") if name in UPWARDS else ("desc", "asc")
    way = other if order == f"{name} {first}" else first
    ways = {f"{name} asc": "ascending", f"{name} desc": "descending"}
    now = {"sorted": ways[order]} if order in ways else {}
    return {"href": url("runs", saying({ORDER: f"{name} {way}"}))} | now
