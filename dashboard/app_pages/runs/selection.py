"""Which runs are selected: kept by their numbers, since rows move when new runs arrive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

import streamlit as st

SELECTED = "runs_selected"


def table_key(run_ids: Sequence[int]) -> str:
    """A key of the table for exactly these rows: other rows are another table."""
    turn = st.session_state.get("runs_table", 0)
    return f"runs_table_{turn}_{crc32(repr(list(run_ids)).encode())}"


def selected_rows(run_ids: Sequence[int]) -> Any:
    """Where the selected runs stand among these rows: what a new table starts with."""
    chosen = st.session_state.get(SELECTED, ())
    rows = [row for row, run_id in enumerate(run_ids) if run_id in chosen]
    return {"selection": {"rows": rows}}


def remember(run_ids: Sequence[int], rows: Sequence[int]) -> list[int]:
    """Keep the selection; the numbers of the runs selected, those of other pages first."""
    here = [run_ids[row] for row in sorted(rows) if row < len(run_ids)]
    elsewhere = [i for i in st.session_state.get(SELECTED, ()) if i not in run_ids]
    st.session_state[SELECTED] = [*elsewhere, *here]
    return [*elsewhere, *here]


def begin_anew(search: str) -> None:
    """Forget what was selected among the runs of another search: nothing shall happen to runs that
    nobody sees."""
    if st.session_state.get("runs_selected_of") != search:
        st.session_state["runs_selected_of"] = search
        clear()


def clear() -> None:
    """Nothing is selected any more; the table is another, with no row marked."""
    st.session_state[SELECTED] = []
    begin_table()


def begin_table() -> None:
    """The table begins anew, with what is selected marked and no header chosen."""
    st.session_state["runs_table"] = st.session_state.get("runs_table", 0) + 1
