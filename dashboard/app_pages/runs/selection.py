"""Which runs are selected: kept by their numbers, since rows move when new runs arrive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

import streamlit as st


def table_key(run_ids: Sequence[int]) -> str:
    """A key of the table for exactly these rows: other rows are another table."""
    return f"runs_table_{crc32(repr(list(run_ids)).encode())}"


def selected_rows(run_ids: Sequence[int]) -> Any:
    """Where the selected runs stand among these rows: what a new table starts with."""
    chosen = st.session_state.get("runs_selected", ())
    rows = [row for row, run_id in enumerate(run_ids) if run_id in chosen]
    return {"selection": {"rows": rows}}


def remember(run_ids: Sequence[int], rows: Sequence[int]) -> list[int]:
    """Keep the selection; the numbers of the runs selected, in the order of the list."""
    chosen = [run_ids[row] for row in sorted(rows) if row < len(run_ids)]
    st.session_state["runs_selected"] = chosen
    return chosen
