"""Which runs the list shows, in which order and how taken together; the address keeps it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from zlib import crc32

import streamlit as st

from dashboard.app_pages.runs.choices import (
    ALONE,
    GROUP,
    ORDER,
    OWNER,
    SHELF,
    STATUSES,
    ways_to_group,
)
from dashboard.app_pages.runs.choose_columns import choose_columns
from dashboard.app_pages.runs.search import Asked, answer, search_box
from dashboard.reads.store import owners
from dashboard.state.address import bound, choose, get, said
from dashboard.views.runs.columns import BASE, USUAL, column_title
from dashboard.views.runs.table import sorted_by
from dashboard.views.status import status_name
from dashboard.widgets.saved_views import saved_views
from dashboard.words.i18n import _, msg
from dashboard.words.parameters import title
from db.groups import SEED
from db.records import Search, Shelf, Status

ORDERS = {
    "created desc": msg("Newest first"),
    "created asc": msg("Oldest first"),
    "best_val_accuracy desc": msg("Best validation accuracy first"),
    "val_accuracy desc": msg("Final validation accuracy first"),
    "best_val_loss asc": msg("Best validation loss first"),
    "val_r2 desc": msg("Highest R² on validation first"),
    "loss asc": msg("Lowest loss of the batches first"),
    "train_loss asc": msg("Lowest training loss first"),
    "mean_loss asc": msg("Lowest mean loss over training first"),
    "gap asc": msg("Smallest generalization gap first"),
    "parameters asc": msg("Fewest parameters first"),
    "duration desc": msg("Longest first"),
    "name asc": msg("By name"),
}

SHELVES = {
    Shelf.ACTIVE: msg("Active"),
    Shelf.ARCHIVED: msg("Archived"),
    Shelf.DELETED: msg("Deleted"),
}


@dataclass(frozen=True)
class Filters:
    """What the reader asked to see."""

    asked: Asked = field(default_factory=Asked)
    statuses: tuple[Status, ...] = ()
    owner: str | None = None
    order: str = "created desc"
    shelf: Shelf = Shelf.ACTIVE
    by: str = ALONE
    columns: tuple[str, ...] = USUAL

    @property
    def key(self) -> str:
        """What tells widgets of these filters from those of others."""
        return str(crc32(repr(self).encode()))

    @property
    def search(self) -> str:
        """What tells the runs found from those of another search, in whatever order and form."""
        return str(crc32(repr(sorted(self.conditions.items(), key=str)).encode()))

    @property
    def conditions(self) -> Search:
        """What the Store is asked for."""
        return {
            "query": self.asked.query,
            "zone": self.asked.zone,
            "statuses": self.statuses,
            "owner": self.owner,
            "shelf": self.shelf,
        }


def filter_bar() -> Filters:
    """Draw the search, as wide as the page, then which of its runs, and how they are laid out."""
    text = search_box()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        statuses = _choose_statuses()
        owner = _choose_owner()
        shelf = _choose_shelf()
        by = _choose_groups()
        place = st.container(width=200)
        columns = choose_columns() if by == ALONE else list(USUAL)
        saved_views("runs")
    with place:
        order = _choose_order(columns)
    return Filters(answer(text), statuses, owner, order, shelf, by, tuple(columns))


def _choose_statuses() -> tuple[Status, ...]:
    return choose(
        st.multiselect,
        _("Status"),
        STATUSES,
        {status: status_name(status) for status in Status},
        placeholder=_("Any status"),
        label_visibility="collapsed",
        width=190,
    )


def _choose_owner() -> str | None:
    owner = OWNER.among(owners())
    st.selectbox(
        _("Owner"),
        list(owner.allowed),
        index=None,
        placeholder=_("Any owner"),
        label_visibility="collapsed",
        width=150,
        **bound(owner),
    )
    return get(owner)


def _choose_order(columns: Sequence[str]) -> str:
    orders = {order: _(text) for order, text in ORDERS.items()}
    for name in columns:
        if name not in BASE:
            orders[f"{name} asc"] = _("{name}, smallest first").format(name=title(name))
            orders[f"{name} desc"] = _("{name}, largest first").format(name=title(name))
    asked = said().get(ORDER.name, "")
    name, _space, way = asked.rpartition(" ")
    if asked not in orders and way in ("asc", "desc") and sorted_by(name):
        told = _("{name}, smallest first") if way == "asc" else _("{name}, largest first")
        orders[asked] = told.format(name=column_title(name))
    return choose(
        st.selectbox,
        _("Order"),
        ORDER.among(tuple(orders)),
        orders,
        label_visibility="collapsed",
    )


def _choose_shelf() -> Shelf:
    return choose(
        st.segmented_control,
        _("Shelf"),
        SHELF,
        {shelf: _(text) for shelf, text in SHELVES.items()},
        required=True,
        label_visibility="collapsed",
    )


def _choose_groups() -> str:
    ways = ways_to_group()
    return choose(
        st.selectbox,
        _("Group"),
        GROUP.among(ways),
        {by: _group_name(by) for by in ways},
        label_visibility="collapsed",
        width=220,
        help=_("Groups show how many runs they hold, and their mean scores with the spread."),
    )


def _group_name(by: str) -> str:
    if by == ALONE:
        return _("Ungrouped")
    if by == SEED:
        return _("Grouped by all but the seed")
    return _("Grouped by {name}").format(name=by)
