"""Runs that come as a file, from another database: all that are not there yet, or none where the
file is not what it should be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import BinaryIO

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.reads.store import forget_runs, get_runs, get_store
from dashboard.widgets.links import run_link
from dashboard.widgets.shell import say_error
from dashboard.words.i18n import _, integer, ngettext
from dashboard.words.text import plain
from db.portable.runs import Imported
from engine.errors import LayerlabError

LINKED = 10
"""New runs that are named, each with its link."""


def import_popover() -> None:
    """A place for the file, and what became of it."""
    with st.popover(_("Import"), icon=":material/upload:", key="runs_import"):
        st.caption(
            _(
                "A file that Export or `layerlab export` wrote. Runs that are here already are left"
                " as they are; those that had not ended arrive paused."
            ),
            width=380,
        )
        file = st.file_uploader(
            _("File of runs"),
            type=["zip", "layerlab"],
            key="runs_import_file",
            help=_("Larger files: `layerlab import FILE` on the server."),
        )
        wanted = st.button(
            _("Import"), type="primary", key="runs_import_yes", disabled=file is None
        )
        if file is not None and wanted:
            import_runs(file)


def import_runs(file: UploadedFile) -> None:
    """Import what was sent, and say what became of it."""
    done = st.progress(0.0, text=_("Reading the file…"))
    try:
        imported = read_in(
            file, file.name, progress=lambda n, whole: done.progress(min(1.0, n / whole))
        )
    except LayerlabError as error:
        say_error(error)
        return
    finally:
        done.empty()
    forget_runs()
    _tell(imported)


def read_in(
    file: BinaryIO,
    name: str,
    *,
    progress: Callable[[int, int], object] = lambda _done, _whole: None,
) -> Imported:
    """Add the runs of a file that was sent. Where it lies meanwhile has nothing to do with its
    name, which somebody else chose."""
    with TemporaryDirectory() as folder:
        held = Path(folder) / "sent"
        with held.open("wb") as copy:
            copyfileobj(file, copy)
        return get_store().portable.import_(held, called=name, progress=progress)


def _tell(imported: Imported) -> None:
    """Which runs are new, and which were there."""
    added, known = imported.added, imported.known
    if added:
        text = ngettext("{n} run is new.", "{n} runs are new.", len(added))
        st.success(text.format(n=integer(len(added))), icon=":material/check:")
        for run in get_runs(tuple(added[:LINKED])).values():
            run_link(run, label=f"#{run.id} {run.name}".strip())
        if len(added) > LINKED:
            st.caption(_("and {n} more").format(n=integer(len(added) - LINKED)))
    if known:
        text = ngettext(
            "{n} run was here already, and was left as it is: {runs}",
            "{n} runs were here already, and were left as they are: {runs}",
            len(known),
        )
        st.info(text.format(n=integer(len(known)), runs=_numbers(known)), icon=":material/info:")
    if not added and not known:
        st.info(_("The file holds no runs."), icon=":material/info:")


def _numbers(run_ids: Sequence[int]) -> str:
    shown = ", ".join(f"#{run_id}" for run_id in run_ids[:LINKED])
    return plain(shown if len(run_ids) <= LINKED else f"{shown}, …")
