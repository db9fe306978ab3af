"""Which runs the list shows, and in which order."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from dashboard.data import owners
from dashboard.i18n import _, msg
from dashboard.runs.search import Asked, answer, search_box
from dashboard.status import status_name
from db.records import Status

PAGE_SIZE = 25

ORDERS = {
    "created desc": msg("Newest first"),
    "created asc": msg("Oldest first"),
    "best_val_accuracy desc": msg("Best validation accuracy first"),
    "val_accuracy desc": msg("Final validation accuracy first"),
    "best_val_loss asc": msg("Best validation loss first"),
    "loss asc": msg("Lowest loss first"),
    "parameters asc": msg("Fewest parameters first"),
    "duration desc": msg("Longest first"),
    "name asc": msg("By name"),
}


@dataclass(frozen=True)
class Filters:
    """What the reader asked to see."""

    asked: Asked = field(default_factory=Asked)
    statuses: tuple[Status, ...] = ()
    owner: str | None = None
    order: str = "created desc"


def filter_bar() -> Filters:
    """Draw the filters in a row."""
    # Said anew at each run, so that a change of language renames what is shown.
    st.session_state["runs_statuses"] = st.session_state.get("runs_statuses", [])
    st.session_state["runs_order"] = st.session_state.get("runs_order", "created desc")
    states = {status: status_name(status) for status in Status}
    orders = {order: _(text) for order, text in ORDERS.items()}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = search_box()
        statuses = st.multiselect(
            _("Status"),
            list(states),
            format_func=states.__getitem__,
            key="runs_statuses",
            placeholder=_("Any status"),
            label_visibility="collapsed",
            width=190,
            persist_state="session",
        )
        owner = st.selectbox(
            _("Owner"),
            owners(),
            index=None,
            key="runs_owner",
            placeholder=_("Any owner"),
            label_visibility="collapsed",
            width=150,
            persist_state="session",
        )
        order = st.selectbox(
            _("Order"),
            list(orders),
            format_func=orders.__getitem__,
            key="runs_order",
            label_visibility="collapsed",
            width=210,
            persist_state="session",
        )
    asked = answer(text)
    return Filters(asked, tuple(statuses), owner, order or "created desc")
