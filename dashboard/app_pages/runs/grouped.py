"""The list of runs taken together: a row a group, with number, mean and spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.elements.arrow import DataframeState

from dashboard.app_pages.runs.filters import PAGE_SIZE, Filters
from dashboard.reads.differences import differences, telling
from dashboard.reads.store import find_groups, get_runs
from dashboard.state.links import open_compare
from dashboard.views.status import status_name
from dashboard.widgets.compared import MOST_RUNS
from dashboard.widgets.shell import guarded
from dashboard.words.i18n import _, integer, ngettext, number, percent
from dashboard.words.parameters import title, value_text
from db.groups import SCORES, SEED
from db.records import GroupPage, RunGroup, Status, Tally

MOST_DIFFERENCES = 8
SORTED = {"created": "newest"}
"""How groups are sorted where the order of runs has another name; scores go by their means."""


def groups_list(filters: Filters) -> None:
    """Draw a page of groups, and what can be done with those selected."""
    with guarded():
        key = f"groups_page_{filters.key}"
        page = st.session_state.get(key) or 1
        found = read_groups(filters, page)
        if not found.groups:
            st.info(_("No run passes these filters."), icon=":material/filter_list_off:")
            return
        actions = st.container(horizontal=True, vertical_alignment="center", gap="small")
        event = st.dataframe(
            groups_frame(found.groups, filters.by),
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
            if found.total > PAGE_SIZE:
                st.pagination(-(-found.total // PAGE_SIZE), key=key)


def read_groups(filters: Filters, page: int) -> GroupPage:
    """One page of the groups of the runs that pass the filters."""
    sort, direction = filters.order.split()
    return find_groups(
        filters.by,
        sort=SORTED.get(sort, sort),
        descending=direction == "desc",
        limit=PAGE_SIZE,
        offset=(page - 1) * PAGE_SIZE,
        **filters.conditions,  # type: ignore[arg-type]
    )


def groups_frame(groups: Sequence[RunGroup], by: str) -> pd.DataFrame:
    """One row a group: what it has in common, how many runs, how they ended, what they came to."""
    labelled = any(group.scores["best_val_accuracy"].n for group in groups)
    first = "best_val_accuracy" if labelled else "best_val_loss"
    rest = [name for name in SCORES if name != first and (labelled or "accuracy" not in name)]
    n = {"n": [len(group.run_ids) for group in groups]}
    ended = {"ended": [_ended(group) for group in groups]}
    value = {} if by == SEED else {"value": _values(groups, by)}
    settings = _settings(groups) if by == SEED else {}
    return pd.DataFrame(
        value | n | _scores(groups, [first]) | settings | ended | _scores(groups, rest)
    )


def _scores(groups: Sequence[RunGroup], names: Sequence[str]) -> dict[str, list[str]]:
    return {
        name: [_text(group.scores[name], share="accuracy" in name) for group in groups]
        for name in names
    }


def _settings(groups: Sequence[RunGroup]) -> dict[str, list[str]]:
    """A column a setting that tells the groups apart."""
    runs = get_runs(tuple(group.run_ids[0] for group in groups))
    found = telling(differences([run.config for run in runs.values()]))[:MOST_DIFFERENCES]
    if not found:
        return {"value": [runs[group.run_ids[0]].label for group in groups]}
    return {title(d.path): [value_text(d.path, value) for value in d.values] for d in found}


def _values(groups: Sequence[RunGroup], by: str) -> list[str]:
    return [
        value_text(by, float(group.value))
        if isinstance(group.value, int | float) and not isinstance(group.value, bool)
        else value_text(by, group.value)
        if by != "owner"
        else str(group.value)
        for group in groups
    ]


def _ended(group: RunGroup) -> str:
    counts = [(status, group.counts[status]) for status in Status if group.counts[status]]
    return ", ".join(f"{integer(n)} {status_name(status)}" for status, n in counts)


def _text(tally: Tally, *, share: bool) -> str:
    """Mean ± standard deviation; how many runs that rests on is told where it is not all."""
    if tally.mean is None:
        return "–"
    mean = percent(tally.mean) if share else number(tally.mean)
    if tally.spread is None:
        return mean
    return f"{mean} ± {100 * tally.spread:.1f}" if share else f"{mean} ± {number(tally.spread, 2)}"


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
