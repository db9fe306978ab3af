"""Files of one's own: sent, recognized, and kept with the runs, whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.reads.data import forget_data
from dashboard.reads.store import get_store, writable
from dashboard.state.owner import current_owner
from dashboard.widgets.links import go
from dashboard.widgets.owner_field import owner_field
from dashboard.widgets.shell import say_error
from dashboard.words.i18n import _
from dashboard.words.text import plain
from db.adding import add_files
from db.records import KeptData
from engine.datasets.recognition import proposed_name
from engine.errors import LayerlabError

_SENT = "data_sent"
"""How often files were added in this session: each time the place for them is a new one, for what
was sent stays in the server's memory as long as it lies there."""


def add() -> None:
    """A place for the files, their name, and what became of them."""
    if not writable():
        return
    with st.popover(_("Add data"), icon=":material/upload:", key="data_add"):
        times = st.session_state.get(_SENT, 0)
        files = st.file_uploader(
            _("A table, arrays (NPZ, NPY), or MNIST's four files at once"),
            accept_multiple_files=True,
            key=f"data_files_{times}",
            help=_(
                "Tables are text with commas, semicolons or tabs in any usual encoding; all files"
                " may be gzipped. They are kept with the runs, so that every machine that trains"
                " sees the same; larger ones are added by `layerlab data add FILE` on the server."
            ),
        )
        names = [file.name for file in files]
        name = st.text_input(
            _("Name"),
            key=f"data_name_{times}",
            max_chars=200,
            placeholder=proposed_name(names) if names else _("as its files are called"),
            help=_("Under a name that is there already, this becomes a new version beside it."),
        )
        owner_field()
        if st.button(_("Add"), type="primary", key="data_add_yes", disabled=not files):
            _add(files, name)


def _add(files: Sequence[UploadedFile], name: str) -> None:
    """Keep what was sent, and open it."""
    done = st.progress(0.0, text=_("Reading the files…"))
    try:
        kept = _keep(files, name, done)
    except LayerlabError as error:
        say_error(error)
        return
    finally:
        done.empty()
    forget_data()
    st.session_state[_SENT] = st.session_state.get(_SENT, 0) + 1
    go("data", data=kept.id)


def _keep(files: Sequence[UploadedFile], name: str, done: DeltaGenerator) -> KeptData:
    twice = [name for name, times in Counter(f.name for f in files).items() if times > 1]
    if twice:
        st.warning(_("{name} was sent twice; the last one is taken.").format(name=plain(twice[0])))
    return add_files(
        get_store(),
        {file.name: file for file in files},
        name=name,
        owner=current_owner(),
        most=int(st.get_option("server.maxUploadSize")) * 2**20,
        progress=lambda n, whole: done.progress(min(1.0, n / (whole or 1)), _("Keeping them…")),
    )
