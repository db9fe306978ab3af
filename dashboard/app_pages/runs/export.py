"""Runs as files: a table of what they are and came to, or everything that was recorded of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from dashboard.reads.whole import export, table
from dashboard.words.i18n import _
from db.series_files import write_table

MOST_WHOLE = 100
"""Runs whose whole record one download may carry; the command line exports any number."""


def export_popover(ids: Sequence[int]) -> None:
    """Downloads of the runs selected, each made when it is asked for."""
    with st.popover(_("Export"), icon=":material/download:", disabled=not ids, key="runs_export"):
        if ids:
            _content(ids)


def _content(ids: Sequence[int]) -> None:
    st.download_button(
        _("Settings and scores (CSV)"),
        data=lambda: as_table(ids, "runs.csv"),
        file_name="runs.csv",
        mime="text/csv",
        icon=":material/table:",
        on_click="ignore",
        key="export_csv",
    )
    st.download_button(
        _("Settings and scores (Parquet)"),
        data=lambda: as_table(ids, "runs.parquet"),
        file_name="runs.parquet",
        mime="application/vnd.apache.parquet",
        icon=":material/table:",
        on_click="ignore",
        key="export_parquet",
    )
    st.download_button(
        _("Whole runs, for another database"),
        data=lambda: whole(ids),
        file_name="runs.zip",
        mime="application/zip",
        icon=":material/inventory_2:",
        on_click="ignore",
        key="export_whole",
        disabled=len(ids) > MOST_WHOLE,
        help=_("Everything recorded, checkpoints included: `layerlab import runs.zip` reads it."),
    )


def as_table(ids: Sequence[int], name: str) -> bytes:
    """One row per run, one column per fact; the name's ending says which kind of file."""
    return _written(name, lambda file: write_table(table("runs", ids), file))


def whole(ids: Sequence[int]) -> bytes:
    """The portable file of these runs."""
    return _written("runs.zip", lambda file: export(ids, file))


def _written(name: str, write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        write(file)
        return file.read_bytes()
