"""Every read of the dashboard, cached: pages ask here and never hold a connection.

The caches are shared by all sessions, so each is bounded, and short-lived where runs still change.
What the Store returns is frozen, so a cached value may be handed to anyone.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence

import streamlit as st
from db.store import Store

from db.address import default_url
from db.records import Run, RunPage, Status

LIVE = 1.0  # seconds that something which still changes may be old


@st.cache_resource(show_spinner=False)
def get_store() -> Store:
    """The one Store of this process.

    What is loaded by now lives as long as the process: freezing it keeps the garbage collector from
    walking it again and again.
    """
    store = Store.open(default_url())
    gc.collect()
    gc.freeze()
    return store


@st.cache_data(ttl=LIVE, max_entries=200, show_spinner=False)
def find_runs(
    *,
    text: str = "",
    statuses: Sequence[Status] = (),
    owner: str | None = None,
    sort: str = "created",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> RunPage:
    """One page of the list of runs."""
    return get_store().runs.find(
        text=text,
        statuses=statuses,
        owner=owner,
        sort=sort,
        descending=descending,
        limit=limit,
        offset=offset,
    )


@st.cache_data(ttl=LIVE, max_entries=500, show_spinner=False)
def get_run(run_id: int) -> Run | None:
    """A run, or None where there is none of that number."""
    return get_store().runs.get(run_id)


@st.cache_data(ttl=LIVE, max_entries=100, show_spinner=False)
def get_runs(run_ids: tuple[int, ...]) -> dict[int, Run]:
    """Runs by their numbers; those that do not exist are left out."""
    return get_store().runs.get_many(run_ids)


@st.cache_data(ttl=10, max_entries=10, show_spinner=False)
def owners() -> list[str]:
    """Who has launched runs."""
    return get_store().runs.owners()
