"""The list of runs taken together: one row per group, with number, mean and spread."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.runs.choices import SELECTED
from dashboard.app_pages.runs.filters import Filters
from dashboard.reads.store import find_groups, get_runs
from dashboard.state.address import get, link
from dashboard.views.rows import Row
from dashboard.views.runs.grouped import groups_table
from dashboard.widgets.compared import MOST_RUNS
from dashboard.widgets.links import open_compare, url
from dashboard.widgets.pagination import SIZE, choose_page, page_shown
from dashboard.widgets.rows import rows
from dashboard.widgets.shell import guarded
from dashboard.words.i18n import _, integer, ngettext
from db.groups import SEED
from db.records import GroupPage, Run, RunGroup

SORTED = {"created": "newest"}
"""How groups are sorted where the order of runs has another name; scores go by their means."""


def groups_list(filters: Filters) -> None:
    """Draw a page of groups, and what can be done with those selected."""
    with guarded():
        page = page_shown(read_groups(filters, 1).total)
        found = read_groups(filters, page)
        if not found.groups:
            st.info(_("No runs match these filters."), icon=":material/filter_list_off:")
            return
        wrong = filters.asked.wrong
        if not wrong:
            chosen = get(SELECTED)
            _actions([g for g in found.groups if min(g.run_ids) in chosen], filters.by)
        rows(
            groups_table(found.groups, filters.by, _firsts(found, filters.by)),
            key="groups_rows",
            alt=_("Groups of runs with their number, mean scores and spread"),
            opens=lambda row: _address(row, found),
            selection=None if wrong else SELECTED,
        )
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            total = ngettext("{n} group", "{n} groups", found.total)
            st.caption(total.format(n=integer(found.total)))
            choose_page(found.total)


def _firsts(found: GroupPage, by: str) -> dict[int, Run]:
    """The first run of each group, where it is needed."""
    return get_runs(tuple(group.run_ids[0] for group in found.groups)) if by == SEED else {}


def read_groups(filters: Filters, page: int) -> GroupPage:
    """One page of the groups of the runs that pass the filters."""
    sort, direction = filters.order.split()
    return find_groups(
        filters.by,
        sort=SORTED.get(sort, sort),
        descending=direction == "desc",
        limit=SIZE,
        offset=(page - 1) * SIZE,
        **filters.conditions,
    )


def _address(row: Row, found: GroupPage) -> str | None:
    """The comparison of a group's runs, or the page of its only run; None for too many."""
    ids = next(group.run_ids for group in found.groups if min(group.run_ids) == row.id)
    if len(ids) == 1:
        return url("run", link(id=ids[0]))
    fits = len(ids) <= MOST_RUNS
    return url("compare", link(ids=",".join(map(str, ids)))) if fits else None


def _actions(groups: Sequence[RunGroup], by: str) -> None:
    ids = [run_id for group in groups for run_id in group.run_ids]
    if not groups:
        st.caption(_("Select groups at the left edge of the table to compare their runs."))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(
            _("Compare"),
            icon=":material/compare_arrows:",
            disabled=not 2 <= len(ids) <= MOST_RUNS,
            key="groups_compare",
        ):
            open_compare(ids, group=by)
        text = ngettext("{n} run selected", "{n} runs selected", len(ids))
        st.caption(text.format(n=integer(len(ids))), width="content")
