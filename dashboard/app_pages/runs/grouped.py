"""The list of runs taken together: one row per group, with number, mean and spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.elements.arrow import DataframeState

from dashboard.app_pages.runs.filters import Filters
from dashboard.app_pages.runs.pages import SIZE, choose_page, page_shown
from dashboard.reads.store import find_groups, get_runs
from dashboard.views.runs.grouped import groups_frame
from dashboard.widgets.compared import MOST_RUNS
from dashboard.widgets.links import open_compare
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
            st.info(_("No run passes these filters."), icon=":material/filter_list_off:")
            return
        actions = st.container(horizontal=True, vertical_alignment="center", gap="small")
        event = st.dataframe(
            groups_frame(found.groups, filters.by, _firsts(found, filters.by)),
            key=f"groups_table_{filters.key}_{page}",
            hide_index=True,
            height="content",
            column_config=_config(),
            on_select="ignore" if filters.asked.wrong else "rerun",
            selection_mode="multi-row",
            alt=_("Groups of runs with their number, mean scores and spread"),
        )
        if isinstance(event, DataframeState):
            rows = [row for row in event.selection.rows if row < len(found.groups)]
            with actions:
                _actions([found.groups[row] for row in rows], filters.by)
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
        **filters.conditions,  # type: ignore[arg-type]
    )


def _config() -> dict[str, Any]:
    column = st.column_config
    names = {
        "val_accuracy": _("Validation accuracy"),
        "best_val_accuracy": _("Best validation accuracy"),
        "val_loss": _("Validation loss"),
        "best_val_loss": _("Validation loss at the best"),
        "accuracy": _("Training accuracy"),
        "loss": _("Training loss"),
    }
    scores = {name: column.TextColumn(label, alignment="right") for name, label in names.items()}
    return {
        "value": column.TextColumn(_("Group"), pinned=True),
        "n": column.NumberColumn(_("Runs (N)"), format="localized", width=80),
        "copies": column.NumberColumn(
            _("Copies"),
            format="localized",
            width=80,
            help=_("Runs of equal configuration and seed beside those counted: they add nothing."),
        ),
        "ended": column.TextColumn(_("Status")),
        **scores,
    }


def _actions(groups: Sequence[RunGroup], by: str) -> None:
    ids = [run_id for group in groups for run_id in group.run_ids]
    if st.button(
        _("Compare"),
        icon=":material/compare_arrows:",
        disabled=not 2 <= len(ids) <= MOST_RUNS,
        key="groups_compare",
    ):
        open_compare(ids, group=by)
    if not groups:
        st.caption(_("Select groups at the left edge of the table to compare their runs."))
        return
    text = ngettext("{n} run selected", "{n} runs selected", len(ids))
    st.caption(text.format(n=integer(len(ids))))
