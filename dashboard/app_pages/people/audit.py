"""Who changed what: a page of changes, the newest first, one of them whole, and all as a file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TypedDict, TypeVar

import streamlit as st

from dashboard.app_pages.people.choices import ACTION, KEY, KIND, SELECTED, WHO
from dashboard.reads.store import get_store
from dashboard.state.address import bound, choose, get, link
from dashboard.state.choices import OneOf
from dashboard.views.people.changes import (
    action_name,
    by_whom,
    changes_table,
    kind_name,
    page_of,
    told_whole,
    whole_change,
)
from dashboard.views.rows import Row
from dashboard.widgets.links import url
from dashboard.widgets.pagination import SIZE, choose_page, page_shown
from dashboard.widgets.rows import rows
from dashboard.words.i18n import _, integer, ngettext
from db.audit import COMMAND_LINE, KINDS, Audit, to_csv
from db.records import Change
from db.rights import Action

T = TypeVar("T")

MOST_ROWS = 100_000
"""Changes that one download holds, the newest."""


class Asked(TypedDict):
    """Which changes: those that fulfil all that is not None."""

    person_id: int | None
    action: Action | None
    kind: str | None
    key: str | None


def audit() -> None:
    """Draw it; raises RightsError where the reader may not see it."""
    store = get_store().audit
    asked = _filters(store.names())
    total = store.count(**asked)
    page = page_shown(total)
    found = store.changes(**asked, limit=SIZE, offset=(page - 1) * SIZE)
    if not found:
        st.info(_("No changes match these filters."), icon=":material/filter_list_off:")
        return
    _selected(store)
    opens = {change.id: page_of(change) for change in found}
    rows(
        changes_table(found),
        key="people_changes",
        alt=_("Changes with who made them, when, and what was there before and after"),
        opens=partial(_address, opens),
        selection=SELECTED,
        single=True,
    )
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.caption(ngettext("{n} change", "{n} changes", total).format(n=integer(total)))
        choose_page(total)
        _download(store, asked)


def _address(opens: dict[int, tuple[str, dict[str, str]] | None], row: Row) -> str | None:
    place = opens[row.id]
    return url(place[0], link(**place[1])) if place else None


def _filters(names: dict[int, str]) -> Asked:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        everybody = ((COMMAND_LINE, _("By a command")), *names.items())
        who: dict[int | None, str] = dict(everybody)
        person_id = _or_any(_("By whom"), WHO, who, _("By anybody"), width=200)
        actions: dict[Action | None, str] = {each: action_name(each) for each in Action}
        action = _or_any(_("What was done"), ACTION, actions, _("Anything done"), width=240)
        kinds: dict[str | None, str] = {each: kind_name(each) for each in KINDS}
        kind = _or_any(_("To what"), KIND, kinds, _("To anything"), width=200)
        key = _choose_key(kind)
    return Asked(person_id=person_id, action=action, kind=kind, key=key)


def _or_any(
    label: str, choice: OneOf[T | None], words: Mapping[T | None, str], anything: str, *, width: int
) -> T | None:
    """One of these, or none where any will do."""
    return choose(
        partial(st.selectbox, index=None),
        label,
        choice,
        words,
        placeholder=anything,
        label_visibility="collapsed",
        width=width,
    )


def _choose_key(kind: str | None) -> str | None:
    """Of which thing, where its kind is chosen: numbers say nothing without."""
    if kind is None:
        return None
    st.text_input(
        _("Which one"),
        placeholder=_("Number or name"),
        label_visibility="collapsed",
        width=160,
        max_chars=KEY.longest,
        **bound(KEY),
    )
    return get(KEY).strip().removeprefix("#") or None


def _download(store: Audit, asked: Asked) -> None:
    st.download_button(
        _("Changes (CSV)"),
        data=partial(csv_of, store, asked),
        file_name="changes.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="people_changes_csv",
        help=_("All that these filters find, the newest {n} at most.").format(n=integer(MOST_ROWS)),
    )


def csv_of(store: Audit, asked: Asked) -> bytes:
    """The file, as spreadsheets read it; raises RightsError for who may not read the audit."""
    return to_csv(store.changes(**asked, limit=MOST_ROWS)).encode("utf-8-sig")


def _selected(store: Audit) -> None:
    """All of the change that is selected."""
    change: Change | None = next(filter(None, map(store.get, get(SELECTED)[:1])), None)
    if change is not None:
        st.subheader(told_whole(change))
        st.caption(by_whom(change))
        st.table(whole_change(change), border="horizontal")
    else:
        st.caption(_("Select a change at the left edge of the table to see all of it."))
